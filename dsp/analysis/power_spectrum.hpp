// SPDX-License-Identifier: Apache-2.0
// PowerSpectrum: mean power spectrum of a stretch (P. Welch, 1967: windowed segments, half overlapped), scaled so that
// the bins of one component add up to its mean square, and the power of a component among its neighbours.
//
// A band's power is the sum of its bins less what noise puts there; the noise is the median of the bins on both flanks,
// turned into a mean (M segments make a chi-square of 2 M degrees, median / mean = (1 - 1 / (9 M))^3), so that neither
// hum lines nor sidebands on a flank count as noise. Offline; allocates.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace overbias::dsp {

class PowerSpectrum {
  public:
    enum class Window {
        hann,           ///< main lobe 2 bins either way, falls 18 dB an octave
        blackman_harris ///< main lobe 4 bins either way, all else below -92 dB
    };
    /// Segments of the largest power of two that is no longer than `segment_s` or the stretch. Throws
    /// std::invalid_argument when the stretch has less than 256 samples or a figure is not positive.
    PowerSpectrum(std::span<const float> samples, double rate_hz, double segment_s, Window window);

    [[nodiscard]] double bin_hz() const noexcept { return bin_hz_; }
    [[nodiscard]] std::size_t averages() const noexcept { return averages_; }
    [[nodiscard]] std::span<const double> bins() const noexcept { return power_; }
    [[nodiscard]] std::size_t lobe_bins() const noexcept { return lobe_; }

    struct Band {
        double power = 0; ///< mean square of what stands in the band, noise taken off, not below 0
        double noise = 0; ///< mean square of the noise that was taken off
    };
    /// Everything within `half_width_hz` of the centre (main lobe added); nothing where the centre is not in the
    /// spectrum.
    [[nodiscard]] Band band(double centre_hz, double half_width_hz) const;
    /// Noise in one bin around a frequency: flanks from `inner_bins` to `outer_bins` away.
    [[nodiscard]] double floor(double centre_hz, std::size_t inner_bins, std::size_t outer_bins) const;
    /// Frequency of the highest bin in a range, between bins by the parabola through the logarithms; 0 when the range
    /// holds no bin.
    [[nodiscard]] double peak_hz(double from_hz, double to_hz) const;

  private:
    std::vector<double> power_;
    double bin_hz_ = 0;
    std::size_t averages_ = 0, lobe_ = 0;
};

} // namespace overbias::dsp
