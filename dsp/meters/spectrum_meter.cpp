// SPDX-License-Identifier: Apache-2.0
#include "dsp/meters/spectrum_meter.hpp"

#include "dsp/analysis/window.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>
#include <stdexcept>
#include <string>

namespace overbias::dsp {

namespace {

constexpr std::size_t kLeastSize = 4096, kMostSize = 65536;
constexpr float kNothing_dbfs = -200.0F;
// main lobe and a bin: what a band must hold for a sine in its middle to read its level
constexpr double kNarrowestHann_bins = 5.0, kNarrowestBlackmanHarris_bins = 8.0;

const SpectrumConfig& checked(const SpectrumConfig& config) {
    if (!std::has_single_bit(config.fft_size) || config.fft_size < kLeastSize || config.fft_size > kMostSize) {
        throw std::invalid_argument("spectrum: transform of " + std::to_string(config.fft_size) +
                                    " samples, expected a power of two from 4096 to 65536");
    }
    if (!(config.rate_hz > 0.0) || !(config.updates_per_s > 0.0) || !(config.updates_per_s <= config.rate_hz) ||
        !(config.average_s >= 0.0) || !(config.hold_s >= 0.0) || !(config.decay_db_per_s >= 0.0)) {
        throw std::invalid_argument("spectrum: rate " + std::to_string(config.rate_hz) + " Hz, " +
                                    std::to_string(config.updates_per_s) +
                                    " updates a second: must be positive; average, hold and decay: not below 0");
    }
    return config;
}

ThirdOctaveBands bands_for(const SpectrumConfig& config) {
    const double bin_hz = config.rate_hz / static_cast<double>(config.fft_size);
    const double relative_width = std::pow(10.0, 0.05) - std::pow(10.0, -0.05);
    const double narrowest_bins =
        config.window == SpectrumWindow::hann ? kNarrowestHann_bins : kNarrowestBlackmanHarris_bins;
    const double lowest_hz = std::max(20.0, narrowest_bins * bin_hz / relative_width);
    const double highest_hz = std::min(config.highest_hz, config.rate_hz / 2.0 * std::pow(10.0, -0.05));
    const int first = static_cast<int>(std::ceil(10.0 * std::log10(lowest_hz / 1000.0) - 0.05));
    const int last = static_cast<int>(std::floor(10.0 * std::log10(highest_hz / 1000.0) + 0.05));
    if (last < first) {
        throw std::invalid_argument("spectrum: highest third octave " + std::to_string(config.highest_hz) +
                                    " Hz lies below the lowest this transform resolves, " + std::to_string(lowest_hz));
    }
    return {config.fft_size, config.rate_hz, third_octave_nominal_hz(first), third_octave_nominal_hz(last)};
}

} // namespace

SpectrumMeter::Display::Display(std::size_t size)
    : power(size, 0.0F), level(size, kNothing_dbfs), peak(size, kNothing_dbfs), held(size, 0) {
}

SpectrumMeter::SpectrumMeter(const SpectrumConfig& config)
    : fft_(checked(config).fft_size), bands_of_(bands_for(config)),
      hop_(static_cast<std::size_t>(std::lround(config.rate_hz / config.updates_per_s))), to_hop_(hop_),
      window_(config.window == SpectrumWindow::hann ? hann_window(config.fft_size)
                                                    : blackman_harris_window(config.fft_size)),
      ring_(config.fft_size, 0.0F), frame_(config.fft_size), line_power_(fft_.bins()), band_power_(bands_of_.size()),
      bins_(fft_.bins()), lines_(fft_.bins()), bands_(bands_of_.size()) {
    const double sum = std::accumulate(window_.begin(), window_.end(), 0.0);
    // a sine of amplitude 1 on a bin: |bin| = sum / 2; all of its bins together: |.|^2 adds up to size * power / 4
    line_scale_ = static_cast<float>(4.0 / (sum * sum));
    band_scale_ = static_cast<float>(4.0 / (static_cast<double>(config.fft_size) * window_power(window_)));
    const double update_s = static_cast<double>(hop_) / config.rate_hz;
    newest_share_ = config.average_s > 0.0 ? static_cast<float>(-std::expm1(-update_s / config.average_s)) : 1.0F;
    fall_db_ = static_cast<float>(config.decay_db_per_s * update_s);
    hold_updates_ = static_cast<std::uint32_t>(std::min(1e9, std::ceil(config.hold_s / update_s)));
}

void SpectrumMeter::process(std::span<const float> samples) noexcept {
    while (!samples.empty()) {
        const std::size_t now = std::min({samples.size(), to_hop_, ring_.size() - next_});
        std::copy_n(samples.begin(), now, ring_.begin() + static_cast<std::ptrdiff_t>(next_));
        next_ = (next_ + now) % ring_.size();
        filled_ = std::min(filled_ + now, ring_.size());
        to_hop_ -= now;
        samples = samples.subspan(now);
        if (to_hop_ == 0) {
            to_hop_ = hop_;
            if (filled_ == ring_.size()) {
                update();
            }
        }
    }
}

void SpectrumMeter::update() noexcept {
    const std::size_t size = ring_.size(), tail = size - next_;
    for (std::size_t i = 0; i < tail; ++i) {
        frame_[i] = ring_[next_ + i] * window_[i];
    }
    for (std::size_t i = tail; i < size; ++i) {
        frame_[i] = ring_[i - tail] * window_[i];
    }
    fft_.forward(frame_, bins_);
    for (std::size_t k = 0; k < bins_.size(); ++k) {
        line_power_[k] = std::norm(bins_[k]) * line_scale_;
    }
    bands_of_.sum(bins_, band_power_);
    for (float& power : band_power_) {
        power *= band_scale_;
    }
    show(lines_, line_power_);
    show(bands_, band_power_);
    ++updates_;
}

void SpectrumMeter::show(Display& display, std::span<const float> power) const noexcept {
    const float share = updates_ == 0 ? 1.0F : newest_share_;
    for (std::size_t k = 0; k < power.size(); ++k) {
        // a sample that was no number is gone from the ring after one length; it must not stay in the average
        const float newest = std::isfinite(power[k]) ? power[k] : 0.0F;
        display.power[k] += share * (newest - display.power[k]);
        const float level = std::max(kNothing_dbfs, 10.0F * std::log10(std::max(display.power[k], 1e-30F)));
        display.level[k] = level;
        if (level >= display.peak[k]) {
            display.peak[k] = level;
            display.held[k] = 0;
        } else if (display.held[k] < hold_updates_) {
            ++display.held[k];
        } else {
            display.peak[k] = std::max(level, display.peak[k] - fall_db_);
        }
    }
}

void SpectrumMeter::forget_peaks() noexcept {
    for (Display* display : {&lines_, &bands_}) {
        std::fill(display->peak.begin(), display->peak.end(), kNothing_dbfs);
    }
}

} // namespace overbias::dsp
