// SPDX-License-Identifier: Apache-2.0
#include "dsp/analysis/erase_depth.hpp"

#include "dsp/analysis/power_spectrum.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

namespace overbias::dsp {

namespace {

constexpr double kShortest_s = 0.5, kSegment_s = 1.4;
constexpr double kSearch = 0.02;
constexpr double kTone = 0.9;      ///< of the band's power before, at least, is the tone
constexpr double kWidth = 0.009;   ///< that flutter gives it, to either side
constexpr double kStandsOut = 4.0; ///< power, 6 dB
constexpr double kSilence = 1e-20 / 2;
const double kEdge = std::pow(10.0, 0.05);

double sine_dbfs(double power) {
    return 10.0 * std::log10(2.0 * std::max(power, kSilence));
}

/// Power between two frequencies; bins that an edge cuts count by the part inside.
double power_between(const PowerSpectrum& spectrum, double from_hz, double to_hz) {
    const double from = from_hz / spectrum.bin_hz(), to = to_hz / spectrum.bin_hz();
    double sum = 0.0;
    for (auto k = static_cast<std::size_t>(std::lround(from)); k < spectrum.bins().size(); ++k) {
        const double low = static_cast<double>(k) - 0.5, high = low + 1.0;
        if (low >= to) {
            break;
        }
        sum += spectrum.bins()[k] * std::max(0.0, std::min(high, to) - std::max(low, from));
    }
    return sum;
}

} // namespace

EraseDepth measure_erase_depth(std::span<const float> before, std::span<const float> after, double rate_hz,
                               double about_hz) {
    const auto shorter = static_cast<double>(std::min(before.size(), after.size()));
    if (!(rate_hz > 0.0) || !(shorter >= kShortest_s * rate_hz)) {
        throw std::invalid_argument("erase depth: stretches of " + std::to_string(before.size()) + " and " +
                                    std::to_string(after.size()) + " samples at " + std::to_string(rate_hz) +
                                    " Hz: expected half a second or more of each");
    }
    const double reach = kEdge * kEdge * kEdge;
    if (!(about_hz / reach >= 20.0) || !(about_hz * reach < rate_hz / 2.0)) {
        throw std::invalid_argument("erase depth: a tone of " + std::to_string(about_hz) + " Hz at " +
                                    std::to_string(rate_hz) +
                                    " samples/s: expected a third octave of room on both sides within 20 Hz and half "
                                    "the rate");
    }
    const PowerSpectrum tone(before, rate_hz, kSegment_s, PowerSpectrum::Window::blackman_harris);
    const PowerSpectrum rest(after, rate_hz, kSegment_s, PowerSpectrum::Window::blackman_harris);
    EraseDepth result;
    const double hz =
        tone.peak_hz(about_hz * (1.0 - kSearch) - tone.bin_hz(), about_hz * (1.0 + kSearch) + tone.bin_hz());
    result.frequency_hz = hz;
    result.from_hz = hz / kEdge;
    result.to_hz = hz * kEdge;
    const double sent = power_between(tone, result.from_hz, result.to_hz);
    if (!(sent > kSilence) || !(tone.band(hz, kWidth * hz).power >= kTone * sent)) {
        throw std::invalid_argument("erase depth: no tone found within 2 % of " + std::to_string(about_hz) +
                                    " Hz, expected one in the stretch before erasing");
    }
    const double third = kEdge * kEdge;
    const double band = power_between(rest, result.from_hz, result.to_hz);
    const double floor = std::sqrt(power_between(rest, result.from_hz / third, result.from_hz) *
                                   power_between(rest, result.to_hz, result.to_hz * third));
    const double left = std::max(0.0, band - floor), least = kStandsOut * std::max(floor, kSilence);
    result.before_dbfs = sine_dbfs(sent);
    result.after_dbfs = sine_dbfs(band);
    result.left_dbfs = sine_dbfs(left);
    result.floor_dbfs = sine_dbfs(floor);
    result.better_than = left < least;
    result.depth_db = result.before_dbfs - sine_dbfs(result.better_than ? least : left);
    return result;
}

} // namespace overbias::dsp
