// SPDX-License-Identifier: Apache-2.0
// SincReader: stereo frames by their numbers, kept for a while, and read between two of them.
//
// Interpolation: 48 taps of a sinc under a Kaiser window of 80 dB (Kaiser, "Nonrecursive digital filter design using
// the I0-sinh window function", 1974: beta = 0.1102 (A - 8.7), transition (A - 7.95) / (14.36 (taps - 1)) of the rate),
// in 512 steps with a straight line between them. At 48 kHz flat to 21.4 kHz. On a frame itself it gives that frame,
// bit for bit.
//
// Frames that were never pushed are silence. Thread: one; allocates in the constructor only.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace overbias::dsp {

class SincReader {
  public:
    static constexpr std::int64_t kHalf = 24; ///< frames needed on either side

    /// Keeps at least `frames`.
    explicit SincReader(std::size_t frames);

    /// Interleaved. A jump forwards leaves silence in between, one backwards begins anew.
    void push(std::int64_t first_frame, std::span<const float> interleaved) noexcept;
    void clear() noexcept;
    /// The stereo sample at a place; silence where less than kHalf frames on either side are known.
    [[nodiscard]] std::array<float, 2> at(std::int64_t frame, double fraction) const noexcept;
    [[nodiscard]] bool holds(std::int64_t frame) const noexcept {
        return frame - kHalf + 1 >= from_ && frame + kHalf < to_;
    }
    [[nodiscard]] std::int64_t end() const noexcept { return to_; } ///< number after the last one

  private:
    [[nodiscard]] std::size_t slot(std::int64_t frame) const noexcept {
        return 2 * (static_cast<std::size_t>(frame) & mask_);
    }
    std::size_t mask_;
    std::vector<float> kept_;
    std::int64_t from_ = 0, to_ = 0; ///< from_ == to_: nothing yet
    bool begun_ = false;
    std::vector<float> taps_; ///< [step][tap]
};

} // namespace overbias::dsp
