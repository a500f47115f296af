// SPDX-License-Identifier: Apache-2.0
#include "deck-sim/magnetics/weave.hpp"

#include "deck-sim/magnetics/noise.hpp"

#include <cmath>
#include <numbers>

namespace overbias::deck_sim::magnetics {

namespace {

constexpr std::array<double, 6> kRate_hz{0.13, 0.31, 0.57, 1.1, 1.7, 2.9};
constexpr std::array<double, 6> kShare{0.22, 0.22, 0.2, 0.16, 0.12, 0.08}; // of the peak; together 1

} // namespace

Weave::Weave(const Settings& settings) : peak_rad_(settings.weave_peak_to_peak_rad / 2.0) {
    Random random(settings.seed * 7 + 3);
    for (double& phase : phase_) {
        phase = 2.0 * std::numbers::pi * random.uniform();
    }
}

double Weave::angle_rad(double time_s) const noexcept {
    double sum = 0.0;
    for (std::size_t i = 0; i < kRate_hz.size(); ++i) {
        sum += kShare[i] * std::sin(2.0 * std::numbers::pi * kRate_hz[i] * time_s + phase_[i]);
    }
    return peak_rad_ * sum;
}

} // namespace overbias::deck_sim::magnetics
