// SPDX-License-Identifier: Apache-2.0
// Reel: how thick and how heavy a pack of tape is. SI units. Thread: any.
#pragma once

#include "deck-sim/settings.hpp"

namespace overbias::deck_sim {

/// One of two equal reels; what varies is the length of tape on it.
class Reel {
  public:
    explicit Reel(const Settings& settings);

    /// Radius of the pack in metres. The edge of the wound tape covers an area of length times thickness, so
    /// r^2 = r0^2 + L t / pi.
    [[nodiscard]] double radius_m(double length_m) const noexcept;
    /// Moment of inertia in kg m^2: motor and flanges, and the pack as a hollow cylinder, J = m (r0^2 + r^2) / 2.
    [[nodiscard]] double inertia_kg_m2(double length_m, double radius_m) const noexcept;

  private:
    double hub_radius_squared_m2_;
    double thickness_over_pi_m_;
    double mass_per_metre_kg_;
};

} // namespace overbias::deck_sim
