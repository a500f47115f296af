// SPDX-License-Identifier: Apache-2.0
// What of a plan can't be printed whatever its files are: tones, gaps, trims, leaders beyond what deck, converter or
// proof can do. Pure functions, any thread.
#pragma once

#include "mastering/plan/plan_finding.hpp"
#include "mastering/plan/reel_plan.hpp"

#include <cstddef>
#include <vector>

namespace overbias::mastering {

struct PrintInstallation;

/// Of the slate, which all sides share.
[[nodiscard]] std::vector<PlanFinding> slate_refusals(const ReelPlan& plan, const PrintInstallation& installation);
/// Of one side.
[[nodiscard]] std::vector<PlanFinding> side_refusals(const ReelPlan& plan, std::size_t side);

} // namespace overbias::mastering
