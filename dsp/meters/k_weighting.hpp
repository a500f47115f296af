// SPDX-License-Identifier: Apache-2.0
// K weighting, ITU-R BS.1770-5 Annex 1: a high shelf (the head) and a high-pass (RLB), at any sample rate.
//
// The Recommendation prints the coefficients for 48 kHz and asks for the same response at other rates. Both sections
// are taken back to their analog corners and brought to the rate by the bilinear transform with K = tan(pi f / rate):
//     shelf:     f = 1681.974450955533 Hz, G = 3.999843853973347 dB, Q = 0.7071752369554196
//     high-pass: f = 38.13547087602444 Hz, Q = 0.5003270373238773, numerator 1, -2, 1 at every rate
// At 48 kHz that is the printed table to 1e-12.
#pragma once

#include "dsp/analysis/biquad.hpp"

#include <span>

namespace overbias::dsp {

struct KWeightingCoefficients {
    BiquadCoefficients shelf, high_pass;
};

/// Throws std::invalid_argument unless 8 kHz <= rate <= 768 kHz.
[[nodiscard]] KWeightingCoefficients k_weighting(double sample_rate_hz);

/// One channel through the weighting. Thread: one; no allocation.
class KWeighting {
  public:
    explicit KWeighting(double sample_rate_hz);
    /// Weighted samples are squared and added up; returns that sum.
    [[nodiscard]] double process(std::span<const float> samples) noexcept;
    /// Every `stride`th sample from `first` on, `count` of them: one channel of interleaved frames.
    [[nodiscard]] double process(const float* first, std::size_t count, std::size_t stride) noexcept;

  private:
    BiquadCoefficients shelf_, high_pass_;
    double shelf_1_ = 0, shelf_2_ = 0, high_pass_1_ = 0, high_pass_2_ = 0; ///< direct form II: w[n-1], w[n-2]
};

} // namespace overbias::dsp
