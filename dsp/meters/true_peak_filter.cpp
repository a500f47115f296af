// SPDX-License-Identifier: Apache-2.0
#include "dsp/meters/true_peak_filter.hpp"

#include <cmath>
#include <numbers>
#include <stdexcept>
#include <string>
#include <utility>

namespace overbias::dsp {

namespace {

constexpr std::size_t kTaps = 2 * kTruePeakPairs;
constexpr double kBand = 0.44;                // of the sample rate
constexpr double kSampledTwiceFrom = 80000.0; // Hz
// keeps the taps small where the band says nothing; 90 dB below the error that it adds to
constexpr double kRidge = 1e-9;

double kernel(double x) {
    const double angle = 2.0 * kBand * x * std::numbers::pi;
    return x == 0.0 ? 2.0 * kBand : std::sin(angle) / (std::numbers::pi * x);
}

/// Taps for samples -11 ... 12, the wanted value at `place` between 0 and 1: Gaussian elimination.
std::array<double, kTaps> fractional_delay(double place) {
    std::array<std::array<double, kTaps + 1>, kTaps> rows{};
    for (std::size_t k = 0; k < kTaps; ++k) {
        for (std::size_t j = 0; j < kTaps; ++j) {
            rows[k][j] = kernel(static_cast<double>(k) - static_cast<double>(j)) + (j == k ? kRidge : 0.0);
        }
        rows[k][kTaps] = kernel(static_cast<double>(k) - static_cast<double>(kTruePeakPairs - 1) - place);
    }
    for (std::size_t pivot = 0; pivot < kTaps; ++pivot) {
        std::size_t best = pivot;
        for (std::size_t row = pivot; row < kTaps; ++row) {
            best = std::abs(rows[row][pivot]) > std::abs(rows[best][pivot]) ? row : best;
        }
        std::swap(rows[pivot], rows[best]);
        for (std::size_t row = 0; row < kTaps; ++row) {
            const double part = row == pivot ? 0.0 : rows[row][pivot] / rows[pivot][pivot];
            for (std::size_t j = pivot; j <= kTaps; ++j) {
                rows[row][j] -= part * rows[pivot][j];
            }
        }
    }
    std::array<double, kTaps> taps{};
    for (std::size_t k = 0; k < kTaps; ++k) {
        taps[k] = rows[k][kTaps] / rows[k][k];
    }
    return taps;
}

} // namespace

TruePeakFilter true_peak_filter(double sample_rate_hz) {
    if (!(sample_rate_hz >= 8000.0 && sample_rate_hz <= 768000.0)) {
        throw std::invalid_argument("true peak: sample rate " + std::to_string(sample_rate_hz) +
                                    " Hz: must be from 8000 to 768000");
    }
    TruePeakFilter filter;
    filter.oversampling = sample_rate_hz < kSampledTwiceFrom ? 4 : 2;
    const auto half = fractional_delay(0.5), quarter = fractional_delay(0.25);
    for (std::size_t k = 0; k < kTruePeakPairs; ++k) {
        filter.half[k] = (half[kTruePeakPairs - 1 - k] + half[kTruePeakPairs + k]) / 2.0;
        filter.near[k] = quarter[kTruePeakPairs - 1 - k];
        filter.far[k] = quarter[kTruePeakPairs + k];
    }
    return filter;
}

} // namespace overbias::dsp
