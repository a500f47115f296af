// SPDX-License-Identifier: Apache-2.0
// Trend: how fast a figure changes, by the straight line of least squares through what was seen in the last stretch of
// time. Pure. Thread: any, one at a time.
#pragma once

#include "base/async/timeline.hpp"

#include <array>
#include <cstddef>
#include <optional>

namespace overbias::transport {

class Trend {
  public:
    /// Takes one value every window / kPoints; those in between are passed over.
    explicit Trend(double window_s) : every_(deck_seconds(window_s / kPoints)) {}

    void add(DeckTime at, double value) noexcept;
    void clear() noexcept { count_ = next_ = 0; }
    /// Change a second; none until a quarter of the window has been seen.
    [[nodiscard]] std::optional<double> slope_per_s() const noexcept;

    static constexpr std::size_t kPoints = 60;

  private:
    struct Point {
        DeckTime at{};
        double value = 0;
    };
    [[nodiscard]] const Point& point(std::size_t n) const noexcept {
        return points_[(next_ + kPoints - count_ + n) % kPoints];
    }
    DeckDuration every_;
    std::array<Point, kPoints> points_{}; ///< ring, newest before next_
    std::size_t count_ = 0, next_ = 0;
};

} // namespace overbias::transport
