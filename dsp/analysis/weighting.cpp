// SPDX-License-Identifier: Apache-2.0
#include "dsp/analysis/weighting.hpp"

#include "dsp/analysis/power_fit.hpp"

#include <cmath>
#include <numbers>
#include <stdexcept>
#include <string>

namespace overbias::dsp {

namespace {

constexpr double kLeastRate_hz = 32000.0;
constexpr int kDegree = 6;

AnalogPrototype prototype(Weighting weighting) {
    const auto pole = [](double hz) { return std::complex<double>(-2.0 * std::numbers::pi * hz); };
    constexpr double kF1_hz = 20.598997057618316, kF2_hz = 107.65264864304629, kF3_hz = 737.8622307362901,
                     kF4_hz = 12194.217147998012;
    switch (weighting) {
    case Weighting::a:
        return {{{pole(kF1_hz), pole(kF1_hz)}, {pole(kF2_hz), pole(kF3_hz)}, {pole(kF4_hz), pole(kF4_hz)}}, 4, 1000.0};
    case Weighting::c:
        return {{{pole(kF1_hz), pole(kF1_hz)}, {pole(kF4_hz), pole(kF4_hz)}}, 2, 1000.0};
    case Weighting::itu468:
    case Weighting::itu468_unity_at_2khz:
        break;
    }
    const std::complex<double> first(-23615.53521363528, 36379.90893732929);
    const std::complex<double> second(-18743.74669072136, 62460.15645250649);
    return {{{-25903.70104781628, -62675.1700584679}, {first, std::conj(first)}, {second, std::conj(second)}},
            1,
            weighting == Weighting::itu468 ? 1000.0 : 2000.0};
}

} // namespace

double weighting_db(Weighting weighting, double frequency_hz) {
    return 20.0 * std::log10(magnitude(prototype(weighting), frequency_hz));
}

std::vector<BiquadCoefficients> weighting_sections(Weighting weighting, double rate_hz) {
    if (!(rate_hz >= kLeastRate_hz)) {
        throw std::invalid_argument("weighting network: sample rate " + std::to_string(rate_hz) +
                                    " Hz, expected 32 kHz or more");
    }
    return fit_sections(prototype(weighting), rate_hz, kDegree);
}

WeightingFilter::WeightingFilter(Weighting weighting, double rate_hz) {
    for (const BiquadCoefficients& section : weighting_sections(weighting, rate_hz)) {
        sections_.emplace_back(section);
    }
}

void WeightingFilter::rt_reset() noexcept {
    for (Biquad& section : sections_) {
        section.rt_reset();
    }
}

} // namespace overbias::dsp
