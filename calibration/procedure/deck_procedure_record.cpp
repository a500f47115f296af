// SPDX-License-Identifier: Apache-2.0
// DeckProcedure's operator and record.
#include "calibration/procedure/deck_procedure.hpp"

#include "base/figure.hpp"
#include "tape/alignment_json.hpp"

#include <cmath>
#include <cstddef>
#include <set>
#include <string>
#include <utility>

namespace overbias::calibration {

namespace {

/// A time that is of no track: that of the right one against the left.
bool is_timing(const tape::AlignmentStep& step) {
    return step.unit == "us" && step.channel == 0 && step.bound == tape::Bound::BothSides;
}

std::string lateness(double late_us) {
    return figure(std::abs(late_us), 2) + (late_us < 0.0 ? " us early" : " us late");
}

} // namespace

void DeckProcedure::keep() {
    if (auto kept = context_.history.store(context_.record); !kept) {
        fault("the alignment was not stored: " + kept.error().message);
    }
}

/// What an automatic step listens to: only that it shall end.
bool DeckProcedure::aborted() {
    while (context_.operator_port != nullptr) {
        const auto said = context_.operator_port->take();
        if (!said) {
            break;
        }
        if (said->says == OperatorSays::Abort) {
            return true;
        }
    }
    return false;
}

/// What the newest alignment that has it says.
std::optional<double> DeckProcedure::last_alignment(const std::string& id, int channel) const {
    for (std::size_t n = 0; const auto record = context_.history.earlier(context_.record.key, n); ++n) {
        if (const tape::AlignmentStep* step = record->step(id, channel)) {
            return step->reading;
        }
    }
    return std::nullopt;
}

Task<OperatorWord> DeckProcedure::ask(AlignmentView view) {
    if (context_.operator_port == nullptr) {
        refuse(title_ + ": '" + view.instruction + "' needs an operator; start it from the panel or the command line");
    }
    progress_.phase = view.title;
    context_.operator_port->show(view);
    for (;;) {
        if (const auto word = context_.operator_port->take()) {
            const bool wanting = view.task == OperatorTask::Enter && word->says == OperatorSays::Accept && !word->value;
            if (!wanting) {
                co_return *word;
            }
            view.note = "a value in " + view.value_unit + " is expected";
            context_.operator_port->show(view);
        }
        co_await tick();
    }
}

std::string DeckProcedure::failure_words(const tape::AlignmentStep& step) const {
    if (is_timing(step)) {
        return step_title(step.id) + ": the right track comes " + lateness(step.reading) + ", expected " +
               (*step.target == 0.0 ? "" : lateness(*step.target) + " ") + "within " + figure(*step.tolerance, 2) +
               " us";
    }
    const std::string reads = step_title(step.id) +
                              (step.channel > 0 ? " of track " + std::to_string(step.channel) : "") + " reads " +
                              figure(step.reading, 2) + " " + step.unit + ", expected ";
    switch (step.bound) {
    case tape::Bound::AtLeast:
        return reads + "at least " + figure(*step.target - *step.tolerance, 2);
    case tape::Bound::AtMost:
        return reads + "at most " + figure(*step.target + *step.tolerance, 2);
    case tape::Bound::BothSides:
        break;
    }
    return reads + figure(*step.target, 2) + " within " + figure(*step.tolerance, 2);
}

transport::JobOutcome DeckProcedure::outcome(std::string reason, bool ended) {
    transport::JobOutcome out;
    context_.record.ended_at = ended ? context_.utc_now() : "";
    const tape::AlignmentVerdict verdict = tape::verdict_of(context_.record);
    if (reason.empty() && verdict == tape::AlignmentVerdict::Fail) {
        std::set<std::pair<std::string, int>> told;
        for (const tape::AlignmentStep& each : context_.record.steps) {
            const tape::AlignmentStep* last = context_.record.step(each.id, each.channel);
            if (last->within() == false && told.emplace(each.id, each.channel).second) {
                reason += (reason.empty() ? "" : "; ") + failure_words(*last);
            }
        }
    }
    if (reason.empty() && verdict == tape::AlignmentVerdict::Pass) {
        out.verdict = transport::JobVerdict::Pass;
    } else if (reason.empty() && verdict == tape::AlignmentVerdict::NotJudged) {
        out.verdict = transport::JobVerdict::NotJudged;
        reason = "nothing in it has a limit to be judged by";
    }
    out.reason = std::move(reason);
    keep();
    out.report = tape::alignment_json(context_.record);
    return out;
}

} // namespace overbias::calibration
