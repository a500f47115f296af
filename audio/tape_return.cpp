// SPDX-License-Identifier: Apache-2.0
#include "audio/tape_return.hpp"

namespace overbias::audio {

namespace {

constexpr std::size_t kPiece = 4096; ///< frames

} // namespace

TapeReturn::TapeReturn(BlockEngine& engine, FrameTap& tap, double capture_rate_hz) : engine_(engine), tap_(tap) {
    if (capture_rate_hz != engine.sample_rate_hz()) {
        bridge_.emplace(capture_rate_hz, engine.sample_rate_hz());
        piece_.resize(2 * kPiece);
    }
}

FrameTap::Block TapeReturn::read(std::span<std::int32_t> out) {
    if (!bridge_) {
        return tap_.read(out);
    }
    for (;;) {
        const FrameTap::Block ready = bridge_->read(out);
        if (ready.frames > 0) {
            return ready;
        }
        const FrameTap::Block more = tap_.read(piece_);
        if (more.frames == 0) {
            return {};
        }
        bridge_->push(more.first_frame, std::span<const std::int32_t>(piece_).first(2 * more.frames));
    }
}

StreamTimestamp TapeReturn::timestamp() {
    const StreamTimestamp stamp = engine_.return_timestamp();
    return bridge_ ? bridge_->convert(stamp) : stamp;
}

XrunMark TapeReturn::convert(XrunMark mark) const {
    if (bridge_ && !mark.playback) {
        const std::int64_t first = bridge_->convert(StreamTimestamp{mark.first_frame, {}}).frame;
        const std::int64_t end = bridge_->convert(StreamTimestamp{mark.first_frame + mark.frames, {}}).frame;
        mark.first_frame = first;
        mark.frames = end - first;
    }
    return mark;
}

} // namespace overbias::audio
