// SPDX-License-Identifier: Apache-2.0
// One step of a reproduce alignment where a person turns: from each new reading, what to show. Levels are against what
// the tape has, timings how much later the right track is. No time, no I/O; readings come evenly. Thread: any one.
#pragma once

#include "calibration/procedure/level_setting.hpp"
#include "calibration/procedure/operator_port.hpp"
#include "calibration/reproduce/reproduce_plan.hpp"

#include <array>
#include <cstddef>
#include <vector>

namespace overbias::calibration {

class ReproduceGuide {
  public:
    /// Within the step's aim for so many readings in a row, and it is done.
    ReproduceGuide(const ReproduceStep& step, std::size_t hold_readings);

    [[nodiscard]] std::vector<TrackReading> look(const std::array<double, 2>& levels_db, double late_us);
    /// Something had to be turned.
    [[nodiscard]] bool turned() const noexcept { return turned_; }

  private:
    [[nodiscard]] TrackReading look_at_timing(double late_us);

    ReproduceStep step_;
    std::size_t hold_readings_;
    std::array<LevelGuide, 2> levels_;
    std::size_t held_ = 0;
    bool turned_ = false;
};

/// "the right track is 3.4 us late".
[[nodiscard]] std::string late_words(double late_us);

} // namespace overbias::calibration
