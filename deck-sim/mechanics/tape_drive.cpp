// SPDX-License-Identifier: Apache-2.0
#include "deck-sim/mechanics/tape_drive.hpp"
#include "deck-sim/mechanics/drive_figures.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

namespace overbias::deck_sim {

namespace {

double direction_of(double value) noexcept {
    return value > 0.0 ? 1.0 : (value < 0.0 ? -1.0 : 0.0);
}

void require(bool holds, const std::string& what) {
    if (!holds) {
        throw std::invalid_argument("simulated deck: " + what);
    }
}

const Settings& checked(const Settings& settings) {
    require(settings.tape_length_m > 1.0 && settings.tape_thickness_m > 1e-6 && settings.hub_radius_m > 0.01,
            "tape_length_m, tape_thickness_m and hub_radius_m must describe a reel (more than 1 m, 1 um and 10 mm)");
    require(Reel(settings).radius_m(settings.tape_length_m) <= kLargestPack_m,
            "tape_length_m of this thickness do not fit a 14 in reel: shorten the tape");
    require(settings.start_place_m > 0.0 && settings.start_place_m < settings.tape_length_m,
            "start_place_m must be on the tape, between 0 and tape_length_m");
    require(settings.play_speed_ips >= 1.0 && settings.play_speed_ips <= 60.0, "play_speed_ips must be 1 to 60");
    require(settings.start_time_s >= 0.25, "start_time_s must be at least 0.25: the pinch roller alone takes 0.09");
    require(settings.wind_speed_m_s > 1.0 && settings.wind_speed_m_s <= 20.0, "wind_speed_m_s must be 1 to 20");
    require(settings.roller_edges_per_metre >= 1.0 && settings.roller_edges_per_metre <= 1e6,
            "roller_edges_per_metre must be 1 to 1000000");
    require(std::abs(settings.roller_slip) < 0.1 && std::abs(settings.speed_error) < 0.1,
            "roller_slip and speed_error must be shares below 0.1");
    require(settings.roller_grip_m_s2 > 0.0 && settings.roller_grip_spread >= 0.0 && settings.roller_grip_spread < 1.0,
            "roller_grip_m_s2 must be positive and roller_grip_spread a share below 1");
    require(settings.fastest_shuttle_m_s > 0.0 && settings.fastest_shuttle_m_s <= 20.0 &&
                settings.library_wind_m_s > 0.0 && settings.library_wind_m_s <= settings.fastest_shuttle_m_s,
            "fastest_shuttle_m_s must be above 0 and up to 20, library_wind_m_s no faster");
    require(settings.shuttle_acceleration_m_s2 > 0.0 && settings.shuttle_acceleration_m_s2 <= 10.0,
            "shuttle_acceleration_m_s2 must be above 0 and up to 10");
    for (const double speed_ips : settings.speeds_ips) {
        require(speed_ips >= 1.0 && speed_ips <= 60.0, "each of speeds_ips must be 1 to 60");
    }
    const double flutter = std::abs(settings.wow_peak) + std::abs(settings.capstan_flutter_peak) +
                           std::abs(settings.roller_flutter_peak) + 5.0 * std::abs(settings.scrape_flutter_rms);
    require(flutter < 0.1, "wow and flutter together must stay below 0.1 of the speed");
    return settings;
}

/// Speed without load of the pulling motor. Its torque falls in a straight line to zero there, so with a constant load
/// F the tape winds at v = w0 r (1 - F r / M). w0 follows from the wanted mean: the time for the whole tape, integral
/// dx / v, is length / mean.
double no_load_turn_rad_s(const Settings& settings, const Reel& reel) {
    constexpr int kParts = 200;
    double mean_slowness = 0.0;
    for (int part = 0; part < kParts; ++part) {
        const double on_pulling_reel_m = settings.tape_length_m * (part + 0.5) / kParts;
        const double pulling_m = reel.radius_m(on_pulling_reel_m);
        const double paying_m = reel.radius_m(settings.tape_length_m - on_pulling_reel_m);
        const double load_n =
            kHoldBackTension_n + kGuideFriction_n + kBearing_n_m / pulling_m + kBearing_n_m / paying_m;
        const double share = 1.0 - load_n * pulling_m / kWindStallTorque_n_m;
        require(share > 0.1, "the full pack is too large for the wind motor: shorten tape_length_m");
        mean_slowness += 1.0 / (pulling_m * share) / kParts;
    }
    return settings.wind_speed_m_s * mean_slowness;
}

} // namespace

TapeDrive::TapeDrive(const Settings& settings)
    : reel_(checked(settings)), tape_length_m_(settings.tape_length_m), speed_error_(settings.speed_error),
      capstan_runs_up_s_(settings.start_time_s - kPinchTravel_s - 7.0 * kCapstanGripTime_s),
      fastest_servo_m_s_(settings.fastest_shuttle_m_s), servo_rise_m_s2_(settings.shuttle_acceleration_m_s2),
      wind_turn_rad_s_(no_load_turn_rad_s(settings, reel_)), place_m_(settings.start_place_m) {
    select_speed(settings.play_speed_ips);
    measure_packs();
    supply_.tension_n = take_up_.tension_n = kHoldBackTension_n; // threaded by hand, and the brakes hold it
}

void TapeDrive::select_speed(double speed_ips) noexcept {
    selected_ips_ = speed_ips;
    capstan_speed_m_s_ = speed_ips * 0.0254 * (1.0 + speed_error_) * (1.0 + speed_trim_) * (1.0 + speed_fault_);
    capstan_rise_m_s2_ = capstan_speed_m_s_ / capstan_runs_up_s_;
}

void TapeDrive::trim_speed(double share) noexcept {
    speed_trim_ = share;
    select_speed(selected_ips_);
}

void TapeDrive::change_speed(double share) noexcept {
    speed_fault_ = share;
    select_speed(selected_ips_);
}

void TapeDrive::break_tape() noexcept {
    if (taut()) {
        broken_ = true;
        speed_m_s_ = 0.0;
        supply_.tension_n = take_up_.tension_n = 0.0;
    }
}

void TapeDrive::thread_at(double place_m) noexcept {
    place_m_ = place_m;
    run_off_ = false;
    measure_packs();
    supply_.tension_n = take_up_.tension_n = kHoldBackTension_n;
}

void TapeDrive::add_travel(double metres) noexcept {
    place_m_ = std::clamp(place_m_ + metres, 0.0, tape_length_m_);
    if (place_m_ <= 0.0 || place_m_ >= tape_length_m_) {
        run_off_ = true;
        speed_m_s_ = 0.0;
        supply_.tension_n = take_up_.tension_n = 0.0;
    }
}

bool TapeDrive::at_play_speed() const noexcept {
    return taut() && pinch_closed() && std::abs(speed_m_s_ - capstan_speed_m_s_) < 0.01 * capstan_speed_m_s_;
}

bool TapeDrive::still() const noexcept {
    return std::abs(speed_m_s_) < kStill_m_s && std::abs(supply_.turn_rad_s) < 1e-3 &&
           std::abs(take_up_.turn_rad_s) < 1e-3;
}

void TapeDrive::step(const DriveSwitches& switches, double dt_s) {
    const bool pinch_was_closed = pinch_closed();
    move_solenoids(switches, dt_s);
    if (pinch_closed() && !pinch_was_closed && std::abs(speed_m_s_) > kBreakingSlip_m_s) {
        break_tape();
    }
    drive_motors(switches);
    if (taut()) {
        measure_packs();
        step_taut(dt_s);
    } else {
        set_braking(0.0);
        step_free(supply_, dt_s);
        step_free(take_up_, dt_s);
    }
    supply_.turned_rad += supply_.turn_rad_s * dt_s;
    take_up_.turned_rad += take_up_.turn_rad_s * dt_s;
}

void TapeDrive::move_solenoids(const DriveSwitches& switches, double dt_s) noexcept {
    const auto move = [dt_s](double& moved_s, bool driven, double there_s, double back_s) {
        moved_s = driven ? std::min(moved_s + dt_s, there_s) : std::max(moved_s - dt_s * there_s / back_s, 0.0);
    };
    move(pinch_s_, switches.pinch, kPinchTravel_s + 1e-9, kPinchOpens_s);
    move(lifter_s_, switches.lifters, kLifterTravel_s + 1e-9, kLifterTravel_s);
    move(brake_s_, !switches.brakes_held_off, kBrakeTravel_s + 1e-9, kBrakeTravel_s);
    if (!switches.pinch) {
        pinch_s_ = std::min(pinch_s_, kPinchTravel_s - 1e-6); // the grip goes at once, the roller is back later
    }
}

void TapeDrive::measure_packs() noexcept {
    supply_.length_m = tape_length_m_ - place_m_;
    take_up_.length_m = place_m_;
    for (Side* side : {&supply_, &take_up_}) {
        side->radius_m = reel_.radius_m(side->length_m);
        side->inertia_kg_m2 = reel_.inertia_kg_m2(side->length_m, side->radius_m);
    }
}

/// `direction` of the tape for a taut one; otherwise each reel's own.
void TapeDrive::set_braking(double direction) noexcept {
    const bool acting = brakes_act();
    const bool supply_pays = (taut() ? direction : supply_.turn_rad_s) > 0.0;
    const bool take_up_pays = (taut() ? direction : take_up_.turn_rad_s) < 0.0;
    supply_.braking_n_m = kBearing_n_m + (acting ? (supply_pays ? kPayingOutBrake_n_m : kTakingInBrake_n_m) : 0.0);
    take_up_.braking_n_m = kBearing_n_m + (acting ? (take_up_pays ? kPayingOutBrake_n_m : kTakingInBrake_n_m) : 0.0);
}

void TapeDrive::step_taut(double dt_s) noexcept {
    const double mass_kg = supply_.mass_kg() + take_up_.mass_kg();
    const double motors_n = supply_.torque_n_m / supply_.radius_m + take_up_.torque_n_m / take_up_.radius_m;
    const double towards = speed_m_s_ != 0.0 ? speed_m_s_
                           : pinch_closed()  ? capstan_speed_m_s_
                           : hands_m_s_      ? *hands_m_s_
                                             : motors_n;
    const double direction = direction_of(towards);
    set_braking(direction);
    const double resisting_n =
        supply_.braking_n_m / supply_.radius_m + take_up_.braking_n_m / take_up_.radius_m + kGuideFriction_n;
    double pinch_n = 0.0;
    if (pinch_closed()) {
        // what brings the tape to the capstan's speed and holds it there, as far as friction can give it
        const double run_m_s = capstan_rise_m_s2_ * dt_s;
        capstan_turns_m_s_ += std::clamp(capstan_speed_m_s_ - capstan_turns_m_s_, -run_m_s, run_m_s);
        const double wanted_m_s2 = (capstan_turns_m_s_ - speed_m_s_) / kCapstanGripTime_s;
        pinch_n = std::clamp(mass_kg * wanted_m_s2 - motors_n + direction * resisting_n, -kPinchGrip_n, kPinchGrip_n);
    } else {
        capstan_turns_m_s_ = 0.0;
    }
    const double hands_pull_n = hands_n(motors_n, direction, resisting_n);
    const double driving_n = motors_n + pinch_n + hands_pull_n;
    double speed_m_s = speed_m_s_;
    if (speed_m_s_ != 0.0 || std::abs(driving_n) > resisting_n) {
        speed_m_s += (driving_n - direction * resisting_n) / mass_kg * dt_s;
        if (speed_m_s_ != 0.0 && speed_m_s * speed_m_s_ <= 0.0) {
            speed_m_s = 0.0; // friction stops, it does not reverse; from rest the next step decides anew
        }
    }
    acceleration_m_s2_ = (speed_m_s - speed_m_s_) / dt_s;
    const bool comes_to_rest = speed_m_s == 0.0 && (speed_m_s_ != 0.0 || motors_n == 0.0);
    speed_m_s_ = speed_m_s;
    supply_.turn_rad_s = speed_m_s / supply_.radius_m;
    take_up_.turn_rad_s = speed_m_s / take_up_.radius_m;
    if (comes_to_rest) {
        return; // brakes and friction hold the tension there was
    }
    if (hands_m_s_) {
        supply_.tension_n = take_up_.tension_n = kHandsTension_n;
        return;
    }
    if (speed_m_s == 0.0 && !brakes_act()) {
        supply_.tension_n = -supply_.torque_n_m / supply_.radius_m; // held still by its motors
        take_up_.tension_n = take_up_.torque_n_m / take_up_.radius_m;
        return;
    }
    supply_.tension_n = supply_.mass_kg() * acceleration_m_s2_ +
                        (direction * supply_.braking_n_m - supply_.torque_n_m) / supply_.radius_m;
    take_up_.tension_n = (take_up_.torque_n_m - direction * take_up_.braking_n_m) / take_up_.radius_m -
                         take_up_.mass_kg() * acceleration_m_s2_;
    if (std::max(supply_.tension_n, take_up_.tension_n) > kBreakingPull_n) {
        break_tape();
    }
}

void TapeDrive::step_free(Side& side, double dt_s) noexcept {
    const double direction = direction_of(side.turn_rad_s != 0.0 ? side.turn_rad_s : side.torque_n_m);
    if (side.turn_rad_s == 0.0 && std::abs(side.torque_n_m) <= side.braking_n_m) {
        return;
    }
    const double before = side.turn_rad_s;
    side.turn_rad_s += (side.torque_n_m - direction * side.braking_n_m) / side.inertia_kg_m2 * dt_s;
    if (before != 0.0 && before * side.turn_rad_s <= 0.0) {
        side.turn_rad_s = 0.0;
    }
}

} // namespace overbias::deck_sim
