// SPDX-License-Identifier: Apache-2.0
// A reproduce alignment from the start to the end.
#include "calibration/reproduce/reproduce_job_impl.hpp"

#include "base/figure.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>

namespace overbias::calibration {

using transport::JobOutcome;

namespace {

constexpr int kMostRounds = 6;
/// A tone this far below operating level is none of a calibration tape's.
constexpr double kSilence_db = -45.0;
/// Read again at 1 kHz, once the tracks are equalised alike: more than twice the coarse aim, and it is another period.
constexpr double kCoarseAgain = 2.0;

void check(const tape::CalibrationTape& tape, double speed_ips) {
    if (!tape.equalisation || !tape.reference) {
        throw std::invalid_argument("reproduce alignment: the profile of " + tape.name +
                                    " has no equalisation or no [fluxivity]; expected a tape whose level is a "
                                    "reference; copy the profile and put in what stands on its box");
    }
    if (std::abs(tape.speed_ips / speed_ips - 1.0) > 0.001) {
        throw std::invalid_argument("reproduce alignment: " + tape.name + " is made for " + figure(tape.speed_ips, 2) +
                                    " ips and the deck runs at " + figure(speed_ips, 2) +
                                    " ips; expected a tape of that speed; choose another tape or switch the speed");
    }
}

} // namespace

ReproduceJob::ReproduceJob(AlignmentContext context, ReproduceSetup setup)
    : DeckProcedure(std::move(context), "reproduce", "reproduce alignment"), setup_(std::move(setup)),
      tones_(context_.engine.sample_rate_hz(), context_.installation.chart.capture_dbfs(kSilence_db)) {
    if (context_.operator_port == nullptr) {
        throw std::invalid_argument("reproduce alignment: somebody has to thread the calibration tape; start it from "
                                    "the panel or the command line");
    }
    if (!context_.installation.chart.operating_level) {
        throw std::invalid_argument("reproduce alignment: the operating level's fluxivity is not known; put it into "
                                    "the configuration, with its school (ANSI or DIN)");
    }
    deck_ = {.speed_ips = context_.installation.tape_speed_ips,
             .equalisation = context_.record.key.equalisation,
             .operating_level = *context_.installation.chart.operating_level};
    if (setup_.chosen) {
        check(*setup_.chosen, deck_.speed_ips);
        const auto plan =
            reproduce_plan(*setup_.chosen, std::vector<bool>(setup_.chosen->tones.size(), true), deck_, setup_.limits);
        if (plan.steps.empty()) {
            throw std::invalid_argument("reproduce alignment: " + setup_.chosen->name +
                                        " has no tone of 1 kHz, which level and azimuth need; choose another tape");
        }
    } else if (setup_.tapes.empty()) {
        throw std::invalid_argument("reproduce alignment: no calibration tape is known; copy a profile from "
                                    "profiles/calibration-tapes and put in what stands on its box");
    }
    if (!context_.guided) {
        check_adjusters();
    }
}

void ReproduceJob::check_adjusters() const {
    for (const auto adjuster : {transport::Adjuster::ReproduceLevel, transport::Adjuster::ReproduceHigh}) {
        if (!can_set(adjuster)) {
            throw std::invalid_argument("reproduce alignment: " + std::string(transport::adjuster_name(adjuster)) +
                                        " of both tracks can't be set from here; run it guided, and turn the screws "
                                        "by hand");
        }
    }
}

std::string ReproduceJob::step_title(const std::string& id) const {
    for (const ReproduceStep& step : plan_.steps) {
        if (step.id == id) {
            return step.title;
        }
    }
    return id;
}

/// With every tick. The machine has stopped the deck by then: this only ends a job that nobody told.
void ReproduceJob::attend() {
    if (threaded_) {
        must_be_safe();
    }
}

Task<bool> ReproduceJob::one_round() {
    bool turned = false;
    for (std::size_t index = 0; index < plan_.steps.size();) {
        const ReproduceStep& step = plan_.steps[index];
        const bool coarse = step.reads == ReproduceStep::Reads::Coarse; // what the high tone is told by
        if (round_ == 1 && !gone_back_ && !coarse &&
            std::any_of(context_.record.steps.begin(), context_.record.steps.end(),
                        [&](const tape::AlignmentStep& each) { return each.id == step.id; })) {
            ++index; // accepted before it was broken off; the next round reads it again
            turned = true;
            continue;
        }
        const StepEnd end = co_await one_step(index);
        if (end == StepEnd::Failed) {
            co_return false;
        }
        if (end == StepEnd::Back) {
            gone_back_ = true;
            index -= std::min<std::size_t>(index, 1);
            continue;
        }
        turned = turned || end == StepEnd::Turned;
        ++index;
    }
    co_return turned;
}

Task<void> ReproduceJob::align() {
    co_await listen_for_input();
    make_safe();
    std::string usual, nothing;
    (void)co_await thread_tape(std::move(usual), std::move(nothing), false);
    co_await identify();
    bool turned = true;
    for (round_ = 1; turned && failure_.empty(); ++round_) {
        if (round_ > kMostRounds) {
            failure_ = "it does not come to rest: after " + std::to_string(kMostRounds) +
                       " rounds something still had to be turned; check tape and heads for what makes the readings "
                       "unsteady";
            break;
        }
        turned = co_await one_round();
    }
    if (failure_.empty()) {
        co_await read_others();
    }
    co_await take_tape_off();
}

Task<JobOutcome> ReproduceJob::run() {
    const auto ended_with_job = begin();
    listener_->on_frames([this](std::int64_t first_frame, std::span<const std::int32_t> interleaved) {
        tones_.take(first_frame, interleaved);
    });
    bool ended = true;
    try {
        co_await align();
        ended = failure_.empty();
        if (ended) {
            failure_ = plan_.missing;
        }
    } catch (const OperatorEnded&) {
        ended = false;
        failure_ = "ended by the operator at " + (progress_.phase.empty() ? title_ : progress_.phase) +
                   (tape_words_.empty() ? "" : ": " + tape_words_);
    }
    if (!ended) { // the hold on record stays until somebody says that the tape is off
        co_await stop_on_tape();
    }
    progress_ = {"done", 1.0, 0.0};
    co_return outcome(failure_, ended);
}

Task<ReproduceJob::StepEnd> ReproduceJob::one_step(std::size_t index) {
    step_ = index;
    hint_.clear();
    const ReproduceStep& step = plan_.steps[index];
    const double steps = static_cast<double>(plan_.steps.size());
    progress_.phase = step.title + (round_ > 1 ? ", round " + std::to_string(round_) : "");
    progress_.fraction = std::min(1.0, (static_cast<double>(round_ - 1) + static_cast<double>(index) / steps) / 3.0);
    const bool coarse = step.reads == ReproduceStep::Reads::Coarse;
    const bool by_hand = step.is_turned() && context_.guided;
    if (!by_hand && (!step.turns || !can_set(*step.turns))) {
        co_return co_await only_read(step);
    }
    // What holds already is not turned: the coarse azimuth in most cases, and all else from the second round on.
    const bool may_hold = round_ > 1 || coarse;
    if (may_hold && !gone_back_) {
        const auto read = co_await read_tone(step);
        if (!read) {
            co_return StepEnd::Skipped;
        }
        const double limit = coarse ? step.aim * (round_ > 1 ? kCoarseAgain : 1.0) : *step.tolerance;
        if (within(step, *read, limit)) {
            store(step, *read);
            co_return StepEnd::Accepted;
        }
    }
    gone_back_ = false;
    if (by_hand) {
        co_return co_await guided(step);
    }
    co_return co_await set_level(step);
}

/// The response at the tones that nothing was set by.
Task<void> ReproduceJob::read_others() {
    for (const std::size_t tone : plan_.others) {
        ReproduceStep step;
        const double hz = tape_->tones[tone].frequency_hz;
        step.id = "reproduce.response." + figure(hz, std::abs(hz - std::round(hz)) < 0.05 ? 0 : 1);
        step.title = "response at " + hz_text(hz);
        step.instruction = "listening to the other tones";
        step.tone = tone;
        step.averaging_s = 2.0;
        step.remark = tape::fringing_warning(*tape_, hz).value_or("");
        progress_.phase = step.title;
        const auto read = co_await read_tone(step);
        if (read) {
            store(step, *read);
        }
    }
}

std::unique_ptr<transport::Job> make_reproduce_job(AlignmentContext context, ReproduceSetup setup) {
    return std::make_unique<ReproduceJob>(std::move(context), std::move(setup));
}

} // namespace overbias::calibration
