// SPDX-License-Identifier: Apache-2.0
// What an alignment reads off tape, stores and shows.
#include "calibration/record/alignment_job_impl.hpp"

#include "base/figure.hpp"
#include "calibration/procedure/track_timing.hpp"

#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace overbias::calibration {

namespace {

constexpr double kNothing_db = -35.0; ///< below what was sent: it has not come back

} // namespace

AlignmentJob::Levels AlignmentJob::re_sent(const ProcedureStep& step, const StereoTone& tone) const {
    Levels levels{};
    for (std::size_t track = 0; track < kTracks; ++track) {
        const double level_db =
            context_.installation.chart.captured_re_operating_db(tone.level_dbfs[track]) - step.level_db;
        levels[track] = level_db < kNothing_db ? -std::numeric_limits<double>::infinity() : level_db;
    }
    return levels;
}

double AlignmentJob::position(transport::Adjuster adjuster, std::size_t track) const {
    const auto stands = context_.adjust.adjuster(adjuster, track);
    if (!stands) {
        fault(stands.error().message);
    }
    return *stands;
}

void AlignmentJob::set(transport::Adjuster adjuster, std::size_t track, double position) {
    if (auto done = context_.adjust.set_adjuster(adjuster, track, position); !done) {
        fault(done.error().message);
    }
}

double AlignmentJob::step_of(transport::Adjuster adjuster, std::size_t track) const {
    for (const transport::AdjusterOffer& offer : context_.adjust.capabilities().adjusters) {
        if (offer.adjuster == adjuster && offer.track == track) {
            return offer.step;
        }
    }
    fault(std::string(transport::adjuster_name(adjuster)) + " of track " + std::to_string(track + 1) +
          " can't be set from here any more");
}

std::string AlignmentJob::remark_with(const ProcedureStep& step, double reading) {
    if (!step.at_end || step.reads != Reads::Timing || std::abs(reading) <= step.tolerance) {
        return step.remark;
    }
    return step.remark + "; more than " + figure(step.tolerance, 1) +
           " us: set the record head's azimuth, which nothing but a screwdriver turns, before a master is printed";
}

void AlignmentJob::store(const ProcedureStep& step, int channel, double reading, double averaging_s) {
    context_.record.steps.push_back({.id = step.id,
                                     .channel = channel,
                                     .reading = reading,
                                     .unit = std::string(step.unit()),
                                     .target = step.reads == Reads::Noise ? std::nullopt : std::optional(step.target),
                                     .tolerance = step.limited ? std::optional(step.tolerance) : std::nullopt,
                                     .averaging_s = averaging_s,
                                     .accepted_at = context_.utc_now(),
                                     .accepted_by = context_.guided ? context_.operator_name : "",
                                     .calibration_tape = "",
                                     .bound = tape::Bound::BothSides,
                                     .remark = remark_with(step, reading)});
    emit({"aligned",
          {{"step", step.id},
           {"channel", std::to_string(channel)},
           {"reading", figure(reading, 3) + " " + std::string(step.unit())}},
          std::nullopt,
          std::nullopt,
          context_.transport.state().position_m});
}

void AlignmentJob::store_position(const ProcedureStep& step, std::string_view what, int channel, double at) {
    context_.record.steps.push_back({.id = step.id + std::string(what),
                                     .channel = channel,
                                     .reading = at,
                                     .unit = "of travel",
                                     .target = std::nullopt,
                                     .tolerance = std::nullopt,
                                     .averaging_s = 0.0,
                                     .accepted_at = context_.utc_now(),
                                     .accepted_by = "",
                                     .calibration_tape = ""});
}

void AlignmentJob::show(const ProcedureStep& step, std::vector<TrackReading> tracks, OperatorTask task) {
    if (context_.operator_port == nullptr) {
        return;
    }
    context_.operator_port->show({.procedure = procedure_.name,
                                  .step_id = step.id,
                                  .title = step.title,
                                  .instruction = step.instruction,
                                  .task = task,
                                  .value_unit = "",
                                  .note = last_time_,
                                  .step = step_,
                                  .steps = procedure_.steps.size(),
                                  .round = round_,
                                  .unit = std::string(step.unit()),
                                  .target = step.target,
                                  .tolerance = step.tolerance,
                                  .averaging_s = step.averaging_s,
                                  .tracks = std::move(tracks)});
}

/// What a step that is no bias search reads: of each track, or between them.
std::vector<std::pair<int, double>> AlignmentJob::readings(const ProcedureStep& step, const StereoTone& tone,
                                                           double coarse_us) const {
    if (step.reads == Reads::Timing) {
        const double fine_us = late_us_of_phase(tone.phase_deg, step.frequency_hz);
        return {{0, step.coarse_hz > 0.0 ? in_period(fine_us, coarse_us, step.frequency_hz) : fine_us}};
    }
    const Levels levels = re_sent(step, tone);
    std::vector<std::pair<int, double>> each;
    for (std::size_t track = 0; track < kTracks; ++track) {
        each.emplace_back(static_cast<int>(track) + 1, levels[track]);
    }
    return each;
}

/// A reading that is to be kept.
AlignmentJob::Levels AlignmentJob::must_hear(const ProcedureStep& step, const StereoTone& tone) const {
    const Levels levels = re_sent(step, tone);
    if (!std::isfinite(levels[0]) || !std::isfinite(levels[1])) {
        fault(step.title + ": nothing comes off tape; expected a tone of " + figure(step.level_db, 1) +
              " dB re operating level; check tape, heads and record ready");
    }
    return levels;
}

void AlignmentJob::accept(const ProcedureStep& step, const StereoTone& tone, double coarse_us) {
    (void)must_hear(step, tone);
    for (const auto& [channel, reading] : readings(step, tone, coarse_us)) {
        store(step, channel, reading, step.averaging_s);
    }
    keep();
}

} // namespace overbias::calibration
