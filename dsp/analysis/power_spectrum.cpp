// SPDX-License-Identifier: Apache-2.0
#include "dsp/analysis/power_spectrum.hpp"

#include "dsp/analysis/fft.hpp"
#include "dsp/analysis/window.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <complex>
#include <stdexcept>
#include <string>

namespace overbias::dsp {

namespace {

constexpr std::size_t kShortest = 256;
constexpr std::size_t kFlankBins = 20; ///< flanks reach this much further than three half widths

double median(std::span<double> values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

} // namespace

PowerSpectrum::PowerSpectrum(std::span<const float> samples, double rate_hz, double segment_s, Window window) {
    if (samples.size() < kShortest || !(rate_hz > 0.0) || !(segment_s > 0.0) || !std::isfinite(rate_hz * segment_s)) {
        throw std::invalid_argument("spectrum of a stretch: " + std::to_string(samples.size()) + " samples at " +
                                    std::to_string(rate_hz) + " Hz, segments of " + std::to_string(segment_s) +
                                    " s: expected 256 samples or more");
    }
    const double wanted =
        std::clamp(rate_hz * segment_s, static_cast<double>(kShortest), static_cast<double>(samples.size()));
    const std::size_t size = std::bit_floor(static_cast<std::size_t>(wanted));
    const auto shape = window == Window::hann ? hann_window(size) : blackman_harris_window(size);
    lobe_ = window == Window::hann ? 2 : 4;
    bin_hz_ = rate_hz / static_cast<double>(size);
    RealFft fft(size);
    power_.assign(fft.bins(), 0.0);
    std::vector<float> frame(size);
    std::vector<std::complex<float>> bins(fft.bins());
    const auto add = [&](std::span<const float> segment) {
        for (std::size_t i = 0; i < size; ++i) {
            frame[i] = segment[i] * shape[i];
        }
        fft.forward(frame, bins);
        for (std::size_t k = 0; k < bins.size(); ++k) {
            power_[k] += static_cast<double>(std::norm(bins[k]));
        }
        ++averages_;
    };
    // segments spread evenly, first at the start, last at the end
    const std::size_t room = samples.size() - size;
    const std::size_t steps = (room + size / 2 - 1) / (size / 2);
    for (std::size_t i = 0; i <= steps; ++i) {
        add(samples.subspan(steps == 0 ? 0 : room * i / steps, size));
    }
    const double scale = 2.0 / (static_cast<double>(size) * window_power(shape) * static_cast<double>(averages_));
    for (double& power : power_) {
        power *= scale;
    }
}

double PowerSpectrum::floor(double centre_hz, std::size_t inner_bins, std::size_t outer_bins) const {
    const auto last = static_cast<std::ptrdiff_t>(power_.size()) - 1;
    const auto centre = static_cast<std::ptrdiff_t>(std::lround(centre_hz / bin_hz_));
    const auto inner = static_cast<std::ptrdiff_t>(inner_bins), outer = static_cast<std::ptrdiff_t>(outer_bins);
    double sum = 0.0;
    int sides = 0;
    std::vector<double> flank;
    const auto side = [&](std::ptrdiff_t from, std::ptrdiff_t to) {
        from = std::max<std::ptrdiff_t>(from, static_cast<std::ptrdiff_t>(lobe_)); // direct current is no noise
        to = std::min(to, last);
        if (to - from < 2) {
            return;
        }
        flank.assign(power_.begin() + from, power_.begin() + to + 1);
        sum += median(flank);
        ++sides;
    };
    side(centre - outer, centre - inner);
    side(centre + inner, centre + outer);
    const double root = 1.0 - 1.0 / (9.0 * static_cast<double>(averages_));
    return sides == 0 ? 0.0 : sum / sides / (root * root * root);
}

PowerSpectrum::Band PowerSpectrum::band(double centre_hz, double half_width_hz) const {
    const double top_hz = bin_hz_ * static_cast<double>(power_.size() - 1);
    if (!(centre_hz > 0.0) || !(centre_hz < top_hz)) {
        return {};
    }
    const double half = half_width_hz / bin_hz_ + static_cast<double>(lobe_);
    const auto first = static_cast<std::size_t>(std::max(0.0, std::round(centre_hz / bin_hz_ - half)));
    const auto last = std::min(power_.size() - 1, static_cast<std::size_t>(std::round(centre_hz / bin_hz_ + half)));
    double sum = 0.0;
    for (std::size_t k = first; k <= last; ++k) {
        sum += power_[k];
    }
    const auto inner = static_cast<std::size_t>(std::ceil(half)) + 1;
    const double noise = floor(centre_hz, inner, 3 * inner + kFlankBins) * static_cast<double>(last - first + 1);
    return {std::max(0.0, sum - noise), noise};
}

double PowerSpectrum::peak_hz(double from_hz, double to_hz) const {
    const auto first = static_cast<std::size_t>(std::max(1.0, std::ceil(from_hz / bin_hz_)));
    const double top = static_cast<double>(power_.size() - 2);
    const auto last = static_cast<std::size_t>(std::max(0.0, std::min(top, std::floor(to_hz / bin_hz_))));
    if (first > last) {
        return 0.0;
    }
    const auto begin = power_.begin() + static_cast<std::ptrdiff_t>(first);
    const auto end = power_.begin() + static_cast<std::ptrdiff_t>(last) + 1;
    const auto k = static_cast<std::size_t>(std::max_element(begin, end) - power_.begin());
    constexpr double kTiny = 1e-300;
    const double below = std::log(power_[k - 1] + kTiny), here = std::log(power_[k] + kTiny),
                 above = std::log(power_[k + 1] + kTiny);
    const double bend = below - 2.0 * here + above;
    const double shift = bend < 0.0 ? std::clamp(0.5 * (below - above) / bend, -0.5, 0.5) : 0.0;
    return (static_cast<double>(k) + shift) * bin_hz_;
}

} // namespace overbias::dsp
