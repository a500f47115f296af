// SPDX-License-Identifier: Apache-2.0
// The newest seconds of a stereo stream, by frame number. A jump in the numbers is filled with silence and told to the
// caller.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace overbias::mastering {

struct FrameGap {
    std::int64_t first_frame = 0;
    std::int64_t frames = 0;
};

class FrameRing {
  public:
    /// Capacity is rounded up to a power of two.
    explicit FrameRing(std::size_t capacity_frames);

    /// Appends; frames already seen are skipped. The gap before them, if there was one.
    std::optional<FrameGap> push(std::int64_t first_frame, std::span<const float> interleaved);

    [[nodiscard]] bool empty() const noexcept { return end_ == begin_; }
    [[nodiscard]] std::int64_t begin() const noexcept { return begin_; } ///< oldest frame kept
    [[nodiscard]] std::int64_t end() const noexcept { return end_; }     ///< one after the newest
    [[nodiscard]] bool has(std::int64_t first_frame, std::int64_t frames) const noexcept {
        return first_frame >= begin_ && first_frame + frames <= end_;
    }
    /// Copies interleaved frames; has() must hold.
    void copy(std::int64_t first_frame, std::span<float> interleaved) const noexcept;
    /// One channel of them.
    [[nodiscard]] std::vector<float> channel(std::int64_t first_frame, std::int64_t frames, int channel) const;

  private:
    void append(const float* interleaved, std::size_t frames); // nullptr: silence
    std::vector<float> samples_;
    std::int64_t mask_, begin_ = 0, end_ = 0;
};

} // namespace overbias::mastering
