// SPDX-License-Identifier: Apache-2.0
// Goniometer: stereo picture, turned by 45 degrees: x = (L - R) / sqrt 2, y = (L + R) / sqrt 2 (a rotation, so that
// distances from the middle stay). Mono stands upright, an inverted channel lies flat, left alone leans to +x: a screen
// that is to lean left for the left channel draws +x leftwards.
//
// A screen needs a few thousand points a second: out of each equal stretch of frames one is taken, at a place that
// changes from stretch to stretch (a fixed generator), because a fixed stride shows a tone locked to it as one dot. No
// point is averaged or filtered: each was on the wire. The newest points are kept for a reader who comes late.
// Thread: one. Allocates in the constructor only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace overbias::dsp {

struct GoniometerPoint {
    float x = 0.0F; ///< full scale of one channel alone is 1 / sqrt 2 on either axis
    float y = 0.0F;
    friend bool operator==(const GoniometerPoint&, const GoniometerPoint&) = default;
};

class Goniometer {
  public:
    /// At most `points_per_s` points a second (one of each whole number of frames), the newest `kept` of them. Throws
    /// std::invalid_argument when a figure is not positive.
    Goniometer(double sample_rate_hz, double points_per_s, std::size_t kept);
    /// Both spans of the same size (the shorter one counts).
    void process(std::span<const float> left, std::span<const float> right) noexcept;
    /// Points since the last call, oldest first; returns how many of `out` were written. What does not fit is dropped,
    /// the oldest first.
    std::size_t take(std::span<GoniometerPoint> out) noexcept;

  private:
    void choose() noexcept;
    std::vector<GoniometerPoint> ring_;
    std::size_t stretch_, next_ = 0, waiting_ = 0; ///< next_: where in the ring
    std::size_t frame_ = 0, chosen_ = 0;           ///< in the stretch
    std::uint32_t dice_ = 1;
};

} // namespace overbias::dsp
