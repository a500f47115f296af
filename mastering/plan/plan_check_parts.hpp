// SPDX-License-Identifier: Apache-2.0
// The parts of check_plan(). Private to it.
#pragma once

#include "mastering/plan/plan_check.hpp"

#include <string>

namespace overbias::mastering {

/// "side A, track 3 (Title)" of a track; "side A" of a side; "" of the whole plan.
[[nodiscard]] std::string place_words(const ReelPlan& plan, const PlanFinding& finding);

/// Every file: found, hashed, opened as it will be played, its levels. Fills `files`, in the order of the plan, the
/// voice slate first.
void check_files(PlanCheck& check, const PlanCheckContext& context);

/// Places and lengths, sides split where that is asked for. Fills `sides`. Needs the files.
void check_tape(PlanCheck& check, const PlanCheckContext& context);

/// What the deck is set up for, and its alignment.
void check_deck(PlanCheck& check, const PlanCheckContext& context);

} // namespace overbias::mastering
