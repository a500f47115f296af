// SPDX-License-Identifier: Apache-2.0
// Harmonic distortion of a tone in a stretch of one channel, and its total distortion and noise.
//
// a_n: amplitude of the n-th harmonic, rms over the stretch. Tape flutters, and each harmonic is spread into sidebands
// n times as wide as the carrier's: power is summed over +- n f0 * flutter_width around each (0.9 %: three times a
// flutter of 0.3 %), noise beneath taken off (dsp/analysis/power_spectrum.hpp).
//   THD_F = sqrt(sum n>=2 a_n^2) / a_1
//   THD_R = sqrt(sum n>=2 a_n^2) / sqrt(sum n>=1 a_n^2)            IEC 60268-3, 14.12.3.2
//   third = a_3 / a_1                                              what MOL is defined by: 3 %
//   THD+N = rms behind a notch at the tone / rms in front of it    AES17-2015, 6.3.1; notch of Q 2 (1.2 to 3 is
//           allowed), both within 20 Hz to 20 kHz (dsp/analysis/aes17_band.hpp). It counts the bias noise of tape: for
//           MOL use the third harmonic.
// Harmonics count up to the tenth and up to 20 kHz (or 0.47 of the rate, where that is less).
// Offline; allocates. Throws std::invalid_argument when the stretch is shorter than 0.2 s, the rate below 42 kHz, or no
// tone from 20 Hz up is found.
#pragma once

#include <span>
#include <vector>

namespace overbias::dsp {

struct DistortionConfig {
    double fundamental_hz = 0;    ///< about (1 %); 0: the strongest tone
    double flutter_width = 0.009; ///< half width of a harmonic's band, share of its frequency
    int highest_harmonic = 10;
};

struct Distortion {
    double fundamental_hz = 0;
    double fundamental_dbfs = 0;          ///< of the sine, full-scale sine 0
    std::vector<double> harmonic_percent; ///< a_n / a_1, n = 2, 3, ...; as many as the band holds
    double thd_f_percent = 0, thd_r_percent = 0;
    double thd_n_percent = 0;
    /// What the noise in the third harmonic's band amounts to, as a share of the fundamental: a third harmonic well
    /// below this is a guess.
    double third_noise_percent = 0;

    /// a_3 / a_1 in percent; not a number when the band does not hold a third harmonic.
    [[nodiscard]] double third_percent() const noexcept;
};

[[nodiscard]] Distortion measure_distortion(std::span<const float> channel, double rate_hz,
                                            const DistortionConfig& config = {});

/// THD+N alone, at a known fundamental, percent.
[[nodiscard]] double measure_thd_n_percent(std::span<const float> channel, double rate_hz, double fundamental_hz);

} // namespace overbias::dsp
