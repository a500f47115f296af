// SPDX-License-Identifier: Apache-2.0
#include "dsp/meters/correlation_meter.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

namespace overbias::dsp {

CorrelationCoefficients correlation_coefficients(double sample_rate_hz, double time_constant_s) {
    if (!(sample_rate_hz > 0.0) || !(time_constant_s > 0.0) || !std::isfinite(sample_rate_hz * time_constant_s)) {
        throw std::invalid_argument("correlation meter: sample rate " + std::to_string(sample_rate_hz) +
                                    " Hz, time constant " + std::to_string(time_constant_s) +
                                    " s: both must be positive");
    }
    CorrelationCoefficients c;
    const double samples = sample_rate_hz * time_constant_s;
    c.keep = std::exp(-1.0 / samples);
    c.take = -std::expm1(-1.0 / samples);
    c.look_every = static_cast<std::size_t>(std::max(1.0, samples / 100.0));
    return c;
}

double correlation(double left_right, double left_left, double right_right, double silence) noexcept {
    if (!(left_left > silence) || !(right_right > silence)) {
        return 0.0;
    }
    return std::clamp(left_right / std::sqrt(left_left * right_right), -1.0, 1.0);
}

CorrelationMeter::CorrelationMeter(double sample_rate_hz, double time_constant_s)
    : c_(correlation_coefficients(sample_rate_hz, time_constant_s)), to_look_(c_.look_every) {
}

void CorrelationMeter::process(std::span<const float> left, std::span<const float> right) noexcept {
    const std::size_t frames = std::min(left.size(), right.size());
    for (std::size_t done = 0; done < frames;) {
        const std::size_t end = done + std::min(to_look_, frames - done);
        to_look_ -= end - done;
        for (; done < end; ++done) {
            const auto l = static_cast<double>(left[done]), r = static_cast<double>(right[done]);
            left_right_ = c_.keep * left_right_ + c_.take * (l * r);
            left_left_ = c_.keep * left_left_ + c_.take * (l * l);
            right_right_ = c_.keep * right_right_ + c_.take * (r * r);
        }
        if (to_look_ == 0) {
            lowest_ = std::min(lowest_, reading());
            to_look_ = c_.look_every;
        }
    }
    if (!std::isfinite(left_left_ + right_right_)) { // a sample that was no number must not stay in the means
        left_right_ = left_left_ = right_right_ = 0.0;
    }
}

double CorrelationMeter::reading() const noexcept {
    return correlation(left_right_, left_left_, right_right_, c_.silence);
}

double CorrelationMeter::lowest() noexcept {
    const double now = reading();
    const double lowest = std::min(lowest_, now);
    lowest_ = now;
    return lowest;
}

} // namespace overbias::dsp
