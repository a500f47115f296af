// SPDX-License-Identifier: Apache-2.0
// VuMeter: standard volume indicator, ANSI C16.5-1942 / IEC 60268-17: full-wave average, second-order ballistics, 99 %
// of a steady tone's reading after 300 ms, overshoot 1 to 1.5 % (1.25 % here).
// One channel. Thread: one; no allocation.
#pragma once

#include <span>

namespace overbias::dsp {

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
    double reference_;
    double step_a_ = 0, step_b_ = 0, step_c_ = 0; ///< coefficients of the needle's equation
    double needle_ = 0, velocity_ = 0, highest_ = 0;
};

} // namespace overbias::dsp
