// SPDX-License-Identifier: Apache-2.0
// Where a drop-out can be asked to be found: the test's own measurement of the programme above 3 kHz against the
// modelled tape's noise there.
#pragma once

#include "comparison_tape_model.hpp"

#include <cstddef>
#include <vector>

namespace comparison_test {

struct Hole {
    std::size_t track = 0;
    double at_s = 0.0; ///< in its track
    double length_ms = 20.0;
    double depth_db = 20.0; ///< flat; spacing: at 10 kHz, a raised cosine
    int channel = 0;        ///< 2: both
    bool spacing = false;
    double room_db = 0.0; ///< least programme over noise, both above 3 kHz, in any millisecond of it

    [[nodiscard]] bool on(int which) const noexcept { return channel == 2 || channel == which; }
    /// The leading edge: where it begins, or is half down in decibels.
    [[nodiscard]] double edge_s() const noexcept { return at_s + (spacing ? 0.25e-3 * length_ms : 0.0); }
};

enum class Drive {
    Clean, ///< within half a second of the hole no peak, record emphasis (35 us) included, is 10 dB over operating
           ///< level's: there a tape makes 3 % third harmonic
    Hot    ///< there is one
};

/// Half of them flat, half spacing; 1 to 50 ms, 3 to 30 dB, at least 25 dB ms, each of these evenly in its logarithm;
/// on any track, at any place, on either channel or both, where every millisecond of them qualifies by 20 dB.
[[nodiscard]] std::vector<Hole> random_holes(const DeckModel& deck, const std::vector<const Stereo*>& tracks,
                                             std::size_t count, unsigned seed, Drive drive = Drive::Clean);

} // namespace comparison_test
