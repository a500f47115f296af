// SPDX-License-Identifier: Apache-2.0
// IdleTaps: while no job reads the taps of the engine they keep no old frames; what comes off tape goes to those who
// listen between jobs. Thread: the timeline's.
#pragma once

#include "audio/block_engine.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <utility>
#include <vector>

namespace overbias::controller {

class IdleTaps {
  public:
    /// Frames of the tape return, left and right side by side; at the end of each drain() once with none.
    using Listener = std::function<void(std::int64_t first_frame, std::span<const std::int32_t> frames)>;

    IdleTaps(audio::FrameTap& played, audio::FrameTap& tape_return, Listener listener)
        : played_(played), tape_return_(tape_return), listener_(std::move(listener)), frames_(kFrames * 2) {}

    void drain() {
        while (played_.read(frames_).frames > 0) {
        }
        for (auto block = tape_return_.read(frames_); block.frames > 0; block = tape_return_.read(frames_)) {
            listener_(block.first_frame, std::span<const std::int32_t>(frames_).first(2 * block.frames));
        }
        listener_(0, {});
    }

  private:
    static constexpr std::size_t kFrames = 4800;
    audio::FrameTap& played_;
    audio::FrameTap& tape_return_;
    Listener listener_;
    std::vector<std::int32_t> frames_;
};

} // namespace overbias::controller
