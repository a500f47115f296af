// SPDX-License-Identifier: Apache-2.0
// Arithmetic of a reel: length, time, pack. Pure functions, any thread.
#pragma once

#include "base/units.hpp"

#include <cmath>
#include <numbers>

namespace overbias::tape {

inline constexpr double kMetresPerFoot = 12.0 * kMetresPerInch;

[[nodiscard]] constexpr double metres_from_feet(double feet) noexcept {
    return feet * kMetresPerFoot;
}
/// Playing time of a length of tape at a nominal speed.
[[nodiscard]] constexpr double play_time_s(double length_m, double speed_ips) noexcept {
    return length_m / metres_per_second(speed_ips);
}
/// Tape that passes in a time at a nominal speed.
[[nodiscard]] constexpr double tape_length_m(double time_s, double speed_ips) noexcept {
    return time_s * metres_per_second(speed_ips);
}
/// Outer radius of a pack: r = sqrt(r0^2 + L t / pi), the pack's side area being length times thickness.
[[nodiscard]] inline double pack_radius_m(double length_m, double hub_radius_m, double tape_thickness_m) noexcept {
    return std::sqrt(hub_radius_m * hub_radius_m + length_m * tape_thickness_m / std::numbers::pi);
}
/// Tape on a pack of that outer radius; 0 when it is that of the hub or less.
[[nodiscard]] inline double pack_length_m(double radius_m, double hub_radius_m, double tape_thickness_m) noexcept {
    const double area_m2 = std::numbers::pi * (radius_m * radius_m - hub_radius_m * hub_radius_m);
    return area_m2 > 0.0 ? area_m2 / tape_thickness_m : 0.0;
}

} // namespace overbias::tape
