// SPDX-License-Identifier: Apache-2.0
// Supervision: watches tallies, tach and time, and turns them into the machine's events. It decides nothing:
// next_event() says what has come about in the state the machine is in now; the shell asks until there is nothing more.
// Thread: the timeline's.
#pragma once

#include "base/async/timeline.hpp"
#include "transport/deck.hpp"
#include "transport/machine.hpp"
#include "transport/tape_counter.hpp"

#include <cstdint>
#include <optional>

namespace overbias::transport {

/// Commanded motion counts as seen from here, a tape slower than this may as well be still.
inline constexpr double kMovingMetresPerSecond = 0.05;

struct SupervisionConfig {
    double play_speed_m_s = 0.381;
    bool proof_by_tally = true;
    double tach_proof_tolerance = 0.02;  ///< without a tally: the tach within this of play speed ...
    double tach_proof_s = 0.5;           ///< ... for this long (facts: design rule of this project, tested)
    double tally_proof_tolerance = 0.10; ///< with a tally the tach need only agree roughly (speed switch, dead tach)
    double plays_now_tolerance = 0.25;   ///< before record is pressed; a coarse counter's speed is no better
    double proof_lost_tolerance = 0.05;  ///< without a tally: this far off ...
    double proof_lost_s = 0.2;           ///< ... for this long is no longer play
    double settle_after_still_s = 0.8;   ///< RTZ DTC: 800 ms between shuttle and play
    double start_timeout_s = 3.0;
    double still_timeout_s = 60.0; ///< RTZ DTC gives up after 60 s
    double record_timeout_s = 1.0; ///< record tally after the record key
    double record_settle_s = 0.25; ///< no record tally: taken as recording after this
    double record_grace_s = 0.5;   ///< the record tally may stay lit this long after the way out
    double unasked_play_s = 1.0;   ///< play nobody asked for must last this long to be believed
    double unasked_wind_s = 0.3;
    double cue_limit_m_s = 1.2; ///< lifters stay defeated only below this
    double link_settle_s = 0.3; ///< after a lost link: a tach is believed only when it has been heard for this long
    /// A tach that fell silent while the tape ran (or never spoke) is not believed that the tape is still: the stop
    /// tally must say so, or this must have passed since stop; A80/R: 3 s from wind.
    double blind_stop_s = 10.0;
    double unseen_wind_s = 0.3;     ///< a wind not seen for this long may be running unseen
    double unseen_play_s = 1.0;     ///< play takes half a second to come (A80/R) and runs slowly
    double credible_stop_m_s = 1.0; ///< no tape comes to rest from a higher speed without an edge in between
    double ran_m_s = 0.3; ///< a tach that counted so much and falls silent while the deck says that the tape runs
    double credible_mean_m_s = 1.0; ///< the same for the mean over the counter's window
};

class Supervision {
  public:
    Supervision(const SupervisionConfig& config, const DeckCapabilities& deck, DeckTime now);

    /// Takes the deck as it is now.
    void observe(DeckTime now, const Tallies& tallies, bool link_up, const TachReading& tach,
                 const TapeCounter& counter);
    /// A key was pressed by us. What moves no tape (lifters, speed ...) is not told here.
    void pressed(Press press, DeckTime now);
    /// We set a shuttle speed, signed.
    void shuttled(double speed_m_s, DeckTime now);
    /// The motion of the tape was begun by a hand on the deck: it is believed to move.
    void adopted(Press press, DeckTime now);
    /// The deck was switched to another play speed.
    void play_speed(double speed_m_s) noexcept { config_.play_speed_m_s = speed_m_s; }
    /// A play or record command has begun to wait for settling.
    void deferred_at(DeckTime now) noexcept { deferred_since_ = now; }
    /// What has come about, given the state the machine is in; each call reports at most one event.
    [[nodiscard]] std::optional<Event> next_event(const MachineStates& states, DeferredCommand deferred);

