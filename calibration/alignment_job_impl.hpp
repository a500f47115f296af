// SPDX-License-Identifier: Apache-2.0
// AlignmentJob's inside. Parts: alignment_job.cpp (the rounds),
// alignment_steps.cpp (one step, by converters), alignment_guided.cpp (by hand), alignment_readings.cpp (what is read,
// stored and shown). Private to calibration/. Thread: the timeline's.
#pragma once

#include "calibration/alignment_job.hpp"
#include "calibration/deck_procedure.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace overbias::calibration {

class AlignmentJob final : public DeckProcedure {
  public:
    AlignmentJob(AlignmentContext context, Procedure procedure);

    Task<transport::JobOutcome> run() override;

  private:
    /// How a step ended.
    enum class StepEnd { Accepted, Turned, Skipped, Back, Aborted, Failed };

    // alignment_job.cpp
    [[nodiscard]] std::string step_title(const std::string& id) const override;
    using DeckProcedure::play;
    Task<void> play(const ProcedureStep& step);
    Task<StepEnd> one_step(std::size_t index);
    /// Closer than the limit, so that what drifts meanwhile stays within it.
    [[nodiscard]] static double aim(const ProcedureStep& step) { return std::min(step.tolerance, 0.1); }
    [[nodiscard]] static double late_us(const ProcedureStep& step, const StereoTone& tone);

    // alignment_steps.cpp
    Task<StepEnd> automatic(std::size_t index);
    Task<StepEnd> set_bias(const ProcedureStep& step);
    Task<StepEnd> check_bias(const ProcedureStep& step);
    Task<StepEnd> set_level(const ProcedureStep& step);
    Task<StepEnd> read_only(const ProcedureStep& step);

    // alignment_guided.cpp
    Task<StepEnd> guided(std::size_t index);

    // alignment_readings.cpp
    /// Of each track, relative to what was sent; nothing to speak of is minus infinity.
    [[nodiscard]] Levels re_sent(const ProcedureStep& step, const StereoTone& tone) const;
    [[nodiscard]] double position(transport::Adjuster adjuster, std::size_t track) const;
    void set(transport::Adjuster adjuster, std::size_t track, double position);
    [[nodiscard]] double step_of(transport::Adjuster adjuster, std::size_t track) const;
    void store(const ProcedureStep& step, int channel, double reading, double averaging_s);
    void store_position(const ProcedureStep& step, std::string_view what, int channel, double at);
    [[nodiscard]] std::vector<std::pair<int, double>> readings(const ProcedureStep& step, const StereoTone& tone) const;
    [[nodiscard]] Levels must_hear(const ProcedureStep& step, const StereoTone& tone) const;
    void accept(const ProcedureStep& step, const StereoTone& tone);
    void show(const ProcedureStep& step, std::vector<TrackReading> tracks);

    Procedure procedure_;
    bool gone_back_ = false; ///< the operator wants to do a step again
    int round_ = 1;
    std::size_t step_ = 0;
    std::string failure_; ///< why a step failed
};

} // namespace overbias::calibration
