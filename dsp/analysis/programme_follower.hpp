// SPDX-License-Identifier: Apache-2.0
// Walks along a programme and what came back of it, frame by frame, and keeps the two in step: the place of each frame
// in the capture is where the last one was found, to the fraction of a sample, so that wow, a wrong speed and two
// clocks may carry it away slowly. Where it is lost (silence, a drop-out, another programme) it is looked for again,
// within `reach`.
//
// Frames of 85 ms, Hann, every half frame. Thread: one; allocates in the constructor only.
#pragma once

#include "dsp/analysis/delay_estimator.hpp"
#include "dsp/analysis/fft.hpp"

#include <complex>
#include <cstddef>
#include <span>
#include <vector>

namespace overbias::dsp {

class ProgrammeFollower {
  public:
    /// Delays are found inside low_hz ... high_hz.
    ProgrammeFollower(double rate_hz, double low_hz, double high_hz);

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] std::size_t hop() const noexcept { return size_ / 2; }
    [[nodiscard]] DelayEstimator& estimator() noexcept { return estimator_; }

    /// `lag`: by how many samples the capture is later than the reference, within +-reach (at most a quarter frame at a
    /// time). The spans must outlive the walk.
    void begin(std::span<const float> reference, std::span<const float> capture, double lag, double reach);
    /// On to the next frame in which the capture correlates to 0.5 or more; false at the end.
    bool next();

    // the frame found
    [[nodiscard]] std::size_t at() const noexcept { return at_; }          ///< its first sample in the reference
    [[nodiscard]] std::size_t there() const noexcept { return there_; }    ///< and in the capture
    [[nodiscard]] double delay() const noexcept { return found_.samples; } ///< what there() - at() leaves of the lag
    [[nodiscard]] double correlation() const noexcept { return found_.correlation; }
    [[nodiscard]] std::span<const std::complex<float>> reference_bins() const noexcept { return a_; }
    [[nodiscard]] std::span<const std::complex<float>> capture_bins() const noexcept { return b_; }

    /// Windowed transform of a frame of something else.
    void transform(std::span<const float> samples, std::size_t at, std::span<std::complex<float>> bins);

  private:
    enum class Look { Lost, Moved, Found };
    Look look();

    std::size_t size_;
    RealFft fft_;
    DelayEstimator estimator_;
    std::vector<float> window_, windowed_;
    std::vector<std::complex<float>> a_, b_;
    std::span<const float> reference_, capture_;
    double lag_ = 0.0, reach_ = 0.0;
    bool sure_ = false;
    std::size_t upcoming_ = 0, at_ = 0, there_ = 0;
    DelayEstimate found_;
};

} // namespace overbias::dsp
