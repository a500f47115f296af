// SPDX-License-Identifier: Apache-2.0
// Crossing: when the tape will reach a place, by the straight line of least squares through the places of the last half
// second. The counter moves in edges (1.6 mm at 16 an inch, 4 ms at 15 ips); the line lies between them. Pure. Thread:
// any, one at a time.
#pragma once

#include "base/async/timeline.hpp"

#include <array>
#include <cstddef>
#include <optional>

namespace overbias::transport {

class Crossing {
  public:
    /// Times must grow.
    void note(DeckTime at, double position_m) noexcept;
    void clear() noexcept { count_ = next_ = 0; }
    /// When the line reaches `place_m` (the past when it has); none until a quarter of a second has been seen, or when
    /// the tape does not move forward.
    [[nodiscard]] std::optional<DeckTime> reaches(double place_m) const noexcept;

  private:
    struct Seen {
        DeckTime at{};
        double position_m = 0.0;
    };
    static constexpr std::size_t kMost = 128;
    std::array<Seen, kMost> seen_{}; ///< ring, newest before next_
    std::size_t count_ = 0, next_ = 0;
};

} // namespace overbias::transport
