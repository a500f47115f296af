// SPDX-License-Identifier: Apache-2.0
#include "dsp/analysis/fm_demodulator.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <stdexcept>
#include <string>

namespace overbias::dsp {
namespace {

constexpr double kPi = std::numbers::pi;
constexpr double kStop_db = 70.0;
constexpr double kLeastRate_hz = 2000.0;

std::vector<double> convolved(const std::vector<double>& a, const std::vector<double>& b) {
    std::vector<double> out(a.size() + b.size() - 1);
    for (std::size_t i = 0; i < a.size(); ++i) {
        for (std::size_t k = 0; k < b.size(); ++k) {
            out[i + k] += a[i] * b[k];
        }
    }
    return out;
}

/// Low-pass of the header: flat to pass_hz, down from stop_hz on, two zero pairs at +-zero_hz. Gain 1 at 0 Hz.
std::vector<double> low_pass_taps(double pass_hz, double stop_hz, double zero_hz, double rate_hz) {
    const double width = 2.0 * kPi * (stop_hz - pass_hz) / rate_hz;
    const double beta = 0.1102 * (kStop_db - 8.7);
    const auto half = static_cast<int>(std::ceil((kStop_db - 8.0) / (2.285 * width) / 2.0));
    const double edge = kPi * (stop_hz + pass_hz) / rate_hz;
    const double zero = std::cos(2.0 * kPi * zero_hz / rate_hz);
    const auto droop = [zero](double w) { return std::pow((std::cos(w) - zero) / (1.0 - zero), 2.0); };
    // the wanted response 1 / droop up to the edge, taken back to time by a sum over a fine grid of frequencies
    const int grid = 16 * half;
    std::vector<double> taps;
    for (int n = -half; n <= half; ++n) {
        double sum = 0.0;
        for (int k = 0; k < grid; ++k) {
            const double w = edge * (k + 0.5) / grid;
            sum += std::cos(w * n) / std::max(0.2, droop(w));
        }
        const double place = static_cast<double>(n) / (half + 1);
        taps.push_back(sum * std::cyl_bessel_i(0.0, beta * std::sqrt(1.0 - place * place)));
    }
    const std::vector<double> pair{1.0, -2.0 * zero, 1.0};
    taps = convolved(convolved(taps, pair), pair);
    double gain = 0.0;
    for (const double tap : taps) {
        gain += tap;
    }
    for (double& tap : taps) {
        tap /= gain;
    }
    return taps;
}

} // namespace

FmDemodulator::FmDemodulator(const FmDemodulatorConfig& config) {
    const double carrier = config.carrier_hz;
    const double pass = std::max(0.1 * carrier + 40.0, config.widest_hz + 0.03 * carrier);
    if (!(config.rate_hz >= 8000.0) || !(carrier > 0.0) || !(config.widest_hz > 0.0) ||
        !(config.power_memory_s > 0.0) || config.widest_hz > 0.4 * carrier || carrier + pass >= 0.5 * config.rate_hz) {
        throw std::invalid_argument(
            "flutter demodulator: carrier " + std::to_string(carrier) + " Hz with flutter up to " +
            std::to_string(config.widest_hz) + " Hz at " + std::to_string(config.rate_hz) +
            " samples/s: expected flutter within 0.4 of the carrier, and the carrier's band (+-" +
            std::to_string(pass) + " Hz) below half the sample rate");
    }
    const double needed = std::max(kLeastRate_hz, 2.5 * (pass + 1.2 * config.widest_hz));
    decimation_ = std::max<std::size_t>(1, static_cast<std::size_t>(config.rate_hz / needed));
    decimation_ -= decimation_ % 2 == 0 ? 1 : 0;
    output_rate_hz_ = config.rate_hz / static_cast<double>(decimation_);
    widest_deviation_ = pass / carrier;
    const double stop = std::min(output_rate_hz_ - 1.2 * config.widest_hz, 0.45 * config.rate_hz);
    const auto taps = low_pass_taps(pass, std::max(stop, 1.2 * pass), 2.0 * carrier, config.rate_hz);
    const double w = 2.0 * kPi * carrier / config.rate_hz;
    const double middle = static_cast<double>(taps.size() - 1) / 2.0;
    for (std::size_t k = 0; k < taps.size(); ++k) {
        const double angle = w * (static_cast<double>(k) - middle);
        real_.push_back(static_cast<float>(2.0 * taps[k] * std::cos(angle))); // 2: half of a real tone is at +f
        imaginary_.push_back(static_cast<float>(-2.0 * taps[k] * std::sin(angle)));
    }
    while (real_.size() % kFmFilterStep != 0) {
        real_.push_back(0.0F);
        imaginary_.push_back(0.0F);
    }
    const double advance = w * static_cast<double>(decimation_);
    turn_ = {static_cast<float>(std::cos(advance)), static_cast<float>(std::sin(advance))};
    to_deviation_ = static_cast<float>(1.0 / advance);
    forgotten_ = 1.0 / (config.power_memory_s * config.rate_hz);
    history_.assign(real_.size() + decimation_ + kChunk, 0.0F);
    re_.assign(most_outputs(history_.size()) + 2, 0.0F);
    im_ = deviation_ = size_ = re_;
}

void FmDemodulator::reset() noexcept {
    kept_ = 0;
    re_[0] = im_[0] = deviation_[0] = deviation_[1] = size_[0] = 0.0F;
    unsure_ = kUnsure;
    whole_ = carrier_ = samples_ = outputs_ = 0.0;
}

std::size_t FmDemodulator::rt_chunk(std::span<const float> samples, FmSample* out) noexcept {
    std::copy(samples.begin(), samples.end(), history_.begin() + static_cast<std::ptrdiff_t>(kept_));
    kept_ += samples.size();
    const double kept = std::max(0.0, 1.0 - forgotten_ * static_cast<double>(samples.size()));
    for (double* sum : {&whole_, &carrier_, &samples_, &outputs_}) {
        *sum = std::isfinite(*sum) ? kept * *sum : 0.0;
    }
    whole_ += static_cast<double>(fm_power(samples.data(), samples.size()));
    samples_ += static_cast<double>(samples.size());
    const std::size_t size = real_.size();
    if (kept_ < size) {
        return 0;
    }
    const std::size_t outputs = (kept_ - size) / decimation_ + 1;
    // the last output of before stands in front of the new ones
    fm_filter(history_.data(), decimation_, real_.data(), imaginary_.data(), size, re_.data() + 1, im_.data() + 1,
              outputs);
    fm_advance(re_.data(), im_.data(), outputs, turn_, to_deviation_, deviation_.data() + 2, size_.data() + 1);
    float power = 0.0F;
    for (std::size_t m = 0; m < outputs; ++m) {
        const float bend = deviation_[m] - 2.0F * deviation_[m + 1] + deviation_[m + 2];
        // the first ones after nothing have no advance to tell, and say so by level 0
        unsure_ -= std::min<std::size_t>(unsure_, 1);
        out[m] = {deviation_[m + 1] - bend / 24.0F, unsure_ > 0 ? 0.0F : size_[m]};
        power += size_[m + 1] * size_[m + 1];
    }
    carrier_ += 0.5 * static_cast<double>(power);
    deviation_[0] = deviation_[outputs];
    deviation_[1] = deviation_[outputs + 1];
    size_[0] = size_[outputs];
    re_[0] = re_[outputs];
    im_[0] = im_[outputs];
    outputs_ += static_cast<double>(outputs);
    const std::size_t done = outputs * decimation_;
    std::copy(history_.begin() + static_cast<std::ptrdiff_t>(done),
              history_.begin() + static_cast<std::ptrdiff_t>(kept_), history_.begin());
    kept_ -= done;
    return outputs;
}

std::size_t FmDemodulator::process(std::span<const float> samples, std::span<FmSample> out) noexcept {
    std::size_t written = 0;
    while (!samples.empty()) {
        const std::size_t take = std::min(samples.size(), kChunk);
        written += rt_chunk(samples.first(take), out.data() + written);
        samples = samples.subspan(take);
    }
    return written;
}

} // namespace overbias::dsp
