// SPDX-License-Identifier: Apache-2.0
// The direct drive's phases, one step a tick, and the torques that go with them.
#include "transport/drivers/direct_drive_impl.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace overbias::transport {

namespace {
constexpr double kUnknownReels_m_s = 2.5; // faster only when the radii have been seen
constexpr double kLearning_m_s = 0.25;
constexpr double kLearning_m_s2 = 0.1;  // share of the usual acceleration
constexpr double kPushPerSecond2 = 4.0; // of the speed servo's slow correction
constexpr double kMostPush_m_s2 = 1.5;
constexpr double kSteady_m_s2 = 0.3;
constexpr double kFrictionFrom_m_s = 0.02;
constexpr double kCapstanRise_s = 0.020; // of its acceleration: at once, but for the wire and the tick
constexpr double kSupplyHelp = 0.75;     // more would throw a loop if the tick that ends it came late
constexpr double kCapstanFall_s = 0.080;
constexpr double kPinchOpen_s = 0.060;
constexpr double kStandingBrake_a = 1.0; // holds a capstan that shall stand
constexpr double kFreeTurn_rad_s = 6.0;  // a reel without tape must not run away on the threading torque
constexpr double kWay_m_s = 0.05;
constexpr double kLiftAbove_m_s = 0.5;
constexpr double kRollerSmooth_s = 0.060; // an edge more or less a tick is noise
} // namespace

double DirectDrive::Impl::rims_m_s() const {
    const double supply_kg = supply_.rim_mass_kg(), take_up_kg = take_up_.rim_mass_kg();
    return (supply_kg * supply_.rim_m_s() + take_up_kg * take_up_.rim_m_s()) / (supply_kg + take_up_kg);
}

void DirectDrive::Impl::enter(Phase phase) {
    phase_ = phase;
    since_ = timeline_.now();
}

void DirectDrive::Impl::set_lifters() {
    const bool winds = goal_ == Goal::Wind || goal_ == Goal::Shuttle;
    const bool still_winding = lifters_.active && std::abs(rims_m_s()) > kLiftAbove_m_s && phase_ != Phase::Capstan;
    const bool lift = !lifters_defeated_ && (winds || still_winding) && phase_ != Phase::Capstan;
    if (lift != lifters_.active) {
        set(lifters_, lift);
        lifters_since_ = timeline_.now();
    }
}

double DirectDrive::Impl::wanted_speed_m_s() const {
    if (goal_ == Goal::Play && learning()) {
        return kLearning_m_s;
    }
    if (goal_ != Goal::Wind && goal_ != Goal::Shuttle) {
        return 0.0;
    }
    const bool lifting = !lifters_defeated_ && timeline_.now() - lifters_since_ < deck_seconds(config_.lifter_settle_s);
    if (lifting && std::abs(rims_m_s()) < kLiftAbove_m_s) {
        return 0.0;
    }
    double most = std::abs(goal_m_s_);
    if (!supply_.radius_known() || !take_up_.radius_known()) {
        most = std::min(most, learning() ? kLearning_m_s : kUnknownReels_m_s);
    }
    // slow before the end of the reel that pays out: v^2 = 2 a s
    const double left_m = (goal_m_s_ > 0.0 ? supply_ : take_up_).tape_left_m() - config_.end_slow_m;
    const double at_end = std::min(config_.end_speed_m_s, most);
    most = std::min(most, at_end + std::sqrt(std::max(config_.deceleration_m_s2 * left_m, 0.0)));
    return std::copysign(most, goal_m_s_);
}

/// `supply_share`: how much of its acceleration the supply reel's motor gives; the tape pulls the rest.
void DirectDrive::Impl::pull(double tension_n, double a_m_s2, double dt_s, double supply_share) {
    const double apart_m_s = supply_.rim_m_s() - take_up_.rim_m_s();
    motors_.torque(DriveMotor::Supply, supply_.torque_n_m(tension_n, supply_share * a_m_s2, apart_m_s, dt_s));
    motors_.torque(DriveMotor::TakeUp, take_up_.torque_n_m(tension_n, a_m_s2, -apart_m_s, dt_s));
}

void DirectDrive::Impl::motors_off() {
    motors_.torque(DriveMotor::Supply, 0.0);
    motors_.torque(DriveMotor::TakeUp, 0.0);
}

void DirectDrive::Impl::run_capstan(double speed_m_s) {
    if (!config_.capstan) {
        set(capstan_line_, capstan_line_.active ? phase_ == Phase::Capstan || phase_ == Phase::PinchOut
                                                : phase_ == Phase::Capstan && goal_ == Goal::Play);
    } else if (speed_m_s > 0.0) {
        motors_.speed(DriveMotor::Capstan, speed_m_s / config_.capstan_circumference_m * 2.0 * std::numbers::pi);
    } else {
        motors_.brake(DriveMotor::Capstan, kStandingBrake_a);
    }
}

