// SPDX-License-Identifier: Apache-2.0
// CaptureTap: picks channels out of the capture's interleaved blocks for a FrameTap. Thread: rt_push() on the audio
// thread; the tap's other end is its reader's. Allocates in the constructor only.
#pragma once

#include "audio/block_engine.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace overbias::audio {

class CaptureTap {
  public:
    /// `channels` by their numbers from 0; `block_frames`: the most that rt_push() gets at once.
    CaptureTap(std::size_t capacity_frames, std::vector<std::size_t> channels, std::size_t block_frames)
        : channels_(std::move(channels)), tap_(std::make_unique<FrameTap>(capacity_frames, channels_.size())),
          block_(block_frames * channels_.size()) {}

    [[nodiscard]] FrameTap& tap() noexcept { return *tap_; }

    /// `all`: interleaved frames of as many channels as `of` says.
    void rt_push(std::int64_t first_frame, std::span<const std::int32_t> all, std::size_t of) noexcept {
        const std::size_t frames = all.size() / of;
        const std::size_t count = channels_.size();
        for (std::size_t i = 0; i < frames; ++i) {
            for (std::size_t c = 0; c < count; ++c) {
                block_[i * count + c] = all[i * of + channels_[c]];
            }
        }
        tap_->rt_push(first_frame, std::span<const std::int32_t>(block_).first(frames * count));
    }

  private:
    std::vector<std::size_t> channels_;
    std::unique_ptr<FrameTap> tap_;
    std::vector<std::int32_t> block_;
};

} // namespace overbias::audio
