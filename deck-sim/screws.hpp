// SPDX-License-Identifier: Apache-2.0
// The deck's screws as what they do to the signal. All zero (bias: initial_screws) is the deck as a technician left it,
// with the small errors its settings give it. Pure data; any thread.
#pragma once

#include "deck-sim/settings.hpp"

#include <array>

namespace overbias::deck_sim {

struct TrackScrews {
    double reproduce_level_db = 0;
    /// The reproduce equaliser's high-frequency time constant t2 against the standard's: far above 1 / (2 pi t2) the
    /// output rises by this; at 10 kHz (IEC1, 15 ips) 0.84 of it for small changes.
    double reproduce_high_db = 0;
    double reproduce_low_db = 0; ///< shelf below 100 Hz: at 0 Hz all of it
    double record_level_db = 0;
    double record_high_db = 0; ///< shelf above 8 kHz at 15 ips, in proportion to speed
    double record_low_db = 0;  ///< shelf below 60 Hz
    double bias_ma = 0;        ///< record current
    [[nodiscard]] bool operator==(const TrackScrews&) const = default;
};

struct Screws {
    std::array<TrackScrews, 2> tracks{};
    /// How far each head leans; positive: the right track's gap stands further toward tape that has yet to come.
    double reproduce_azimuth_rad = 0;
    double record_azimuth_rad = 0;
    double speed_trim = 0; ///< of the capstan, as a share of its speed
    [[nodiscard]] bool operator==(const Screws&) const = default;
};

/// As the settings say, and off by random amounts where they say that.
[[nodiscard]] Screws initial_screws(const Settings& settings);

/// How far a misaligned deck is off, either way, evenly spread. Working figures: a deck that somebody has turned at.
inline constexpr double kLevelOff_db = 3.0, kHighOff_db = 3.0, kLowOff_db = 2.0, kBiasOff_db = 3.0;
inline constexpr double kAzimuthOff_rad = 3e-3;
inline constexpr double kSpeedOff = 2e-3;

} // namespace overbias::deck_sim
