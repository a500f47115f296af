// SPDX-License-Identifier: Apache-2.0
// Faults of the electronics and of the head that are there from a moment on, or for a while: dead record amplifier,
// tilted reproduce head, noisier tape, hum, a monitor switch that sticks. Thread: the timeline's; nothing allocates
// after construction.
#pragma once

#include "deck-sim/faults.hpp"
#include "deck-sim/motion.hpp"
#include "deck-sim/settings.hpp"

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace overbias::deck_sim::magnetics {

class TimedFaults {
  public:
    TimedFaults(const Settings& settings, std::span<const Fault> faults);
    /// Faults given in programme time count from here.
    void programme_starts(double time_s) noexcept { programme_s_ = time_s; }
    /// Goes on to the end of the step.
    void step(const MotionStep& step) noexcept;

    [[nodiscard]] bool input_held() const noexcept { return input_held_; }
    [[nodiscard]] bool sync_held() const noexcept { return sync_held_; }
    [[nodiscard]] bool record_dead(std::size_t channel) const noexcept { return dead_[channel]; }
    /// How far the reproduce head leans besides its screw, at the step's beginning and end.
    [[nodiscard]] double tilt0_rad() const noexcept { return tilt0_rad_; }
    [[nodiscard]] double tilt1_rad() const noexcept { return tilt1_rad_; }
    /// Noise of recording against MediumConfig's, where without a fault it is `usual`; amplitude ratios.
    [[nodiscard]] float noise(std::size_t channel, float usual) const noexcept;
    /// Adds what hums to the line output; 1 is the peak of a sine at operating level.
    void add_hum(float* left, float* right, std::size_t frames) noexcept;

  private:
    struct Event {
        Fault fault;
        std::optional<double> since_s{};
        double turns = 0; ///< of what hums
    };
    [[nodiscard]] bool begins(const Event& event, const MotionStep& step) const noexcept;

    double speed_m_s_, track_spacing_m_, rate_hz_;
    std::vector<Event> events_;
    std::optional<double> programme_s_;
    bool input_held_ = false, sync_held_ = false;
    std::array<bool, 2> dead_{};
    std::array<double, 2> noise_power_{1.0, 1.0}; ///< against usual
    double tilt0_rad_ = 0, tilt1_rad_ = 0;
};

} // namespace overbias::deck_sim::magnetics
