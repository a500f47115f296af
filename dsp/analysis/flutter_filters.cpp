// SPDX-License-Identifier: Apache-2.0
#include "dsp/analysis/flutter_filters.hpp"

#include <cmath>
#include <numbers>
#include <stdexcept>
#include <string>

namespace overbias::dsp {
namespace {

constexpr double kHighPass1_hz = 1.697178;
constexpr double kHighPass2_hz = 0.433224, kHighPass2_q = 0.681107;
constexpr double kLowPass_hz = 6.049238;
/// zero and pole
constexpr std::array<std::array<double, 2>, 3> kPairs{
    {{10.537819, 19.569680}, {52.784153, 89.473041}, {52.784157, 33.412582}}};
constexpr double kMatched_hz = 200.0;
constexpr double kNone = 1e30; // a zero so far up that there is none
constexpr double kLow_hz = 0.3, kSplit_hz = 6.0, kHigh_hz = 200.0;

/// (b0 + b1 z^-1) / (1 + a1 z^-1)
struct FirstOrder {
    double b0, b1, a1;
};

BiquadCoefficients product(const FirstOrder& x, const FirstOrder& y) {
    return {x.b0 * y.b0, x.b0 * y.b1 + x.b1 * y.b0, x.b1 * y.b1, x.a1 + y.a1, x.a1 * y.a1};
}

/// (1 + s / zero) / (1 + s / pole) as the header says.
FirstOrder corner(double zero_hz, double pole_hz, double rate_hz) {
    const double r = std::exp(-2.0 * std::numbers::pi * pole_hz / rate_hz);
    const double c = std::cos(2.0 * std::numbers::pi * kMatched_hz / rate_hz);
    const double up = kMatched_hz / zero_hz, down = kMatched_hz / pole_hz;
    const double wanted = (1.0 + up * up) / (1.0 + down * down); // |H|^2
    // |1 - q e^-jw|^2 / (1 - q)^2 = t: a quadratic whose roots are each other's inverse; the one inside the circle
    const double t = wanted * (1.0 - 2.0 * r * c + r * r) / ((1.0 - r) * (1.0 - r));
    const double half = (t - c) / (t - 1.0);
    double q = half - std::copysign(std::sqrt(std::max(0.0, half * half - 1.0)), half);
    if (!std::isfinite(q)) {
        q = 0.0;
    }
    const double gain = (1.0 - r) / (1.0 - q);
    return {gain, -gain * q, -r};
}

FirstOrder first_order_high_pass(double pole_hz, double rate_hz) {
    const double w = std::tan(std::numbers::pi * pole_hz / rate_hz);
    return {1.0 / (1.0 + w), -1.0 / (1.0 + w), (w - 1.0) / (w + 1.0)};
}

std::vector<BiquadCoefficients> weighting(double rate_hz) {
    std::vector<BiquadCoefficients> sections{
        high_pass(kHighPass2_hz, kHighPass2_q, rate_hz),
        product(first_order_high_pass(kHighPass1_hz, rate_hz), corner(kNone, kLowPass_hz, rate_hz)),
        product(corner(kPairs[0][0], kPairs[0][1], rate_hz), corner(kPairs[1][0], kPairs[1][1], rate_hz)),
        product(corner(kPairs[2][0], kPairs[2][1], rate_hz), {1.0, 0.0, 0.0})};
    double gain = 1.0;
    for (const auto& section : sections) {
        gain *= magnitude(section, 4.0, rate_hz);
    }
    for (double* b : {&sections[1].b0, &sections[1].b1, &sections[1].b2}) {
        *b /= gain;
    }
    return sections;
}

} // namespace

std::vector<BiquadCoefficients> flutter_band_sections(FlutterBand band, double rate_hz) {
    if (!(rate_hz >= 1000.0)) {
        throw std::invalid_argument("flutter filters: expected a deviation rate of 1000 Hz or more, got " +
                                    std::to_string(rate_hz));
    }
    if (band == kWeighted) {
        return weighting(rate_hz);
    }
    auto sections =
        band == kFlutter ? butterworth_high_pass(4, kSplit_hz, rate_hz) : butterworth_high_pass(2, kLow_hz, rate_hz);
    const auto upper = butterworth_low_pass(4, band == kWow ? kSplit_hz : kHigh_hz, rate_hz);
    sections.insert(sections.end(), upper.begin(), upper.end());
    return sections;
}

FlutterFilters::FlutterFilters(double rate_hz) {
    for (unsigned band = 0; band < kFlutterBands; ++band) {
        auto cascade = flutter_band_sections(static_cast<FlutterBand>(band), rate_hz);
        cascade.resize(kSections);
        for (std::size_t s = 0; s < kSections; ++s) {
            Section& section = sections_[s];
            section.b0[band / 2][band % 2] = cascade[s].b0;
            section.b1[band / 2][band % 2] = cascade[s].b1;
            section.b2[band / 2][band % 2] = cascade[s].b2;
            section.a1[band / 2][band % 2] = cascade[s].a1;
            section.a2[band / 2][band % 2] = cascade[s].a2;
        }
    }
}

void FlutterFilters::rt_reset() noexcept {
    s1_ = {};
    s2_ = {};
}

std::array<float, kFlutterBands> FlutterFilters::rt_process(double deviation) noexcept {
    floor_ = -floor_;
    const double x = deviation + floor_;
    Lanes y{Pair{x, x}, Pair{x, x}};
    for (std::size_t s = 0; s < kSections; ++s) {
        const Section& c = sections_[s];
        for (std::size_t h = 0; h < 2; ++h) {
            const Pair z = c.b0[h] * y[h] + s1_[s][h];
            s1_[s][h] = c.b1[h] * y[h] - c.a1[h] * z + s2_[s][h];
            s2_[s][h] = c.b2[h] * y[h] - c.a2[h] * z;
            y[h] = z;
        }
    }
    return {static_cast<float>(y[0][0]), static_cast<float>(y[0][1]), static_cast<float>(y[1][0]),
            static_cast<float>(y[1][1])};
}

} // namespace overbias::dsp
