// SPDX-License-Identifier: Apache-2.0
// Real Fourier transform (KissFFT, single precision).
//
// Shapes: `size` real samples <-> size / 2 + 1 bins; bin k is k * rate / size. forward() is unscaled: a sine of
// amplitude A that fits the frame gives |bin| = A * size / 2. inverse() divides by size, so inverse(forward(x)) == x.
// Thread: one thread an object. Allocates in the constructor only.
#pragma once

#include <complex>
#include <cstddef>
#include <memory>
#include <span>

namespace overbias::dsp {

class RealFft {
  public:
    /// Throws std::invalid_argument when size is odd or below 4.
    explicit RealFft(std::size_t size);
    ~RealFft();
    RealFft(RealFft&&) noexcept;
    RealFft& operator=(RealFft&&) noexcept;

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] std::size_t bins() const noexcept { return size_ / 2 + 1; }

    void forward(std::span<const float> time, std::span<std::complex<float>> bins);
    void inverse(std::span<const std::complex<float>> bins, std::span<float> time);

  private:
    struct Plans;
    std::size_t size_;
    std::unique_ptr<Plans> plans_;
};

} // namespace overbias::dsp
