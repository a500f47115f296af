// SPDX-License-Identifier: Apache-2.0
// What goes wrong with the record current: it sticks, drifts or fails (faults stuck_bias, bias_drift, bias_loss).
// Thread: the timeline's; nothing allocates after construction.
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

class BiasFaults {
  public:
    BiasFaults(const Settings& settings, std::span<const Fault> faults);
    /// Faults given in programme time count from here.
    void programme_starts(double time_s) noexcept { programme_s_ = time_s; }
    /// Goes on to the end of the step. True when a current is another one from here on; a drift goes in steps of 0.02
    /// dB.
    [[nodiscard]] bool step(const MotionStep& step) noexcept;
    /// What flows where the screw asks for `wanted_ma`.
    [[nodiscard]] double current_ma(std::size_t track, double wanted_ma) const noexcept;
    /// Of the bias oscillator against its nominal frequency.
    [[nodiscard]] double frequency_ratio(std::size_t track) const noexcept;

  private:
    struct Event {
        Fault fault;
        std::optional<double> since_s{};
        double share = 0; ///< of the drift, or 1 when the bias is lost
    };
    std::array<double, 2> peak_ma_;
    std::array<std::optional<double>, 2> stuck_ma_;
    std::vector<Event> events_;
    std::optional<double> programme_s_;
};

} // namespace overbias::deck_sim::magnetics