void DirectDrive::Impl::servo(double dt_s) {
    const double target = wanted_speed_m_s();
    const bool slower = std::abs(target) < std::abs(ramp_.speed_m_s()) && target * ramp_.speed_m_s() >= 0.0;
    const double gentle = learning() ? kLearning_m_s2 : 1.0;
    ramp_.step(target, gentle * (slower ? config_.deceleration_m_s2 : config_.acceleration_m_s2),
               config_.acceleration_time_s, dt_s);
    const double error = ramp_.speed_m_s() - rims_m_s();
    // what it takes to overcome friction: learned with the roller's help, which knows nothing of radii; it turns with
    // the motion, and is nothing at rest
    const double along = std::tanh(ramp_.speed_m_s() / kFrictionFrom_m_s);
    if (std::abs(ramp_.acceleration_m_s2()) < kSteady_m_s2) {
        push_m_s2_ = std::clamp(push_m_s2_ + kPushPerSecond2 * along * (ramp_.speed_m_s() - roller_m_s_) * dt_s,
                                -kMostPush_m_s2, kMostPush_m_s2);
    }
    const double most = 1.5 * std::max(config_.acceleration_m_s2, config_.deceleration_m_s2);
    pull(config_.wind_tension_n,
         std::clamp(ramp_.acceleration_m_s2() + config_.speed_gain_per_s * error + along * push_m_s2_, -most, most),
         dt_s);
    if (target != 0.0 || ramp_.speed_m_s() != 0.0 || !still_) {
        return;
    }
    if (goal_ == Goal::Stop) {
        enter(Phase::FirstBrake);
    } else if (goal_ == Goal::Edit || goal_ == Goal::Thread) {
        enter(Phase::Free);
    } else if (goal_ == Goal::Play && !lifters_.active &&
               timeline_.now() - lifters_since_ >= deck_seconds(config_.lifter_settle_s)) {
        set(pinch_, true);
        enter(Phase::PinchIn);
    }
}

void DirectDrive::Impl::capstan(double dt_s) {
    const double target = goal_ == Goal::Play ? play_m_s() : 0.0;
    if (target > 0.0) {
        // its controller is told where to go, not how: were it led there tick by tick, it would stay halfway in a
        // stall, while the reels go on accelerating
        ramp_.step(target, config_.capstan_acceleration_m_s2, kCapstanRise_s, dt_s);
        run_capstan(target);
    } else if (!config_.capstan) {
        // how it falls is its own affair: the reels take the tape over, and bring it to rest
        set(pinch_, false);
        enter(Phase::PinchOut);
        pull(config_.play_tension_n, 0.0, dt_s);
        return;
    } else {
        ramp_.step(0.0, config_.capstan_deceleration_m_s2, kCapstanFall_s, dt_s);
        run_capstan(ramp_.speed_m_s());
    }
    pull(config_.play_tension_n, ramp_.acceleration_m_s2(), dt_s, target > 0.0 ? kSupplyHelp : 1.0);
    if (target == 0.0 && ramp_.speed_m_s() == 0.0 && std::abs(rims_m_s()) < kWay_m_s) {
        set(pinch_, false);
        enter(Phase::PinchOut);
    }
}

void DirectDrive::Impl::apply_brakes(double dt_s) {
    pull(config_.wind_tension_n, 0.0, dt_s);
    if (goal_ != Goal::Stop) {
        set(brake_supply_, true);
        set(brake_take_up_, true);
        enter(Phase::Releasing);
        return;
    }
    const bool first = phase_ == Phase::FirstBrake;
    set(last_way_ > 0 ? brake_supply_ : brake_take_up_, false);
    if (!first) {
        set(last_way_ > 0 ? brake_take_up_ : brake_supply_, false);
    }
    if (first && lasted(config_.brake_stagger_s)) {
        enter(Phase::LastBrake);
    } else if (!first && lasted(config_.brake_travel_s)) {
        enter(Phase::Braked);
    }
}

