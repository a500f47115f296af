// SPDX-License-Identifier: Apache-2.0
#include "deck-sim/direct-drive/tape_web.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace overbias::deck_sim {

namespace {
constexpr double kFrictionSpeed_m_s = 0.002; ///< guide friction is whole from about here on
constexpr double kGrip_n_s_per_m = 4000.0;   ///< of pinch roller and capstan, until it slips
} // namespace

TapeWeb::TapeWeb(const Settings& settings, const DriveSettings& drive, double start_tension_n)
    : reel_(settings), settings_(drive), tape_length_m_(settings.tape_length_m), place_m_(settings.start_place_m) {
    supply_.arm = drive.supply_arm;
    take_up_.arm = drive.take_up_arm;
    supply_.bearing_n_m = drive.supply.bearing_n_m;
    take_up_.bearing_n_m = drive.take_up.bearing_n_m;
    thread_at(place_m_, start_tension_n);
}

void TapeWeb::thread_at(double place_m, double tension_n) noexcept {
    place_m_ = place_m;
    speed_m_s_ = 0.0;
    broken_ = run_off_ = false;
    measure_packs();
    settle_arm(supply_, tension_n);
    settle_arm(take_up_, tension_n);
}

void TapeWeb::settle_arm(Side& side, double tension_n) const noexcept {
    side.tension_n = tension_n;
    side.stretch_m = tension_n / settings_.span_n_per_m;
    side.arm_m = std::max((tension_n - side.arm.rest_n) / side.arm.slope_n_per_m, 0.0);
    side.arm_m_s = 0.0;
    side.turn_rad_s = 0.0;
}

double TapeWeb::volts(const Side& side) noexcept {
    return side.arm.zero_v + (side.arm.full_v - side.arm.zero_v) * side.arm_m / side.arm.stroke_m;
}

bool TapeWeb::still() const noexcept {
    return std::abs(speed_m_s_) < 1e-4 && std::abs(supply_.turn_rad_s) < 2e-3 && std::abs(take_up_.turn_rad_s) < 2e-3;
}

void TapeWeb::add_travel(double metres) noexcept {
    place_m_ += metres;
}

void TapeWeb::measure_packs() noexcept {
    supply_.length_m = std::max(tape_length_m_ - place_m_, 0.0);
    take_up_.length_m = std::max(place_m_, 0.0);
    for (Side* side : {&supply_, &take_up_}) {
        side->radius_m = reel_.radius_m(side->length_m);
        side->inertia_kg_m2 = reel_.inertia_kg_m2(side->length_m, side->radius_m);
    }
}

void TapeWeb::pull(Side& side, double stretch_rate_m_s) const noexcept {
    if (!threaded() || side.stretch_m <= 0.0) {
        side.tension_n = 0.0;
        return;
    }
    side.tension_n =
        std::max(settings_.span_n_per_m * side.stretch_m + settings_.span_n_s_per_m * stretch_rate_m_s, 0.0);
}

void TapeWeb::move_arm(Side& side, double dt_s) noexcept {
    const DriveSettings::Arm& arm = side.arm;
    // the tape pulls twice; the spring is such that it balances rest_n + slope times travel
    double force_n =
        2.0 * (side.tension_n - arm.rest_n - arm.slope_n_per_m * side.arm_m) - arm.damper_n_s_per_m * side.arm_m_s;
    if (side.arm_m < 0.0) {
        force_n += arm.stop_n_per_m * -side.arm_m;
    } else if (side.arm_m > arm.stroke_m) {
        force_n -= arm.stop_n_per_m * (side.arm_m - arm.stroke_m);
    }
    side.arm_m_s += force_n / arm.mass_kg * dt_s;
    side.arm_m += side.arm_m_s * dt_s;
    if (side.arm_m < -0.001) { // the stop's rubber gives a millimetre
        side.arm_m = -0.001;
        side.arm_m_s = std::max(side.arm_m_s, 0.0);
    }
}

/// `pays_sign`: the sign of a turn that pays tape out. Friction stops, it never reverses.
void TapeWeb::turn_reel(Side& side, double torque_n_m, double brake_n_m_paying, double brake_n_m_taking,
                        double pays_sign, double dt_s) const noexcept {
    const double free_rad_s = side.turn_rad_s + torque_n_m / side.inertia_kg_m2 * dt_s;
    const double brake_n_m = free_rad_s * pays_sign > 0.0 ? brake_n_m_paying : brake_n_m_taking;
    const double lost_rad_s = (brake_n_m + side.bearing_n_m) / side.inertia_kg_m2 * dt_s;
    side.turn_rad_s = std::abs(free_rad_s) <= lost_rad_s ? 0.0 : free_rad_s - std::copysign(lost_rad_s, free_rad_s);
}

