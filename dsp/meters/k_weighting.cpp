// SPDX-License-Identifier: Apache-2.0
#include "dsp/meters/k_weighting.hpp"

#include <cmath>
#include <numbers>
#include <stdexcept>
#include <string>

namespace overbias::dsp {

namespace {

// Silence must not let the states sink into denormal numbers, which cost a hundred times as much: 300 dB below full
// scale reaches no reading.
constexpr double kNeverQuiteSilent = 1e-15;

} // namespace

KWeightingCoefficients k_weighting(double sample_rate_hz) {
    if (!(sample_rate_hz >= 8000.0 && sample_rate_hz <= 768000.0)) {
        throw std::invalid_argument("K weighting: sample rate " + std::to_string(sample_rate_hz) +
                                    " Hz: must be from 8000 to 768000");
    }
    KWeightingCoefficients c;
    {
        const double k = std::tan(std::numbers::pi * 1681.974450955533 / sample_rate_hz);
        const double q = 0.7071752369554196;
        const double high = std::pow(10.0, 3.999843853973347 / 20.0);
        const double band = std::pow(high, 0.4996667741545416);
        const double a0 = 1.0 + k / q + k * k;
        c.shelf.b0 = (high + band * k / q + k * k) / a0;
        c.shelf.b1 = 2.0 * (k * k - high) / a0;
        c.shelf.b2 = (high - band * k / q + k * k) / a0;
        c.shelf.a1 = 2.0 * (k * k - 1.0) / a0;
        c.shelf.a2 = (1.0 - k / q + k * k) / a0;
    }
    {
        const double k = std::tan(std::numbers::pi * 38.13547087602444 / sample_rate_hz);
        const double q = 0.5003270373238773;
        const double a0 = 1.0 + k / q + k * k;
        c.high_pass = {1.0, -2.0, 1.0, 2.0 * (k * k - 1.0) / a0, (1.0 - k / q + k * k) / a0};
    }
    return c;
}

KWeighting::KWeighting(double sample_rate_hz) {
    const KWeightingCoefficients c = k_weighting(sample_rate_hz);
    shelf_ = c.shelf;
    high_pass_ = c.high_pass;
}

double KWeighting::process(std::span<const float> samples) noexcept {
    return process(samples.data(), samples.size(), 1);
}

double KWeighting::process(const float* first, std::size_t count, std::size_t stride) noexcept {
    const BiquadCoefficients s = shelf_, h = high_pass_;
    double s1 = shelf_1_, s2 = shelf_2_, h1 = high_pass_1_, h2 = high_pass_2_;
    double sum = 0.0;
    for (std::size_t i = 0; i < count; ++i) {
        const double s0 = static_cast<double>(first[i * stride]) + kNeverQuiteSilent - s.a1 * s1 - s.a2 * s2;
        const double shelved = s.b0 * s0 + s.b1 * s1 + s.b2 * s2;
        s2 = s1;
        s1 = s0;
        const double h0 = shelved - h.a1 * h1 - h.a2 * h2;
        const double weighted = h0 - 2.0 * h1 + h2;
        h2 = h1;
        h1 = h0;
        sum += weighted * weighted;
    }
    if (!std::isfinite(sum)) { // a sample that was no number must not stay in the filters
        s1 = s2 = h1 = h2 = sum = 0.0;
    }
    shelf_1_ = s1, shelf_2_ = s2, high_pass_1_ = h1, high_pass_2_ = h2;
    return sum;
}

} // namespace overbias::dsp
