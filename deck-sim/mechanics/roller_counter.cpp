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
        if (noting_) {
            note(before, t0_s, t1_s);
        }
        edges_ = edges;
    }
}

void RollerCounter::note(double before, double t0_s, double t1_s) {
    const double per_edge_s = (t1_s - t0_s) / (turned_edges_ - before);
    const bool forward = turned_edges_ > before;
    const auto last = static_cast<std::int64_t>(std::floor(turned_edges_));
    for (std::int64_t count = edges_; count != last;) {
        // the border between count and its neighbour is passed; at an odd border phase A changes, at an even one B
        const std::int64_t border = forward ? count + 1 : count;
        count += forward ? 1 : -1;
        const bool of_b = (border & 1) == 0;
        pulses_.push_back(
            {t0_s + (static_cast<double>(border) - before) * per_edge_s, of_b, of_b ? b_at(count) : a_at(count)});
    }
}

} // namespace overbias::deck_sim
