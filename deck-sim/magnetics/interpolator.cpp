// SPDX-License-Identifier: Apache-2.0
#include "deck-sim/magnetics/interpolator.hpp"

#include <array>
#include <numbers>

namespace overbias::deck_sim::magnetics {

namespace {

double sinc(double x) {
    return std::abs(x) < 1e-12 ? 1.0 : std::sin(std::numbers::pi * x) / (std::numbers::pi * x);
}

// Modified Bessel function of order 0 (power series).
double bessel_i0(double x) {
    double term = 1.0;
    double sum = 1.0;
    for (int n = 1; term > 1e-16 * sum; ++n) {
        term *= x * x / (4.0 * n * n);
        sum += term;
    }
    return sum;
}

} // namespace

Interpolator::Interpolator() : table_((kPhases + 1) * kTaps) {
    constexpr double kBeta = 7.0;
    constexpr double kHalf = static_cast<double>(kTaps) / 2.0;
    for (std::size_t phase = 0; phase <= kPhases; ++phase) {
        const double fraction = static_cast<double>(phase) / static_cast<double>(kPhases);
        std::array<double, kTaps> row{};
        double sum = 0.0;
        for (std::size_t tap = 0; tap < kTaps; ++tap) {
            const double x = static_cast<double>(tap) - static_cast<double>(kBefore) - fraction;
            const double inside = 1.0 - (x / kHalf) * (x / kHalf);
            row[tap] = inside <= 0.0 ? 0.0 : sinc(x) * bessel_i0(kBeta * std::sqrt(inside)) / bessel_i0(kBeta);
            sum += row[tap];
        }
        for (std::size_t tap = 0; tap < kTaps; ++tap) {
            table_[phase * kTaps + tap] = static_cast<float>(row[tap] / sum);
        }
    }
}

} // namespace overbias::deck_sim::magnetics
