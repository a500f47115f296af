// SPDX-License-Identifier: Apache-2.0
// Place against time within one step of the mechanics, and the other way round: the cubic through places and speeds at
// its ends.
#pragma once

#include "deck-sim/motion.hpp"

#include <algorithm>

namespace overbias::deck_sim::magnetics {

/// Cubic of s in [0, 1] through values and slopes (per s) at both ends (Hermite).
struct Cubic {
    double c0 = 0, c1 = 0, c2 = 0, c3 = 0;
    Cubic() = default;
    Cubic(double at0, double slope0, double at1, double slope1) noexcept
        : c0(at0), c1(slope0), c2(3.0 * (at1 - at0) - 2.0 * slope0 - slope1), c3(slope0 + slope1 - 2.0 * (at1 - at0)) {}
    [[nodiscard]] double at(double s) const noexcept { return c0 + s * (c1 + s * (c2 + s * c3)); }
};

/// Place against s = (t - t0) / (t1 - t0).
[[nodiscard]] inline Cubic place_of_time(const MotionStep& step) noexcept {
    const double length = step.t1_s - step.t0_s;
    return {step.x0_m, step.v0_m_s * length, step.x1_m, step.v1_m_s * length};
}

/// Time against s = (x - x0) / (x1 - x0), for tape that runs forward. Near play speed, where the speed changes by parts
/// in ten thousand within a step, the two cubics agree within nanoseconds; where the tape only just moves it is a
/// straight line.
[[nodiscard]] inline Cubic time_of_place(const MotionStep& step) noexcept {
    const double length = step.t1_s - step.t0_s;
    const double way = step.x1_m - step.x0_m;
    const double mean = way / length;
    const bool slow = std::min(step.v0_m_s, step.v1_m_s) < 0.5 * mean;
    return {step.t0_s, slow ? length : way / step.v0_m_s, step.t1_s, slow ? length : way / step.v1_m_s};
}

} // namespace overbias::deck_sim::magnetics
