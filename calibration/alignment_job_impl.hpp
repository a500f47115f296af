// SPDX-License-Identifier: Apache-2.0
// AlignmentJob's inside. Parts: alignment_job.cpp (into record, the proof that it comes off tape, rounds, the end),
// alignment_steps.cpp (one step, by converters), alignment_guided.cpp (by hand), alignment_readings.cpp (what is read,
// stored and shown). Private to calibration/. Thread: the timeline's.
#pragma once

#include "calibration/alignment_job.hpp"
#include "calibration/tape_listener.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace overbias::calibration {

class AlignmentJob final : public transport::Job {
  public:
    AlignmentJob(AlignmentContext context, Procedure procedure);

    [[nodiscard]] std::string name() const override { return "align"; }
    [[nodiscard]] transport::JobProgress progress() const override { return progress_; }
    Task<transport::JobOutcome> run() override;

  private:
    static constexpr std::size_t kTracks = 2;
    using Levels = std::array<double, kTracks>;
    /// How a step ended.
    enum class StepEnd { Accepted, Turned, Skipped, Back, Aborted, Failed };

    // alignment_job.cpp
    Task<void> start_recording();
    Task<void> prove_off_tape();
    Task<void> play(const ProcedureStep& step);
    Task<void> play(dsp::Signal signal, audio::OscillatorChannels channels);
    Task<void> finish_on_tape();
    Task<StepEnd> one_step(std::size_t index);
    Task<void> wait_for(transport::Motion motion, double timeout_s, std::string what);
    Task<void> tick();
    Task<void> tick_until(DeckTime when);
    [[nodiscard]] double head_delay_s() const;
    /// When what is on the record head at `at` has come back to the converter.
    [[nodiscard]] DeckTime back_at(DeckTime at) const;
    void refuse_if(const transport::CommandResult& answer, const std::string& what) const;
    [[noreturn]] static void refuse(const std::string& why);
    [[noreturn]] static void fault(const std::string& why);
    /// Closer than the limit, so that what drifts meanwhile stays within it.
    [[nodiscard]] static double aim(const ProcedureStep& step) { return std::min(step.tolerance, 0.1); }
    [[nodiscard]] static double late_us(const ProcedureStep& step, const StereoTone& tone);
    void must_record();
    transport::JobOutcome outcome(std::string reason, bool ended);

    // alignment_steps.cpp
    Task<StepEnd> automatic(std::size_t index);
    Task<StepEnd> set_bias(const ProcedureStep& step);
    Task<StepEnd> check_bias(const ProcedureStep& step);
    Task<StepEnd> set_level(const ProcedureStep& step);
    Task<StepEnd> read_only(const ProcedureStep& step);

    // alignment_guided.cpp
    Task<StepEnd> guided(std::size_t index);

    // alignment_readings.cpp
    /// The tone from now on, averaged so long.
    Task<StereoTone> read(double averaging_s);
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
    void keep();
    [[nodiscard]] std::optional<double> last_alignment(const std::string& id, int channel) const;
    void show(const ProcedureStep& step, std::vector<TrackReading> tracks);
    [[nodiscard]] bool aborted();

    AlignmentContext context_;
    Procedure procedure_;
    std::optional<TapeListener> listener_; ///< from the beginning of the run on
    transport::JobProgress progress_;
    std::optional<double> begun_m_;
    bool recording_ = false;
    bool gone_back_ = false; ///< the operator wants to do a step again
    int round_ = 1;
    std::size_t step_ = 0;
    std::string failure_; ///< why a step failed
};

} // namespace overbias::calibration
