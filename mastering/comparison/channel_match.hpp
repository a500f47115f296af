// SPDX-License-Identifier: Apache-2.0
// Which sent channel is found in which returned one, and with what sign: correlations summed over a track, 400 Hz to 5
// kHz, each at the tracked delay.
#pragma once

#include "mastering/comparison/frame_analyser.hpp"

#include <array>
#include <cstdint>
#include <optional>

namespace overbias::mastering {

struct ChannelMatch {
    std::int64_t frames = 0;
    bool judged = false;  ///< enough frames with programme on that returned channel
    bool swapped = false; ///< carries the other channel's programme
    bool inverted = false;
    bool unrelated = false; ///< carries neither
    double own_correlation = 0.0, other_correlation = 0.0;
};

/// Left and right have changed places: each returned channel is explained better by the other one's programme. Told
/// also where the two are much alike, as both channels must say so.
[[nodiscard]] bool exchanged(const ChannelMatch& left, const ChannelMatch& right) noexcept;

class ChannelMatcher {
  public:
    void begin() { *this = ChannelMatcher{}; }
    /// One frame; `clear`: which channels' programme stood well over noise.
    void add(const FrameFigures& figures, std::array<bool, 2> clear) noexcept;
    [[nodiscard]] ChannelMatch result(int channel) const noexcept;

  private:
    std::array<std::array<double, 2>, 2> cross_{}; ///< [sent][came]
    std::array<std::array<double, 2>, 2>
        sent_{}; ///< [sent][came]: power over the frames used for that returned channel
    std::array<double, 2> came_{};
    std::array<std::int64_t, 2> frames_{};
};

} // namespace overbias::mastering
