// SPDX-License-Identifier: Apache-2.0
#include "deck-sim/mechanics/roller_counter.hpp"

#include <cmath>

namespace overbias::deck_sim {

void RollerCounter::travel(double metres, double t0_s, double t1_s) noexcept {
    if (dead_) {
        return;
    }
    const double before = turned_edges_;
    turned_edges_ += metres * edges_per_metre_;
    const auto edges = static_cast<std::int64_t>(std::floor(turned_edges_));
    if (edges != edges_) {
        // going forward the last edge passed is the count reached, going back the one above it
        const double at = static_cast<double>(edges > edges_ ? edges : edges + 1);
        last_edge_s_ = t0_s + (t1_s - t0_s) * (at - before) / (turned_edges_ - before);
        edges_ = edges;
    }
}

} // namespace overbias::deck_sim
