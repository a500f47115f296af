// SPDX-License-Identifier: Apache-2.0
// VuMeter: standard volume indicator, ANSI C16.5-1942 / IEC 60268-17: full-wave average, second-order ballistics, 99 %
// of a steady tone's reading after 300 ms, overshoot 1 to 1.5 % (1.25 % here).
//
// The needle is a damped oscillator, n'' + 2 zeta w n' + w^2 n = w^2 |x|, taken from sample to sample by the exact
// solution for an input that holds its value over the sample; it is the same needle at every rate. A tone locked to a
// small part of the sample rate is averaged over few places of its wave: -2.1 to +0.9 dB at fs/4, 0.9 dB at fs/3.
// One channel. Thread: one; no allocation.
#pragma once

#include <span>

namespace overbias::dsp {

/// One sample on: deflection and velocity from themselves, measured from where the input would hold the needle.
struct VuCoefficients {
    double position_from_position = 0, position_from_velocity = 0, velocity_from_position = 0,
           velocity_from_velocity = 0;
};
[[nodiscard]] VuCoefficients vu_coefficients(double sample_rate_hz);

class VuMeter {
  public:
    /// `reference`: peak amplitude of the sine that reads 0 VU (full scale 1). Throws std::invalid_argument.
    VuMeter(double sample_rate_hz, double reference);
    void process(std::span<const float> samples) noexcept;
    /// Needle now, and highest since the last call of highest(), in VU (dB of the steady sine with the same reading);
    /// -60 at rest.
    [[nodiscard]] double reading_vu() const noexcept;
    [[nodiscard]] double highest_vu() noexcept;

  private:
    [[nodiscard]] double vu(double needle) const noexcept;
    double unit_; ///< needle at 0 VU
    VuCoefficients c_;
    double needle_ = 0, velocity_ = 0, highest_ = 0;
};

} // namespace overbias::dsp
