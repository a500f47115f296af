// SPDX-License-Identifier: Apache-2.0
// The flutter demodulator's inner loops, on whatever vector unit there is: the decimating filter of real samples
// with complex coefficients, and the phase advance between its outputs.
#pragma once

#include <cstddef>

namespace overbias::dsp {

/// What the count of coefficients must be a multiple of.
inline constexpr std::size_t kFmFilterStep = 8;
inline constexpr std::size_t kFmArctangentTerms = 8;

/// re[m] + j im[m] = sum over k < taps of samples[m step + k] (real[k] + j imaginary[k]), m < outputs. Reads
/// (outputs - 1) step + taps samples.
void fm_filter(const float* samples, std::size_t step, const float* real, const float* imaginary, std::size_t taps,
               float* re, float* im, std::size_t outputs) noexcept;

/// Size of each of count + 1 complex values and the angle from each to the next, less that of `turn`, in units of 1 /
/// scale radians:  deviation[m] = scale arg(z[m + 1] conj(z[m]) conj(turn)),  size[m] = |z[m + 1]|. The arctangent is
/// that of half the angle, t = im / (|z| + re), by its Chebyshev series
///   atan(t) = 2 sum (-1)^n q^(2n+1) / (2n+1) T[2n+1](t),  q = sqrt(2) - 1,  |t| <= 1, and of 1 / t beyond;
/// eight terms leave 4e-8 rad.
struct FmTurn {
    float re = 1.0F, im = 0.0F;
};
void fm_advance(const float* re, const float* im, std::size_t count, FmTurn turn, float scale, float* deviation,
                float* size) noexcept;

/// Sum of squares.
[[nodiscard]] float fm_power(const float* samples, std::size_t count) noexcept;

} // namespace overbias::dsp
