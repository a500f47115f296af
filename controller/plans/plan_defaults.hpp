// SPDX-License-Identifier: Apache-2.0
// What a reel plan is read with and checked against, from the configuration. Pure but for the profiles, which are read
// from the disk; any thread.
#pragma once

#include "controller/config.hpp"
#include "mastering/plan/plan_check.hpp"
#include "mastering/plan/reel_plan_text.hpp"

namespace overbias::controller {

/// What a plan leaves out. `config` is copied from; it need not outlive this.
[[nodiscard]] mastering::PlanDefaults plan_defaults(const Config& config);

/// Card, levels and tape stock for a plan; its deck, files and progress are the caller's to add.
[[nodiscard]] mastering::PlanCheckContext plan_check_context(const Config& config, const mastering::ReelPlan& plan);

/// What the deck is set up for by the configuration; its alignments and the time are the caller's to add.
[[nodiscard]] mastering::PlanDeck plan_deck(const Config& config);

} // namespace overbias::controller
