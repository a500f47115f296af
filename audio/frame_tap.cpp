// SPDX-License-Identifier: Apache-2.0
#include "audio/block_engine.hpp"

#include <algorithm>
#include <array>

namespace overbias::audio {

namespace {
// One header a block; blocks are rarely shorter than this, and when they are the ring drops and counts as it does when
// full.
constexpr std::size_t kSmallBlockFrames = 16;
} // namespace

FrameTap::FrameTap(std::size_t capacity_frames, std::size_t channels)
    : channels_(channels), headers_(std::max<std::size_t>(64, capacity_frames / kSmallBlockFrames)),
      samples_(capacity_frames * channels) {
}

void FrameTap::rt_push(std::int64_t first_frame, std::span<const std::int32_t> interleaved) noexcept {
    const std::size_t frames = interleaved.size() / channels_;
    if (frames == 0) {
        return;
    }
    if (samples_.rt_writable() < frames * channels_ || headers_.rt_writable() == 0) {
        dropped_.fetch_add(frames, std::memory_order_relaxed);
        return;
    }
    // samples first: a reader that sees the header finds them
    samples_.rt_write(interleaved.first(frames * channels_));
    const std::array<Header, 1> header{Header{first_frame, static_cast<std::uint32_t>(frames)}};
    headers_.rt_write(header);
}

FrameTap::Block FrameTap::read(std::span<std::int32_t> out) noexcept {
    const std::size_t room = out.size() / channels_;
    Block block;
    while (block.frames < room) {
        if (current_.frames == 0) {
            if (headers_.rt_readable() == 0) {
                break;
            }
            headers_.rt_read(std::span(&current_, 1));
        }
        if (block.frames == 0) {
            block.first_frame = current_.first_frame;
        } else if (current_.first_frame != block.first_frame + static_cast<std::int64_t>(block.frames)) {
            break; // a gap: the next run begins with the next call
        }
        const std::size_t take = std::min<std::size_t>(current_.frames, room - block.frames);
        samples_.rt_read(out.subspan(block.frames * channels_, take * channels_));
        current_.first_frame += static_cast<std::int64_t>(take);
        current_.frames -= static_cast<std::uint32_t>(take);
        block.frames += take;
    }
    return block;
}

} // namespace overbias::audio
