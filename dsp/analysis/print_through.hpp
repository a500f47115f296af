// SPDX-License-Identifier: Apache-2.0
// Print-through: what a loud tone burst has printed onto the layers of tape wound next to it, heard as an echo one turn
// of the reel before it and one after.
//
// The bursts are found in the stretch: wherever the tone stands within 20 dB of its loudest for 0.1 s or more, from
// half amplitude to half amplitude. Levels are powers of the tone, in blocks of 50 ms or ten periods (Hann weighted,
// 30 Hz wide: wider than flutter makes it), over the inner 80 % of a burst and of the same place one turn earlier and
// later, means over all bursts; places outside the stretch, or within a block of a burst, are left out. The noise is
// what the same blocks hold at four frequencies around the tone's, 90 and 150 Hz off, and is taken off:
//     level = 10 log10((echo's place - noise) / burst)
// An echo that does not stand 6 dB over that noise is not told from it: it is below the noise and those 6 dB.
//
// The time of a turn is the caller's (turn_time(); or when the deck's counter gave it) or is looked for in a range: the
// place where echoes before and after, added up, stand out most. With a pack radius of 5 to 13 cm it is 0.8 to 2.1 s at
// 38.1 cm/s. A burst must be shorter than a turn. Offline; allocates.
#pragma once

#include <optional>
#include <span>
#include <vector>

namespace overbias::dsp {

/// 2 pi r / v, seconds.
[[nodiscard]] double turn_time(double pack_radius_m, double speed_m_per_s);

struct PrintThroughConfig {
    double rate_hz = 48000.0;
    double about_hz = 1000.0;                     ///< of the bursts, within 2 %
    double least_turn_s = 0.0, most_turn_s = 0.0; ///< alike: the time of a turn is known
};

struct PrintEcho {
    double level_db = 0.0;   ///< re the burst; below_noise: it is not louder than this
    double floor_db = 0.0;   ///< noise in the same band and place, re the burst
    bool below_noise = true; ///< it does not stand 6 dB over the floor
};

struct ToneBurst {
    double begin_s = 0.0, end_s = 0.0; ///< from the stretch's first sample
};

struct PrintThrough {
    double frequency_hz = 0.0; ///< as found
    double burst_dbfs = 0.0;   ///< full-scale sine 0
    std::vector<ToneBurst> bursts;
    bool turn_found = false; ///< the time of a turn was known, or an echo stands out at the place that was found
    double turn_s = 0.0;     ///< known or found, with an echo to 10 ms; else where noise was highest
    std::optional<PrintEcho> before, after; ///< empty when no burst has such a place in the stretch
};

/// Throws std::invalid_argument for a range in the wrong order, a frequency below 300 Hz or above half the rate less
/// 300 Hz, a stretch shorter than half a second, or when it holds no burst that is shorter than a turn.
[[nodiscard]] PrintThrough measure_print_through(std::span<const float> channel, const PrintThroughConfig& config);

} // namespace overbias::dsp
