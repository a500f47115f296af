// SPDX-License-Identifier: Apache-2.0
// Where recording of a side begins, where the plan names no place: the plan's check and the print say the same. Counter
// places are metres from the beginning of the reel, its leader included. Pure; any thread.
#pragma once

#include "base/units.hpp"
#include "mastering/plan/reel_plan.hpp"

#include <algorithm>

namespace overbias::mastering {

/// Start and roll before record; where the head leader is shorter it is done on tape.
inline constexpr double kRunUp_s = 2.0;
inline constexpr TapeSpan kBetweenSides{10.0, TapeSpan::Unit::Seconds}; ///< on one tape

[[nodiscard]] inline double begins_on_new_tape_m(const PlanTape& tape, double speed_ips) {
    return std::max(tape.head_leader.metres(speed_ips), kRunUp_s * metres_per_second(speed_ips));
}

/// `printed_to_m`: where the side before ends on the same tape.
[[nodiscard]] inline double begins_behind_m(const PlanSide& side, double printed_to_m, double speed_ips) {
    return printed_to_m + side.gap.value_or(kBetweenSides).metres(speed_ips);
}

} // namespace overbias::mastering
