// SPDX-License-Identifier: Apache-2.0
#include "calibration/measure/measured_test_tones.hpp"
#include "dsp/analysis/power_spectrum.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <optional>
#include <span>
#include <stdexcept>
#include <vector>

namespace overbias::calibration {

namespace {

constexpr double kSegment_s = 1.4, kShortest_s = 1.0;
constexpr double kBlock_s = 0.05, kSteady = 2.0; ///< power of a block re the median of the blocks
constexpr double kShare = 0.9;                   ///< of the power, that two tones must have
constexpr double kLeastPower = 5e-7;             ///< -60 dBFS
constexpr double kFlutterWidth = 0.009;
constexpr double kLow_hz = 60.0, kHigh_hz = 7000.0, kNominal = 0.03;
constexpr double kFourToOne_db = 12.04, kFourToOneWithin_db = 2.0, kAlikeWithin_db = 1.5;
constexpr double kNearest_hz = 100.0, kFarthest_hz = 3000.0, kLowestPair_hz = 2000.0;

/// The longest part whose level stays within 3 dB of what is usual in it.
std::span<const float> steady_part(std::span<const float> channel, double rate_hz) {
    const auto block = static_cast<std::size_t>(kBlock_s * rate_hz);
    std::vector<double> power;
    for (std::size_t at = 0; at + block <= channel.size(); at += block) {
        double sum = 0.0;
        for (const float x : channel.subspan(at, block)) {
            sum += static_cast<double>(x) * static_cast<double>(x);
        }
        power.push_back(sum / static_cast<double>(block));
    }
    std::vector<double> loud;
    std::ranges::copy_if(power, std::back_inserter(loud), [](double x) { return x > kLeastPower; });
    if (loud.empty()) {
        return {};
    }
    const auto middle = loud.begin() + static_cast<std::ptrdiff_t>(loud.size() / 2);
    std::nth_element(loud.begin(), middle, loud.end());
    std::size_t best = 0, best_from = 0, from = 0;
    for (std::size_t k = 0; k <= power.size(); ++k) {
        if (k == power.size() || !(power[k] < kSteady * *middle && power[k] > *middle / kSteady)) {
            if (k - from > best) {
                best = k - from;
                best_from = from;
            }
            from = k + 1;
        }
    }
    return channel.subspan(best_from * block, best * block);
}

bool near(double hz, double nominal_hz) {
    return std::abs(hz / nominal_hz - 1.0) <= kNominal;
}

} // namespace

std::optional<IntermodulationFigures> measure_two_tones(std::span<const float> whole, double rate_hz) {
    const std::span<const float> channel = steady_part(whole, rate_hz);
    if (static_cast<double>(channel.size()) < kShortest_s * rate_hz) {
        return std::nullopt;
    }
    const dsp::PowerSpectrum spectrum(channel, rate_hz, kSegment_s, dsp::PowerSpectrum::Window::blackman_harris);
    const double top_hz = 0.47 * rate_hz;
    const auto power = [&](double hz) { return hz > 0.0 ? spectrum.band(hz, kFlutterWidth * hz).power : 0.0; };
    const double first_hz = spectrum.peak_hz(20.0, top_hz);
    const double around_hz = std::max(2.0 * kFlutterWidth * first_hz, 12.0 * spectrum.bin_hz());
    const double below_hz = spectrum.peak_hz(20.0, first_hz - around_hz);
    const double above_hz = spectrum.peak_hz(first_hz + around_hz, top_hz);
    const double second_hz = power(below_hz) > power(above_hz) ? below_hz : above_hz;
    double all = 0.0;
    for (const double bin : spectrum.bins()) {
        all += bin;
    }
    const double first = power(first_hz), second = power(second_hz);
    if (!(first + second >= kShare * all) || !(second > 0.0)) {
        return std::nullopt;
    }
    const double apart_db = 10.0 * std::log10(first / second);
    const auto [low_hz, high_hz] = std::minmax(first_hz, second_hz);
    IntermodulationFigures figures;
    try {
        if (near(first_hz, kLow_hz) && near(second_hz, kHigh_hz) &&
            std::abs(apart_db - kFourToOne_db) <= kFourToOneWithin_db) {
            figures.modulation = dsp::measure_modulation_distortion(channel, rate_hz, low_hz, high_hz);
        } else if (std::abs(apart_db) <= kAlikeWithin_db && low_hz >= kLowestPair_hz &&
                   high_hz - low_hz >= kNearest_hz && high_hz - low_hz <= kFarthest_hz) {
            figures.difference = dsp::measure_difference_distortion(channel, rate_hz, low_hz, high_hz);
        } else {
            return std::nullopt;
        }
    } catch (const std::invalid_argument&) { // too little over the noise
        return std::nullopt;
    }
    return figures;
}

} // namespace overbias::calibration
