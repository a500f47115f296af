// SPDX-License-Identifier: Apache-2.0
// What turns while a deck plays, and how often: so that a line of the flutter's spectrum gets the name of its part.
//   a part of circumference c that the tape drives or is driven by: f = v / c   (profile: [[rotating_part]])
//   a reel with a pack of radius r:                                 f = v / (2 pi r)
// r is what the reels' own tachs measure, else follows from the tape on it by the counter
// (transport/position/reels.hpp). Source: geometry. What is not known is not in the list, and its line stays without a
// name. Pure.
#pragma once

#include "controller/analysers/analyser_flutter.hpp"
#include "tape/deck_profile.hpp"
#include "transport/position/reels.hpp"

#include <optional>
#include <vector>

namespace overbias::controller {

struct TapeOnReels {
    transport::ReelGeometry geometry;
    double place_m = 0.0; ///< of the counter, from the tape's beginning
};

/// `speed_m_s`: of the tape, above 0. `report`: what the reels tell by themselves, null where nothing measures them.
[[nodiscard]] std::vector<TurningPart> turning_parts(const tape::DeckProfile& profile, double speed_m_s,
                                                     const std::optional<TapeOnReels>& tape,
                                                     const transport::ReelReport* report);

} // namespace overbias::controller
