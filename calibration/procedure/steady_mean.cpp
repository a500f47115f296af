// SPDX-License-Identifier: Apache-2.0
#include "calibration/procedure/steady_mean.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <numbers>

namespace overbias::calibration {

namespace {

constexpr std::size_t kStretches = 5;
constexpr double kApart = 3.0; ///< of the stretches, that have nothing in common
constexpr std::size_t kLeast = 6;
constexpr double kLeastShare = 0.5;

} // namespace

std::optional<SteadyMean> steady_mean(std::span<const double> readings) {
    if (readings.size() < kLeast) {
        return std::nullopt;
    }
    const double hop = static_cast<double>(readings.size()) / static_cast<double>(kStretches + 1);
    std::array<double, kStretches> means{};
    SteadyMean out;
    for (std::size_t k = 0; k < kStretches; ++k) {
        double sum = 0.0, taken = 0.0, whole = 0.0;
        for (std::size_t n = 0; n < readings.size(); ++n) {
            // a reading stands for its own length: its middle counts
            const double place = (static_cast<double>(n) + 0.5 - static_cast<double>(k) * hop) / (2.0 * hop);
            if (place <= 0.0 || place >= 1.0) {
                continue;
            }
            const double weight = 1.0 - std::cos(2.0 * std::numbers::pi * place);
            whole += weight;
            if (!std::isnan(readings[n])) {
                taken += weight;
                sum += weight * readings[n];
            }
        }
        if (taken < kLeastShare * whole) {
            return std::nullopt;
        }
        means.at(k) = sum / taken;
        out.mean += means.at(k) / static_cast<double>(kStretches);
    }
    double squares = 0.0;
    for (const double mean : means) {
        squares += (mean - out.mean) * (mean - out.mean);
    }
    out.uncertainty = std::sqrt(squares / static_cast<double>(kStretches - 1) / kApart);
    return out;
}

} // namespace overbias::calibration
