// SPDX-License-Identifier: Apache-2.0
// Intermodulation of two tones in a stretch of one channel. Products are amplitudes a(f), summed over their flutter
// bands with the noise beneath taken off (dsp/analysis/power_spectrum.hpp), at the sums and differences of the tones as
// found (the tape's speed moves all of them alike).
//
// Modulation distortion (low tone f1, high tone f2; SMPTE: 60 Hz and 7 kHz, 4 : 1):
//   d_m,2 = (a(f2 + f1) + a(f2 - f1)) / a(f2),  d_m,3 = (a(f2 + 2 f1) + a(f2 - 2 f1)) / a(f2)      IEC 60268-3
//   smpte = sqrt(sum of the squares of the four) / a(f2)                                          SMPTE analysers
//   A sideband's band ends half way to its neighbour: sidebands of flutter further than f1 / 2 away count elsewhere.
// Difference-frequency distortion (f1 < f2, 1 : 1; 19 and 20 kHz, on tape 10 and 11 or 14 and 15 kHz):
//   d_d,2 = a(f2 - f1) / (a(f1) + a(f2)),  d_d,3 = (a(2 f1 - f2) + a(2 f2 - f1)) / (a(f1) + a(f2)) IEC 60268-3, 14.12.8
//   A product above half the rate counts as nothing.
// Offline; allocates. Throws std::invalid_argument when the stretch is shorter than 0.5 s or a tone is not found within
// 2 % of its nominal frequency.
#pragma once

#include <span>

namespace overbias::dsp {

struct ModulationDistortion {
    double low_hz = 0, high_hz = 0; ///< as found
    double d2_percent = 0, d3_percent = 0, smpte_percent = 0;
};
[[nodiscard]] ModulationDistortion measure_modulation_distortion(std::span<const float> channel, double rate_hz,
                                                                 double low_nominal_hz, double high_nominal_hz);

struct DifferenceDistortion {
    double low_hz = 0, high_hz = 0; ///< as found
    double d2_percent = 0, d3_percent = 0;
};
[[nodiscard]] DifferenceDistortion measure_difference_distortion(std::span<const float> channel, double rate_hz,
                                                                 double low_nominal_hz, double high_nominal_hz);

} // namespace overbias::dsp
