// SPDX-License-Identifier: Apache-2.0
// LineCopy: a capture pair that hears the deck's line input, with nothing but the converters between. What was played
// comes back `round_trip_frames` later, on the capture's own crystal, with the converters' noise. Thread: any one; no
// allocation after construction.
#pragma once

#include "deck-sim/magnetics/block_math.hpp"
#include "deck-sim/magnetics/interpolator.hpp"
#include "deck-sim/magnetics/noise.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace overbias::deck_sim {

class LineCopy {
  public:
    /// `playback_per_capture`: playback frames that pass in the time of one capture frame, by both crystals.
    LineCopy(double playback_per_capture, double round_trip_frames, double noise_dbfs, std::uint64_t seed);

    /// Stereo frames that the card plays, full scale 2^31; frames left out since the last call were silent.
    void play(std::int64_t first_frame, std::span<const std::int32_t> frames) noexcept;
    /// Stereo frames of the capture from `first_frame` on, 24 bit.
    void capture(std::int64_t first_frame, std::span<std::int32_t> frames) noexcept;

    static constexpr std::size_t kBlock = 512; ///< most frames at once, either way

  private:
    static constexpr std::size_t kKept = 32768;
    double playback_per_capture_, round_trip_frames_;
    float noise_rms_;
    magnetics::Interpolator between_;
    magnetics::Noise noise_;
    std::array<magnetics::History, 2> played_{magnetics::History(kKept, kBlock), magnetics::History(kKept, kBlock)};
};

} // namespace overbias::deck_sim