    [[nodiscard]] bool still() const noexcept { return still_; }
    [[nodiscard]] bool settled() const noexcept { return settled_; }
    [[nodiscard]] bool play_proven() const noexcept { return play_proven_; }
    /// ... and neither the tach, where there is one, nor the lamp of a wind contradicts a lamp that may be stuck: what
    /// record needs, going in and going on in play.
    [[nodiscard]] bool plays_now() const noexcept;
    /// The deck is in record as far as can be known: its tally, or without one some time after the key.
    [[nodiscard]] bool record_proven() const noexcept { return record_proven_; }
    [[nodiscard]] bool record_tally() const noexcept { return tallies_.record.value_or(false); }
    /// Record was asked for, or left so shortly ago that the deck may still be in it, or its tally is lit.
    [[nodiscard]] bool may_record() const noexcept {
        return record_tally() || record_asked_ || now_ < unasked_record_from_;
    }
    [[nodiscard]] bool tape_out() const noexcept { return tallies_.tape_out.value_or(false); }
    [[nodiscard]] bool deck_says_stopped() const noexcept;
    [[nodiscard]] const Tallies& tallies() const noexcept { return tallies_; }
    [[nodiscard]] double velocity_m_s() const noexcept { return velocity_m_s_; }
    /// The motion key in force, if any.
    [[nodiscard]] std::optional<Press> drive() const noexcept { return drive_; }
    [[nodiscard]] bool motion_seen() const noexcept { return motion_seen_; }
    /// As far as can be known the tape may move this way: by the tach, or by what was asked for where that is blind.
    [[nodiscard]] bool moves(int sign) const noexcept;
    [[nodiscard]] bool runs_forward() const noexcept; ///< surely faster than play
    [[nodiscard]] bool above_cue_limit() const noexcept;
    [[nodiscard]] bool link_up() const noexcept { return link_up_; }

  private:
    /// Holds in `since` since when `condition` holds without a break.
    void keep_since(std::optional<DeckTime>& since, bool condition) const noexcept;
    [[nodiscard]] bool lasted(const std::optional<DeckTime>& since, double duration_s) const noexcept;
    void forget_proof();
    void begin_drive(Press press, DeckTime now);
    void doubt_tach(DeckTime now) noexcept;
    void judge_link(bool up);
    void judge_tach(const TachReading& tach, const TapeCounter& counter);
    void judge_still(const TapeCounter& counter);
    void judge_play();
    void judge_motion();
    void judge_hand();
    [[nodiscard]] int drive_sign() const noexcept;
    [[nodiscard]] bool motion_lit() const noexcept;
    [[nodiscard]] bool stop_lit() const noexcept;
    [[nodiscard]] bool stop_lamp_believed() const noexcept;
    /// The tape may run without the tach's telling.
    [[nodiscard]] bool unseen() const noexcept;
    [[nodiscard]] bool foreign_wind_lit(int sign) const noexcept;
    [[nodiscard]] bool expects_motion() const noexcept;
    [[nodiscard]] std::optional<Event> record_event(Motion motion);
    [[nodiscard]] std::optional<Event> motion_event(Motion motion);
    [[nodiscard]] std::optional<Event> rest_event(Motion motion, DeferredCommand deferred) const;

    SupervisionConfig config_;
    bool has_tach_, has_tallies_, senses_motion_itself_;
    DeckTime now_{};
    Tallies tallies_;
    double velocity_m_s_ = 0;
    DeckDuration still_time_{};
    // the link
    bool link_up_ = true, link_was_up_ = false, link_lost_told_ = false;
    bool link_back_told_; ///< at the start it is not: who drove this deck before may have lost it in any state
    std::optional<DeckTime> link_back_;
    // whether the tach can be believed when it shows no motion
    std::int64_t counted_ = 0; ///< edges so far
    double counted_m_s_ = 0;   ///< speed when the last of them came, a mean over some time ...
    double newest_m_s_ = 0;    ///< ... and signed what the last of them proves at least
    bool tach_known_ = false, tach_suspect_ = false;
    DeckTime suspect_since_{};
    std::optional<DeckTime> unseen_since_; ///< told to wind, and not seen to move
    std::optional<DeckTime> silent_since_;
    // rest
    DeckTime stop_pressed_;
    bool still_ = false, settled_ = false;
    bool rests_ = false;       ///< by the tach alone
    bool key_pressed_ = false; ///< by us, ever
    DeckTime still_at_{};
    DeckTime deferred_since_{};
    bool tape_out_told_ = false;
    // play
    bool play_proven_ = false;
    bool play_was_dark_ = false; ///< its lamp, since the last key
    std::optional<DeckTime> at_speed_since_, off_speed_since_;
    // the motion key in force
    std::optional<Press> drive_;
    double shuttle_m_s_ = 0;
    bool reversing_ = false; ///< the shuttle was told to turn round and has not yet
    DeckTime drive_deadline_from_{}, drive_pressed_{};
    bool motion_seen_ = false;
    // record
    bool record_asked_ = false, record_seen_ = false, record_proven_ = false;
    DeckTime record_pressed_{}, unasked_record_from_{}, unasked_again_from_ = DeckTime::min();
    // a hand on the deck
    std::optional<DeckTime> play_since_, forward_since_, rewind_since_, runs_forward_since_, runs_backward_since_;
    bool adopted_ = false; ///< a hand began the motion in force
};

} // namespace overbias::transport
