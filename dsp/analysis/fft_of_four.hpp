// SPDX-License-Identifier: Apache-2.0
// Spectra of four real signals at once: each has a lane of a register, so nothing is shuffled.
//
// Complex transform of half the size by Stockham's autosort, radix 4, on the even and odd samples as real and imaginary
// part, then taken apart (W. H. Press et al., Numerical Recipes, 12.3). Same scale as RealFft: a sine of amplitude A
// that fits the frame gives |bin| = A size / 2. Thread: one an object. Allocates in the constructor only.
#pragma once

#include <array>
#include <complex>
#include <cstddef>
#include <span>
#include <vector>

namespace overbias::dsp {

class FftOfFour {
  public:
    using Spectra = std::array<std::span<std::complex<float>>, 4>;

    /// Throws std::invalid_argument when size is no power of two or below 8.
    explicit FftOfFour(std::size_t size);

    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    /// Two stereo frames, interleaved, 2 * size samples each, times `window`: out[0] and out[1] are the channels of
    /// the first, out[2] and out[3] those of the second. As many bins as the spans hold, size / 2 + 1 at most.
    void forward(std::span<const float> first, std::span<const float> second, std::span<const float> window,
                 const Spectra& out) noexcept;
    /// Four signals interleaved, 4 * size samples, as they are.
    void forward(std::span<const float> frames, const Spectra& out) noexcept;

  private:
    using Lanes = float __attribute__((vector_size(16)));
    struct Point {
        Lanes re, im;
    };
    void transform() noexcept;
    void take_apart(const Spectra& out) noexcept;

    std::size_t size_;
    std::vector<Point> points_, other_;
    std::vector<std::complex<float>> turns_; ///< of each pass, three a butterfly
    std::vector<std::complex<float>> apart_; ///< e^(-2 pi j k / size)
};

} // namespace overbias::dsp
