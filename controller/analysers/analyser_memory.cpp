// SPDX-License-Identifier: Apache-2.0
#include "controller/analysers/analyser_memory.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace overbias::controller {

AnalyserMemory::AnalyserMemory(double rate_hz, double memory_s) : rate_hz_(rate_hz) {
    if (!(rate_hz > 0.0) || !(rate_hz * memory_s >= 1.0)) {
        throw std::invalid_argument("analysers: expected a rate and a memory above 0, got " + std::to_string(rate_hz) +
                                    " Hz and " + std::to_string(memory_s) + " s");
    }
    ring_.resize(2 * static_cast<std::size_t>(rate_hz * memory_s));
}

bool AnalyserMemory::push(std::int64_t first_frame, std::span<const float> interleaved) noexcept {
    const bool follows = held_ == 0 || first_frame == next_frame_;
    if (!follows) {
        clear();
    }
    const std::size_t frames = interleaved.size() / 2, room = ring_.size() / 2;
    next_frame_ = first_frame + static_cast<std::int64_t>(frames);
    for (std::size_t n = frames > room ? frames - room : 0; n < frames; ++n) {
        ring_[2 * at_] = interleaved[2 * n];
        ring_[2 * at_ + 1] = interleaved[2 * n + 1];
        at_ = at_ + 1 == room ? 0 : at_ + 1;
    }
    held_ = std::min(held_ + frames, room);
    return follows;
}

void AnalyserMemory::clear() noexcept {
    at_ = held_ = 0;
}

std::vector<std::vector<float>> AnalyserMemory::newest(double seconds) const {
    const std::size_t room = ring_.size() / 2;
    const std::size_t frames = std::min(held_, static_cast<std::size_t>(std::max(0.0, seconds) * rate_hz_));
    std::vector<std::vector<float>> channels(2, std::vector<float>(frames));
    for (std::size_t n = 0; n < frames; ++n) {
        const std::size_t from = (at_ + room - frames + n) % room;
        channels[0][n] = ring_[2 * from];
        channels[1][n] = ring_[2 * from + 1];
    }
    return channels;
}

} // namespace overbias::controller
