// SPDX-License-Identifier: Apache-2.0
// QuasiPeak468: noise voltmeter of Rec. ITU-R BS.468-4: weighting network (dsp/analysis/weighting.hpp), then the
// quasi-peak detector of its tables 2 and 3, calibrated so that a steady 1 kHz sine reads its own level.
//
// Detector: full-wave; a peak rectifier that charges with 1.41 ms and leaks with 293 ms; a reading device of first
// order with 140 ms. The Recommendation prints windows for eleven bursts and no time constants; these are the fit of
// jmrplens/phonometry (MIT), inside all eleven. Two meters that conform may still differ on noise.
// Units: dB above the reference. With the reference at 0.775 V they are dBqps, with full scale dBFS (a full-scale 1 kHz
// sine reads 0). One channel. Thread: one. Allocates in the constructor only.
#pragma once

#include "dsp/analysis/weighting.hpp"

#include <span>

namespace overbias::dsp {

class QuasiPeak468 {
  public:
    /// `reference`: peak amplitude of the 1 kHz sine that reads 0 dB. Throws std::invalid_argument.
    QuasiPeak468(double sample_rate_hz, double reference);
    void process(std::span<const float> samples) noexcept;

    /// Now; highest since the last call of highest_db(); -160 dBFS at rest.
    [[nodiscard]] double reading_db() const noexcept { return db(needle_); }
    [[nodiscard]] double highest_db() noexcept;
    /// The needle itself, as peak amplitude of the 1 kHz sine with this reading: for means over time.
    [[nodiscard]] double needle() const noexcept { return needle_ * gain_; }

  private:
    [[nodiscard]] double db(double needle) const noexcept;
    WeightingFilter network_;
    double keep_, take_, leak_, device_; ///< holder: charging (keep, take), leaking; reading device
    double gain_, reference_;
    double holder_ = 0, needle_ = 0, highest_ = 0;
};

} // namespace overbias::dsp
