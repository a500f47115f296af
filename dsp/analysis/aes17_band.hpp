// SPDX-License-Identifier: Apache-2.0
// The band in which AES17-2015 measures noise and THD+N: 20 Hz high-pass and the "standard low-pass filter", 20 kHz.
//
// High-pass: Butterworth, second order, -3 dB at 20 Hz / 1.5 (-0.8 dB at 20 Hz). Low-pass: symmetric FIR, Kaiser
// window, pass-band to 20 kHz within 0.01 dB, 80 dB down where the stop-band begins: at 24 kHz, or at half the rate
// where that comes first. At 44.1 kHz and below, what lies between 20 kHz and half the rate is cut the same way. One
// channel. Thread: one. Allocates in the constructor only. The output is `delay()` samples late.
#pragma once

#include "dsp/analysis/biquad.hpp"

#include <cstddef>
#include <vector>

namespace overbias::dsp {

class Aes17Band {
  public:
    /// Throws std::invalid_argument below 42 kHz, where the low-pass has no room.
    explicit Aes17Band(double rate_hz);
    [[nodiscard]] double rt_process(double x) noexcept;
    [[nodiscard]] std::size_t delay() const noexcept { return taps_.size() / 2; }

  private:
    Biquad high_pass_;
    std::vector<double> taps_;
    std::vector<double> ring_; ///< every sample twice, so that the newest taps_.size() always lie in a row
    std::size_t next_ = 0;
};

} // namespace overbias::dsp
