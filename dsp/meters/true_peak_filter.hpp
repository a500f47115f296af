// SPDX-License-Identifier: Apache-2.0
// The interpolator of the true peak meters (ITU-R BS.1770-5 Annex 2): values half way between samples, and below 80 kHz
// also a quarter and three quarters of the way (4x below 80 kHz, 2x from there on).
//
// Each phase is the fractional delay of 24 taps whose error over 0 ... 0.44 of the sample rate is least in the mean
// square (T. I. Laakso et al., "Splitting the unit delay", IEEE Signal Processing Magazine, January 1996). With taps at
// k = -11 ... 12 around the place d between sample 0 and sample 1 that is the solution of
//     sum_j P(k - j) h_j = P(k - d),   P(x) = sin(2 pi 0.44 x) / (pi x).
// Its gain is within 0.04 dB of one up to 0.43 of the rate and falls from there (-0.6 dB at 0.45, none at half the
// rate), so that nothing reads high. What a grid of 4x may miss of a sine at a quarter of the rate is at most 0.17 dB,
// of 2x at an eighth of it the same (Annex 2: -20 log10 cos(pi f / n)).
#pragma once

#include <array>
#include <cstddef>

namespace overbias::dsp {

inline constexpr std::size_t kTruePeakPairs = 12;

/// Taps by pairs: entry k weighs sample -k (before) and sample 1 + k (after) around the place between 0 and 1.
struct TruePeakFilter {
    std::size_t oversampling = 0;                     ///< 4 or 2
    std::array<double, kTruePeakPairs> half{};        ///< half way, before and after alike
    std::array<double, kTruePeakPairs> near{}, far{}; ///< a quarter of the way: before, after; and turned over
};

/// Throws std::invalid_argument unless 8 kHz <= rate <= 768 kHz.
[[nodiscard]] TruePeakFilter true_peak_filter(double sample_rate_hz);

} // namespace overbias::dsp
