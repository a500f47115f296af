// SPDX-License-Identifier: Apache-2.0
// Second-order sections: H(z) = (b0 + b1 z^-1 + b2 z^-2) / (1 + a1 z^-1 + a2 z^-2).
// Source of the designs: R. Bristow-Johnson, "Cookbook formulae for audio EQ biquad filter coefficients" (bilinear
// transform with the corner frequency kept); Butterworth orders by sections of Q = 1 / (2 cos(theta)), theta the angle
// of the pole pair.
#pragma once

#include <vector>

namespace overbias::dsp {

struct BiquadCoefficients {
    double b0 = 1.0, b1 = 0.0, b2 = 0.0, a1 = 0.0, a2 = 0.0;
};

/// Corner in Hz, between 0 and half the rate (a corner at or above 0.499 rate is taken as 0.499 rate).
[[nodiscard]] BiquadCoefficients low_pass(double corner_hz, double q, double rate_hz);
[[nodiscard]] BiquadCoefficients high_pass(double corner_hz, double q, double rate_hz);
/// Constant 0 dB at the centre.
[[nodiscard]] BiquadCoefficients band_pass(double centre_hz, double q, double rate_hz);
/// Nothing at the centre, 0 dB far from it; -3 dB points centre / q apart.
[[nodiscard]] BiquadCoefficients notch(double centre_hz, double q, double rate_hz);

/// Butterworth of an even order: -3.01 dB at the corner, 6 dB an octave and order beyond it.
[[nodiscard]] std::vector<BiquadCoefficients> butterworth_low_pass(int order, double corner_hz, double rate_hz);
[[nodiscard]] std::vector<BiquadCoefficients> butterworth_high_pass(int order, double corner_hz, double rate_hz);

/// |H| at a frequency.
[[nodiscard]] double magnitude(const BiquadCoefficients& section, double frequency_hz, double rate_hz);

/// One section, transposed direct form II, double state.
class Biquad {
  public:
    explicit Biquad(BiquadCoefficients c = {}) noexcept : c_(c) {}
    [[nodiscard]] double rt_process(double x) noexcept {
        const double y = c_.b0 * x + s1_;
        s1_ = c_.b1 * x - c_.a1 * y + s2_;
        s2_ = c_.b2 * x - c_.a2 * y;
        return y;
    }
    void rt_reset() noexcept { s1_ = s2_ = 0.0; }

  private:
    BiquadCoefficients c_;
    double s1_ = 0.0, s2_ = 0.0;
};

} // namespace overbias::dsp
