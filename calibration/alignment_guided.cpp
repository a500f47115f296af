// SPDX-License-Identifier: Apache-2.0
// One step of an alignment, turned by a person.
#include "calibration/alignment_job_impl.hpp"
#include "calibration/guided_step.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace overbias::calibration {

namespace {

/// A new reading so often, each the mean of so long; within tolerance for at most so long, and it is held.
constexpr double kLive_s = 0.1, kLiveMean_s = 0.3, kMostHold_s = 2.0;
/// Weave moves the tracks against each other by microseconds within seconds.
constexpr double kTimingMean_s = 2.0;

} // namespace

Task<AlignmentJob::StepEnd> AlignmentJob::guided(std::size_t index) {
    const ProcedureStep& step = procedure_.steps[index];
    if (round_ > 1) {
        // Again only what does not hold any more. Bias keeps its peak and its drop whatever level and HF are turned to.
        if (step.reads == Reads::Overbias) {
            co_return StepEnd::Accepted;
        }
        const StereoTone tone = co_await read(step.averaging_s);
        const auto read_again = readings(step, tone);
        if (std::all_of(read_again.begin(), read_again.end(),
                        [&](const auto& each) { return std::abs(each.second - step.target) <= step.tolerance; })) {
            accept(step, tone);
            co_return StepEnd::Accepted;
        }
    }
    const auto hold = static_cast<std::size_t>(std::ceil(std::min(step.averaging_s, kMostHold_s) / kLive_s));
    GuidedStep guide(step, aim(step), hold, kTracks);
    const double mean_s = step.reads == Reads::Timing ? kTimingMean_s : kLiveMean_s;
    for (;;) {
        const DeckTime to = context_.timeline.now() + deck_seconds(kLive_s);
        while (!listener_->heard_until(to)) {
            co_await tick();
        }
        const auto tone = listener_->tone(to - deck_seconds(mean_s), to);
        if (!tone) {
            continue; // frames were lost; the next stretch is whole
        }
        const Levels levels = re_sent(step, *tone);
        show(step, guide.look({levels.begin(), levels.end()}, late_us(step, *tone)));
        const auto word = context_.operator_port->take();
        const auto said = word ? std::optional(word->says) : std::nullopt;
        if (said == OperatorSays::Accept && guide.not_yet().empty()) {
            break;
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
    const StereoTone accepted = co_await read(step.averaging_s);
    if (step.reads != Reads::Overbias) {
        accept(step, accepted);
    } else {
        const Levels levels = must_hear(step, accepted);
        for (std::size_t track = 0; track < kTracks; ++track) {
            store(step, static_cast<int>(track) + 1, guide.peak_db(track) - levels[track], step.averaging_s);
        }
        keep();
    }
    co_return guide.turned() ? StepEnd::Turned : StepEnd::Accepted;
}

} // namespace overbias::calibration
