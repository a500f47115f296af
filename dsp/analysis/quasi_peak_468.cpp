// SPDX-License-Identifier: Apache-2.0
#include "dsp/analysis/quasi_peak_468.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <stdexcept>
#include <string>

namespace overbias::dsp {

namespace {

constexpr double kCharge_s = 1.41e-3;
constexpr double kLeak_s = 0.293;
constexpr double kDevice_s = 0.140;
constexpr double kLowest = 1e-8; // -160 dBFS

/// Where the holder stands on a steady sine of amplitude 1, ripple left out: what it gains over the part of the wave
/// above cos a, (2/pi)(sin a - a cos a) / charge, it leaks again, cos a / leak.
double standing() {
    double low = 0.0, high = std::numbers::pi / 2.0;
    for (int turn = 0; turn < 60; ++turn) {
        const double angle = (low + high) / 2.0;
        const double gained = 2.0 / std::numbers::pi * (std::sin(angle) - angle * std::cos(angle)) / kCharge_s;
        (gained < std::cos(angle) / kLeak_s ? low : high) = angle;
    }
    return std::cos(low);
}

} // namespace

QuasiPeak468::QuasiPeak468(double sample_rate_hz, double reference)
    : network_(Weighting::itu468, sample_rate_hz), reference_(reference) {
    if (!(reference > 0.0) || !std::isfinite(reference)) {
        throw std::invalid_argument("468 noise meter: reference amplitude " + std::to_string(reference) +
                                    ": must be positive");
    }
    leak_ = std::exp(-1.0 / (sample_rate_hz * kLeak_s));
    take_ = -std::expm1(-1.0 / (sample_rate_hz * kCharge_s));
    keep_ = leak_ * (1.0 - take_);
    device_ = -std::expm1(-1.0 / (sample_rate_hz * kDevice_s));
    gain_ = 1.0 / standing();
}

void QuasiPeak468::process(std::span<const float> samples) noexcept {
    for (const float sample : samples) {
        const double level = std::abs(network_.rt_process(static_cast<double>(sample)));
        holder_ = std::max(leak_ * holder_, keep_ * holder_ + take_ * level);
        needle_ += device_ * (holder_ - needle_);
        highest_ = std::max(highest_, needle_);
    }
    if (!std::isfinite(needle_ + holder_)) { // a sample that was no number must not stay in the filters
        network_.rt_reset();
        holder_ = needle_ = highest_ = 0.0;
    }
}

double QuasiPeak468::db(double needle) const noexcept {
    return 20.0 * std::log10(std::max(needle * gain_, kLowest) / reference_);
}

double QuasiPeak468::highest_db() noexcept {
    const double highest = db(highest_);
    highest_ = needle_;
    return highest;
}

} // namespace overbias::dsp
