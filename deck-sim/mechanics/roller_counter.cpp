// SPDX-License-Identifier: Apache-2.0
#include "deck-sim/mechanics/roller_counter.hpp"

#include <algorithm>
#include <cmath>

namespace overbias::deck_sim {

RollerCounter::RollerCounter(const Settings& settings)
    : edges_per_metre_(settings.roller_edges_per_metre * (1.0 - settings.roller_slip)),
      grip_m_s2_(settings.roller_grip_m_s2), grip_spread_(settings.roller_grip_spread),
      random_(settings.seed * 0x9E3779B97F4A7C15ULL + 0x5EED) {
}

/// Evenly spread about the grip of the settings (SplitMix64).
double RollerCounter::next_grip() noexcept {
    random_ += 0x9E3779B97F4A7C15ULL;
    std::uint64_t bits = random_;
    bits = (bits ^ (bits >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    bits = (bits ^ (bits >> 27U)) * 0x94D049BB133111EBULL;
    bits ^= bits >> 31U;
    const double even = static_cast<double>(bits >> 11U) * 0x1p-53;
    return grip_m_s2_ * (1.0 + grip_spread_ * (2.0 * even - 1.0));
}

void RollerCounter::travel(double metres, double t0_s, double t1_s) noexcept {
    const double dt_s = t1_s - t0_s;
    const double tape_m_s = metres / dt_s;
    const double gains_m_s = tape_m_s - surface_m_s_;
    if (std::abs(gains_m_s) <= grip_m_s2_ * (1.0 - grip_spread_) * dt_s) {
        grip_now_m_s2_ = 0.0;
        surface_m_s_ = tape_m_s;
    } else {
        if (grip_now_m_s2_ == 0.0) {
            grip_now_m_s2_ = next_grip(); // of this start, stop or reversal
        }
        surface_m_s_ += std::clamp(gains_m_s, -grip_now_m_s2_ * dt_s, grip_now_m_s2_ * dt_s);
        if (surface_m_s_ != tape_m_s) {
            metres = surface_m_s_ * dt_s;
        }
    }
    if (dead_) {
        return;
    }
    const double before = turned_edges_;
    turned_edges_ += sign_ * follows_ * metres * edges_per_metre_;
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
