// SPDX-License-Identifier: Apache-2.0
#include "dsp/analysis/aes17_band.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <stdexcept>
#include <string>

namespace overbias::dsp {

namespace {

constexpr double kPass_hz = 20000.0, kStop_hz = 24000.0, kLeastRate_hz = 42000.0;
constexpr double kHighPass_hz = 20.0 / 1.5;
constexpr double kAttenuation_db = 80.0;

/// Kaiser's formulas: beta and length for an attenuation and a transition width.
std::vector<double> low_pass_taps(double rate_hz) {
    const double stop_hz = std::min(kStop_hz, rate_hz / 2.0);
    const double transition = 2.0 * std::numbers::pi * (stop_hz - kPass_hz) / rate_hz;
    const double beta = 0.1102 * (kAttenuation_db - 8.7);
    const auto half = static_cast<std::size_t>(std::ceil((kAttenuation_db - 8.0) / (2.285 * transition) / 2.0));
    const double corner = (kPass_hz + stop_hz) / rate_hz; // twice the corner over the rate
    std::vector<double> taps(2 * half + 1);
    double sum = 0.0;
    for (std::size_t n = 0; n < taps.size(); ++n) {
        const double t = static_cast<double>(n) - static_cast<double>(half);
        const double place = t / (static_cast<double>(half) + 1.0);
        const double window = std::cyl_bessel_i(0.0, beta * std::sqrt(1.0 - place * place));
        const double angle = std::numbers::pi * corner * t;
        taps[n] = window * (t == 0.0 ? corner : corner * std::sin(angle) / angle);
        sum += taps[n];
    }
    for (double& tap : taps) {
        tap /= sum;
    }
    return taps;
}

} // namespace

Aes17Band::Aes17Band(double rate_hz) {
    if (!(rate_hz >= kLeastRate_hz) || !std::isfinite(rate_hz)) {
        throw std::invalid_argument("20 Hz to 20 kHz band: sample rate " + std::to_string(rate_hz) +
                                    " Hz, expected 42 kHz or more");
    }
    high_pass_ = Biquad(high_pass(kHighPass_hz, std::numbers::sqrt2 / 2.0, rate_hz));
    taps_ = low_pass_taps(rate_hz);
    ring_.assign(2 * taps_.size(), 0.0);
}

double Aes17Band::rt_process(double x) noexcept {
    const double y = high_pass_.rt_process(x);
    const std::size_t size = taps_.size();
    ring_[next_] = ring_[next_ + size] = y;
    next_ = next_ + 1 == size ? 0 : next_ + 1;
    const double* const row = ring_.data() + next_;
    double sum = taps_[size / 2] * row[size / 2];
    for (std::size_t n = 0; n < size / 2; ++n) {
        sum += taps_[n] * (row[n] + row[size - 1 - n]);
    }
    return sum;
}

} // namespace overbias::dsp
