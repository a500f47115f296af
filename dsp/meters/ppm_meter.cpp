// SPDX-License-Identifier: Apache-2.0
#include "dsp/meters/ppm_meter.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <stdexcept>
#include <string>

namespace overbias::dsp {

namespace {

struct Ballistics {
    std::array<double, 2> charge_per_s; ///< slow and fast holder
    double falls_db, within_s;
};
constexpr Ballistics kTypeI{{421.0, 1218.0}, 20.0, 1.7};
constexpr Ballistics kTypeII{{220.0, 822.0}, 24.0, 2.8};
constexpr double kLowest = 1e-6; // -120 dBFS

const Ballistics& ballistics(PpmScale scale) {
    return scale == PpmScale::din || scale == PpmScale::nordic ? kTypeI : kTypeII;
}

/// Where a holder stands on a steady sine of amplitude 1: it gains charge (2/pi)(sin a - a cos a) over the part of the
/// wave above cos a, and leaks leak * cos a.
double standing(double charge_per_s, double leak_per_s) {
    double low = 0.0, high = std::numbers::pi / 2.0;
    for (int turn = 0; turn < 60; ++turn) {
        const double angle = (low + high) / 2.0;
        const double gained = 2.0 / std::numbers::pi * (std::sin(angle) - angle * std::cos(angle));
        (charge_per_s * gained < leak_per_s * std::cos(angle) ? low : high) = angle;
    }
    return std::cos(low);
}

} // namespace

PpmCoefficients ppm_coefficients(PpmScale scale, double sample_rate_hz) {
    if (!(sample_rate_hz > 0.0) || !std::isfinite(sample_rate_hz)) {
        throw std::invalid_argument("PPM: sample rate " + std::to_string(sample_rate_hz) + " Hz: must be positive");
    }
    const Ballistics& type = ballistics(scale);
    const double leak_per_s = type.falls_db / 20.0 * std::numbers::ln10 / type.within_s;
    PpmCoefficients c;
    c.fall = std::exp(-leak_per_s / sample_rate_hz);
    double sum = 0.0;
    for (std::size_t i = 0; i < 2; ++i) {
        c.take[i] = -std::expm1(-type.charge_per_s[i] / sample_rate_hz);
        c.keep[i] = c.fall * (1.0 - c.take[i]);
        sum += standing(type.charge_per_s[i], leak_per_s);
    }
    c.gain = 1.0 / sum;
    c.lowest = kLowest;
    return c;
}

double ppm_mark(PpmScale scale, double db_above_reference) noexcept {
    return scale == PpmScale::bbc ? 4.0 + db_above_reference / 4.0 : db_above_reference;
}

PpmMeter::PpmMeter(PpmScale scale, double sample_rate_hz, double reference)
    : scale_(scale), c_(ppm_coefficients(scale, sample_rate_hz)), reference_(reference) {
    if (!(reference > 0.0) || !std::isfinite(reference)) {
        throw std::invalid_argument("PPM: reference amplitude " + std::to_string(reference) + ": must be positive");
    }
}

void PpmMeter::process(std::span<const float> samples) noexcept {
    double slow = slow_, fast = fast_, highest = highest_;
    for (const float sample : samples) {
        const double level = std::abs(static_cast<double>(sample));
        slow *= c_.fall;
        fast *= c_.fall;
        // charging is rare and comes in runs: a foretold branch is half the time of a maximum on the way round
        if (level > slow || level > fast) [[unlikely]] {
            slow += level > slow ? c_.take[0] * (level - slow) : 0.0;
            fast += level > fast ? c_.take[1] * (level - fast) : 0.0;
            highest = std::max(highest, slow + fast);
        }
    }
    // a silent channel sinks for ever: stop it long before the numbers get slow
    slow_ = slow > 1e-30 ? slow : 0.0;
    fast_ = fast > 1e-30 ? fast : 0.0;
    highest_ = highest;
}

double PpmMeter::db(double holders) const noexcept {
    return 20.0 * std::log10(std::max(holders * c_.gain, c_.lowest) / reference_);
}

double PpmMeter::reading_db() const noexcept {
    return db(slow_ + fast_);
}

double PpmMeter::highest_db() noexcept {
    const double highest = db(highest_);
    highest_ = slow_ + fast_;
    return highest;
}

} // namespace overbias::dsp
