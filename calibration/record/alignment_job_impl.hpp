// SPDX-License-Identifier: Apache-2.0
// AlignmentJob's inside. Parts: alignment_job.cpp (the rounds), alignment_steps.cpp (one step, by converters),
// alignment_guided.cpp (by hand), alignment_checks.cpp (what is only read), alignment_readings.cpp (what is stored and
// shown). Private to calibration/. Thread: the timeline's.
#pragma once

#include "calibration/procedure/deck_procedure.hpp"
#include "calibration/procedure/guided_step.hpp"
#include "calibration/procedure/put_back.hpp"
#include "calibration/record/alignment_job.hpp"
#include "calibration/record/bias_search.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace overbias::calibration {

/// What is stored beside a reading: where the adjuster was left, and where bias has its peak.
inline constexpr std::string_view kPeak = ".peak_position", kPosition = ".position";

class AlignmentJob final : public DeckProcedure {
  public:
    AlignmentJob(AlignmentContext context, Procedure procedure);

    Task<transport::JobOutcome> run() override;

  private:
    /// How a step ended.
    enum class StepEnd { Accepted, Turned, Skipped, Back, Aborted, Failed };

    // alignment_job.cpp
    [[nodiscard]] std::string step_title(const std::string& id) const override;
    /// Leaves to be read what the deck or its equalisation has no adjuster for.
    void take_out_missing_adjusters();
    using DeckProcedure::play;
    Task<void> play(const ProcedureStep& step);
    Task<StepEnd> one_step(std::size_t index);
    /// All steps once, but those at the end: Turned or Accepted, or what ended it.
    Task<StepEnd> one_round();
    Task<StepEnd> end_steps();
    /// It was broken off in words, or empty.
    [[nodiscard]] std::string words_of(StepEnd end) const;
    /// Closer than the limit, so that what drifts meanwhile stays within it.
    [[nodiscard]] static double aim(const ProcedureStep& step) { return std::min(step.tolerance, step.closest); }
    /// What filters need with a low tone.
    [[nodiscard]] static double settling_s(const ProcedureStep& step) {
        return step.frequency_hz < 200.0 ? 3.0 / step.frequency_hz : 0.0;
    }
    /// A reading on the way; a low tone needs its window.
    [[nodiscard]] static double shortest_s(const ProcedureStep& step) {
        return std::max(0.15, 16.0 / step.frequency_hz);
    }
    /// Empty, or a verdict in words: what has moved since the last full alignment.
    [[nodiscard]] std::string moved_since_last_alignment();

    // alignment_steps.cpp
    Task<StepEnd> automatic(std::size_t index);
    Task<StepEnd> set_bias(const ProcedureStep& step);
    [[nodiscard]] BiasSearch bias_search(const ProcedureStep& step, std::size_t track, double stands) const;
    Task<StepEnd> set_level(const ProcedureStep& step);
    Task<StepEnd> leave_as_it_was(const ProcedureStep& step, const Levels& begun);
    /// Where the last alignment left an adjuster, on both tracks; empty: not known, or it has been set in this one.
    [[nodiscard]] std::optional<Levels> left_last_time(const ProcedureStep& step) const;
    /// By a whole step of the converter; less is only how it tells its place.
    [[nodiscard]] bool has_moved(const ProcedureStep& step, std::size_t track, double from, double to) const {
        return std::abs(to - from) > 0.75 * step_of(*step.turns, track);
    }
    /// When what is set now has come back, and filters have settled at the step's frequency.
    Task<void> settle(const ProcedureStep& step);

    // alignment_guided.cpp
    Task<StepEnd> guided(std::size_t index);
    Task<StepEnd> guided_azimuth(const ProcedureStep& step);
    /// Shows what to turn until the operator accepts, or (`until_done`) until it is done: Turned then.
    Task<StepEnd> guide(const ProcedureStep& step, GuidedStep& guidance, bool until_done);

    // alignment_checks.cpp
    Task<StepEnd> read_only(const ProcedureStep& step);
    Task<StepEnd> check_bias(const ProcedureStep& step);
    Task<StepEnd> read_noise(const ProcedureStep& step);
    /// Empty, or why a wrong EQ switch must be at fault.
    Task<std::string> wrong_equalisation();
    /// Notes it in the record. Begun again as it stands, an alignment goes on: the operator knows then.
    [[nodiscard]] bool told_before(const std::string& wrong_equalisation);
    /// Timing at a frequency that is low enough to know the period.
    Task<double> read_coarse(const ProcedureStep& step, double averaging_s);
    /// read(), and shows what it has so far.
    Task<StereoTone> read_and_show(const ProcedureStep& step, double coarse_us);

    // alignment_readings.cpp
    /// Of each track, relative to what was sent; nothing to speak of is minus infinity.
    [[nodiscard]] Levels re_sent(const ProcedureStep& step, const StereoTone& tone) const;
    [[nodiscard]] double position(transport::Adjuster adjuster, std::size_t track) const;
    void set(transport::Adjuster adjuster, std::size_t track, double position);
    [[nodiscard]] double step_of(transport::Adjuster adjuster, std::size_t track) const;
    /// What has to be told with this reading; of a phase that is off, what to do.
    [[nodiscard]] static std::string remark_with(const ProcedureStep& step, double reading);
    void store(const ProcedureStep& step, int channel, double reading, double averaging_s);
    void store_position(const ProcedureStep& step, std::string_view what, int channel, double at);
    /// Of a timing step `coarse_us` tells the period.
    [[nodiscard]] std::vector<std::pair<int, double>> readings(const ProcedureStep& step, const StereoTone& tone,
                                                               double coarse_us) const;
    [[nodiscard]] Levels must_hear(const ProcedureStep& step, const StereoTone& tone) const;
    void accept(const ProcedureStep& step, const StereoTone& tone, double coarse_us);
    void show(const ProcedureStep& step, std::vector<TrackReading> tracks, OperatorTask task);

    Procedure procedure_;
    bool gone_back_ = false;  ///< the operator wants to do a step again
    std::string last_time_{}; ///< what the last alignment says of this step
    Levels high_off_db_{};    ///< 10 kHz re 1 kHz, when the EQ switches were looked at
    int round_ = 1;
    std::size_t step_ = 0;
    std::string failure_; ///< why a step failed
};

} // namespace overbias::calibration
