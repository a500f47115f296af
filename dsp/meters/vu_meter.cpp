// SPDX-License-Identifier: Apache-2.0
#include "dsp/meters/vu_meter.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <stdexcept>
#include <string>

namespace overbias::dsp {

namespace {

// Both from the two conditions of the standard: an overshoot of 1.25 % is exp(-pi zeta / sqrt(1 - zeta^2)); with that
// damping the step reaches 99 % at w t = 4.05357.
constexpr double kOvershoot = 0.0125;
constexpr double kReaches99PercentAt = 4.05357;
constexpr double kRise_s = 0.300;
constexpr double kLeast_vu = -60.0;

} // namespace

VuCoefficients vu_coefficients(double sample_rate_hz) {
    const double decrements = -std::log(kOvershoot) / std::numbers::pi;
    const double zeta = decrements / std::hypot(1.0, decrements);
    const double natural = kReaches99PercentAt / kRise_s;
    const double decay = zeta * natural;
    const double swing = natural * std::sqrt(1.0 - zeta * zeta);
    const double time_s = 1.0 / sample_rate_hz;
    const double left = std::exp(-decay * time_s);
    const double cosine = std::cos(swing * time_s), sine = std::sin(swing * time_s);
    return {.position_from_position = left * (cosine + decay / swing * sine),
            .position_from_velocity = left * sine / swing,
            .velocity_from_position = -left * natural * natural / swing * sine,
            .velocity_from_velocity = left * (cosine - decay / swing * sine)};
}

VuMeter::VuMeter(double sample_rate_hz, double reference) {
    if (!(sample_rate_hz > 0.0) || !(reference > 0.0) || !std::isfinite(sample_rate_hz) || !std::isfinite(reference)) {
        throw std::invalid_argument("VU meter: sample rate " + std::to_string(sample_rate_hz) + " Hz, reference " +
                                    std::to_string(reference) + ": both must be positive");
    }
    unit_ = reference * 2.0 / std::numbers::pi; // rectified mean of that sine
    c_ = vu_coefficients(sample_rate_hz);
}

void VuMeter::process(std::span<const float> samples) noexcept {
    const double from_position = c_.position_from_position, from_velocity = c_.position_from_velocity;
    const double speed_from_position = c_.velocity_from_position, speed_from_velocity = c_.velocity_from_velocity;
    const double drives = 1.0 - from_position;
    double needle = needle_, velocity = velocity_, highest = highest_;
    for (const float sample : samples) {
        const double target = std::abs(static_cast<double>(sample));
        // the terms of the input first: only one product and one sum wait for the needle
        const double moved = from_position * needle + (from_velocity * velocity + drives * target);
        velocity = speed_from_position * needle + (speed_from_velocity * velocity - speed_from_position * target);
        needle = moved;
        highest = std::max(highest, needle);
    }
    const bool finite = std::isfinite(needle + velocity); // a sample that was no number must not hold the needle
    // a needle at rest swings in ever smaller numbers: stop it long before they get slow
    const bool rests = std::abs(needle) < 1e-30 && std::abs(velocity) < 1e-30;
    needle_ = finite && !rests ? needle : 0.0;
    velocity_ = finite && !rests ? velocity : 0.0;
    highest_ = std::isfinite(highest) ? highest : 0.0;
}

double VuMeter::vu(double needle) const noexcept {
    return needle > 0.0 ? std::max(kLeast_vu, 20.0 * std::log10(needle / unit_)) : kLeast_vu;
}

double VuMeter::reading_vu() const noexcept {
    return vu(needle_);
}

double VuMeter::highest_vu() noexcept {
    const double highest = vu(highest_);
    highest_ = needle_;
    return highest;
}

} // namespace overbias::dsp
