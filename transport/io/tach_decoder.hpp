// SPDX-License-Identifier: Apache-2.0
// TachDecoder: signed edges from the levels of a tape roller's two phases. Edges are taken in the order of their
// sequence numbers; a missing one is waited for a little (interrupts of two lines may overtake each other), then
// counted as lost. Pure arithmetic; no allocation after construction. Thread: one.
//
// Quadrature, `a` leading `b` forward: a rises while b is low, b rises while a is high, a falls while b is high, b
// falls while a is low. A line that rises twice has fallen between: that edge was lost, and which way the roller went
// meanwhile nobody knows. The count goes on without it and lost() grows.
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

namespace overbias::transport {

enum class TachKind {
    Single,         ///< one phase, `a`: both edges count up
    Quadrature,     ///< four edges a cycle
    PulseDirection, ///< rising edges of `a` count, `b` says which way (high: forward)
};

struct TachEdge {
    bool of_b = false;
    bool high = false;
    std::uint32_t sequence = 0; ///< over both lines, from 1, +1 each
    std::chrono::nanoseconds at{};
};

class TachDecoder {
  public:
    /// `reversed` turns the sign round; Single has none to turn.
    TachDecoder(TachKind kind, bool reversed, bool a_high, bool b_high);

    void add(const TachEdge& edge);
    /// Edges wait for one with a smaller number.
    [[nodiscard]] bool waiting() const noexcept { return !early_.empty(); }
    /// It will not come: counts it as lost and takes what waits.
    void give_up_waiting();

    [[nodiscard]] std::int64_t edges() const noexcept { return edges_; }
    [[nodiscard]] std::uint64_t lost() const noexcept { return lost_; }
    /// Time of the last edge taken; 0 before.
    [[nodiscard]] std::chrono::nanoseconds last_edge() const noexcept { return last_edge_; }

  private:
    struct Phase {
        bool high;
        bool known = false; ///< false: an edge of this line may have gone unseen, so any level is believed
    };
    void take(const TachEdge& edge);
    void take_those_in_turn();

    TachKind kind_;
    bool reversed_;
    Phase a_, b_;
    std::uint32_t next_ = 1;
    std::int64_t edges_ = 0;
    std::uint64_t lost_ = 0;
    std::chrono::nanoseconds last_edge_{};
    std::vector<TachEdge> early_; ///< came before their turn; sorted, latest first
};

} // namespace overbias::transport
