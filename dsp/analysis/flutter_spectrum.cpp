// SPDX-License-Identifier: Apache-2.0
#include "dsp/analysis/flutter_spectrum.hpp"

#include "dsp/analysis/window.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <stdexcept>
#include <tuple>

namespace overbias::dsp {
namespace {

constexpr std::size_t kNeighbours = 24; // bins on each side that a line is compared with
constexpr std::size_t kOwn = 3;         // and those of them that are its own

/// Largest even size of factors 2, 3 and 5 that is not above: a transform of it is quick.
std::size_t quick_size(double samples) {
    auto size = static_cast<std::size_t>(samples) & ~std::size_t{1};
    for (; size > 64; size -= 2) {
        std::size_t rest = size;
        for (const std::size_t factor : {2U, 3U, 5U}) {
            while (rest % factor == 0) {
                rest /= factor;
            }
        }
        if (rest == 1) {
            break;
        }
    }
    return size;
}

std::size_t checked_size(const FlutterSpectrumConfig& config) {
    if (!(config.rate_hz > 0.0) || !(config.frame_s * config.rate_hz >= 64.0)) {
        throw std::invalid_argument("flutter spectrum: expected a frame of 64 samples or more, got " +
                                    std::to_string(config.frame_s) + " s at " + std::to_string(config.rate_hz) + " Hz");
    }
    return quick_size(config.frame_s * config.rate_hz);
}

} // namespace

FlutterSpectrum::FlutterSpectrum(const FlutterSpectrumConfig& config)
    : config_(config), fft_(checked_size(config)), bin_hz_(config.rate_hz / static_cast<double>(fft_.size())),
      window_(hann_window(fft_.size())), frame_(fft_.size()), neighbours_(2 * kNeighbours + 1), bins_(fft_.bins()) {
    percent_.assign(std::min(fft_.bins(), static_cast<std::size_t>(config.highest_hz / bin_hz_) + kNeighbours), 0.0F);
}

void FlutterSpectrum::analyse(std::span<const float> deviation, std::span<const RotatingPart> parts) {
    std::fill(percent_.begin(), percent_.end(), 0.0F);
    count_ = 0;
    const std::size_t size = frame();
    if (deviation.size() < size) {
        return;
    }
    const std::size_t frames = 1 + (deviation.size() - size) / (size / 2);
    for (std::size_t f = 0; f < frames; ++f) {
        const auto part = deviation.subspan(f * (size / 2), size);
        double mean = 0.0;
        for (const float x : part) {
            mean += static_cast<double>(x) / static_cast<double>(size);
        }
        for (std::size_t n = 0; n < size; ++n) {
            frame_[n] = (part[n] - static_cast<float>(mean)) * window_[n];
        }
        fft_.forward(frame_, bins_);
        for (std::size_t k = 0; k < percent_.size(); ++k) {
            percent_[k] += std::norm(bins_[k]);
        }
    }
    // a sine of peak 1 in the middle of a bin: |bin| = size / 2 * mean of the window (1/2)
    const double scale = 100.0 * 4.0 / static_cast<double>(size);
    for (float& value : percent_) {
        value = static_cast<float>(scale * std::sqrt(static_cast<double>(value) / static_cast<double>(frames)));
    }
    find_lines(parts);
}

void FlutterSpectrum::find_lines(std::span<const RotatingPart> parts) {
    const auto above = static_cast<float>(std::pow(10.0, config_.above_db / 20.0));
    const auto highest = std::min(percent_.size() - 1, static_cast<std::size_t>(config_.highest_hz / bin_hz_) + 1);
    for (std::size_t k = 2; k < highest; ++k) {
        const float value = percent_[k];
        if (value < percent_[k - 1] || value <= percent_[k + 1] || static_cast<double>(value) < config_.least_percent) {
            continue;
        }
        std::size_t n = 0;
        for (std::size_t i = k > kNeighbours ? k - kNeighbours : 1; i <= std::min(k + kNeighbours, percent_.size() - 1);
             ++i) {
            if (i + kOwn < k || i > k + kOwn) {
                neighbours_[n++] = percent_[i];
            }
        }
        const auto middle = neighbours_.begin() + static_cast<std::ptrdiff_t>(n / 2);
        std::nth_element(neighbours_.begin(), middle, neighbours_.begin() + static_cast<std::ptrdiff_t>(n));
        if (value < above * *middle) {
            continue;
        }
        const float left = percent_[k - 1], right = percent_[k + 1];
        const double share = static_cast<double>(std::max(left, right) / value);
        const double away = std::clamp((2.0 * share - 1.0) / (share + 1.0), 0.0, 0.5);
        const double turn = std::numbers::pi * away;
        FlutterLine line;
        line.frequency_hz = (static_cast<double>(k) + (right > left ? away : -away)) * bin_hz_;
        line.peak_percent =
            static_cast<double>(value) * (away > 1e-6 ? turn * (1.0 - away * away) / std::sin(turn) : 1.0);
        name(line, parts);
        // kept in order of height
        const auto end = lines_.begin() + static_cast<std::ptrdiff_t>(count_);
        const auto place = std::find_if(
            lines_.begin(), end, [&](const FlutterLine& other) { return other.peak_percent < line.peak_percent; });
        if (place == lines_.end()) {
            continue;
        }
        count_ = std::min(count_ + 1, kMostLines);
        std::move_backward(place, lines_.begin() + static_cast<std::ptrdiff_t>(count_ - 1),
                           lines_.begin() + static_cast<std::ptrdiff_t>(count_));
        *place = line;
    }
}

void FlutterSpectrum::name(FlutterLine& line, std::span<const RotatingPart> parts) const noexcept {
    const double reach = bin_hz_ + 0.01 * line.frequency_hz;
    auto best = std::tuple{config_.harmonics + 1, reach};
    for (std::size_t p = 0; p < parts.size(); ++p) {
        for (unsigned h = 1; h <= config_.harmonics && parts[p].frequency_hz > 0.0; ++h) {
            const double away = std::abs(line.frequency_hz - h * parts[p].frequency_hz);
            if (away <= reach && std::tuple{h, away} < best) {
                best = {h, away};
                line.part = p;
                line.harmonic = h;
            }
        }
    }
}

} // namespace overbias::dsp
