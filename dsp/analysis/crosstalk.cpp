// SPDX-License-Identifier: Apache-2.0
#include "dsp/analysis/crosstalk.hpp"

#include "dsp/analysis/power_spectrum.hpp"
#include "dsp/analysis/tone.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

namespace overbias::dsp {

namespace {

constexpr double kShortest_s = 0.5, kSegment_s = 1.4;
constexpr double kSearch = 0.02;
constexpr double kWidest = 0.009;      ///< half a band, share of the frequency: three times a flutter of 0.3 %
constexpr double kLeftOut = 2e-4;      ///< of the tone's power
constexpr double kOverNoise = 100.0;   ///< power; less is no tone
constexpr double kStandsOut = 4.0;     ///< power, 6 dB
constexpr double kSilence = 1e-20 / 2; ///< power of a sine at -200 dBFS

double sine_dbfs(double power) {
    return 10.0 * std::log10(2.0 * std::max(power, kSilence));
}

double find_tone(std::span<const float> channel, const PowerSpectrum& spectrum, double rate_hz, double about_hz) {
    const double hz = about_hz > 0.0 ? spectrum.peak_hz(about_hz * (1.0 - kSearch) - spectrum.bin_hz(),
                                                        about_hz * (1.0 + kSearch) + spectrum.bin_hz())
                                     : strongest_tone(channel).cycles_per_sample * rate_hz;
    const auto band = spectrum.band(hz, kWidest * hz);
    if (!(hz >= 20.0) || !(band.power > kSilence) || !(band.power > kOverNoise * band.noise)) {
        throw std::invalid_argument("crosstalk: no tone found" +
                                    (about_hz > 0.0 ? " within 2 % of " + std::to_string(about_hz) + " Hz" : "") +
                                    ", expected one in the channel that is to carry it");
    }
    return hz;
}

/// The narrowest band, in steps of a bin, that leaves next to nothing out.
double half_band(const PowerSpectrum& spectrum, double hz) {
    const double widest = kWidest * hz, whole = spectrum.band(hz, widest).power;
    double half = 0.0;
    while (half < widest && spectrum.band(hz, half).power < (1.0 - kLeftOut) * whole) {
        half = std::min(widest, half + spectrum.bin_hz());
    }
    return half;
}

} // namespace

Crosstalk measure_crosstalk(std::span<const float> carries_tone, std::span<const float> listens, double rate_hz,
                            double about_hz) {
    if (carries_tone.size() != listens.size() || !(rate_hz > 0.0) ||
        !(static_cast<double>(listens.size()) >= kShortest_s * rate_hz)) {
        throw std::invalid_argument("crosstalk: stretches of " + std::to_string(carries_tone.size()) + " and " +
                                    std::to_string(listens.size()) + " samples at " + std::to_string(rate_hz) +
                                    " Hz: expected one length, half a second or more");
    }
    const PowerSpectrum sent(carries_tone, rate_hz, kSegment_s, PowerSpectrum::Window::blackman_harris);
    const PowerSpectrum heard(listens, rate_hz, kSegment_s, PowerSpectrum::Window::blackman_harris);
    Crosstalk result;
    result.frequency_hz = find_tone(carries_tone, sent, rate_hz, about_hz);
    const double half_hz = half_band(sent, result.frequency_hz);
    result.half_band_hz = half_hz + static_cast<double>(sent.lobe_bins()) * sent.bin_hz();
    const double tone = sent.band(result.frequency_hz, half_hz).power;
    const auto leak = heard.band(result.frequency_hz, half_hz);
    result.tone_dbfs = sine_dbfs(tone);
    result.leak_dbfs = sine_dbfs(leak.power);
    result.floor_dbfs = sine_dbfs(leak.noise);
    const double least = kStandsOut * std::max(leak.noise, kSilence);
    result.better_than = leak.power < least;
    result.separation_db = result.tone_dbfs - sine_dbfs(result.better_than ? least : leak.power);
    return result;
}

} // namespace overbias::dsp
