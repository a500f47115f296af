// SPDX-License-Identifier: Apache-2.0
// An alignment from the start to the end: into record, the proof that what is heard comes off tape, the rounds.
#include "calibration/record/alignment_job_impl.hpp"

#include "calibration/procedure/earlier_alignment.hpp"
#include "calibration/record/quick_verdict.hpp"
#include "tape/equalisation.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace overbias::calibration {

using transport::JobOutcome;

namespace {

constexpr std::string_view kHighStep = "record.high"; ///< before it the EQ switches are looked at

} // namespace

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
    take_out_missing_adjusters();
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

void AlignmentJob::take_out_missing_adjusters() {
    const tape::AlignmentKey& key = context_.record.key;
    const auto offers = context_.adjust.capabilities().adjusters;
    for (ProcedureStep& step : procedure_.steps) {
        if (!step.turns || !step.where_there_is_one) {
            continue;
        }
        std::size_t offered = 0;
        for (std::size_t track = 0; track < kTracks; ++track) {
            offered += std::any_of(offers.begin(), offers.end(), [&](const transport::AdjusterOffer& offer) {
                return offer.adjuster == *step.turns && offer.track == track && offer.step > 0.0;
            });
        }
        const bool low = *step.turns == transport::Adjuster::RecordLow;
        const bool none = low && !tape::has_low_frequency_adjustment(key.equalisation, key.speed_ips);
        if (none || (!context_.guided && offered < kTracks)) {
            step.instruction =
                none ? "listening; this equalisation has no LF adjustment at this speed"
                     : "listening; " + std::string(transport::adjuster_name(*step.turns)) + " can't be set from here";
            step.limited = step.limited && !none;
            step.turns.reset();
        }
    }
}

Task<void> AlignmentJob::play(const ProcedureStep& step) {
    const double dbfs = context_.installation.chart.play_dbfs(step.level_db);
    co_await play(dsp::sine_signal(step.frequency_hz, dbfs), audio::OscillatorChannels::Both);
    const DeckTime settled = context_.timeline.now() + deck_seconds(settling_s(step));
    co_await tick_until(settled);
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
    progress_.phase = step.title + (round_ > 1 && !step.at_end ? ", round " + std::to_string(round_) : "");
    progress_.fraction = step.at_end
                             ? 0.9
                             : std::min(0.9, (static_cast<double>(round_ - 1) + static_cast<double>(index) / steps) /
                                                 std::min(2, procedure_.most_rounds));
    last_time_ = last_time_words(context_.history, context_.record.key, step.id);
    if (round_ == 1 && step.id == kHighStep) {
        const std::string wrong = co_await wrong_equalisation();
        if (!wrong.empty() && !told_before(wrong)) {
            failure_ = wrong;
            co_return StepEnd::Failed;
        }
    }
    if (step.reads == Reads::Noise) {
        co_return co_await read_noise(step);
    }
    co_await play(step);
    if (!step.turns && !(context_.guided && step.turns_head)) {
        co_return co_await read_only(step);
    }
    if (context_.guided) {
        co_return co_await guided(index);
    }
    co_return co_await automatic(index);
}

Task<AlignmentJob::StepEnd> AlignmentJob::one_round() {
    bool turned = false;
    for (std::size_t index = 0; index < procedure_.steps.size();) {
        const ProcedureStep& step = procedure_.steps[index];
        if (step.at_end) {
            ++index;
            continue;
        }
        const bool accepted_before = std::any_of(context_.record.steps.begin(), context_.record.steps.end(),
                                                 [&](const tape::AlignmentStep& each) { return each.id == step.id; });
        if (round_ == 1 && accepted_before && !gone_back_) {
            ++index; // before it was broken off; the next round reads it again
            turned = true;
            continue;
        }
        const StepEnd end = co_await one_step(index);
        if (end == StepEnd::Aborted || end == StepEnd::Failed) {
            co_return end;
        }
        if (end == StepEnd::Back) {
            gone_back_ = true;
            index -= std::min<std::size_t>(index, 1);
            continue;
        }
        turned = turned || end == StepEnd::Turned;
        ++index;
    }
    co_return turned ? StepEnd::Turned : StepEnd::Accepted;
}

Task<AlignmentJob::StepEnd> AlignmentJob::end_steps() {
    for (std::size_t index = 0; index < procedure_.steps.size(); ++index) {
        if (!procedure_.steps[index].at_end) {
            continue;
        }
        const StepEnd end = co_await one_step(index);
        if (end == StepEnd::Aborted || end == StepEnd::Failed) {
            co_return end;
        }
    }
    co_return StepEnd::Accepted;
}

std::string AlignmentJob::words_of(StepEnd end) const {
    if (end == StepEnd::Failed) {
        return failure_;
    }
    return end == StepEnd::Aborted ? "ended by the operator at " + procedure_.steps[step_].title : "";
}

std::string AlignmentJob::moved_since_last_alignment() {
    const QuickVerdict verdict = compare_with_last_alignment(context_.record, procedure_, context_.history);
    emit({"compared",
          {{"with", verdict.compared ? "the last full alignment" : "nothing"}, {"words", verdict.told}},
          std::nullopt,
          std::nullopt,
          context_.transport.state().position_m});
    if (verdict.moved.empty()) {
        return {};
    }
    std::string words = verdict.moved;
    // what is not within its limits, and was not when it was aligned
    for (const tape::AlignmentStep& each : context_.record.steps) {
        const bool told = std::find(verdict.moved_steps.begin(), verdict.moved_steps.end(),
                                    std::pair(each.id, each.channel)) != verdict.moved_steps.end();
        if (!told && each.within() == false) {
            words += "; " + failure_words(each);
        }
    }
    return words;
}

Task<JobOutcome> AlignmentJob::run() {
    const auto ended_with_job = begin();
    co_await start_recording();
    co_await prove_off_tape();
    std::string reason;
    StepEnd end = StepEnd::Turned;
    for (round_ = 1; end == StepEnd::Turned && round_ <= procedure_.most_rounds; ++round_) {
        end = co_await one_round();
        reason = words_of(end);
    }
    if (end == StepEnd::Turned && procedure_.most_rounds > 1) {
        reason = "it does not come to rest: after " + std::to_string(procedure_.most_rounds) +
                 " rounds something still had to be turned; check tape and heads for what makes the readings unsteady";
    }
    // a check is not gone on with: what it has read holds for its day
    bool ended = end == StepEnd::Turned || end == StepEnd::Accepted || (end == StepEnd::Failed && procedure_.compares);
    if (ended && reason.empty()) {
        end = co_await end_steps();
        reason = words_of(end);
        ended = end == StepEnd::Accepted;
    }
    co_await finish_on_tape();
    if (ended && reason.empty() && procedure_.compares) {
        reason = moved_since_last_alignment();
    }
    progress_ = {"done", 1.0, 0.0};
    co_return outcome(std::move(reason), ended);
}

std::unique_ptr<transport::Job> make_alignment_job(AlignmentContext context, Procedure procedure) {
    return std::make_unique<AlignmentJob>(std::move(context), std::move(procedure));
}

} // namespace overbias::calibration
