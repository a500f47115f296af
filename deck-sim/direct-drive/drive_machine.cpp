// SPDX-License-Identifier: Apache-2.0
#include "deck-sim/direct-drive/drive_machine.hpp"

#include <algorithm>
#include <cmath>

namespace overbias::deck_sim {

namespace {
constexpr int kParts = 10; ///< of a millisecond: the arms' tips swing at some 100 Hz
constexpr double kGripTime_s = 0.020;
} // namespace

DriveMachine::DriveMachine(const Settings& settings, const DriveSettings& drive, std::span<const Fault> faults)
    : settings_(drive), play_m_s_(settings.play_speed_ips * 0.0254 * (1.0 + settings.speed_error)),
      web_(settings, drive, kThreaded_n), supply_(drive.supply, drive, drive.empty_inertia_kg_m2),
      take_up_(drive.take_up, drive, drive.empty_inertia_kg_m2),
      capstan_(drive.capstan, drive, drive.capstan_inertia_kg_m2), flutter_(settings), roller_(settings),
      faults_(faults, kInputNames), shown_{tape_out(), recording_} {
}

MotorController& DriveMachine::controller(Motor motor) noexcept {
    return motor == Motor::Supply ? supply_ : (motor == Motor::TakeUp ? take_up_ : capstan_);
}

void DriveMachine::set_power(bool on) noexcept {
    powered_ = on;
    for (MotorController* one : {&supply_, &take_up_, &capstan_}) {
        one->set_power(on);
    }
}

void DriveMachine::move_solenoids(double dt_s) noexcept {
    const auto brake = [&](Brake& one, bool released) {
        if (released) {
            one.moved_s = std::max(one.moved_s - dt_s, 0.0);
            one.held = one.moved_s > 0.0 ? one.held : 0.0;
            one.moved_s = one.held == 0.0 ? 0.0 : std::min(one.moved_s, settings_.brake_lag_s);
        } else {
            one.moved_s += dt_s;
            if (one.moved_s > settings_.brake_lag_s) {
                one.held = std::min(one.held + dt_s / settings_.brake_rise_s, 1.0);
            }
        }
    };
    brake(brakes_[0], energised(Output::BrakeSupply));
    brake(brakes_[1], energised(Output::BrakeTakeUp));
    if (energised(Output::Pinch)) {
        pinch_s_ = std::min(pinch_s_ + dt_s, settings_.pinch_lag_s);
    } else {
        pinch_s_ = pinch_ ? settings_.pinch_open_s : std::min(pinch_s_, settings_.pinch_open_s);
        pinch_s_ = std::max(pinch_s_ - dt_s, 0.0);
    }
    pinch_ = energised(Output::Pinch) ? pinch_s_ >= settings_.pinch_lag_s - 1e-9 : false;
    lifter_s_ = std::clamp(lifter_s_ + (energised(Output::Lifters) ? dt_s : -dt_s), 0.0, settings_.lifter_lag_s);
    lifted_ = lifter_s_ >= settings_.lifter_lag_s - 1e-9;
}

void DriveMachine::note_tension(double now_s, double dt_s) noexcept {
    if (!web_.threaded()) {
        return;
    }
    for (const double tension_n : {web_.supply_tension_n(), web_.take_up_tension_n()}) {
        if (tension_n < tension_.least_n) {
            tension_.least_n = tension_n;
            tension_.least_at_s = now_s;
        }
        if (tension_n > tension_.most_n) {
            tension_.most_n = tension_n;
            tension_.most_at_s = now_s;
        }
    }
    if (std::min(web_.supply_tension_n(), web_.take_up_tension_n()) < kLoop_n) {
        tension_.loop_s += dt_s;
    }
}

void DriveMachine::lose_motor(Fault::Reel reel) noexcept {
    controller(reel == Fault::Reel::Supply ? Motor::Supply : Motor::TakeUp).lose_torque();
}

MotionStep DriveMachine::step(double t0_s, double t1_s) {
    const double dt_s = (t1_s - t0_s) / kParts;
    MotionStep motion;
    motion.t0_s = t0_s;
    motion.t1_s = t1_s;
    motion.x0_m = web_.place_m();
    motion.v0_m_s = web_.threaded() ? flutter_speed_m_s_ : 0.0;
    const double speed_before = web_.speed_m_s();
    const double grip_before = grip_;

    solenoid_supply_ =
        powered_ && (settings_.heartbeat_drop_s <= 0.0 || t0_s - heartbeat_s_ <= settings_.heartbeat_drop_s);
    for (int part = 0; part < kParts; ++part) {
        const double now_s = t0_s + part * dt_s;
        move_solenoids(dt_s);
        TapeWeb::Drive drive;
        const double supply_rad_s = web_.supply_turn_rad_s(), take_up_rad_s = web_.take_up_turn_rad_s();
        drive.supply_n_m = supply_.step(now_s, dt_s, supply_rad_s);
        drive.take_up_n_m = take_up_.step(now_s, dt_s, take_up_rad_s);
        drive.supply_brake = brakes_[0].held;
        drive.take_up_brake = brakes_[1].held;
        drive.pinch = pinch_;
        if (settings_.capstan_on_controller) {
            drive.capstan_n_m = capstan_.step(now_s, dt_s, web_.capstan_turn_rad_s());
        } else {
            const double to = powered_ && energised(Output::Capstan) ? play_m_s_ * (1.0 + line_capstan_fault_) : 0.0;
            const double most = play_m_s_ / settings_.capstan_rise_s * dt_s;
            line_capstan_m_s_ += std::clamp(to - line_capstan_m_s_, -most, most);
            drive.capstan_m_s = &line_capstan_m_s_;
        }
        web_.step(drive, dt_s);
        supply_.turned(0.5 * (supply_rad_s + web_.supply_turn_rad_s()) * dt_s);
        take_up_.turned(0.5 * (take_up_rad_s + web_.take_up_turn_rad_s()) * dt_s);
        capstan_.turned(web_.capstan_turn_rad_s() * dt_s);
        note_tension(now_s, dt_s);
    }

    grip_ += ((pinch_ ? 1.0 : 0.0) - grip_) * (t1_s - t0_s) / kGripTime_s;
    const Flutter::Step flutter = flutter_.step(web_.supply_turn_rad_s(), web_.speed_m_s());
    if (web_.threaded()) {
        const double mean_m_s = 0.5 * (speed_before + web_.speed_m_s());
        web_.add_travel(mean_m_s * 0.5 * (grip_before + grip_) * flutter.mean * (t1_s - t0_s));
    }
    flutter_speed_m_s_ = web_.threaded() ? web_.speed_m_s() * (1.0 + grip_ * flutter.at_end) : 0.0;
    motion.x1_m = web_.place_m();
    motion.v1_m_s = flutter_speed_m_s_;
    roller_.travel(motion.x1_m - motion.x0_m, t0_s, t1_s);
    faults_.step(t1_s, motion.x0_m, motion.x1_m, *this);
    recording_ = powered_ && energised(Output::Record);
    shown_ = {tape_out(), recording_};
    faults_.stick(t1_s, shown_);
    motion.contact = web_.threaded() && !lifted_;
    motion.recording = recording_;
    return motion;
}

} // namespace overbias::deck_sim
