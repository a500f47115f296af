// SPDX-License-Identifier: Apache-2.0
// Noise of a stretch of one channel, by every weighting and detector in use. All in dBFS with a full-scale sine at 0
// (1 kHz for the weighted ones, 2 kHz for CCIR/ARM); the caller puts the reference of the house beneath.
//
// Direct current is taken off first.
// rms:       everything in the file; rms detector.
// band:      20 Hz to 20 kHz (AES17 filters, dsp/analysis/aes17_band.hpp); rms detector.
// a, c:      IEC 61672-1 weightings; rms detector.
// itu468:    Rec. ITU-R BS.468-4 network and quasi-peak detector, mean of the needle over the stretch (what an eye
//            makes of a moving needle); itu468_highest: its highest point.
// ccir_arm:  468 network at unity for 2 kHz, average detector that reads the rms of a sine.
//
// The stretch is run through backwards first (a second at most), so that filters and needle stand where steady noise
// would hold them and no edge is heard. Offline; allocates. Throws std::invalid_argument when the stretch is shorter
// than 50 ms or the rate below 42 kHz.
#pragma once

#include <span>
#include <vector>

namespace overbias::dsp {

struct NoiseLevels {
    double rms_dbfs = 0, band_dbfs = 0, a_dbfs = 0, c_dbfs = 0;
    double itu468_dbfs = 0, itu468_highest_dbfs = 0; ///< quasi-peak
    double ccir_arm_dbfs = 0;
};

/// -200 dBFS where nothing is.
[[nodiscard]] NoiseLevels measure_noise(std::span<const float> channel, double rate_hz);

/// Each channel of interleaved frames.
[[nodiscard]] std::vector<NoiseLevels> measure_noise(std::span<const float> interleaved, std::size_t channels,
                                                     double rate_hz);

} // namespace overbias::dsp
