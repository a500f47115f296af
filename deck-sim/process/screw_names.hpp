// SPDX-License-Identifier: Apache-2.0
// The screws by the names that the control socket knows them by.
#pragma once

#include "deck-sim/screw_positions.hpp"

#include <array>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>

namespace overbias::deck_sim {

/// In the order of Screw.
inline constexpr std::array<std::string_view, kScrews> kScrewNames{
    "reproduce_level", "reproduce_high", "reproduce_low",     "record_level",   "record_high",
    "record_low",      "bias",           "reproduce_azimuth", "record_azimuth", "speed"};

/// Throws std::invalid_argument when there is none of that name.
[[nodiscard]] inline Screw screw_named(std::string_view name) {
    std::string names;
    for (std::size_t i = 0; i < kScrewNames.size(); ++i) {
        if (kScrewNames[i] == name) {
            return static_cast<Screw>(i);
        }
        names.append(names.empty() ? "" : ", ").append(kScrewNames[i]);
    }
    throw std::invalid_argument("expected 'screw': one of " + names + ", came '" + std::string(name) + "'");
}

} // namespace overbias::deck_sim
