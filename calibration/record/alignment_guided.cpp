// SPDX-License-Identifier: Apache-2.0
// One step of an alignment, turned by a person.
#include "calibration/procedure/guided_step.hpp"
#include "calibration/procedure/track_timing.hpp"
#include "calibration/record/alignment_job_impl.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <utility>

namespace overbias::calibration {

namespace {

/// A new reading so often, each the mean of so long; within tolerance for at most so long, and it is held.
constexpr double kLive_s = 0.1, kLiveMean_s = 0.3, kMostHold_s = 2.0;
/// Weave moves the tracks against each other by microseconds within seconds.
constexpr double kTimingMean_s = 2.0;
constexpr double kCoarse_s = 0.5;
/// Of a period of the high tone: further off, and the low one guides until it is within this.
constexpr double kCoarseBeyond = 0.35, kCoarseWithin = 0.15;

} // namespace

Task<AlignmentJob::StepEnd> AlignmentJob::guided(std::size_t index) {
    const ProcedureStep& step = procedure_.steps[index];
    if (round_ > 1) {
        // Again only what does not hold any more. Bias keeps its peak and its drop whatever level and HF are turned to.
        if (step.reads == Reads::Overbias) {
            co_return StepEnd::Accepted;
        }
        double coarse_us = 0.0;
        if (step.coarse_hz > 0.0) {
            coarse_us = co_await read_coarse(step, kCoarse_s);
            co_await play(step);
        }
        const StereoTone tone = co_await read(step.averaging_s);
        const auto read_again = readings(step, tone, coarse_us);
        if (std::all_of(read_again.begin(), read_again.end(),
                        [&](const auto& each) { return std::abs(each.second - step.target) <= step.tolerance; })) {
            accept(step, tone, coarse_us);
            co_return StepEnd::Accepted;
        }
    }
    if (step.coarse_hz > 0.0) {
        co_return co_await guided_azimuth(step);
    }
    const auto hold = static_cast<std::size_t>(std::ceil(std::min(step.averaging_s, kMostHold_s) / kLive_s));
    GuidedStep guidance(step, aim(step), hold, kTracks);
    const StepEnd end = co_await guide(step, guidance, false);
    if (end != StepEnd::Accepted) {
        co_return end;
    }
    const StereoTone tone = co_await read(step.averaging_s);
    if (step.reads != Reads::Overbias) {
        accept(step, tone, 0.0);
    } else {
        const Levels levels = must_hear(step, tone);
        for (std::size_t track = 0; track < kTracks; ++track) {
            store(step, static_cast<int>(track) + 1, guidance.peak_db(track) - levels[track], step.averaging_s);
        }
        keep();
    }
    co_return guidance.turned() ? StepEnd::Turned : StepEnd::Accepted;
}

/// At a low frequency until the period of the high one is sure, then at the high one.
Task<AlignmentJob::StepEnd> AlignmentJob::guided_azimuth(const ProcedureStep& step) {
    const double period_us = 1e6 / step.frequency_hz;
    const auto hold = static_cast<std::size_t>(std::ceil(kMostHold_s / kLive_s));
    ProcedureStep coarse = step;
    coarse.frequency_hz = step.coarse_hz;
    coarse.tolerance = coarse.closest = kCoarseWithin * period_us;
    bool turned = false;
    bool insists = false; ///< the operator accepts it as it is
    for (;;) {
        const double off_us = co_await read_coarse(step, kCoarse_s) - step.target;
        if (std::abs(off_us) > kCoarseBeyond * period_us) {
            GuidedStep guidance(coarse, coarse.tolerance, hold, kTracks);
            const StepEnd end = co_await guide(coarse, guidance, true);
            if (end != StepEnd::Accepted && end != StepEnd::Turned) {
                co_return end;
            }
            insists = end == StepEnd::Accepted;
            turned = true;
        }
        co_await play(step);
        GuidedStep guidance(step, aim(step), hold, kTracks);
        const StepEnd end = co_await guide(step, guidance, false);
        if (end != StepEnd::Accepted) {
            co_return end;
        }
        turned = turned || guidance.turned();
        const double coarse_us = co_await read_coarse(step, kCoarse_s);
        if (std::abs(coarse_us - step.target) > kCoarseBeyond * period_us && !insists) {
            continue; // it was turned to the next period
        }
        co_await play(step);
        const StereoTone tone = co_await read(step.averaging_s);
        accept(step, tone, coarse_us);
        co_return turned ? StepEnd::Turned : StepEnd::Accepted;
    }
}

Task<AlignmentJob::StepEnd> AlignmentJob::guide(const ProcedureStep& step, GuidedStep& guidance, bool until_done) {
    const double mean_s = step.reads == Reads::Timing ? kTimingMean_s : std::max(kLiveMean_s, 2.0 * shortest_s(step));
    const DeckTime begun = context_.timeline.now(); // what was before is not this tone
    for (;;) {
        const DeckTime to = context_.timeline.now() + deck_seconds(kLive_s);
        while (!listener_->heard_until(to)) {
            co_await tick();
        }
        const DeckTime from = to - deck_seconds(mean_s);
        const auto tone = from < begun ? std::nullopt : listener_->tone(from, to);
        if (!tone) {
            continue; // it does not listen for so long yet, or frames were lost: the next stretch is whole
        }
        const Levels levels = re_sent(step, *tone);
        auto shown =
            guidance.look({levels.begin(), levels.end()}, late_us_of_phase(tone->phase_deg, step.frequency_hz));
        const bool done = std::all_of(shown.begin(), shown.end(), [](const TrackReading& each) { return each.done; });
        show(step, std::move(shown), OperatorTask::Turn);
        const auto word = context_.operator_port->take();
        const auto said = word ? std::optional(word->says) : std::nullopt;
        if (said == OperatorSays::Accept && guidance.not_yet().empty()) {
            co_return StepEnd::Accepted;
        }
        if (until_done && done) {
            co_return StepEnd::Turned;
        }
        if (said == OperatorSays::Skip) {
            co_return StepEnd::Skipped;
        }
        if (said == OperatorSays::Back) {
            co_return StepEnd::Back;
        }
        if (said == OperatorSays::Abort) {
            co_return StepEnd::Aborted;
        }
    }
}

} // namespace overbias::calibration