void DirectDrive::Impl::advance(double dt_s) {
    if (phase_ == Phase::Frozen && !lasted(config_.controller_timeout_s)) {
        return;
    }
    set_lifters();
    if (phase_ != Phase::Capstan) {
        run_capstan(0.0);
    }
    switch (phase_) {
    case Phase::Braked:
        motors_off();
        if (goal_ == Goal::Stop) {
            return;
        }
        ramp_.reset();
        set(brake_supply_, true);
        set(brake_take_up_, true);
        if (goal_ == Goal::Thread || goal_ == Goal::Edit) {
            enter(Phase::Free);
            return;
        }
        pull(goal_ == Goal::Play ? config_.play_tension_n : config_.wind_tension_n, 0.0, dt_s);
        if (goal_ == Goal::Play && !lifters_.active && !learning() &&
            timeline_.now() - lifters_since_ >= deck_seconds(config_.lifter_settle_s)) {
            set(pinch_, true); // on a capstan that stands: both may go at once
            enter(Phase::PinchIn);
        } else {
            enter(Phase::Releasing);
        }
        return;
    case Phase::Releasing:
        pull(config_.wind_tension_n, 0.0, dt_s);
        if (lasted(config_.brake_travel_s)) {
            enter(Phase::Servo);
        }
        return;
    case Phase::Servo:
        servo(dt_s);
        return;
    case Phase::PinchIn:
        pull(config_.play_tension_n, 0.0, dt_s);
        if (goal_ != Goal::Play) {
            set(pinch_, false);
            enter(Phase::PinchOut);
        } else if (lasted(std::max(config_.pinch_travel_s, config_.brake_travel_s))) {
            ramp_.reset();
            enter(Phase::Capstan);
            capstan(dt_s);
        }
        return;
    case Phase::Capstan:
        capstan(dt_s);
        return;
    case Phase::PinchOut:
        pull(config_.play_tension_n, 0.0, dt_s);
        if (lasted(kPinchOpen_s)) {
            set(capstan_line_, false);
            ramp_.reset(config_.capstan ? 0.0 : rims_m_s());
            enter(Phase::Servo);
        }
        return;
    case Phase::FirstBrake:
    case Phase::LastBrake:
        apply_brakes(dt_s);
        return;
    case Phase::Free: {
        const double tension_n = goal_ == Goal::Edit ? config_.edit_tension_n : config_.thread_tension_n;
        const auto gentle = [&](const DirectDriveReel& reel, double towards) {
            const bool runs_off = towards * reel.turn_rad_s() > kFreeTurn_rad_s && goal_ == Goal::Thread;
            return runs_off ? 0.0 : towards * tension_n * reel.radius_m();
        };
        motors_.torque(DriveMotor::Supply, gentle(supply_, -1.0));
        motors_.torque(DriveMotor::TakeUp, gentle(take_up_, 1.0));
        if (goal_ == Goal::Edit || goal_ == Goal::Thread) {
            return;
        }
        ramp_.reset(rims_m_s());
        enter(told_.tape_out.value_or(false) ? Phase::FirstBrake : Phase::Servo);
        return;
    }
    case Phase::Frozen:
        if (lasted(config_.controller_timeout_s)) {
            enter(Phase::Halted);
            stay_halted();
        }
        return;
    case Phase::Halted:
        stay_halted();
        return;
    }
}

void DirectDrive::Impl::observe(double dt_s) {
    const DeckTime now = timeline_.now();
    const double tape_m = static_cast<double>(tach_.read().edges) / config_.edges_per_metre;
    const double travelled_m = tape_m - tape_m_;
    tape_m_ = tape_m;
    roller_m_s_ += (travelled_m / dt_s - roller_m_s_) * std::min(dt_s / kRollerSmooth_s, 1.0);
    if (std::abs(travelled_m) * config_.edges_per_metre > 1.5) { // one edge to and fro is no motion
        roller_moved_ = moved_ = now;
    }
    const auto& supply = motors_.feedback(DriveMotor::Supply);
    const auto& take_up = motors_.feedback(DriveMotor::TakeUp);
    supply_.observe(tape_m_, supply.angle_rad, supply.turn_rad_s, motors_.supply_tension_n(), dt_s);
    take_up_.observe(tape_m_, take_up.angle_rad, take_up.turn_rad_s, motors_.take_up_tension_n(), dt_s);
    constexpr double kStillRim_m_s = 0.015;
    constexpr auto kStillTime = std::chrono::milliseconds(150);
    if (std::abs(supply_.rim_m_s()) > kStillRim_m_s || std::abs(take_up_.rim_m_s()) > kStillRim_m_s) {
        moved_ = now;
    }
    still_ = now - moved_ >= kStillTime;
    if (std::abs(ramp_.speed_m_s()) > 0.0) { // as led, not as it swings when it comes to rest
        last_way_ = ramp_.speed_m_s() > 0.0 ? 1 : -1;
    }
}

void DirectDrive::Impl::tick() {
    const DeckTime now = timeline_.now();
    const DeckDuration since_last = now - last_tick_;
    last_tick_ = now;
    const double dt_s = std::clamp(seconds(since_last), 0.25 * config_.tick_s, 3.0 * config_.tick_s);
    observe(dt_s);
    watch(since_last);
    advance(dt_s);
    motors_.send();
    tell();
}

} // namespace overbias::transport
