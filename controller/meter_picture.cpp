// SPDX-License-Identifier: Apache-2.0
#include "controller/meter_picture.hpp"

#include <cmath>

namespace overbias::controller {

namespace {

constexpr double kPointsPerSecond = 4000.0;
constexpr std::size_t kPoints = 400; ///< in one picture

/// A third of a second or a little more at every rate, so that the bands begin at about the same place.
dsp::SpectrumConfig spectrum(double rate_hz) {
    return {.rate_hz = rate_hz,
            .fft_size = rate_hz > 96000.0 ? 65536U : (rate_hz > 48000.0 ? 32768U : 16384U),
            .updates_per_s = 15.0,
            .average_s = 0.1};
}

} // namespace

MeterPicture::MeterPicture(double rate_hz)
    : goniometer_(rate_hz, kPointsPerSecond, kPoints), spectra_{dsp::SpectrumMeter(spectrum(rate_hz)),
                                                                dsp::SpectrumMeter(spectrum(rate_hz))},
      points_(kPoints) {
}

void MeterPicture::process(std::span<const float> interleaved) {
    for (std::size_t side = 0; side < 2; ++side) {
        channels_[side].resize(interleaved.size() / 2);
        for (std::size_t i = 0; i < channels_[side].size(); ++i) {
            channels_[side][i] = interleaved[2 * i + side];
        }
        spectra_[side].process(channels_[side]);
    }
    goniometer_.process(channels_[0], channels_[1]);
}

web_ui::PictureFrame MeterPicture::take(web_ui::PictureSource source, std::uint64_t capture_time_ns) {
    web_ui::PictureFrame picture;
    picture.source = source;
    picture.capture_time_ns = capture_time_ns;
    const std::size_t points = goniometer_.take(points_);
    for (const dsp::GoniometerPoint& point : std::span(points_).first(points)) {
        picture.points.emplace_back(point.x, point.y);
    }
    picture.first_band = static_cast<int>(std::lround(10.0 * std::log10(spectra_[0].band_nominal_hz().front())));
    for (std::size_t side = 0; side < 2; ++side) {
        const auto levels = spectra_[side].bands_dbfs();
        const auto peaks = spectra_[side].band_peaks_dbfs();
        picture.bands_dbfs[side].assign(levels.begin(), levels.end());
        picture.peaks_dbfs[side].assign(peaks.begin(), peaks.end());
    }
    return picture;
}

} // namespace overbias::controller
