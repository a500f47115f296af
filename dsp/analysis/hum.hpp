// SPDX-License-Identifier: Apache-2.0
// Hum: lines at the mains frequency, 50 or 60 Hz, and its multiples up to 1 kHz, in a stretch of one channel that holds
// no programme (a tone at a multiple of the mains frequency cannot be told from hum).
//
// Each family's fundamental is looked for within 1 % (mains, and tape speed), as the one whose multiples stand out
// most. A line is one that stands 10 dB (one segment: 16 dB) or more over the median of its surroundings; a family is
// there when one of its first three lines is; a line of both families (300, 600, 900 Hz) goes to the stronger one.
// Levels are dBFS of the sine (full-scale sine 0), noise beneath taken off; the sum adds powers. No standard. Offline;
// allocates.
#pragma once

#include <span>
#include <string>
#include <vector>

namespace overbias::dsp {

struct HumLine {
    int mains_hz = 0; ///< 50 or 60
    int multiple = 0;
    double frequency_hz = 0; ///< as found
    double level_dbfs = 0;
    [[nodiscard]] std::string name() const; ///< "150 Hz (3 x 50 Hz)", nominal
};

struct Hum {
    std::vector<HumLine> lines; ///< by frequency
    double sum_dbfs = -200.0;   ///< of all lines
};

/// Best with four seconds or more; throws std::invalid_argument when the stretch is shorter than half a second.
[[nodiscard]] Hum find_hum(std::span<const float> channel, double rate_hz);

} // namespace overbias::dsp
