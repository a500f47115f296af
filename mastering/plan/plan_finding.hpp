// SPDX-License-Identifier: Apache-2.0
// One thing that is said of a plan before anything moves. Plain data.
#pragma once

#include <optional>
#include <string>

namespace overbias::mastering {

/// One thing said of a plan. `kind` is a fixed word; a refusal's word is in docs/printing-a-reel.md.
struct PlanFinding {
    std::string kind{};
    std::string side{};                   ///< its name; empty: the whole plan
    int track = -1;                       ///< of the side, from 0; -1: not one track
    std::optional<double> at_s{}, to_s{}; ///< programme time of the track
    std::optional<double> db{};           ///< by how much
    std::string basis{};                  ///< what it is held against, and where that figure is from
    std::string words{};                  ///< for people: what, expected, came, what to do
};

} // namespace overbias::mastering
