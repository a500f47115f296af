// SPDX-License-Identifier: Apache-2.0
#include "dsp/analysis/distortion.hpp"

#include "dsp/analysis/aes17_band.hpp"
#include "dsp/analysis/biquad.hpp"
#include "dsp/analysis/power_spectrum.hpp"
#include "dsp/analysis/tone.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>

namespace overbias::dsp {

namespace {

constexpr double kShortest_s = 0.2, kSegment_s = 1.4;
constexpr double kLowest_hz = 20.0, kHighest_hz = 20000.0, kHighestShare = 0.47;
constexpr double kNotchQ = 2.0;
constexpr double kSettle_s = 0.3, kSettleShare = 0.25;

double find_fundamental(std::span<const float> channel, double rate_hz, double about_hz) {
    Tone tone = strongest_tone(channel);
    if (about_hz > 0.0) {
        // the strongest tone may be another one: look at the spectrum around the one asked for
        const PowerSpectrum spectrum(channel, rate_hz, kSegment_s, PowerSpectrum::Window::hann);
        const double near_hz =
            spectrum.peak_hz(about_hz * 0.99 - spectrum.bin_hz(), about_hz * 1.01 + spectrum.bin_hz());
        if (std::abs(tone.cycles_per_sample * rate_hz - near_hz) > 2.0 * spectrum.bin_hz()) {
            return near_hz;
        }
    }
    const double hz = tone.cycles_per_sample * rate_hz;
    if (!(hz >= kLowest_hz) || !(tone.amplitude > 0.0)) {
        throw std::invalid_argument("distortion: no tone found from 20 Hz up, expected one");
    }
    return hz;
}

} // namespace

double Distortion::third_percent() const noexcept {
    return harmonic_percent.size() > 1 ? harmonic_percent[1] : std::numeric_limits<double>::quiet_NaN();
}

Distortion measure_distortion(std::span<const float> channel, double rate_hz, const DistortionConfig& config) {
    if (!(static_cast<double>(channel.size()) >= kShortest_s * rate_hz) || !(rate_hz > 0.0)) {
        throw std::invalid_argument("distortion: " + std::to_string(channel.size()) + " samples at " +
                                    std::to_string(rate_hz) + " Hz, expected 0.2 s or more");
    }
    Distortion result;
    result.fundamental_hz = find_fundamental(channel, rate_hz, config.fundamental_hz);
    const PowerSpectrum spectrum(channel, rate_hz, kSegment_s, PowerSpectrum::Window::blackman_harris);
    const auto harmonic = [&](int n) {
        const double hz = n * result.fundamental_hz;
        return spectrum.band(hz, hz * config.flutter_width);
    };
    const double fundamental = harmonic(1).power;
    if (!(fundamental > 0.0)) {
        throw std::invalid_argument("distortion: no tone at " + std::to_string(result.fundamental_hz) + " Hz");
    }
    result.fundamental_dbfs = 10.0 * std::log10(2.0 * fundamental);
    double harmonics = 0.0;
    const double top_hz = std::min(kHighest_hz, kHighestShare * rate_hz);
    for (int n = 2; n <= config.highest_harmonic && n * result.fundamental_hz <= top_hz; ++n) {
        const PowerSpectrum::Band band = harmonic(n);
        harmonics += band.power;
        result.harmonic_percent.push_back(100.0 * std::sqrt(band.power / fundamental));
        if (n == 3) {
            result.third_noise_percent = 100.0 * std::sqrt(band.noise / fundamental);
        }
    }
    result.thd_f_percent = 100.0 * std::sqrt(harmonics / fundamental);
    result.thd_r_percent = 100.0 * std::sqrt(harmonics / (fundamental + harmonics));
    result.thd_n_percent = measure_thd_n_percent(channel, rate_hz, result.fundamental_hz);
    return result;
}

double measure_thd_n_percent(std::span<const float> channel, double rate_hz, double fundamental_hz) {
    Aes17Band band(rate_hz);
    Biquad behind(notch(fundamental_hz, kNotchQ, rate_hz));
    const auto settle =
        static_cast<std::size_t>(std::min(kSettle_s * rate_hz, kSettleShare * static_cast<double>(channel.size())));
    double whole = 0.0, rest = 0.0;
    for (std::size_t i = 0; i < channel.size(); ++i) {
        const double x = band.rt_process(static_cast<double>(channel[i]));
        const double y = behind.rt_process(x);
        if (i >= settle + band.delay()) {
            whole += x * x;
            rest += y * y;
        }
    }
    return whole > 0.0 ? 100.0 * std::sqrt(rest / whole) : 0.0;
}

} // namespace overbias::dsp
