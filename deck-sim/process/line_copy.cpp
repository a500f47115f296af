// SPDX-License-Identifier: Apache-2.0
#include "deck-sim/process/line_copy.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace overbias::deck_sim {

using magnetics::Interpolator;

LineCopy::LineCopy(double playback_per_capture, double round_trip_frames, double noise_dbfs, std::uint64_t seed)
    : playback_per_capture_(playback_per_capture), round_trip_frames_(round_trip_frames),
      // dBFS of noise: its rms against that of a full-scale sine
      noise_rms_(static_cast<float>(std::pow(10.0, noise_dbfs / 20.0) / std::numbers::sqrt2)), noise_(seed) {
    for (magnetics::History& history : played_) {
        history.restart(0);
    }
}

void LineCopy::play(std::int64_t first_frame, std::span<const std::int32_t> frames) noexcept {
    for (std::size_t c = 0; c < 2; ++c) {
        magnetics::History& history = played_[c];
        if (first_frame - history.end() >= static_cast<std::int64_t>(kKept)) {
            history.restart(first_frame);
        }
        while (history.end() < first_frame) {
            const auto gap = std::min<std::int64_t>(first_frame - history.end(), kBlock);
            std::fill_n(history.append(static_cast<std::size_t>(gap)), gap, 0.0F);
        }
        float* to = history.append(frames.size() / 2);
        for (std::size_t i = 0; i < frames.size() / 2; ++i) {
            to[i] = static_cast<float>(frames[2 * i + c]) * 0x1p-31F;
        }
    }
}

void LineCopy::capture(std::int64_t first_frame, std::span<std::int32_t> frames) noexcept {
    constexpr auto kBehind = static_cast<std::int64_t>(Interpolator::kTaps - Interpolator::kBefore);
    const std::size_t count = frames.size() / 2;
    const std::int64_t least =
        played_[0].end() - static_cast<std::int64_t>(kKept) + static_cast<std::int64_t>(Interpolator::kBefore);
    const std::int64_t most = played_[0].end() - kBehind;
    const std::array<const float*, 2> noise{noise_.block(count), noise_.block(count)};
    for (std::size_t i = 0; i < count; ++i) {
        const double at = static_cast<double>(first_frame + static_cast<std::int64_t>(i)) * playback_per_capture_ -
                          round_trip_frames_;
        const double whole = std::floor(at);
        const auto frame = static_cast<std::int64_t>(whole);
        for (std::size_t c = 0; c < 2; ++c) {
            float value = noise[c][i] * noise_rms_;
            if (frame >= least && frame <= most) {
                value += between_.at(played_[c].at(frame), at - whole);
            }
            // 24 bit, to nearest
            const float word = std::clamp(std::nearbyint(value * 0x1p23F), -8388608.0F, 8388607.0F);
            frames[2 * i + c] = static_cast<std::int32_t>(word) * 256;
        }
    }
}

} // namespace overbias::deck_sim
