// SPDX-License-Identifier: Apache-2.0
#include "deck-sim/mechanics/reel.hpp"

#include <cmath>
#include <numbers>

namespace overbias::deck_sim {

namespace {
// Quarter-inch tape is 0.246 in wide. Polyester has 1390 kg/m^3 and oxide binder about 2400; 1.40 mil of the one under
// 0.73 mil of the other give 1740 together.
constexpr double kTapeWidth_m = 0.246 * 0.0254;
constexpr double kTapeDensity_kg_m3 = 1740.0;
// Assumed: two aluminium flanges of 10.5 in, 0.30 kg together, and the rotor of the motor.
constexpr double kEmptyInertia_kg_m2 = 0.0047;
} // namespace

Reel::Reel(const Settings& settings)
    : hub_radius_squared_m2_(settings.hub_radius_m * settings.hub_radius_m),
      thickness_over_pi_m_(settings.tape_thickness_m / std::numbers::pi),
      mass_per_metre_kg_(settings.tape_thickness_m * kTapeWidth_m * kTapeDensity_kg_m3) {
}

double Reel::radius_m(double length_m) const noexcept {
    return std::sqrt(hub_radius_squared_m2_ + length_m * thickness_over_pi_m_);
}

double Reel::inertia_kg_m2(double length_m, double radius_m) const noexcept {
    const double mass_kg = length_m * mass_per_metre_kg_;
    return kEmptyInertia_kg_m2 + 0.5 * mass_kg * (hub_radius_squared_m2_ + radius_m * radius_m);
}

} // namespace overbias::deck_sim
