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

VuMeter::VuMeter(double sample_rate_hz, double reference) {
    if (!(sample_rate_hz > 0.0) || !(reference > 0.0) || !std::isfinite(sample_rate_hz) || !std::isfinite(reference)) {
        throw std::invalid_argument("VU meter: sample rate " + std::to_string(sample_rate_hz) + " Hz, reference " +
                                    std::to_string(reference) + ": both must be positive");
    }
    unit_ = reference * 2.0 / std::numbers::pi; // rectified mean of that sine
    const double decrements = -std::log(kOvershoot) / std::numbers::pi;
    const double zeta = decrements / std::hypot(1.0, decrements);
    const double natural = kReaches99PercentAt / kRise_s;
    const double decay = zeta * natural;
    const double swing = natural * std::sqrt(1.0 - zeta * zeta);
    const double time_s = 1.0 / sample_rate_hz;
    const double left = std::exp(-decay * time_s);
    const double cosine = std::cos(swing * time_s), sine = std::sin(swing * time_s);
    position_from_position_ = left * (cosine + decay / swing * sine);
    position_from_velocity_ = left * sine / swing;
    velocity_from_position_ = -left * natural * natural / swing * sine;
    velocity_from_velocity_ = left * (cosine - decay / swing * sine);
}

void VuMeter::process(std::span<const float> samples) noexcept {
    for (const float sample : samples) {
        const double target = std::abs(static_cast<double>(sample));
        const double away = needle_ - target;
        needle_ = target + position_from_position_ * away + position_from_velocity_ * velocity_;
        velocity_ = velocity_from_position_ * away + velocity_from_velocity_ * velocity_;
        highest_ = std::max(highest_, needle_);
    }
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
