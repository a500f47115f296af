// SPDX-License-Identifier: Apache-2.0
// HoleWatch: short holes in what comes off a tape, which may be drop-outs. Without a reference nobody can know: music
// has rests. So it only suspects, and only where the level falls and returns as music seldom does:
//  - in one channel: it falls by 12 dB or more for 3 to 100 ms, the other one stays within 3 dB, and behind the hole
//    the channel has the level it had before it within 4 dB;
//  - in both at once: by 20 dB or more for 3 to 60 ms, and the level before and behind is the same within 3 dB.
// Levels are RMS above 500 Hz in steps of 1 ms; before and behind are 40 ms each, 25 dB and more over the noise. Both
// edges take 2 ms at most. A hole is placed and measured between the points 6 dB down.
// The figures are this watch's own choice, not a standard's. Thread: one; no allocation but for what it finds.
#pragma once

#include "dsp/analysis/biquad.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace overbias::mastering {

struct SuspectedHole {
    enum class Channel { Left, Right, Both };
    std::int64_t first_frame = 0; ///< in the file
    double length_ms = 0.0;
    double depth_db = 0.0; ///< of the mean in the hole against its sides
    Channel channel = Channel::Both;
};

class HoleWatch {
  public:
    static constexpr std::size_t kMostKept = 500;

    explicit HoleWatch(double rate_hz);

    /// Stereo, interleaved. noise_dbfs: of the tape, as known so far; nothing is suspected without.
    void push(std::span<const float> interleaved, std::optional<double> noise_dbfs);
    /// Frames are missing here: nothing is judged across.
    void interrupt();

    [[nodiscard]] const std::vector<SuspectedHole>& found() const noexcept { return found_; } ///< the first kMostKept
    [[nodiscard]] std::uint64_t count() const noexcept { return count_; }

  private:
    static constexpr std::size_t kSide = 40, kLongest = 100, kEdge = 2, kRing = 256; ///< steps
    using Pair = std::array<double, 2>;
    void end_step(double noise_power);
    [[nodiscard]] bool judge(double noise_power);
    /// Steps of the hole that begins at `first`, of a channel; 0: none.
    [[nodiscard]] std::size_t hole(std::uint64_t first, std::size_t channel) const;
    [[nodiscard]] double power(std::uint64_t step, std::size_t channel) const noexcept {
        return ring_[step % kRing][channel];
    }
    [[nodiscard]] double mean(std::uint64_t first, std::uint64_t end, std::size_t channel) const noexcept;

    double rate_hz_;
    std::size_t step_frames_, gathered_ = 0;
    std::array<dsp::Biquad, 2> high_pass_;
    Pair sums_{};
    std::array<Pair, kRing> ring_{}; ///< powers of the last steps
    std::uint64_t steps_ = 0;        ///< done
    std::uint64_t judged_ = 0;       ///< no hole begins before this step any more
    std::uint64_t whole_since_ = 0;  ///< step; nothing is missing since
    std::vector<SuspectedHole> found_;
    std::uint64_t count_ = 0;
};

} // namespace overbias::mastering
