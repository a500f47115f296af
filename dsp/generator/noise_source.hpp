// SPDX-License-Identifier: Apache-2.0
// White and pink noise from a seed: the same seed gives the same samples on every machine.
//
// White: the upper 53 bits of SplitMix64 (S. Vigna, public domain; G. Steele et al., 2014), evenly distributed, so that
// the peak is sqrt(3) of the rms. Pink: that through first-order pole-zero pairs half a decade apart, poles p =
// 10^(k/2) Hz from 1 Hz up, each zero a quarter decade above its pole, which together fall by 10 dB a decade with a
// ripple of 0.2 dB; both by z = e^(-2 pi f / rate). What the sampling bends near half the rate is made good by one more
// zero, placed for the least error from 8 to 20 kHz. Within 0.3 dB of -3.01 dB an octave from 20 Hz to 20 kHz (0.45 of
// lower rates).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace overbias::dsp {

class NoiseSource {
  public:
    NoiseSource(double rate_hz, std::uint64_t seed);
    void rt_reset() noexcept; ///< to the seed
    /// Rms 1.
    double rt_white() noexcept;
    double rt_pink() noexcept;

  private:
    static constexpr std::size_t kPairs = 9;
    struct Pair {
        double zero = 0.0, pole = 0.0, state = 0.0;
    };
    [[nodiscard]] double unscaled_pink(double white) noexcept;

    std::uint64_t seed_, state_;
    std::array<Pair, kPairs> pairs_{};
    std::size_t used_ = 0;
    double correction_ = 0.0, last_ = 0.0, scale_ = 1.0;
};

} // namespace overbias::dsp
