// SPDX-License-Identifier: Apache-2.0
// DeckLogic: what the deck makes of its momentary contacts. It latches, as real decks do: pressing sets the mode,
// releasing changes nothing. Thread: the timeline's.
#pragma once

#include "deck-sim/mechanics/tape_drive.hpp"

#include <array>
#include <cstddef>

namespace overbias::deck_sim {

enum class Contact { Stop, Play, Record, FastForward, Rewind };
inline constexpr std::size_t kContacts = 5;

/// In this order tallies are listed and shown.
enum class Tally { Stop, Play, Record, FastForward, Rewind, TapeOut };
inline constexpr std::size_t kTallies = 6;

class DeckLogic {
  public:
    enum class Mode { Stopped, Playing, FastForwarding, Rewinding, TapeOut };

    explicit DeckLogic(const Settings& settings) : senses_motion_(settings.senses_motion) {}

    /// A contact closes or opens. Only closing does anything, and only when it was open.
    void contact(Contact which, bool closed, const TapeDrive& drive) noexcept;
    /// Mains off: every solenoid drops, so the brakes act, and the lamps are dark. With the mains the deck comes back
    /// in stop.
    void set_power(bool on) noexcept;
    /// The record-enable loop: opened it ends the recording, and while it is open there is none.
    void set_record_enable(bool closed) noexcept;
    /// Tape has been threaded anew: a deck that showed its end stands in stop.
    void threaded() noexcept;
    /// Looks at the drive and decides; call once a step.
    DriveSwitches step(const TapeDrive& drive, double dt_s) noexcept;

    [[nodiscard]] Mode mode() const noexcept { return mode_; }
    /// Bias and erase current flow.
    [[nodiscard]] bool recording(const TapeDrive& drive) const noexcept {
        return record_ && mode_ == Mode::Playing && drive.pinch_closed();
    }
    [[nodiscard]] const std::array<bool, kTallies>& tallies() const noexcept { return tallies_; }

    static constexpr double kLampLag_s = 0.020;    ///< a condition must hold this long before its lamp follows
    static constexpr double kTapeOutLag_s = 0.120; ///< until the tension arm has fallen

  private:
    [[nodiscard]] bool held(Contact which) const noexcept { return closed_[static_cast<std::size_t>(which)]; }
    void stop() noexcept;
    void play(const TapeDrive& drive) noexcept;
    void wind(Mode direction) noexcept;
    void light(const TapeDrive& drive, double dt_s) noexcept;

    bool senses_motion_;
    bool powered_ = true;
    Mode mode_ = Mode::Stopped;
    bool record_ = false;
    bool record_enable_ = true;
    bool play_when_still_ = false;
    bool lifters_ = false;
    double slack_s_ = 0; ///< how long the tension arm has been without tape
    std::array<bool, kContacts> closed_{};
    std::array<double, kTallies> differs_s_{}; ///< how long each lamp has differed from its condition
    std::array<bool, kTallies> tallies_{true}; ///< the deck has been on for a while: the stop lamp is lit
};

} // namespace overbias::deck_sim
