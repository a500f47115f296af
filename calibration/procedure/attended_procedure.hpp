// SPDX-License-Identifier: Apache-2.0
// AttendedProcedure: a procedure that goes nowhere without a person: questions that may end it, values that are gone on
// from. Private to calibration/. Thread: the timeline's.
#pragma once

#include "calibration/procedure/deck_procedure.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace overbias::calibration {

class AttendedProcedure : public DeckProcedure {
  protected:
    /// Throws std::invalid_argument without an operator_port: `needs` says for what it is there.
    AttendedProcedure(AlignmentContext context, const std::string& name, std::string title, const std::string& needs);

    /// The operator has ended it: thrown out of any question.
    struct Ended {
        std::string at;
    };

    /// Of a step that people see; `steps` are their ids, in order.
    void set_steps(std::vector<std::string> steps) { steps_ = std::move(steps); }
    [[nodiscard]] AlignmentView view(const std::string& id, OperatorTask task, std::string instruction) const;
    /// As ask(); throws Ended.
    Task<OperatorWord> asked(AlignmentView view);
    /// Shows it without waiting. What was said, if anything; throws Ended.
    std::optional<OperatorWord> shown(const AlignmentView& view);

    /// Into the record; `entered`: by the operator. keep() stores it.
    tape::AlignmentStep& store(const std::string& id, int channel, double reading, const std::string& unit,
                               double averaging_s, bool entered, std::string remark = {});
    /// In this record: from now, or from before it was broken off.
    [[nodiscard]] std::optional<double> stored(const std::string& id, int channel) const;

  private:
    std::vector<std::string> steps_;
};

} // namespace overbias::calibration
