// SPDX-License-Identifier: Apache-2.0
// One step of an alignment where a person turns: from each new reading, what to show that person for every track (or,
// for the heads' azimuth, between them). No time, no I/O; readings come evenly. Thread: any one.
#pragma once

#include "calibration/procedure/level_setting.hpp"
#include "calibration/procedure/operator_port.hpp"
#include "calibration/procedure/procedure.hpp"
#include "calibration/record/bias_guide.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace overbias::calibration {

class GuidedStep {
  public:
    /// Within the aim (never wider than the step's tolerance) for so many readings in a row, and a track is done.
    GuidedStep(const ProcedureStep& step, double aim, std::size_t hold_readings, std::size_t tracks);

    /// Levels of the tracks re what was sent (minus infinity: nothing comes), and the right track's lateness.
    [[nodiscard]] std::vector<TrackReading> look(const std::vector<double>& levels_db, double late_us);

    /// Empty, or why there is nothing yet that could be accepted.
    [[nodiscard]] std::string not_yet() const;
    /// Of the bias step, once not_yet() is empty.
    [[nodiscard]] double peak_db(std::size_t track) const { return bias_[track].peak_db(); }
    /// Something had to be turned.
    [[nodiscard]] bool turned() const noexcept { return turned_; }

  private:
    [[nodiscard]] TrackReading look_at_bias(std::size_t track, double level_db);
    [[nodiscard]] TrackReading look_at_level(std::size_t track, double level_db);
    [[nodiscard]] TrackReading look_at_timing(double late_us);

    ProcedureStep step_;
    double aim_;
    std::size_t hold_readings_;
    std::vector<BiasGuide> bias_;
    std::vector<LevelGuide> level_;
    std::size_t timing_held_ = 0;
    bool turned_ = false;
};

} // namespace overbias::calibration
