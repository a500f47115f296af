// SPDX-License-Identifier: Apache-2.0
// MeterPicture: goniometer and third-octave spectrum of one tap, for the panels that look at them. It is made when the
// first one looks and dropped when none does. Thread: the meter worker's.
#pragma once

#include "dsp/meters/goniometer.hpp"
#include "dsp/meters/spectrum_meter.hpp"
#include "web-ui/server/picture_frame.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace overbias::controller {

class MeterPicture {
  public:
    explicit MeterPicture(double rate_hz);
    /// L, R, L, R ...
    void process(std::span<const float> interleaved);
    /// Points since the last one, and the spectrum as it stands.
    [[nodiscard]] web_ui::PictureFrame take(web_ui::PictureSource source, std::uint64_t capture_time_ns);

  private:
    dsp::Goniometer goniometer_;
    std::array<dsp::SpectrumMeter, 2> spectra_;
    std::array<std::vector<float>, 2> channels_;
    std::vector<dsp::GoniometerPoint> points_;
};

} // namespace overbias::controller
