// SPDX-License-Identifier: Apache-2.0
// One-third-octave bands from FFT bins. IEC 61260-1: exact centres 1000 * 10^(n/10) Hz (base ten), edges a factor
// 10^(1/20) away on both sides; nominal centres are the rounded names printed on scales. Bins are assigned whole by
// their centre frequency, so the figures are powers for comparison, not a filter of class 1 or 2.
#pragma once

#include <complex>
#include <cstddef>
#include <span>
#include <vector>

namespace overbias::dsp {

class ThirdOctaveBands {
  public:
    /// Bands whose nominal centres run from lowest to highest, for an FFT of this size.
    ThirdOctaveBands(std::size_t fft_size, double rate_hz, double lowest_nominal_hz, double highest_nominal_hz);

    [[nodiscard]] std::size_t size() const noexcept { return nominal_hz_.size(); }
    [[nodiscard]] const std::vector<double>& nominal_hz() const noexcept { return nominal_hz_; }
    /// Index of the band with this nominal centre; size() when there is none.
    [[nodiscard]] std::size_t index_of(double nominal_hz) const noexcept;

    /// |bin|^2 summed over each band, unscaled.
    void sum(std::span<const std::complex<float>> bins, std::span<float> power) const noexcept;

  private:
    std::vector<double> nominal_hz_;
    std::vector<std::size_t> first_bin_; ///< size() + 1 entries
};

/// Nominal centre of band n (n = 0 is 1 kHz), IEC 61260-1 annex E.
[[nodiscard]] double third_octave_nominal_hz(int n);

} // namespace overbias::dsp
