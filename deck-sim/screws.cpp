// SPDX-License-Identifier: Apache-2.0
#include "deck-sim/screws.hpp"

#include "base/units.hpp"
#include "deck-sim/magnetics/curves.hpp"
#include "deck-sim/magnetics/noise.hpp"

#include <cstddef>

namespace overbias::deck_sim {

Screws initial_screws(const Settings& settings) {
    Screws screws;
    const double bias_db = magnetics::bias_from_overbias_db(settings.bias_db_over_peak, settings.bias_slope);
    for (std::size_t c = 0; c < 2; ++c) {
        screws.tracks[c].bias_ma = settings.bias_peak_ma[c] * amplitude_from_db(bias_db);
    }
    screws.reproduce_azimuth_rad = settings.azimuth_error_rad;
    if (settings.misaligned == 0) {
        return screws;
    }
    magnetics::Random random(settings.misaligned * 11 + 5);
    const auto off = [&random](double most) { return most * (2.0 * random.uniform() - 1.0); };
    for (TrackScrews& track : screws.tracks) {
        track.reproduce_level_db += off(kLevelOff_db);
        track.reproduce_high_db += off(kHighOff_db);
        track.reproduce_low_db += off(kLowOff_db);
        track.record_level_db += off(kLevelOff_db);
        track.record_high_db += off(kHighOff_db);
        track.record_low_db += off(kLowOff_db);
        track.bias_ma *= amplitude_from_db(off(kBiasOff_db));
    }
    screws.reproduce_azimuth_rad += off(kAzimuthOff_rad);
    screws.record_azimuth_rad += off(kAzimuthOff_rad);
    screws.speed_trim += off(kSpeedOff);
    return screws;
}

} // namespace overbias::deck_sim
