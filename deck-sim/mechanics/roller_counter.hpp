// SPDX-License-Identifier: Apache-2.0
// RollerCounter: the tape roller with two light barriers a quarter of a period apart, and the up-down counter behind
// them. Thread: the timeline's.
#pragma once

#include "deck-sim/settings.hpp"

#include <cstdint>
#include <optional>

namespace overbias::deck_sim {

class RollerCounter {
  public:
    explicit RollerCounter(const Settings& settings)
        : edges_per_metre_(settings.roller_edges_per_metre * (1.0 - settings.roller_slip)) {}

    /// The tape went on by `metres` from t0 to t1. The roller follows it but for its slip, either way.
    void travel(double metres, double t0_s, double t1_s) noexcept;
    /// From now on no edge comes any more.
    void die() noexcept { dead_ = true; }

    /// Edges of both phases, forward positive.
    [[nodiscard]] std::int64_t edges() const noexcept { return edges_; }
    [[nodiscard]] std::optional<double> last_edge_s() const noexcept { return last_edge_s_; }
    /// The two phases: going forward, A changes to a level one edge before B does.
    [[nodiscard]] bool phase_a() const noexcept { return ((edges_ + 1) & 2) != 0; }
    [[nodiscard]] bool phase_b() const noexcept { return (edges_ & 2) != 0; }

  private:
    double edges_per_metre_;
    double turned_edges_ = 0.5; ///< power-on finds the roller between two edges
    std::int64_t edges_ = 0;    ///< floor of that
    std::optional<double> last_edge_s_;
    bool dead_ = false;
};

} // namespace overbias::deck_sim
