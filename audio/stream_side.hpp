// SPDX-License-Identifier: Apache-2.0
// What the audio thread remembers of one stream of the card: the next frame number, and the xruns it has to tell. Of
// the engine only.
#pragma once

#include "audio/block_engine.hpp"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <span>

namespace overbias::audio {

inline constexpr std::int64_t kUnknownFrame = -1;

/// Marks on their way to their reader. One direction of the card.
class MarkWriter {
  public:
    explicit MarkWriter(SpscRing<XrunMark>& ring) : ring_(ring) {}

    void rt_add(const XrunMark& mark) noexcept {
        if (rt_flush()) {
            waiting_ = mark;
            rt_flush();
            return;
        }
        const std::int64_t end = std::max(waiting_.first_frame + waiting_.frames, mark.first_frame + mark.frames);
        waiting_.first_frame = std::min(waiting_.first_frame, mark.first_frame);
        waiting_.frames = end - waiting_.first_frame;
        waiting_.queue_underrun = waiting_.queue_underrun && mark.queue_underrun;
    }
    /// True when nothing waits any more.
    bool rt_flush() noexcept {
        if (waiting_.frames > 0 && ring_.rt_write(std::span<const XrunMark>(&waiting_, 1)) == 1) {
            waiting_ = {};
        }
        return waiting_.frames == 0;
    }

  private:
    SpscRing<XrunMark>& ring_;
    XrunMark waiting_;
};

/// What the audio thread remembers of one stream.
struct StreamSide {
    bool playback;
    std::atomic<std::uint64_t>& xruns;
    MarkWriter marks;
    std::int64_t next_frame = kUnknownFrame;
    bool in_xrun = false; ///< seen and counted, not yet over
    bool counted = false; ///< the next jump of frame numbers belongs to an xrun that was counted

    /// The stream runs: an xrun is counted once and recovered from, a card that is gone is told.
    template <typename Stream>
    bool rt_ready(Stream& stream, std::atomic<bool>& lost) noexcept {
        StreamState state = stream.rt_state();
        if (state == StreamState::Xrun) {
            if (!in_xrun) {
                in_xrun = true;
                counted = true;
                xruns.fetch_add(1, std::memory_order_relaxed);
            }
            if (stream.rt_recover()) {
                in_xrun = false;
            }
            state = stream.rt_state();
        }
        if (state == StreamState::Lost) {
            lost.store(true, std::memory_order_relaxed);
        }
        return state == StreamState::Running;
    }

    void rt_frames(std::int64_t first_frame, std::size_t frames) noexcept {
        if (next_frame != kUnknownFrame && first_frame > next_frame) {
            if (!counted) {
                xruns.fetch_add(1, std::memory_order_relaxed);
            }
            marks.rt_add({playback, next_frame, first_frame - next_frame, false});
        }
        counted = false;
        next_frame = first_frame + static_cast<std::int64_t>(frames);
    }
    void restart() noexcept {
        next_frame = kUnknownFrame;
        in_xrun = false;
        counted = false;
    }
};

} // namespace overbias::audio
