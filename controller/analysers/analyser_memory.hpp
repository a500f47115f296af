// SPDX-License-Identifier: Apache-2.0
// AnalyserMemory: the last seconds of a stereo stream, without a gap in them. A gap in the frame numbers (a tap that
// ran over, a card that came back) empties it, so that nothing is measured across a splice. Thread: one. Allocates in
// the constructor and in newest() only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace overbias::controller {

class AnalyserMemory {
  public:
    /// Throws std::invalid_argument when there is no room for a frame.
    AnalyserMemory(double rate_hz, double memory_s);

    /// L, R, L, R ..., full scale 1; their first one's frame number. False: they do not follow what came before, which
    /// is forgotten.
    bool push(std::int64_t first_frame, std::span<const float> interleaved) noexcept;
    void clear() noexcept;

    [[nodiscard]] double held_s() const noexcept { return static_cast<double>(held_) / rate_hz_; }
    /// Channels apart, in the order of time: the newest `seconds`, or what there is.
    [[nodiscard]] std::vector<std::vector<float>> newest(double seconds) const;

  private:
    double rate_hz_;
    std::vector<float> ring_;       ///< interleaved
    std::size_t at_ = 0, held_ = 0; ///< frames
    std::int64_t next_frame_ = 0;
};

} // namespace overbias::controller
