// SPDX-License-Identifier: Apache-2.0
#include "deck-sim/magnetics/noise.hpp"

#include <cmath>
#include <numbers>

namespace overbias::deck_sim::magnetics {

Noise::Noise(std::uint64_t seed) : random_(seed), table_(65536) {
    for (std::size_t i = 0; i < table_.size(); i += 2) { // Box and Muller
        const double radius = std::sqrt(-2.0 * std::log(1.0 - random_.uniform()));
        const double angle = 2.0 * std::numbers::pi * random_.uniform();
        table_[i] = static_cast<float>(radius * std::cos(angle));
        table_[i + 1] = static_cast<float>(radius * std::sin(angle));
    }
}

} // namespace overbias::deck_sim::magnetics
