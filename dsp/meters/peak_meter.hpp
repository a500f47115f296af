// SPDX-License-Identifier: Apache-2.0
// PeakMeter: the highest sample, and how often a channel clipped: a clip is a run of `clip_run` or more samples in a
// row at or beyond `full_scale`, however long, counted when it has become that long. One channel. Samples that are no
// numbers count as silence.
// Thread: one; no allocation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace overbias::dsp {

struct ClipRule {
    float full_scale = 32767.0F / 32768.0F; ///< the highest positive value of 16 bits; 24 bits reach it too
    std::uint32_t run = 3;                  ///< single full-scale samples happen in sound masters
};

class PeakMeter {
  public:
    static constexpr double kSilence_dbfs = -200.0;

    /// Throws std::invalid_argument when the run is 0 or full scale is not positive.
    explicit PeakMeter(ClipRule rule = {});
    void process(std::span<const float> samples) noexcept;
    /// Highest since the last call, dB re 1.0.
    [[nodiscard]] double highest_dbfs() noexcept;
    /// Clips since construction.
    [[nodiscard]] std::uint64_t clips() const noexcept { return clips_; }

  private:
    ClipRule rule_;
    float highest_ = 0.0F;
    std::uint32_t run_ = 0;
    std::uint64_t clips_ = 0;
};

} // namespace overbias::dsp
