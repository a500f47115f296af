// SPDX-License-Identifier: Apache-2.0
#include "transport/drivers/direct_drive_reel.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace overbias::transport {

namespace {
constexpr double kFirstTravel_m = 0.25; ///< the radius is told from this much tape at first ...
constexpr double kTravel_m = 1.2;       ///< ... and then from this much: the arms' own travel counts less
constexpr double kBelief = 0.7;         ///< of each new reading of the radius
constexpr double kFrictionFrom_m_s = 0.02;
constexpr double kMostTrim = 0.6; ///< of the tension
constexpr double kApartUsual_s = 0.5;
constexpr double kRateFilter = 0.5; ///< share of the newest in the tension's rate
} // namespace

void SpeedRamp::step(double target_m_s, double most_m_s2, double rise_s, double dt_s) noexcept {
    const double jerk = most_m_s2 / rise_s;
    const double left = target_m_s - speed_m_s_;
    // the acceleration that can still be taken away in time: left = a^2 / (2 jerk)
    const double wanted = std::copysign(std::min(most_m_s2, std::sqrt(2.0 * jerk * std::abs(left))), left);
    acceleration_m_s2_ += std::clamp(wanted - acceleration_m_s2_, -jerk * dt_s, jerk * dt_s);
    const double change = acceleration_m_s2_ * dt_s;
    if ((std::abs(change) >= std::abs(left) && change * left >= 0.0) || std::abs(left) < 1e-4) {
        speed_m_s_ = target_m_s;
        acceleration_m_s2_ = 0.0;
    } else {
        speed_m_s_ += change;
    }
}

DirectDriveReel::DirectDriveReel(Which which, const DirectDriveConfig& config)
    : config_(config), towards_(which == Which::TakeUp ? 1.0 : -1.0),
      radius_m_(std::sqrt(config.hub_radius_m * config.largest_radius_m)) {
}

void DirectDriveReel::forget() noexcept {
    known_ = false;
    anchor_tape_m_.reset();
    radius_m_ = std::sqrt(config_.hub_radius_m * config_.largest_radius_m);
    trim_n_ = 0.0;
}

double DirectDriveReel::tape_left_m() const noexcept {
    const double hub = config_.hub_radius_m;
    return std::max(std::numbers::pi * (radius_m_ * radius_m_ - hub * hub) / config_.tape_thickness_m, 0.0);
}

double DirectDriveReel::rim_mass_kg() const noexcept {
    const double hub = config_.hub_radius_m, square = radius_m_ * radius_m_;
    const double tape_kg = tape_left_m() * config_.tape_kg_per_m;
    return (config_.empty_inertia_kg_m2 + 0.5 * tape_kg * (hub * hub + square)) / square;
}

void DirectDriveReel::observe(double tape_m, double angle_rad, double turn_rad_s, std::optional<double> tension_n,
                              double dt_s) {
    turn_rad_s_ = turn_rad_s;
    if (!anchor_tape_m_) {
        anchor_tape_m_ = tape_m;
        anchor_angle_rad_ = angle_rad;
    }
    const double tape = tape_m - *anchor_tape_m_, angle = angle_rad - anchor_angle_rad_;
    if (std::abs(tape) >= (known_ ? kTravel_m : kFirstTravel_m)) {
        const double told_m = std::abs(angle) > 1e-3 ? tape / angle : 0.0;
        // a tenth beyond what a reel can be is a slip of the roller or of the arm, not a radius
        if (told_m > 0.9 * config_.hub_radius_m && told_m < 1.1 * config_.largest_radius_m) {
            const double belief = known_ ? kBelief : 1.0;
            radius_m_ =
                std::clamp(radius_m_ + belief * (told_m - radius_m_), config_.hub_radius_m, config_.largest_radius_m);
            known_ = true;
        }
        anchor_tape_m_ = tape_m;
        anchor_angle_rad_ = angle_rad;
    }
    if (tension_n && tension_n_) {
        const double rate = (*tension_n - *tension_n_) / dt_s;
        tension_rate_n_s_ += kRateFilter * (rate - tension_rate_n_s_);
    }
    tension_n_ = tension_n;
}

double DirectDriveReel::torque_n_m(double tension_n, double a_m_s2, double apart_m_s, double dt_s) {
    const double mass_kg = rim_mass_kg();
    double pull_n = tension_n;
    if (tension_n_) {
        const double short_n = tension_n - *tension_n_;
        trim_n_ = std::clamp(trim_n_ + short_n * dt_s / config_.tension_trim_s, -kMostTrim * tension_n,
                             kMostTrim * tension_n);
        pull_n += config_.tension_gain * short_n - config_.tension_damping_s * mass_kg * tension_rate_n_s_ + trim_n_;
    } else {
        usual_apart_m_s_ += (apart_m_s - usual_apart_m_s_) * std::min(dt_s / kApartUsual_s, 1.0);
        pull_n -= towards_ * mass_kg * config_.speed_damping_per_s * (apart_m_s - usual_apart_m_s_);
    }
    const double friction_n_m = config_.bearing_friction_n_m * std::tanh(rim_m_s() / kFrictionFrom_m_s);
    return radius_m_ * (towards_ * std::max(pull_n, 0.0) + mass_kg * a_m_s2) + friction_n_m;
}

} // namespace overbias::transport
