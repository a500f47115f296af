// SPDX-License-Identifier: Apache-2.0
// Crosstalk: how much of a tone recorded in one channel is heard in another one.
//
// Both channels' power in one narrow band about the tone, rms over the stretch, noise beneath taken off
// (dsp/analysis/power_spectrum.hpp). Flutter spreads the tone and its leak alike; the band is as wide as it must be to
// hold all but 0.02 % of the tone (0.001 dB) and at most 0.9 % of its frequency to either side, so that a steady deck
// is measured with less noise. Where the leak does not stand 6 dB over the noise in that band it is not told from it,
// and the separation is better than the tone over the noise and those 6 dB. One direction; for the other, the channel
// that carries the tone and the one that listens change places. Offline; allocates.
#pragma once

#include <span>

namespace overbias::dsp {

struct Crosstalk {
    double frequency_hz = 0.0;  ///< of the tone, as found
    double tone_dbfs = 0.0;     ///< in the channel that carries it
    double leak_dbfs = -200.0;  ///< in the other one
    double floor_dbfs = -200.0; ///< noise in the same band there
    double half_band_hz = 0.0;  ///< the band reaches so far to either side of the tone
    double separation_db = 0.0; ///< tone over leak, or what it is better than
    bool better_than = false;   ///< the leak does not stand 6 dB over the noise
};

/// `about_hz`: of the tone, within 2 %; 0: the strongest. Throws std::invalid_argument when the stretches are not of
/// one length, are shorter than half a second, or no tone from 20 Hz up stands 20 dB over the noise about it.
[[nodiscard]] Crosstalk measure_crosstalk(std::span<const float> carries_tone, std::span<const float> listens,
                                          double rate_hz, double about_hz = 0.0);

} // namespace overbias::dsp
