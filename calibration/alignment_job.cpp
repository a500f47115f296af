// SPDX-License-Identifier: Apache-2.0
// An alignment from the start to the end: into record, the proof that what is heard comes off tape, the rounds.
#include "calibration/alignment_job_impl.hpp"

#include <algorithm>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <utility>

namespace overbias::calibration {

using transport::JobOutcome;

AlignmentJob::AlignmentJob(AlignmentContext context, Procedure procedure)
    : DeckProcedure(std::move(context), procedure.name, procedure.title), procedure_(std::move(procedure)) {
    if (procedure_.steps.empty()) {
        throw std::invalid_argument(procedure_.title + ": the procedure has no steps");
    }
    if (context_.guided && context_.operator_port == nullptr) {
        throw std::invalid_argument(procedure_.title +
                                    ": a guided alignment needs an operator; start it from the panel "
                                    "or the command line");
    }
    const auto offers = context_.adjust.capabilities().adjusters;
    for (const ProcedureStep& step : procedure_.steps) {
        for (std::size_t track = 0; !context_.guided && step.turns && track < kTracks; ++track) {
            if (std::none_of(offers.begin(), offers.end(), [&](const transport::AdjusterOffer& offer) {
                    return offer.adjuster == *step.turns && offer.track == track && offer.step > 0.0;
                })) {
                throw std::invalid_argument(
                    procedure_.title + ": " + std::string(transport::adjuster_name(*step.turns)) + " of track " +
                    std::to_string(track + 1) + " can't be set from here; run it guided, and turn the screw by hand");
            }
        }
    }
}

Task<void> AlignmentJob::play(const ProcedureStep& step) {
    const double dbfs = context_.installation.chart.play_dbfs(step.level_db);
    co_await play(dsp::sine_signal(step.frequency_hz, dbfs), audio::OscillatorChannels::Both);
}

std::string AlignmentJob::step_title(const std::string& id) const {
    for (const ProcedureStep& step : procedure_.steps) {
        if (step.id == id) {
            return step.title;
        }
    }
    return id;
}

Task<AlignmentJob::StepEnd> AlignmentJob::one_step(std::size_t index) {
    step_ = index;
    const ProcedureStep& step = procedure_.steps[index];
    const double steps = static_cast<double>(procedure_.steps.size());
    progress_.phase = step.title + (round_ > 1 ? ", round " + std::to_string(round_) : "");
    progress_.fraction = std::min(1.0, (static_cast<double>(round_ - 1) + static_cast<double>(index) / steps) /
                                           std::min(2, procedure_.most_rounds));
    co_await play(step);
    if (context_.guided) {
        co_return co_await guided(index);
    }
    co_return co_await automatic(index);
}

Task<JobOutcome> AlignmentJob::run() {
    const auto ended_with_job = begin();
    co_await start_recording();
    co_await prove_off_tape();
    std::string reason;
    bool ended = true;
    bool turned = true;
    for (round_ = 1; turned && reason.empty(); ++round_) {
        if (round_ > procedure_.most_rounds) {
            if (procedure_.most_rounds > 1) {
                reason = "it does not come to rest: after " + std::to_string(procedure_.most_rounds) +
                         " rounds something still had to be turned; check tape and heads for what makes the readings "
                         "unsteady";
            }
            break;
        }
        turned = false;
        for (std::size_t index = 0; index < procedure_.steps.size();) {
            const std::string& id = procedure_.steps[index].id;
            if (round_ == 1 &&
                std::any_of(context_.record.steps.begin(), context_.record.steps.end(),
                            [&](const tape::AlignmentStep& each) { return each.id == id; }) &&
                !gone_back_) {
                ++index; // accepted before it was broken off; the next round reads it again
                turned = true;
                continue;
            }
            const StepEnd end = co_await one_step(index);
            if (end == StepEnd::Aborted || end == StepEnd::Failed) {
                ended = false;
                reason =
                    end == StepEnd::Failed ? failure_ : "ended by the operator at " + procedure_.steps[index].title;
                break;
            }
            if (end == StepEnd::Back) {
                gone_back_ = true;
                index -= std::min<std::size_t>(index, 1);
                continue;
            }
            turned = turned || end == StepEnd::Turned;
            ++index;
        }
    }
    co_await finish_on_tape();
    progress_ = {"done", 1.0, 0.0};
    co_return outcome(std::move(reason), ended);
}

std::unique_ptr<transport::Job> make_alignment_job(AlignmentContext context, Procedure procedure) {
    return std::make_unique<AlignmentJob>(std::move(context), std::move(procedure));
}

} // namespace overbias::calibration
