// SPDX-License-Identifier: Apache-2.0
#include "calibration/procedure/attended_procedure.hpp"

#include <algorithm>
#include <stdexcept>

namespace overbias::calibration {

AttendedProcedure::AttendedProcedure(AlignmentContext context, const std::string& name, std::string title,
                                     const std::string& needs)
    : DeckProcedure(std::move(context), name, std::move(title)) {
    if (context_.operator_port == nullptr) {
        throw std::invalid_argument(title_ + ": somebody has to " + needs +
                                    "; start it from the panel or the command line");
    }
}

AlignmentView AttendedProcedure::view(const std::string& id, OperatorTask task, std::string instruction) const {
    AlignmentView view;
    view.procedure = context_.record.procedure;
    view.step_id = id;
    view.title = step_title(id);
    view.instruction = std::move(instruction);
    view.task = task;
    const auto at = std::find(steps_.begin(), steps_.end(), id);
    view.step = at != steps_.end() ? static_cast<std::size_t>(at - steps_.begin()) : 0;
    view.steps = steps_.size();
    return view;
}

Task<OperatorWord> AttendedProcedure::asked(AlignmentView view) {
    const std::string title = view.title;
    progress_.fraction = static_cast<double>(view.step) / static_cast<double>(std::max<std::size_t>(view.steps, 1));
    const OperatorWord word = co_await ask(std::move(view));
    if (word.says == OperatorSays::Abort) {
        throw Ended{title};
    }
    co_return word;
}

std::optional<OperatorWord> AttendedProcedure::shown(const AlignmentView& view) {
    progress_.phase = view.title;
    context_.operator_port->show(view);
    auto word = context_.operator_port->take();
    if (word && word->says == OperatorSays::Abort) {
        throw Ended{view.title};
    }
    return word;
}

tape::AlignmentStep& AttendedProcedure::store(const std::string& id, int channel, double reading,
                                              const std::string& unit, double averaging_s, bool entered,
                                              std::string remark) {
    tape::AlignmentStep step;
    step.id = id;
    step.channel = channel;
    step.reading = reading;
    step.unit = unit;
    step.averaging_s = averaging_s;
    step.accepted_at = context_.utc_now();
    step.accepted_by = entered ? context_.operator_name : "";
    step.remark = std::move(remark);
    context_.record.steps.push_back(std::move(step));
    return context_.record.steps.back();
}

std::optional<double> AttendedProcedure::stored(const std::string& id, int channel) const {
    const tape::AlignmentStep* step = context_.record.step(id, channel);
    return step != nullptr ? std::optional(step->reading) : std::nullopt;
}

} // namespace overbias::calibration
