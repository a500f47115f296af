// SPDX-License-Identifier: Apache-2.0
#include "mastering/comparison/frame_ring.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>

namespace overbias::mastering {

FrameRing::FrameRing(std::size_t capacity_frames)
    : samples_(2 * std::bit_ceil(capacity_frames)), mask_(static_cast<std::int64_t>(samples_.size() / 2) - 1) {
}

void FrameRing::append(const float* interleaved, std::size_t frames) {
    while (frames > 0) {
        const auto at = static_cast<std::size_t>(end_ & mask_);
        const std::size_t run = std::min(frames, samples_.size() / 2 - at);
        float* out = samples_.data() + 2 * at;
        if (interleaved != nullptr) {
            std::memcpy(out, interleaved, 2 * run * sizeof(float));
            interleaved += 2 * run;
        } else {
            std::fill_n(out, 2 * run, 0.0F);
        }
        end_ += static_cast<std::int64_t>(run);
        frames -= run;
    }
    begin_ = std::max(begin_, end_ - mask_ - 1);
}

std::optional<FrameGap> FrameRing::push(std::int64_t first_frame, std::span<const float> interleaved) {
    std::optional<FrameGap> gap;
    if (empty()) {
        begin_ = end_ = first_frame;
    }
    if (first_frame > end_) {
        gap = FrameGap{end_, first_frame - end_};
        if (gap->frames > mask_) {
            begin_ = end_ = first_frame;
        } else {
            append(nullptr, static_cast<std::size_t>(gap->frames));
        }
    }
    const auto skip =
        static_cast<std::size_t>(std::min(end_ - first_frame, static_cast<std::int64_t>(interleaved.size() / 2)));
    append(interleaved.data() + 2 * skip, interleaved.size() / 2 - skip);
    return gap;
}

void FrameRing::copy(std::int64_t first_frame, std::span<float> interleaved) const noexcept {
    assert(has(first_frame, static_cast<std::int64_t>(interleaved.size() / 2)));
    std::size_t done = 0;
    const std::size_t frames = interleaved.size() / 2;
    while (done < frames) {
        const auto at = static_cast<std::size_t>((first_frame + static_cast<std::int64_t>(done)) & mask_);
        const std::size_t run = std::min(frames - done, samples_.size() / 2 - at);
        std::memcpy(interleaved.data() + 2 * done, samples_.data() + 2 * at, 2 * run * sizeof(float));
        done += run;
    }
}

std::vector<float> FrameRing::channel(std::int64_t first_frame, std::int64_t frames, int channel) const {
    std::vector<float> out(static_cast<std::size_t>(frames));
    for (std::int64_t n = 0; n < frames; ++n) {
        out[static_cast<std::size_t>(n)] =
            samples_[static_cast<std::size_t>(2 * ((first_frame + n) & mask_) + channel)];
    }
    return out;
}

} // namespace overbias::mastering
