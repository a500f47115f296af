// SPDX-License-Identifier: Apache-2.0
// The locator: brings the tape to a place by the counter, with the deck's own keys. It steers by time to cue: it lets
// go of the wind when (distance left - braking distance at this speed) / speed is nearly zero (RTZ STC LocateTask.c
// steers alike). The braking distance is learned, per kind of motion and per octave of speed:
//   deceleration a = v^2 / (2 d), d = distance from the stop key to still; braking distance = v^2 / (2 a).
// It comes to rest before every new move, plays the last piece forward, and goes back when it stands past the target.
// Pure: a step is given the tape and answers a key. Thread: the timeline's.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>

namespace overbias::transport {

struct LocatorConfig {
    double play_speed_m_s = 0.381;
    double first_deceleration_m_s2 = 1.0; ///< until learned; A80/R: from 8.3 m/s in 3 s = 2.8, so this stops short
    double play_reach_s = 2.0;            ///< forward distances up to this much play time are played
    double lead_m = 0.15;                 ///< a rewind aims this far before the target, so the rest can be played
    double arrived_m = 0.02;              ///< near enough at the first go ...
    double arrived_late_s = 0.25;         ///< ... and after `patience` moves (seconds of play)
    int patience = 5;
    int most_moves = 12;          ///< then the locate has failed
    double tape_length_m = 762.0; ///< never beyond this ...
    double before_zero_m = 0.2;   ///< ... and never further before the zero than this
};

/// The tape as the locator sees it.
struct LocatorView {
    double position_m = 0.0;
    double velocity_m_s = 0.0;
    bool still = false;
    bool settled = false; ///< still long enough for play
};

enum class LocatorStep { Wait, PressStop, PressPlay, PressFastForward, PressRewind, Arrived, Failed };

class Locator {
  public:
    explicit Locator(const LocatorConfig& config);

    /// Replaces whatever was going on; the deck has been told to stop.
    void begin(double target_m);
    void cancel() noexcept;
    [[nodiscard]] bool active() const noexcept { return phase_ != Phase::Idle; }
    [[nodiscard]] double target_m() const noexcept { return target_m_; }
    /// What to do now. After Arrived or Failed it is idle. A key answered is taken as pressed.
    LocatorStep step(const LocatorView& view);
    /// Why it failed.
    [[nodiscard]] const std::string& failure() const noexcept { return failure_; }
    [[nodiscard]] int moves() const noexcept { return moves_; } ///< keys of motion pressed in this locate

    enum class Move { Forward, Rewind, Play };
    /// What it now believes of the brake.
    [[nodiscard]] double braking_distance_m(Move move, double speed_m_s) const noexcept;

  private:
    enum class Phase { Idle, Resting, Driving, Braking };
    static constexpr std::size_t kOctaves = 8; ///< from 0.125 m/s up
    static std::size_t octave(double speed_m_s) noexcept;
    LocatorStep decide(const LocatorView& view);
    LocatorStep drive(const LocatorView& view);
    LocatorStep start(Move move, double aim_m);
    LocatorStep fail(std::string why);
    void learn(const LocatorView& view);

    LocatorConfig config_;
    Phase phase_ = Phase::Idle;
    double target_m_ = 0.0;
    double aim_m_ = 0.0; ///< where this move shall come to rest
    Move move_ = Move::Forward;
    int moves_ = 0;
    double brake_from_m_ = 0.0, brake_speed_m_s_ = 0.0;
    std::array<std::array<std::optional<double>, kOctaves>, 3> deceleration_m_s2_{};
    std::string failure_;
};

} // namespace overbias::transport
