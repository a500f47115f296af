// SPDX-License-Identifier: Apache-2.0
// SlateWatch: waits for the reference tone at the head of a side and tells where it begins and how fast the tape plays.
//
// Blocks of 10 ms are taken down from the slate's frequency; a block holds the tone when 80 % of its power lies within
// 1.5 % of that frequency. 1.2 s of such blocks in a row are a slate: its onset is where the tone's envelope (5 ms)
// crosses half of its steady amplitude, half way up the fade of 5 ms that a print's slate has; its frequency, from the
// phase over that time, gives the speed.
// Shapes: interleaved stereo, full scale 1.0. Thread: one. Allocates.
#pragma once

#include "mastering/verify/tape_follower.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

namespace overbias::mastering {

class SlateWatch {
  public:
    SlateWatch(double rate_hz, double tone_hz);
    ~SlateWatch();

    /// Consecutive frames.
    void push(std::int64_t first_frame, std::span<const float> stereo);

    struct Slate {
        double return_frame = 0.0; ///< of the onset
        double speed = 1.0;        ///< return frames a programme frame
        double uncertainty_frames = 0.0;
        bool onset_seen = true; ///< false: the tone was there from the first frame that was heard
    };
    /// Set once, and stays.
    [[nodiscard]] const std::optional<Slate>& found() const noexcept;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace overbias::mastering
