// SPDX-License-Identifier: Apache-2.0
// DeckLogic: what the deck makes of its momentary contacts. It latches, as real decks do: pressing sets the mode,
// releasing changes nothing. What a serial remote says is a touch: over at once. Thread: the timeline's.
#pragma once

#include "deck-sim/mechanics/tape_drive.hpp"

#include <array>
#include <cstddef>
#include <optional>

namespace overbias::deck_sim {

enum class Contact { Stop, Play, Record, FastForward, Rewind };
inline constexpr std::size_t kContacts = 5;

/// In this order tallies are listed and shown.
enum class Tally { Stop, Play, Record, FastForward, Rewind, TapeOut };
inline constexpr std::size_t kTallies = 6;

class DeckLogic {
  public:
    enum class Mode { Stopped, Playing, FastForwarding, Rewinding, TapeOut, Shuttling, Editing };

    explicit DeckLogic(const Settings& settings);

    /// A contact closes or opens. Only closing does anything, and only when it was open.
    void contact(Contact which, bool closed, const TapeDrive& drive) noexcept;
    /// A remote's key: as a contact that closes for no time. Record: into record, from play or from stop.
    void touch(Contact which, const TapeDrive& drive) noexcept;
    /// The reel servo follows this speed until another command; 0 holds the tape still under tension.
    void shuttle(double speed_m_s) noexcept;
    /// The deck's own locator: to this place of its counter.
    void cue_up(double counter_m) noexcept;
    /// The library wind contact: FAST FORWARD or REWIND pressed while it is closed, or under way when it closes, is
    /// slow and even until the next command.
    void set_library_wind(bool closed) noexcept;
    /// Winds slowly and evenly until the next command.
    void library_wind(Mode direction) noexcept;
    /// Brakes and motors off; only from stop, with the tape still. Off: stop.
    void set_edit(bool on, const TapeDrive& drive) noexcept;
    void set_lifter_defeat(bool on) noexcept { lifters_defeated_ = on && powered_; }
    void set_thread_tension(bool on) noexcept { threading_ = on && powered_; }
    /// Safe ends a recording on that track at once; ready counts from the next record command on.
    void set_ready(std::size_t track, bool on) noexcept;
    /// Mains off: every solenoid drops, so the brakes act, and the lamps are dark. With the mains the deck comes back
    /// in stop.
    void set_power(bool on) noexcept;
    /// The record-enable loop: opened it ends the recording, and while it is open there is none.
    void set_record_enable(bool closed) noexcept;
    /// Tape has been threaded anew: a deck that showed its end stands in stop.
    void threaded() noexcept;
    /// Looks at the drive and decides; call once a step.
    /// `counter_m`: of the deck's own roller counter.
    DriveSwitches step(const TapeDrive& drive, double dt_s, double counter_m) noexcept;

    [[nodiscard]] Mode mode() const noexcept { return mode_; }
    [[nodiscard]] bool powered() const noexcept { return powered_; }
    [[nodiscard]] bool library_winding() const noexcept { return winds() && library_; }
    [[nodiscard]] bool lifters_defeated() const noexcept { return lifters_defeated_; }
    [[nodiscard]] bool threading() const noexcept { return threading_ && mode_ == Mode::TapeOut; }
    [[nodiscard]] bool cueing() const noexcept { return cue_m_.has_value(); }
    [[nodiscard]] bool cued() const noexcept { return cued_; }
    [[nodiscard]] bool record_enabled() const noexcept { return record_enable_; }
    [[nodiscard]] const std::array<bool, 2>& ready() const noexcept { return ready_; }
    /// Of a recording: the tracks that take part in it.
    [[nodiscard]] const std::array<bool, 2>& record_tracks() const noexcept { return record_tracks_; }
    /// Bias and erase current flow.
    [[nodiscard]] bool recording(const TapeDrive& drive) const noexcept {
        return record_ && mode_ == Mode::Playing && drive.pinch_closed();
    }
    [[nodiscard]] const std::array<bool, kTallies>& tallies() const noexcept { return tallies_; }

    static constexpr double kLampLag_s = 0.020;    ///< a condition must hold this long before its lamp follows
    static constexpr double kTapeOutLag_s = 0.120; ///< until the tension arm has fallen

  private:
    [[nodiscard]] bool held(Contact which) const noexcept { return closed_[static_cast<std::size_t>(which)]; }
    [[nodiscard]] bool winds() const noexcept { return mode_ == Mode::FastForwarding || mode_ == Mode::Rewinding; }
    [[nodiscard]] bool deaf() const noexcept { return !powered_ || mode_ == Mode::TapeOut || held(Contact::Stop); }
    void forget() noexcept;
    void stop() noexcept;
    void play(const TapeDrive& drive) noexcept;
    void record(bool on) noexcept;
    void wind(Mode direction) noexcept;
    void steer(const TapeDrive& drive, double counter_m) noexcept;
    void light(const TapeDrive& drive, double dt_s) noexcept;

    bool senses_motion_;
    double library_wind_m_s_, fastest_m_s_, servo_rise_m_s2_;
    bool powered_ = true;
    Mode mode_ = Mode::Stopped;
    bool record_ = false;
    bool record_enable_ = true;
    std::array<bool, 2> ready_, record_tracks_;
    bool library_closed_ = false, library_ = false; ///< the contact; the wind under way
    bool lifters_defeated_ = false, threading_ = false;
    double shuttle_m_s_ = 0;
    std::optional<double> cue_m_;
    bool cued_ = false;
    bool play_when_still_ = false;
    bool lifters_ = false;
    double slack_s_ = 0; ///< how long the tension arm has been without tape
    std::array<bool, kContacts> closed_{};
    std::array<double, kTallies> differs_s_{}; ///< how long each lamp has differed from its condition
    std::array<bool, kTallies> tallies_{true}; ///< the deck has been on for a while: the stop lamp is lit
};

} // namespace overbias::deck_sim
