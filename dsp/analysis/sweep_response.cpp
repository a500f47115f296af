// SPDX-License-Identifier: Apache-2.0
#include "dsp/analysis/fft.hpp"
#include "dsp/analysis/frequency_response.hpp"
#include "dsp/generator/signal_voice.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>
#include <stdexcept>
#include <string>

namespace overbias::dsp {
namespace {

using Bins = std::vector<std::complex<float>>;

std::size_t power_of_two(std::size_t at_least) {
    std::size_t size = 64;
    while (size < at_least) {
        size *= 2;
    }
    return size;
}

Bins sweep_bins(RealFft& fft, const SweepResponseConfig& config, double level_dbfs) {
    const Signal sweep = sweep_signal(config.from_hz, config.to_hz, config.duration_s, level_dbfs);
    if (const std::string complaint = signal_complaint(sweep, config.rate_hz); !complaint.empty()) {
        throw std::invalid_argument("sweep response: " + complaint);
    }
    SignalVoice voice(config.rate_hz, 1);
    voice.rt_start(sweep);
    std::vector<float> time(fft.size());
    voice.rt_fill(std::span<float>(time).first(
        std::min(time.size(), static_cast<std::size_t>(config.duration_s * config.rate_hz) + 1)));
    Bins bins(fft.bins());
    fft.forward(time, bins);
    return bins;
}

/// Capture over sweep inside the sweep's band. Outside there is next to nothing to divide by, and what harmonics and
/// noise there are would come out enormous: the divisor is a tenth of what the sweep has inside (its power falls as 1 /
/// f) or more. The edges are half cosines of a sixth of an octave, or the cut would ring through the whole impulse
/// response.
void divide(Bins& capture, const Bins& sweep, const SweepResponseConfig& config, double hz_per_bin) {
    const double middle_hz = std::sqrt(config.from_hz * config.to_hz);
    const auto middle = static_cast<std::size_t>(middle_hz / hz_per_bin);
    double power_by_f = 0.0;
    for (std::size_t k = middle; k < middle + 64; ++k) {
        power_by_f += static_cast<double>(std::norm(sweep[k])) * static_cast<double>(k) / 64.0;
    }
    capture[0] = {};
    for (std::size_t k = 1; k < capture.size(); ++k) {
        const double hz = static_cast<double>(k) * hz_per_bin;
        const double inside = std::min(std::log2(hz / config.from_hz), std::log2(config.to_hz / hz));
        const double share = std::clamp(1.0 + 6.0 * inside, 0.0, 1.0);
        const auto weight = static_cast<float>(0.5 - 0.5 * std::cos(std::numbers::pi * share));
        const float least = static_cast<float>(0.1 * power_by_f / static_cast<double>(k));
        capture[k] = weight * capture[k] * std::conj(sweep[k]) / std::max(std::norm(sweep[k]), least);
    }
}

} // namespace

SweepResponse response_from_sweep(std::span<const float> capture, double level_dbfs,
                                  const SweepResponseConfig& config) {
    SweepResponse result;
    const auto sweep_length = static_cast<std::size_t>(config.duration_s * config.rate_hz);
    RealFft fft(power_of_two(capture.size() + sweep_length));
    const double hz_per_bin = config.rate_hz / static_cast<double>(fft.size());
    std::vector<float> time(fft.size());
    std::copy(capture.begin(), capture.end(), time.begin());
    Bins bins(fft.bins());
    fft.forward(time, bins);
    divide(bins, sweep_bins(fft, config, level_dbfs), config, hz_per_bin);
    fft.inverse(bins, time);

    const auto larger = [](float a, float b) { return std::abs(a) < std::abs(b); };
    const auto peak = std::max_element(time.begin(), time.end(), larger);
    double power = 0.0;
    for (const float h : time) {
        power += static_cast<double>(h) * static_cast<double>(h);
    }
    const double rms = std::sqrt(power / static_cast<double>(time.size()));
    if (!(static_cast<double>(std::abs(*peak)) > 10.0 * rms)) {
        return result;
    }
    result.found = true;
    result.reversed = *peak < 0.0F;
    const auto at = static_cast<std::size_t>(peak - time.begin());
    const auto from_end = at > fft.size() / 2 ? -static_cast<double>(fft.size() - at) : static_cast<double>(at);
    result.delay_s = from_end / config.rate_hz;

    // what counts of the impulse response, with half cosines of a quarter of its length at both ends
    const auto before = static_cast<std::size_t>(config.before_s * config.rate_hz);
    const auto after = static_cast<std::size_t>(config.after_s * config.rate_hz);
    RealFft short_fft(power_of_two(4 * (before + after)));
    std::vector<float> cut(short_fft.size());
    for (std::size_t n = 0; n < before + after; ++n) {
        const double edge = n < before ? static_cast<double>(n) / (0.5 * static_cast<double>(before))
                                       : static_cast<double>(before + after - n) / (0.5 * static_cast<double>(after));
        const double weight = 0.5 - 0.5 * std::cos(std::numbers::pi * std::min(1.0, edge));
        cut[n] = static_cast<float>(weight) * time[(at + fft.size() - before + n) % fft.size()];
    }
    Bins response(short_fft.bins());
    short_fft.forward(cut, response);
    const double short_hz = config.rate_hz / static_cast<double>(short_fft.size());
    const double step = std::pow(2.0, 1.0 / config.points_per_octave);
    for (double hz = config.from_hz; hz <= config.to_hz * 1.0001; hz *= step) {
        const double bin = std::min(hz / short_hz, static_cast<double>(response.size()) - 1.001);
        const auto k = static_cast<std::size_t>(bin);
        const double share = bin - static_cast<double>(k);
        const double size = (1.0 - share) * static_cast<double>(std::abs(response[k])) +
                            share * static_cast<double>(std::abs(response[k + 1]));
        result.points.push_back({hz, 20.0 * std::log10(std::max(size, 1e-12)), 1.0, 0.0});
    }
    return result;
}

} // namespace overbias::dsp
