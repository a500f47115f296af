// SPDX-License-Identifier: Apache-2.0
// ThirdOctavePeaks: how loud a stereo programme gets in each third octave from 50 Hz to 16 kHz, for moments of 10 ms:
// what a tape is driven to.
//
// Bands: Butterworth of sixth order, edges f 10^(-1/20) and f 10^(1/20), centres 1000 * 10^(n/10) Hz (IEC 61260-1; the
// band-pass of the third-order prototype by s -> (s^2 + w0^2) / (B s) and the bilinear transform with both edges kept).
// Level: mean square of the last 10 ms, times two, so that a steady sine of amplitude A reads A^2; it moves on in hops
// of a quarter of that. A third octave needs about 1 / (its width) to answer, 43 ms at 100 Hz and 0.4 ms at 10 kHz: a
// burst shorter than that reads low, a burst of 10 ms from 1 kHz on within 1.5 dB. Bands below 1 kHz are filtered at
// a rate near 8 kHz.
// Thread: one. Allocates in the constructor only.
#pragma once

#include "dsp/analysis/biquad.hpp"

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace overbias::dsp {

/// The three sections of a third octave filter with 0 dB at the centre. Throws std::invalid_argument when the upper
/// edge does not lie below half the rate.
[[nodiscard]] std::array<BiquadCoefficients, 3> third_octave_filter(double centre_hz, double rate_hz);

class ThirdOctavePeaks {
  public:
    static constexpr double kLowest_hz = 50.0, kHighest_hz = 16000.0; ///< nominal
    static constexpr double kAverage_s = 0.010;

    /// Throws std::invalid_argument (rate below 44.1 kHz).
    explicit ThirdOctavePeaks(double rate_hz);
    ~ThirdOctavePeaks();

    /// Nominal centres.
    [[nodiscard]] const std::vector<double>& nominal_hz() const noexcept;
    [[nodiscard]] std::size_t hop_frames() const noexcept;

    /// One hop: 2 * hop_frames() samples, interleaved, full scale 1. Afterwards powers() are those of the 10 ms that
    /// end with it.
    void process(std::span<const float> interleaved) noexcept;
    /// Of band b and channel c at 2 * b + c; a sine of amplitude A reads A^2.
    [[nodiscard]] std::span<const float> powers() const noexcept;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace overbias::dsp
