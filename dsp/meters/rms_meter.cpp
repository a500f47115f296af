// SPDX-License-Identifier: Apache-2.0
#include "dsp/meters/rms_meter.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

namespace overbias::dsp {

double zero_dbfs(RmsScale scale) noexcept {
    switch (scale) {
    case RmsScale::k20:
        return -20.0;
    case RmsScale::k14:
        return -14.0;
    case RmsScale::k12:
        return -12.0;
    case RmsScale::full_scale:
        break;
    }
    return 0.0;
}

RmsCoefficients rms_coefficients(double sample_rate_hz, double reaches_99_percent_in_s) {
    if (!(sample_rate_hz > 0.0) || !(reaches_99_percent_in_s > 0.0) ||
        !std::isfinite(sample_rate_hz * reaches_99_percent_in_s)) {
        throw std::invalid_argument("rms meter: sample rate " + std::to_string(sample_rate_hz) + " Hz, 99 % in " +
                                    std::to_string(reaches_99_percent_in_s) + " s: both must be positive");
    }
    const double decay = std::log1p(-0.99 * 0.99) / (sample_rate_hz * reaches_99_percent_in_s);
    return {std::exp(decay), -std::expm1(decay)};
}

RmsMeter::RmsMeter(RmsScale scale, double sample_rate_hz, double reaches_99_percent_in_s)
    : c_(rms_coefficients(sample_rate_hz, reaches_99_percent_in_s)), zero_dbfs_(zero_dbfs(scale)) {
}

void RmsMeter::process(std::span<const float> samples) noexcept {
    double mean = mean_, highest = highest_;
    for (const float sample : samples) {
        const auto x = static_cast<double>(sample);
        mean = c_.keep * mean + c_.take * (x * x);
        highest = std::max(highest, mean);
    }
    // a sample that was no number must not stay in the mean
    mean_ = std::isfinite(mean) && mean > 1e-30 ? mean : 0.0;
    highest_ = std::isfinite(highest) ? highest : mean_;
}

double RmsMeter::db(double mean_square) const noexcept {
    return 10.0 * std::log10(std::max(2.0 * mean_square, 1e-15)) - zero_dbfs_;
}

double RmsMeter::reading_db() const noexcept {
    return db(mean_);
}

double RmsMeter::highest_db() noexcept {
    const double highest = db(highest_);
    highest_ = mean_;
    return highest;
}

} // namespace overbias::dsp
