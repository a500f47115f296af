// SPDX-License-Identifier: Apache-2.0
// A digital filter with the magnitude of an analog one, up to the half sample rate.
//
// The bilinear transform squeezes everything up to infinity into the half sample rate and is dB out above 10 kHz. Here
// poles go over by z = e^(p / rate) (matched z), zeros at 0 Hz become zeros at z = 1, and the rest of the numerator is
// whatever makes the power response right: with A the denominator and Z the zeros at z = 1, a cosine polynomial
//     P(w) = c0 + c1 cos w + ... + cm cos m w  ~  |H(j w rate)|^2 |A(e^jw)|^2 / |Z(e^jw)|^2
// by least squares of the relative error, over the whole band, audible part first. P > 0 has m roots x = cos w off
// [-1, 1]; each gives the pair z, 1/z with z + 1/z = 2x, and the ones inside the unit circle make the minimum-phase
// numerator with |B|^2 = P (spectral factorisation, L. Fejer and F. Riesz). Pure mathematics; allocates; throws
// std::invalid_argument on a rate that is not positive, std::runtime_error when no numerator of any degree is positive.
#pragma once

#include "dsp/analysis/biquad.hpp"

#include <array>
#include <complex>
#include <vector>

namespace overbias::dsp {

struct AnalogPrototype {
    /// rad/s, left half plane; a pair is two conjugates or two real poles
    std::vector<std::array<std::complex<double>, 2>> pole_pairs;
    int zeros_at_zero = 0;
    double unity_at_hz = 1000.0; ///< |H| = 1 here
};

/// |H| of the analog filter.
[[nodiscard]] double magnitude(const AnalogPrototype& prototype, double frequency_hz);

/// Sections whose product has that magnitude; `degree`: of the fitted part of the numerator, lowered when it must be.
[[nodiscard]] std::vector<BiquadCoefficients> fit_sections(const AnalogPrototype& prototype, double rate_hz,
                                                           int degree);

} // namespace overbias::dsp
