// SPDX-License-Identifier: Apache-2.0
// Weighting networks for noise, as filters at any sample rate from 44.1 kHz (32 kHz: half a dB off at the top).
//
// A, C:   IEC 61672-1: poles at 20.599 (double), 107.653, 737.862 and 12 194.217 Hz (double), A all of them and four
//         zeros at 0 Hz, C the two double ones and two zeros; 0 dB at 1 kHz.
// 468:    the network of Rec. ITU-R BS.468-4 as six poles and one zero at 0 Hz (values: endolith/waveform_analysis,
//         MIT); 0 dB at 1 kHz, +12.2 dB at 6.3 kHz. The Recommendation gives 6.3 kHz no tolerance: 0.2 dB is kept.
// 2 kHz:  the same network, unity at 2 kHz: 5.63 dB less. With an average detector it is CCIR/ARM, with an rms
//         detector "CCIR-RMS" (AES17 5.2.7).
// The digital filters follow these curves up to 20 kHz within 0.09 dB (A, C) and 0.15 dB (468) at 44.1 and 48 kHz,
// within 0.003 dB at 88.2 kHz and above; derivation in dsp/analysis/power_fit.hpp, done in the constructor.
#pragma once

#include "dsp/analysis/biquad.hpp"

#include <span>
#include <vector>

namespace overbias::dsp {

enum class Weighting { a, c, itu468, itu468_unity_at_2khz };

/// The analog curve, dB.
[[nodiscard]] double weighting_db(Weighting weighting, double frequency_hz);

/// Sections at this rate. Throws std::invalid_argument below 32 kHz.
[[nodiscard]] std::vector<BiquadCoefficients> weighting_sections(Weighting weighting, double rate_hz);

/// One channel. Thread: one. Allocates in the constructor only.
class WeightingFilter {
  public:
    WeightingFilter(Weighting weighting, double rate_hz);
    [[nodiscard]] double rt_process(double x) noexcept {
        for (Biquad& section : sections_) {
            x = section.rt_process(x);
        }
        return x;
    }
    void rt_reset() noexcept;

  private:
    std::vector<Biquad> sections_;
};

} // namespace overbias::dsp
