// SPDX-License-Identifier: Apache-2.0
#include "deck-sim/direct-drive/motor_controller.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace overbias::deck_sim {

namespace {
constexpr double kCheckEvery_s = 0.010; // the firmware's timeout thread
constexpr double kSpeedFilter_s = 0.004;
constexpr double kCogsATurn = 42.0;
constexpr double kTwoPi = 2.0 * std::numbers::pi;
} // namespace

MotorController::MotorController(const DriveSettings::Motor& motor, const DriveSettings& settings, double inertia_kg_m2)
    : motor_(motor), voltage_v_(settings.supply_voltage_v), inertia_kg_m2_(inertia_kg_m2),
      speed_loop_rad_s_(settings.speed_loop_rad_s), ramp_erpm_s_(settings.speed_ramp_erpm_s),
      least_erpm_(settings.least_erpm) {
}

void MotorController::command(Mode mode, double value, double now_s) noexcept {
    if (mode == Mode::Speed && mode_ != Mode::Speed) {
        ramped_erpm_ = erpm();
        integral_a_ = 0.0;
    }
    mode_ = mode;
    value_ = value;
    timed_out_ = false;
    feed(now_s);
}

void MotorController::set_power(bool on) noexcept {
    powered_ = on;
    mode_ = Mode::Released;
    timed_out_ = true;
}

double MotorController::erpm() const noexcept {
    return stuck_ ? 0.0 : shown_rad_s_ * 60.0 / kTwoPi * motor_.pole_pairs;
}

std::int32_t MotorController::tachometer() const noexcept {
    return static_cast<std::int32_t>(std::floor(angle_rad_ / kTwoPi * motor_.pole_pairs * 6.0));
}

double MotorController::speed_current(double dt_s, double turn_rad_s) noexcept {
    ramped_erpm_ += std::clamp(value_ - ramped_erpm_, -ramp_erpm_s_ * dt_s, ramp_erpm_s_ * dt_s);
    if (std::abs(ramped_erpm_) < least_erpm_) {
        integral_a_ = 0.0;
        return 0.0;
    }
    // critically damped PI on the shaft's inertia: J s^2 + 2 J w s + J w^2
    const double error_rad_s = ramped_erpm_ / motor_.pole_pairs * kTwoPi / 60.0 - turn_rad_s;
    const double per_a = inertia_kg_m2_ / motor_.torque_n_m_per_a;
    integral_a_ += per_a * speed_loop_rad_s_ * speed_loop_rad_s_ * error_rad_s * dt_s;
    integral_a_ = std::clamp(integral_a_, -motor_.most_current_a, motor_.most_current_a);
    return 2.0 * per_a * speed_loop_rad_s_ * error_rad_s + integral_a_;
}

/// What resistance, supply voltage and the voltage the turning motor gives allow.
double MotorController::limited(double current_a, double turn_rad_s) const noexcept {
    const double most = motor_.most_current_a;
    const double back_v = motor_.torque_n_m_per_a * turn_rad_s;
    return std::clamp(std::clamp(current_a, -most, most), (-voltage_v_ - back_v) / motor_.resistance_ohm,
                      (voltage_v_ - back_v) / motor_.resistance_ohm);
}

double MotorController::step(double now_s, double dt_s, double turn_rad_s) noexcept {
    shown_rad_s_ += (turn_rad_s - shown_rad_s_) * dt_s / kSpeedFilter_s;
    if (now_s >= checked_s_ + kCheckEvery_s) {
        checked_s_ = now_s;
        if (powered_ && !timed_out_ && now_s - fed_s_ > motor_.timeout_s) {
            timed_out_ = true;
            mode_ = Mode::Brake;
            value_ = motor_.timeout_brake_a;
        }
    }
    double wanted_a = 0.0;
    if (powered_ && fault_ == 0 && !open_) {
        switch (mode_) {
        case Mode::Released:
            break;
        case Mode::Current:
            wanted_a = value_;
            break;
        case Mode::Brake:
            // braking is done with the voltage the motor gives: none is left when it stands
            wanted_a = -std::copysign(
                std::min(std::abs(value_), motor_.torque_n_m_per_a * std::abs(turn_rad_s) / motor_.resistance_ohm),
                turn_rad_s);
            break;
        case Mode::Speed:
            wanted_a = speed_current(dt_s, turn_rad_s);
            break;
        }
    }
    current_a_ += (limited(wanted_a, turn_rad_s) - current_a_) * dt_s / motor_.current_lag_s;
    if (!powered_ || open_) {
        current_a_ = 0.0;
    }
    return motor_.torque_n_m_per_a * current_a_ + motor_.cogging_n_m * std::sin(kCogsATurn * angle_rad_) -
           motor_.viscous_n_m_s * turn_rad_s;
}

} // namespace overbias::deck_sim