void TapeWeb::step(const Drive& drive, double dt_s) noexcept {
    measure_packs();
    const double supply_m_s = supply_.turn_rad_s * supply_.radius_m;
    const double take_up_m_s = take_up_.turn_rad_s * take_up_.radius_m;
    // a span grows by what its far end takes more than its near end gives, and by what the arm's travel takes away
    const double supply_rate = speed_m_s_ - supply_m_s - 2.0 * supply_.arm_m_s;
    const double take_up_rate = take_up_m_s - speed_m_s_ - 2.0 * take_up_.arm_m_s;
    pull(supply_, supply_rate);
    pull(take_up_, take_up_rate);
    if (threaded() && std::max(supply_.tension_n, take_up_.tension_n) > kBreakingPull_n) {
        broken_ = true;
    }
    move_arm(supply_, dt_s);
    move_arm(take_up_, dt_s);

    const double paying = settings_.paying_out_brake_n_m, taking = settings_.taking_in_brake_n_m;
    turn_reel(supply_, drive.supply_n_m + supply_.tension_n * supply_.radius_m, drive.supply_brake * paying,
              drive.supply_brake * taking, 1.0, dt_s);
    turn_reel(take_up_, drive.take_up_n_m - take_up_.tension_n * take_up_.radius_m, drive.take_up_brake * paying,
              drive.take_up_brake * taking, -1.0, dt_s);

    // the tape in the guides, implicitly: the capstan's grip is stiff
    const double capstan_radius_m = settings_.capstan_circumference_m / (2.0 * std::numbers::pi);
    const double capstan_m_s = drive.capstan_m_s != nullptr ? *drive.capstan_m_s : capstan_rad_s_ * capstan_radius_m;
    double capstan_n = 0.0; // on the tape
    const double friction_slope = settings_.guide_friction_n / std::max(kFrictionSpeed_m_s, std::abs(speed_m_s_));
    double speed = 0.0;
    if (threaded()) {
        const double pull_n = take_up_.tension_n - supply_.tension_n;
        const auto solve = [&](double grip, double extra_n) {
            return (settings_.path_mass_kg * speed_m_s_ + dt_s * (pull_n + extra_n + grip * capstan_m_s)) /
                   (settings_.path_mass_kg + dt_s * (friction_slope + grip));
        };
        if (drive.pinch) {
            speed = solve(kGrip_n_s_per_m, 0.0);
            capstan_n = kGrip_n_s_per_m * (capstan_m_s - speed);
            if (std::abs(capstan_n) > settings_.pinch_grip_n) {
                capstan_n = std::copysign(settings_.pinch_grip_n, capstan_n);
                speed = solve(0.0, capstan_n);
            }
        } else {
            speed = solve(0.0, 0.0);
        }
    }
    if (drive.capstan_m_s != nullptr) {
        capstan_rad_s_ = *drive.capstan_m_s / capstan_radius_m;
    } else {
        const double free_rad_s = capstan_rad_s_ + (drive.capstan_n_m - capstan_n * capstan_radius_m) /
                                                       settings_.capstan_inertia_kg_m2 * dt_s;
        const double lost_rad_s = settings_.capstan.bearing_n_m / settings_.capstan_inertia_kg_m2 * dt_s;
        capstan_rad_s_ = std::abs(free_rad_s) <= lost_rad_s ? 0.0 : free_rad_s - std::copysign(lost_rad_s, free_rad_s);
    }

    const double moved_m = 0.5 * (speed_m_s_ + speed) * dt_s;
    speed_m_s_ = speed;
    if (!threaded()) {
        return;
    }
    supply_.stretch_m += (speed - supply_.turn_rad_s * supply_.radius_m - 2.0 * supply_.arm_m_s) * dt_s;
    take_up_.stretch_m += (take_up_.turn_rad_s * take_up_.radius_m - speed - 2.0 * take_up_.arm_m_s) * dt_s;
    place_m_ += moved_m;
    if (place_m_ <= 0.0 || place_m_ >= tape_length_m_) {
        run_off_ = true;
        place_m_ = std::clamp(place_m_, 0.0, tape_length_m_);
        speed_m_s_ = 0.0;
    }
}

} // namespace overbias::deck_sim
