// SPDX-License-Identifier: Apache-2.0
// LinesJob's inside. Private to calibration/. Thread: the timeline's.
#pragma once

#include "audio/loop_delay.hpp"
#include "base/result.hpp"
#include "calibration/lines/lines_job.hpp"
#include "calibration/procedure/attended_procedure.hpp"
#include "dsp/generator/signal.hpp"

#include <array>
#include <cstddef>
#include <optional>
#include <string>

namespace overbias::calibration {

class LinesJob final : public AttendedProcedure {
  public:
    LinesJob(AlignmentContext context, LinesSetup setup);

    Task<transport::JobOutcome> run() override;

  private:
    static constexpr double kReference_hz = 1000.0;

    // lines_job.cpp
    [[nodiscard]] std::string step_title(const std::string& id) const override;
    [[nodiscard]] double sent_dbfs() const;
    [[nodiscard]] dsp::Signal reference() const;
    Task<std::optional<double>> play_channel(std::size_t channel, std::optional<double> first, std::string note);
    Task<void> play_side();
    [[nodiscard]] std::optional<double> play_full_scale(std::size_t channel) const;
    Task<void> vu_meters();
    Task<std::optional<double>> known_voltage(std::size_t channel);
    Task<void> capture_by_hand();
    Task<void> all_steps();
    void hand_over();

    // lines_job_cable.cpp
    Task<void> with_cable();
    Task<Result<audio::LoopMeasurement>> echo();
    /// Frames of the playback, or what is wrong in words.
    Task<Result<double>> round_trip();
    Task<void> through_cable();

    LinesSetup setup_;
};

} // namespace overbias::calibration
