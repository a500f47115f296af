// SPDX-License-Identifier: Apache-2.0
// Band-limited square: each edge is the integral of a windowed sinc instead of a jump (band-limited step; E. Brandt,
// "Hard sync without aliasing", 2001). Sinc with its middle at 0.44 of the sample rate, Kaiser window of beta 8, 24
// samples to either side: flat to 0.38 of the rate, 80 dB down where it would fold back. The square is the naive one
// plus, around every edge, the difference between that step and the jump, read from a table of 128 places a sample.
#pragma once

#include <cstddef>
#include <vector>

namespace overbias::dsp {

class SquareSource {
  public:
    SquareSource();
    /// Value at a phase in cycles of a square of +-1 that rises at 0 and falls at 0.5, cycles_per_sample of it a
    /// sample.
    [[nodiscard]] double rt_at(double cycles, double cycles_per_sample) const noexcept;

  private:
    static constexpr int kHalf = 24;    ///< samples on each side of an edge
    static constexpr int kPlaces = 128; ///< of the table a sample
    [[nodiscard]] double step_less_jump(double samples) const noexcept;
    std::vector<double> table_; ///< from 0 to kHalf samples after the edge; odd about it
};

} // namespace overbias::dsp
