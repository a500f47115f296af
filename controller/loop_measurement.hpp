// SPDX-License-Identifier: Apache-2.0
// How many frames after it was played a signal came back: the mathematics of the loop measurement. The signal is half a
// second of noise between 200 Hz and 16 kHz, different on each channel, so that crossed cables show; the delay is the
// peak of its cross-correlation with what was captured (dsp/analysis/delay_estimator.hpp). Interleaved stereo, full
// scale 2^31. Thread: one.
#pragma once

#include "base/result.hpp"
#include "dsp/analysis/delay_estimator.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace overbias::controller {

class LoopMeasurement {
  public:
    explicit LoopMeasurement(double sample_rate_hz);

    [[nodiscard]] double sample_rate_hz() const noexcept { return rate_hz_; }
    [[nodiscard]] std::span<const std::int32_t> signal() const noexcept { return signal_; }
    /// Frames that find() needs, from the one captured when the signal's first left.
    [[nodiscard]] std::size_t window_frames() const noexcept { return window_; }

    struct Found {
        double frames = 0.0; ///< mean of both channels
    };
    /// The error says what came instead: nothing, one channel, crossed, turned over.
    [[nodiscard]] Result<Found> find(std::span<const std::int32_t> returned);

  private:
    using Spectrum = std::vector<std::complex<float>>;
    [[nodiscard]] Spectrum spectrum(std::span<const std::int32_t> interleaved, std::size_t channel);

    double rate_hz_;
    std::size_t window_;
    std::vector<std::int32_t> signal_;
    dsp::RealFft fft_;
    dsp::DelayEstimator estimator_;
    std::array<Spectrum, 2> sent_;
};

} // namespace overbias::controller
