// SPDX-License-Identifier: Apache-2.0
// How the tape leans on the heads: a slow wandering (weave), a sum of six sinusoids between 0.13 and 2.9 Hz with phases
// from the seed, that stays inside the stated peak-to-peak angle.
#pragma once

#include "deck-sim/settings.hpp"

#include <array>

namespace overbias::deck_sim::magnetics {

class Weave {
  public:
    explicit Weave(const Settings& settings);
    /// How far the tape leans, radians.
    [[nodiscard]] double angle_rad(double time_s) const noexcept;

  private:
    double peak_rad_ = 0;
    std::array<double, 6> phase_{};
};

} // namespace overbias::deck_sim::magnetics
