// SPDX-License-Identifier: Apache-2.0
// TruePeakMeter: the highest value between the samples as well as at them, ITU-R BS.1770-5 Annex 2, one channel. The
// interpolator is that of true_peak_filter.hpp: 4x below 80 kHz, 2x from 88.2 kHz on. Plain scalar code; the fused
// stereo pass (stereo_meters.hpp) is checked against it.
//
// What lies between samples is known when 12 more have come (0.27 ms at 44.1 kHz, less above): at the end of a file,
// feed 12 samples of silence. Samples that are no numbers count as silence.
// Thread: one; no allocation.
#pragma once

#include "dsp/meters/true_peak_filter.hpp"

#include <array>
#include <span>

namespace overbias::dsp {

class TruePeakMeter {
  public:
    static constexpr double kSilence_dbtp = -200.0;

    /// Throws std::invalid_argument.
    explicit TruePeakMeter(double sample_rate_hz);
    void process(std::span<const float> samples) noexcept;
    /// Highest since the last call, dB re full scale; -200 at silence.
    [[nodiscard]] double highest_dbtp() noexcept;

  private:
    TruePeakFilter filter_;
    std::array<double, 2 * 2 * kTruePeakPairs> past_{}; ///< the last 24 samples twice over, so that they lie in a row
    std::size_t at_ = 0;
    double highest_ = 0.0;
};

} // namespace overbias::dsp
