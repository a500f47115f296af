// SPDX-License-Identifier: Apache-2.0
// RollerCounter: the tape roller with two light barriers a quarter of a period apart, and the up-down counter behind
// them. Thread: the timeline's.
#pragma once

#include "deck-sim/settings.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace overbias::deck_sim {

/// One edge of one phase.
struct RollerPulse {
    double at_s = 0;   ///< deck time
    bool of_b = false; ///< which phase
    bool high = false; ///< its level from then on
};

class RollerCounter {
  public:
    explicit RollerCounter(const Settings& settings);

    /// The tape went on by `metres` from t0 to t1. The roller follows it but for its slip, either way; tape that gains
    /// or loses speed faster than the roller's grip leaves it behind, and it comes after with what grip there is.
    void travel(double metres, double t0_s, double t1_s) noexcept;
    /// There is no tape on the roller: it stands.
    void let_go() noexcept { surface_m_s_ = 0.0; }
    /// From now on no edge comes any more.
    void die() noexcept { dead_ = true; }
    /// The two phases are the wrong way round: forward counts down.
    void reverse(bool reversed) noexcept { sign_ = reversed ? -1.0 : 1.0; }
    /// From now on this share of the travel is missed, besides the slip of the settings.
    void slip(double share) noexcept { follows_ = 1.0 - share; }
    /// Speed of the roller's surface, signed.
    [[nodiscard]] double surface_m_s() const noexcept { return surface_m_s_ * follows_; }

    /// From now on every edge is noted; whoever asks for it empties the list with pulses().clear().
    void note_pulses() {
        noting_ = true;
        pulses_.reserve(kPulsesExpected);
    }
    [[nodiscard]] std::vector<RollerPulse>& pulses() noexcept { return pulses_; }

    /// Edges of both phases, forward positive.
    [[nodiscard]] std::int64_t edges() const noexcept { return edges_; }
    [[nodiscard]] std::optional<double> last_edge_s() const noexcept { return last_edge_s_; }
    /// The two phases: going forward, A changes to a level one edge before B does.
    [[nodiscard]] bool phase_a() const noexcept { return a_at(edges_); }
    [[nodiscard]] bool phase_b() const noexcept { return b_at(edges_); }

  private:
    static constexpr std::size_t kPulsesExpected = 1024; // a tenth of a second of wind
    void note(double before, double t0_s, double t1_s);
    [[nodiscard]] static bool a_at(std::int64_t edges) noexcept { return ((edges + 1) & 2) != 0; }
    [[nodiscard]] static bool b_at(std::int64_t edges) noexcept { return (edges & 2) != 0; }

    [[nodiscard]] double next_grip() noexcept;

    double edges_per_metre_;
    double grip_m_s2_, grip_spread_;
    std::uint64_t random_;
    double surface_m_s_ = 0;
    double grip_now_m_s2_ = 0; ///< while it may slip, else 0
    double sign_ = 1.0, follows_ = 1.0;
    double turned_edges_ = 0.5; ///< power-on finds the roller between two edges
    std::int64_t edges_ = 0;    ///< floor of that
    std::optional<double> last_edge_s_;
    bool dead_ = false;
    bool noting_ = false;
    std::vector<RollerPulse> pulses_;
};

} // namespace overbias::deck_sim
