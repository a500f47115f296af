// SPDX-License-Identifier: Apache-2.0
// Time between two signals that carry the same programme.
//
// Fine: the peak of the cross-correlation inside a band, found on the cross spectrum by Newton steps on the sum
//   J(d) = sum over bins of Re{ conj(X) Y e^(j 2 pi f d) },  J'(d) = 0,
// which weights each bin by its power and by frequency squared: low bins, where a chain's phase is not a delay, hardly
// count. Coarse: the same J(d) on the grid of samples by an inverse FFT, then a parabola through the peak. Positive
// delay: the second signal comes later.
#pragma once

#include "dsp/analysis/fft.hpp"

#include <complex>
#include <cstddef>
#include <span>
#include <vector>

namespace overbias::dsp {

struct DelayEstimate {
    double samples = 0.0;
    /// Correlation at the peak inside the band, -1 ... 1; its sign is the polarity.
    double correlation = 0.0;
};

/// Correlation of two spectra inside a band at a given delay. Bins first ... last - 1; delay in samples, size = FFT
/// size.
[[nodiscard]] std::complex<double> band_cross(std::span<const std::complex<float>> x,
                                              std::span<const std::complex<float>> y, std::size_t first,
                                              std::size_t last, std::size_t size, double delay) noexcept;

class DelayEstimator {
  public:
    /// Compares frames of `size` samples inside low_hz ... high_hz.
    DelayEstimator(std::size_t size, double rate_hz, double low_hz, double high_hz);

    [[nodiscard]] std::size_t first_bin() const noexcept { return first_; }
    [[nodiscard]] std::size_t last_bin() const noexcept { return last_; }

    /// Peak nearest to `guess` (within a quarter period of what dominates the band). Either polarity.
    [[nodiscard]] DelayEstimate fine(std::span<const std::complex<float>> x, std::span<const std::complex<float>> y,
                                     double guess) const noexcept;
    /// Strongest peak, of either polarity, within +-reach samples of `guess`.
    [[nodiscard]] DelayEstimate coarse(std::span<const std::complex<float>> x, std::span<const std::complex<float>> y,
                                       double guess, double reach);

  private:
    RealFft fft_;
    std::size_t first_, last_;
    std::vector<std::complex<float>> cross_;
    std::vector<float> correlation_;
};

} // namespace overbias::dsp
