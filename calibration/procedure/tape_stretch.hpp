// SPDX-License-Identifier: Apache-2.0
// A stretch of what comes back from the deck, for analysers that want samples. StretchTaker collects it from frames as
// they come (TapeListener::on_frames). Thread: one. Allocates in the constructor only.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace overbias::calibration {

/// Full scale 1, left and right of one length.
struct TapeStretch {
    std::array<std::vector<float>, 2> channels;
    double rate_hz = 48000.0;
};

class StretchTaker {
  public:
    StretchTaker(std::int64_t first_frame, std::size_t frames, double rate_hz)
        : first_frame_(first_frame), frames_(frames) {
        stretch_.rate_hz = rate_hz;
        for (auto& channel : stretch_.channels) {
            channel.reserve(frames);
        }
    }

    void take(std::int64_t first_frame, std::span<const std::int32_t> interleaved) {
        constexpr double kFullScale = 2147483648.0;
        auto& [left, right] = stretch_.channels;
        const std::int64_t wanted = first_frame_ + static_cast<std::int64_t>(left.size());
        const auto come = static_cast<std::int64_t>(interleaved.size() / 2);
        if (done() || first_frame + come <= wanted) {
            return;
        }
        lost_ = lost_ || first_frame > wanted;
        for (auto i = static_cast<std::size_t>(std::max<std::int64_t>(0, wanted - first_frame));
             i < interleaved.size() / 2 && !done(); ++i) {
            left.push_back(static_cast<float>(interleaved[2 * i] / kFullScale));
            right.push_back(static_cast<float>(interleaved[2 * i + 1] / kFullScale));
        }
    }
    [[nodiscard]] bool done() const noexcept { return stretch_.channels[1].size() == frames_; }
    /// Frames are missing in it.
    [[nodiscard]] bool lost() const noexcept { return lost_; }
    [[nodiscard]] TapeStretch release() noexcept { return std::move(stretch_); }

  private:
    std::int64_t first_frame_;
    std::size_t frames_;
    bool lost_ = false;
    TapeStretch stretch_;
};

} // namespace overbias::calibration
