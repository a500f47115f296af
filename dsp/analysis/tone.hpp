// SPDX-License-Identifier: Apache-2.0
// One steady tone in a stretch of samples: frequency, level, phase.
//
// Least squares for a cosine at a given frequency (a Goertzel sum where the stretch holds whole periods), the frequency
// itself from the phase advance between the halves of the stretch and then the slope of the phase over all of it. In
// white noise its error is 1.1 times the Cramer-Rao bound, var w >= 24 s^2 / (A^2 N^3) (rad a sample; noise of variance
// s^2; Rife and Boorstyn, 1974). Frequencies are in cycles a sample, so that the caller chooses the clock.
#pragma once

#include <complex>
#include <span>

namespace overbias::dsp {

struct Tone {
    double cycles_per_sample = 0.0;
    double amplitude = 0.0; ///< peak
    double phase_rad = 0.0; ///< of the cosine at the middle of the stretch, sample index (size - 1) / 2
    double share = 0.0;     ///< of the stretch's power that is this tone, 0 ... 1
};

/// Complex amplitude A e^(j phase) of the cosine at this frequency, phase at the middle of the stretch; Hann weighted.
[[nodiscard]] std::complex<double> tone_at(std::span<const float> samples, double cycles_per_sample);

/// The tone nearest to a first guess. The guess must be within 1 / size of the truth.
[[nodiscard]] Tone refine_tone(std::span<const float> samples, double guess_cycles_per_sample);

/// The strongest tone: FFT peak, then refine_tone(). Power below 20 Hz at 48 kHz (size / 2400 bins) is left out.
[[nodiscard]] Tone strongest_tone(std::span<const float> samples);

} // namespace overbias::dsp
