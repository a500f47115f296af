// SPDX-License-Identifier: Apache-2.0
// ReturnMap: which place of a capture holds which place of the programme: one knot every hop of the programme, smoothed
// where they were measured, bridged where nothing could be.
//
// A knot that was measured is smoothed by a weighted parabola through its neighbours (three either side), so wow up to
// a few Hz stays and the scatter of single measurements goes. Between measured knots places lie on a straight line;
// after the last, where they were expected. A new branch begins where the tape was cut: nothing is smoothed
// across. Units: frames of either stream. Pure. Thread: one.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

namespace overbias::mastering {

struct ReturnKnot {
    double return_frame = 0.0;                    ///< where it was found, or where it was expected
    double weight = 0.0;                          ///< 0: not measured
    std::array<std::optional<double>, 2> channel; ///< each channel's place by itself
    int branch = 0;
    bool heard = true; ///< false: this programme is not on the tape
};

class ReturnMap {
  public:
    /// Knots are numbered along the programme; whoever uses them knows how many frames lie between two.
    void begin(std::int64_t first_knot);
    void add(const ReturnKnot& knot) { knots_.push_back(knot); }
    /// Drops knots from `knot` on, to be measured again.
    void rewind(std::int64_t knot);
    void forget_before(std::int64_t knot);

    [[nodiscard]] std::int64_t first() const noexcept { return first_; }
    [[nodiscard]] std::int64_t end() const noexcept { return first_ + static_cast<std::int64_t>(knots_.size()); }
    [[nodiscard]] const ReturnKnot& at(std::int64_t knot) const {
        return knots_[static_cast<std::size_t>(knot - first_)];
    }
    [[nodiscard]] ReturnKnot& at(std::int64_t knot) { return knots_[static_cast<std::size_t>(knot - first_)]; }

    /// Smoothed place of a knot, from what is known on both sides of it.
    [[nodiscard]] double smooth(std::int64_t knot) const;
    /// Line through the measured knots of the newest branch among the `back` before `knot`. nullopt with fewer than
    /// three.
    struct Line {
        double at = 0.0;    ///< return frame of `knot`
        double slope = 0.0; ///< return frames a knot
    };
    [[nodiscard]] std::optional<Line> line(std::int64_t knot, std::int64_t back) const;

  private:
    std::int64_t first_ = 0;
    std::deque<ReturnKnot> knots_;
};

} // namespace overbias::mastering
