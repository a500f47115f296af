// SPDX-License-Identifier: Apache-2.0
// What must stop the direct drive whatever is wanted of it: a dead link, a controller in fault, a tick that came late,
// tape that is out or does what the motors do not.
#include "transport/drivers/direct_drive_impl.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace overbias::transport {

namespace {
constexpr auto kFallenTime = std::chrono::milliseconds(120); // an arm swings; a tape that is out stays out
constexpr auto kRisenTime = std::chrono::milliseconds(300);
constexpr auto kContradictionTime = std::chrono::milliseconds(300);
constexpr auto kProblemLeast = std::chrono::milliseconds(300); // shown at least this long
constexpr double kFallenMargin_n = 0.02;
constexpr double kSeen_m_s = 0.3; // motion that roller and reels must agree on
constexpr double kAgree = 0.3;    // of it at least
constexpr double kHoldBack = 1.6; // of the wind tension, by the motor of the reel that pays out, until the springs hold
constexpr double kHoldBackBeside = 1.2; // ... and beside them
} // namespace

void DirectDrive::Impl::halt(const std::string& why, Phase phase) {
    if (!why.empty()) {
        problem_ = why;
        problem_at_ = timeline_.now();
        acknowledged_ = false;
    }
    goal_ = Goal::Stop;
    record_off();
    if (phase_ == Phase::Braked || phase_ == Phase::Halted || phase_ == Phase::Frozen) {
        return;
    }
    // A controller that hears nothing goes on pulling until its timeout. The others' pull fits to that now, and no
    // other would; so for that long all stay as they are, and then all brake.
    enter(phase);
    if (phase == Phase::Halted) {
        stay_halted();
    }
}

/// The springs do it: differential, so that the reel that pays out is held harder. The motors help in the same sense,
/// as far as they are still there.
void DirectDrive::Impl::stay_halted() {
    set(pinch_, false);
    set(capstan_line_, false);
    set(brake_supply_, false);
    set(brake_take_up_, false);
    motors_.brake(DriveMotor::Capstan, 0.0);
    const double speed_m_s = rims_m_s();
    const double share = lasted(config_.brake_travel_s) ? kHoldBackBeside : kHoldBack;
    const auto hold_back = [&](DriveMotor motor, const DirectDriveReel& reel, const DirectDriveMotor& config,
                               bool pays) {
        motors_.brake(motor, pays ? share * config_.wind_tension_n * reel.radius_m() / config.torque_n_m_per_a : 0.0);
    };
    hold_back(DriveMotor::Supply, supply_, config_.supply, speed_m_s > 0.0);
    hold_back(DriveMotor::TakeUp, take_up_, config_.take_up, speed_m_s < 0.0);
    if (phase_ == Phase::Halted && still_ && lasted(config_.brake_travel_s)) {
        enter(Phase::Braked);
    }
}

std::string DirectDrive::Impl::contradiction() {
    std::string found;
    const DeckTime now = timeline_.now();
    const double rims = rims_m_s();
    if (phase_ == Phase::Servo || phase_ == Phase::Capstan) {
        const auto stands = [&](const DirectDriveReel& reel) {
            return std::abs(roller_m_s_) > kSeen_m_s && std::abs(reel.rim_m_s()) < kAgree * std::abs(roller_m_s_);
        };
        if (stands(supply_)) {
            found = "the tape moves but the supply motor shows no turns: its shaft or its sensor is stuck";
        } else if (stands(take_up_)) {
            found = "the tape moves but the take-up motor shows no turns: its shaft or its sensor is stuck";
        } else if (std::min(std::abs(rims), std::abs(roller_m_s_)) > kSeen_m_s && rims * roller_m_s_ < 0.0) {
            found = "the tape roller counts against the way the reels turn: its direction line is reversed; look at "
                    "the two lines of its sensor";
        } else if (std::abs(rims) > kSeen_m_s && now - roller_moved_ > kContradictionTime) {
            found = "the reels turn but the tape roller does not: clean the roller, look at its sensor and the tape";
        }
    }
    if (found.empty()) {
        contradiction_since_.reset();
        return {};
    }
    contradiction_since_ = contradiction_since_.value_or(now);
    return now - *contradiction_since_ >= kContradictionTime ? found : std::string();
}

void DirectDrive::Impl::watch_tape() {
    const DeckTime now = timeline_.now();
    bool fallen = false;
    if (supply_.tension_n() && take_up_.tension_n()) {
        const bool supply = *supply_.tension_n() <= config_.supply_arm->fallen_n + kFallenMargin_n;
        const bool take_up = *take_up_.tension_n() <= config_.take_up_arm->fallen_n + kFallenMargin_n;
        fallen =
            config_.tape_out_when == DirectDriveConfig::TapeOutWhen::EitherArm ? supply || take_up : supply && take_up;
        if (fallen) {
            risen_since_.reset();
            fallen_since_ = fallen_since_.value_or(now);
            tape_out_ = tape_out_ || now - *fallen_since_ >= kFallenTime;
        } else {
            fallen_since_.reset();
            risen_since_ = risen_since_.value_or(now);
            tape_out_ = tape_out_ && now - *risen_since_ < kRisenTime;
        }
    }
    const bool out = tape_out_ || (tape_out_line_ && lines_.get(*tape_out_line_));
    if (out) {
        supply_.forget();
        take_up_.forget();
        if (phase_ != Phase::Braked && phase_ != Phase::Halted && phase_ != Phase::Frozen && phase_ != Phase::Free) {
            halt({});
        }
    }
}

void DirectDrive::Impl::watch(DeckDuration since_last_tick) {
    const DeckTime now = timeline_.now();
    const std::string trouble = motors_.problem();
    if (!heard_) {
        const auto answered = [this](DriveMotor motor) { return motors_.feedback(motor).at.has_value(); };
        heard_ = trouble.empty() && answered(DriveMotor::Supply) && answered(DriveMotor::TakeUp) &&
                 (!config_.capstan || answered(DriveMotor::Capstan));
        if (heard_) {
            problem_.clear();
        } else if (!trouble.empty()) {
            problem_ = trouble;
        }
        return;
    }
    const bool timed_out = motors_.feedback(DriveMotor::Supply).timed_out ||
                           motors_.feedback(DriveMotor::TakeUp).timed_out ||
                           motors_.feedback(DriveMotor::Capstan).timed_out;
    const bool driven = phase_ != Phase::Braked && phase_ != Phase::Halted && phase_ != Phase::Frozen;
    if (since_last_tick > deck_seconds(config_.stall_s)) {
        char text[160];
        std::snprintf(text, sizeof text,
                      "the control tick came %.0f ms after the one before (expected %.0f): this computer stalled; see "
                      "what loads it",
                      seconds(since_last_tick) * 1000.0, config_.tick_s * 1000.0);
        halt(text);
    } else if (!trouble.empty()) {
        if (problem_.empty() || driven) {
            halt(trouble, motors_.all_answer() ? Phase::Halted : Phase::Frozen);
        }
        problem_ = trouble;
    } else if (timed_out && driven && lasted(0.1)) {
        halt("a motor controller shows its timeout or its kill switch: settings do not reach it in time");
    } else if (const std::string odd = contradiction(); !odd.empty()) {
        halt(odd);
    } else if (!problem_.empty() && acknowledged_ && still_ && phase_ == Phase::Braked &&
               now - problem_at_ >= kProblemLeast) {
        problem_.clear();
    }
    watch_tape();
}

} // namespace overbias::transport
