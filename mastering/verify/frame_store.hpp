// SPDX-License-Identifier: Apache-2.0
// Stereo frames by number, as many as are still wanted, and what lies between them: a windowed sinc of 32 taps (Kaiser,
// beta 9), 512 places between two frames with a line between places: within 1e-4 of a full-scale sine to 16 kHz at
// 48 kHz, within 1e-3 to 18 kHz. Outside of what is kept there is silence. Thread: one.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace overbias::mastering {

class FrameStore {
  public:
    void begin(std::int64_t first_frame);
    /// Appends. Frames that are there already are left out, a gap is filled with silence.
    void push(std::int64_t first_frame, std::span<const float> stereo);
    /// Those before are not wanted any more.
    void forget_before(std::int64_t frame);

    [[nodiscard]] std::int64_t first() const noexcept { return first_; }
    [[nodiscard]] std::int64_t end() const noexcept { return first_ + static_cast<std::int64_t>(samples_.size() / 2); }
    /// Interleaved frames as they are.
    void copy(std::int64_t first_frame, std::span<float> stereo) const noexcept;
    /// One channel of them.
    void copy(std::int64_t first_frame, std::size_t channel, std::span<float> samples) const noexcept;

    static constexpr std::int64_t kTaps = 32;
    /// Both channels at a place between frames.
    [[nodiscard]] std::array<float, 2> between(double frame) const noexcept;

  private:
    std::int64_t first_ = 0;
    std::vector<float> samples_;
};

} // namespace overbias::mastering
