// SPDX-License-Identifier: Apache-2.0
// The part of TapeDrive that turns the reels: what each motor gives in each mode, and what hands do.
#include "deck-sim/mechanics/drive_figures.hpp"
#include "deck-sim/mechanics/tape_drive.hpp"

#include <algorithm>
#include <cmath>

namespace overbias::deck_sim {

namespace {

double sign_of(double value) noexcept {
    return value > 0.0 ? 1.0 : (value < 0.0 ? -1.0 : 0.0);
}

/// Torque that gives the hold-back tension at this radius.
double hold_back_n_m(double radius_m) noexcept {
    return kHoldBackTension_n * radius_m;
}

} // namespace

/// The most a motor can give at this speed, in the direction in which `turn_rad_s` counts positive.
double TapeDrive::pull_n_m(double turn_rad_s) const noexcept {
    return std::clamp(kWindStallTorque_n_m * (1.0 - turn_rad_s / wind_turn_rad_s_), -kWindStallTorque_n_m,
                      kWindStallTorque_n_m);
}

void TapeDrive::drive_motors(const DriveSwitches& switches) noexcept {
    using Motors = DriveSwitches::Motors;
    supply_.torque_n_m = take_up_.torque_n_m = 0.0;
    switch (switches.motors) {
    case Motors::Off:
        break;
    case Motors::Tension: {
        supply_.torque_n_m = -hold_back_n_m(supply_.radius_m);
        take_up_.torque_n_m = hold_back_n_m(take_up_.radius_m);
        if (pinch_closed()) {
            // the tension arm beside the take-up reel gives its motor what it needs to keep up while the capstan pulls
            // the tape away
            const double keep_up_n_m = take_up_.mass_kg() * acceleration_m_s2_ * take_up_.radius_m;
            take_up_.torque_n_m = std::clamp(take_up_.torque_n_m + keep_up_n_m, 0.0, kWindStallTorque_n_m);
        }
        break;
    }
    case Motors::WindForward:
        supply_.torque_n_m = -hold_back_n_m(supply_.radius_m);
        take_up_.torque_n_m = pull_n_m(take_up_.turn_rad_s);
        break;
    case Motors::WindReverse:
        supply_.torque_n_m = -pull_n_m(-supply_.turn_rad_s);
        take_up_.torque_n_m = hold_back_n_m(take_up_.radius_m);
        break;
    case Motors::Servo:
        drive_servo(std::clamp(switches.servo_speed_m_s, -fastest_servo_m_s_, fastest_servo_m_s_));
        break;
    case Motors::Thread: {
        const auto creep = [](double turn_rad_s) {
            return std::clamp(kThreadTorque_n_m * (1.0 - turn_rad_s / kThreadTurn_rad_s), -kThreadTorque_n_m,
                              kThreadTorque_n_m);
        };
        supply_.torque_n_m = -creep(-supply_.turn_rad_s);
        take_up_.torque_n_m = creep(take_up_.turn_rad_s);
        break;
    }
    }
    for (Side* side : {&supply_, &take_up_}) {
        if (side->motor_stuck) {
            side->torque_n_m = 0.0;
        }
    }
}

/// Both motors hold back, and the one that pulls adds what brings the tape to the wanted speed. A stiff loop: it knows
/// masses and friction, and asks for no more acceleration than it may.
void TapeDrive::drive_servo(double wanted_m_s) noexcept {
    supply_.torque_n_m = -hold_back_n_m(supply_.radius_m);
    take_up_.torque_n_m = hold_back_n_m(take_up_.radius_m);
    if (wanted_m_s == 0.0 && std::abs(speed_m_s_) < kServoRests_m_s) {
        return;
    }
    const double mass_kg = supply_.mass_kg() + take_up_.mass_kg();
    const double friction_n = kGuideFriction_n + kBearing_n_m / supply_.radius_m + kBearing_n_m / take_up_.radius_m;
    const double rise_m_s2 = std::clamp((wanted_m_s - speed_m_s_) / kServoTime_s, -servo_rise_m_s2_, servo_rise_m_s2_);
    const double pull_n = mass_kg * rise_m_s2 + friction_n * sign_of(speed_m_s_ != 0.0 ? speed_m_s_ : wanted_m_s);
    if (pull_n > 0.0) {
        take_up_.torque_n_m = std::min(take_up_.torque_n_m + pull_n * take_up_.radius_m, pull_n_m(take_up_.turn_rad_s));
    } else {
        supply_.torque_n_m = std::max(supply_.torque_n_m + pull_n * supply_.radius_m, -pull_n_m(-supply_.turn_rad_s));
    }
}

double TapeDrive::hands_n(double motors_n, double direction, double resisting_n) const noexcept {
    if (!hands_m_s_) {
        return 0.0;
    }
    const double mass_kg = supply_.mass_kg() + take_up_.mass_kg();
    const double wanted_m_s2 = (*hands_m_s_ - speed_m_s_) / kHandsTime_s;
    return std::clamp(mass_kg * wanted_m_s2 - motors_n + direction * resisting_n, -kHandsPull_n, kHandsPull_n);
}

} // namespace overbias::deck_sim
