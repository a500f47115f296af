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

struct SupervisionConfig {
    double play_speed_m_s = 0.381;
    bool proof_by_tally = true;
    double tach_proof_tolerance = 0.02;  ///< without a tally: the tach within this of play speed ...
    double tach_proof_s = 0.5;           ///< ... for this long (facts: design rule of this project, tested)
    double tally_proof_tolerance = 0.10; ///< with a tally the tach need only agree roughly (speed switch, dead tach)
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
};

class Supervision {
  public:
    Supervision(const SupervisionConfig& config, const DeckCapabilities& deck, DeckTime now);

    /// Takes the deck as it is now.
    void observe(DeckTime now, const Tallies& tallies, const TapeCounter& counter);
    /// A key was pressed by us.
    void pressed(Key key, DeckTime now);
    /// The motion of the tape was begun by a hand on the deck: it is believed to move.
    void adopted(Key key, DeckTime now);
    /// A play command has begun to wait for settling.
    void deferred_at(DeckTime now) noexcept { deferred_since_ = now; }
    /// What has come about, given the state the machine is in; each call reports at most one event.
    [[nodiscard]] std::optional<Event> next_event(const MachineStates& states, DeferredCommand deferred);

    [[nodiscard]] bool still() const noexcept { return still_; }
    [[nodiscard]] bool settled() const noexcept { return settled_; }
    [[nodiscard]] bool play_proven() const noexcept { return play_proven_; }
    /// The deck is in record as far as can be known: its tally, or without one some time after the key.
    [[nodiscard]] bool record_proven() const noexcept { return record_proven_; }
    [[nodiscard]] bool record_tally() const noexcept { return tallies_.record.value_or(false); }
    [[nodiscard]] bool tape_out() const noexcept { return tallies_.tape_out.value_or(false); }
    [[nodiscard]] bool deck_says_stopped() const noexcept;
    [[nodiscard]] const Tallies& tallies() const noexcept { return tallies_; }
    [[nodiscard]] double velocity_m_s() const noexcept { return velocity_m_s_; }
    /// The motion key in force, if any.
    [[nodiscard]] std::optional<Key> drive() const noexcept { return drive_; }
    [[nodiscard]] bool motion_seen() const noexcept { return motion_seen_; }

  private:
    void forget_proof();
    void judge_still(const TapeCounter& counter);
    void judge_play();
    void judge_motion();
    void judge_hand();
    [[nodiscard]] std::optional<Event> record_event(Motion motion);
    [[nodiscard]] std::optional<Event> motion_event(Motion motion);
    [[nodiscard]] std::optional<Event> rest_event(Motion motion, DeferredCommand deferred) const;

    SupervisionConfig config_;
    bool has_tach_, has_tallies_, senses_motion_itself_;
    DeckTime now_{};
    Tallies tallies_;
    double velocity_m_s_ = 0;
    DeckDuration still_time_{};
    // rest
    DeckTime stop_pressed_;
    bool still_ = false, settled_ = false;
    DeckTime still_at_{};
    DeckTime deferred_since_{};
    bool tape_out_told_ = false;
    // play
    bool play_proven_ = false;
    std::optional<DeckTime> at_speed_since_, off_speed_since_;
    // the motion key in force
    std::optional<Key> drive_;
    DeckTime drive_deadline_from_{}, drive_pressed_{};
    bool motion_seen_ = false;
    // record
    bool record_asked_ = false, record_seen_ = false, record_proven_ = false;
    DeckTime record_pressed_{}, unasked_record_from_{};
    // a hand on the deck
    std::optional<DeckTime> play_since_, forward_since_, rewind_since_;
};

} // namespace overbias::transport
