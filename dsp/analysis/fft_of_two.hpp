// SPDX-License-Identifier: Apache-2.0
// Spectra of a stereo frame: its even and its odd samples are four signals, transformed at once (FftOfFour), and one
// pass of radix 2 puts them together (J. W. Cooley and J. W. Tukey, 1965, decimation in time).
//
// Same scale as RealFft. Thread: one an object. Allocates in the constructor only.
#pragma once

#include "dsp/analysis/fft_of_four.hpp"
#include "dsp/analysis/two_bins.hpp"

#include <array>
#include <complex>
#include <cstddef>
#include <span>
#include <vector>

namespace overbias::dsp {

class FftOfTwo {
  public:
    /// Throws std::invalid_argument when size is no power of two or below 16.
    explicit FftOfTwo(std::size_t size);

    [[nodiscard]] std::size_t size() const noexcept { return 2 * four_.size(); }
    [[nodiscard]] std::size_t bins() const noexcept { return four_.size() + 1; }

    /// A stereo frame, interleaved, 2 * size samples, as it is; bins() bins each.
    void forward(std::span<const float> frame, std::span<std::complex<float>> left,
                 std::span<std::complex<float>> right) noexcept;

  private:
    FftOfFour four_;
    std::array<std::vector<std::complex<float>>, 4> halves_; ///< even samples left and right, then odd ones
    std::vector<TwoFactors> turns_;                          ///< e^(-2 pi j k / size)
};

} // namespace overbias::dsp
