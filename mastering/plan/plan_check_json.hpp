// SPDX-License-Identifier: Apache-2.0
// What a check says, as JSON and in words. Pure, any thread.
#pragma once

#include "mastering/plan/plan_check.hpp"

#include <boost/json/fwd.hpp>
#include <string>

namespace overbias::mastering {

/// Shape: docs/printing-a-reel.md. Levels state their standard under "standards". The dry run is its member
/// "cue_sheet".
[[nodiscard]] boost::json::object plan_check_json(const PlanCheck& check);

} // namespace overbias::mastering
