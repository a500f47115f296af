// SPDX-License-Identifier: Apache-2.0
#include "dsp/analysis/biquad.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>
#include <stdexcept>
#include <string>

namespace overbias::dsp {
namespace {

struct Prototype {
    double cosine, alpha;
};

Prototype prototype(double corner_hz, double q, double rate_hz) {
    const double w = 2.0 * std::numbers::pi * std::min(corner_hz / rate_hz, 0.499);
    return {std::cos(w), std::sin(w) / (2.0 * q)};
}

BiquadCoefficients normalised(double b0, double b1, double b2, double a0, double a1, double a2) {
    return {b0 / a0, b1 / a0, b2 / a0, a1 / a0, a2 / a0};
}

template <typename Design>
std::vector<BiquadCoefficients> butterworth(int order, double corner_hz, double rate_hz, Design design) {
    if (order < 2 || order % 2 != 0) {
        throw std::invalid_argument("Butterworth filter: expected an even order of 2 or more, got " +
                                    std::to_string(order));
    }
    std::vector<BiquadCoefficients> sections;
    for (int k = 0; k < order / 2; ++k) {
        const double angle = std::numbers::pi * (2.0 * k + 1.0) / (2.0 * order);
        sections.push_back(design(corner_hz, 1.0 / (2.0 * std::cos(angle)), rate_hz));
    }
    return sections;
}

} // namespace

BiquadCoefficients low_pass(double corner_hz, double q, double rate_hz) {
    const auto [c, alpha] = prototype(corner_hz, q, rate_hz);
    return normalised((1.0 - c) / 2.0, 1.0 - c, (1.0 - c) / 2.0, 1.0 + alpha, -2.0 * c, 1.0 - alpha);
}

BiquadCoefficients high_pass(double corner_hz, double q, double rate_hz) {
    const auto [c, alpha] = prototype(corner_hz, q, rate_hz);
    return normalised((1.0 + c) / 2.0, -(1.0 + c), (1.0 + c) / 2.0, 1.0 + alpha, -2.0 * c, 1.0 - alpha);
}

BiquadCoefficients band_pass(double centre_hz, double q, double rate_hz) {
    const auto [c, alpha] = prototype(centre_hz, q, rate_hz);
    return normalised(alpha, 0.0, -alpha, 1.0 + alpha, -2.0 * c, 1.0 - alpha);
}

BiquadCoefficients notch(double centre_hz, double q, double rate_hz) {
    const auto [c, alpha] = prototype(centre_hz, q, rate_hz);
    return normalised(1.0, -2.0 * c, 1.0, 1.0 + alpha, -2.0 * c, 1.0 - alpha);
}

std::vector<BiquadCoefficients> butterworth_low_pass(int order, double corner_hz, double rate_hz) {
    return butterworth(order, corner_hz, rate_hz, low_pass);
}

std::vector<BiquadCoefficients> butterworth_high_pass(int order, double corner_hz, double rate_hz) {
    return butterworth(order, corner_hz, rate_hz, high_pass);
}

double magnitude(const BiquadCoefficients& s, double frequency_hz, double rate_hz) {
    const std::complex<double> z = std::polar(1.0, -2.0 * std::numbers::pi * frequency_hz / rate_hz);
    return std::abs((s.b0 + z * (s.b1 + z * s.b2)) / (1.0 + z * (s.a1 + z * s.a2)));
}

} // namespace overbias::dsp
