// SPDX-License-Identifier: Apache-2.0
// Erase depth: by how much erasing lowers a tone, measured selectively, through a third octave.
//
// The band is the third octave about the tone (IEC 61260-1: edges a factor 10^(1/20) away on both sides), where a
// selective voltmeter would be tuned to it. What the band holds after erasing is what is left of the tone and noise;
// the noise is what the third octaves below and above hold, their geometric mean, which is right for noise whose
// density goes by any power of the frequency. Powers from mean spectra (dsp/analysis/power_spectrum.hpp), rms over the
// stretch:
//     left = band - floor,  depth = 10 log10(tone before / left)
// Where what is left does not stand 6 dB over the floor it is not told from it, and the depth is better than the tone
// over the floor and those 6 dB. Hum in a neighbouring band lifts the floor; hum in the band itself counts as tone
// left: measure where there is none. Offline; allocates.
#pragma once

#include <span>

namespace overbias::dsp {

struct EraseDepth {
    double frequency_hz = 0.0;         ///< of the tone before, as found
    double from_hz = 0.0, to_hz = 0.0; ///< the band
    double before_dbfs = 0.0;          ///< full-scale sine 0
    double after_dbfs = 0.0;           ///< all that the band holds after erasing
    double left_dbfs = -200.0;         ///< of the tone, noise taken off
    double floor_dbfs = -200.0;
    double depth_db = 0.0;    ///< or what it is better than
    bool better_than = false; ///< what is left does not stand 6 dB over the floor
};

/// `before`: with the tone, about_hz within 2 %; `after`: the same stretch of tape erased, at the same gain; each half
/// a second or more (five for a floor that is good to 0.3 dB at 1 kHz). Throws std::invalid_argument when they are
/// shorter, when there is no tone, or when a neighbouring band lies outside 20 Hz ... half the rate.
[[nodiscard]] EraseDepth measure_erase_depth(std::span<const float> before, std::span<const float> after,
                                             double rate_hz, double about_hz = 1000.0);

} // namespace overbias::dsp
