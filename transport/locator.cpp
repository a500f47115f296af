// SPDX-License-Identifier: Apache-2.0
#include "transport/locator.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace overbias::transport {

Locator::Locator(const LocatorConfig& config) : config_(config) {
}

void Locator::begin(double target_m) {
    target_m_ = target_m;
    moves_ = 0;
    failure_.clear();
    phase_ = Phase::Resting;
}

void Locator::cancel() noexcept {
    phase_ = Phase::Idle;
}

std::size_t Locator::octave(double speed_m_s) noexcept {
    const double octaves = std::log2(std::max(speed_m_s, 0.125) / 0.125);
    return std::min(static_cast<std::size_t>(octaves), kOctaves - 1);
}

double Locator::braking_distance_m(Move move, double speed_m_s) const noexcept {
    const auto& known = deceleration_m_s2_[static_cast<std::size_t>(move)];
    std::optional<double> deceleration = known[octave(speed_m_s)];
    if (!deceleration) {
        // the gentlest brake met at another speed of this kind of motion, with a reserve: rather short of the aim than
        // past it
        for (const auto& other : known) {
            if (other && (!deceleration || *other * 0.7 < *deceleration)) {
                deceleration = *other * 0.7;
            }
        }
    }
    return speed_m_s * speed_m_s / (2.0 * deceleration.value_or(config_.first_deceleration_m_s2));
}

LocatorStep Locator::step(const LocatorView& view) {
    switch (phase_) {
    case Phase::Idle:
        return LocatorStep::Wait;
    case Phase::Resting:
        return view.still ? decide(view) : LocatorStep::Wait;
    case Phase::Driving:
        return drive(view);
    case Phase::Braking:
        if (!view.still) {
            return LocatorStep::Wait;
        }
        learn(view);
        phase_ = Phase::Resting;
        return decide(view);
    }
    return LocatorStep::Wait;
}

LocatorStep Locator::decide(const LocatorView& view) {
    const double left_m = target_m_ - view.position_m;
    const double near_m =
        moves_ >= config_.patience ? config_.arrived_late_s * config_.play_speed_m_s : config_.arrived_m;
    if (std::abs(left_m) <= near_m) {
        phase_ = Phase::Idle;
        return LocatorStep::Arrived;
    }
    if (moves_ >= config_.most_moves) {
        return fail("locate to " + std::to_string(target_m_) + " m: still " + std::to_string(left_m) +
                    " m away after " + std::to_string(moves_) + " moves; check brakes and tape counter of the deck");
    }
    if (left_m > config_.play_reach_s * config_.play_speed_m_s) {
        return start(Move::Forward, target_m_ - config_.lead_m);
    }
    if (left_m > 0.0) {
        return view.settled ? start(Move::Play, target_m_) : LocatorStep::Wait;
    }
    return start(Move::Rewind, std::max(target_m_ - config_.lead_m, -config_.before_zero_m));
}

LocatorStep Locator::start(Move move, double aim_m) {
    move_ = move;
    aim_m_ = aim_m;
    ++moves_;
    phase_ = Phase::Driving;
    switch (move) {
    case Move::Forward:
        return LocatorStep::PressFastForward;
    case Move::Rewind:
        return LocatorStep::PressRewind;
    case Move::Play:
        return LocatorStep::PressPlay;
    }
    return LocatorStep::Wait;
}

LocatorStep Locator::drive(const LocatorView& view) {
    const double sign = move_ == Move::Rewind ? -1.0 : 1.0;
    const double speed_m_s = std::max(0.0, sign * view.velocity_m_s);
    const double left_m = sign * (aim_m_ - view.position_m);
    // time to cue, less half a control tick of 5 ms that passes on average until the next look
    const double to_brake_m = left_m - braking_distance_m(move_, speed_m_s);
    if (to_brake_m > speed_m_s * 0.0025) {
        return LocatorStep::Wait;
    }
    if (left_m > 0.0 && speed_m_s <= 0.0) {
        return LocatorStep::Wait; // not begun to move
    }
    phase_ = Phase::Braking;
    brake_from_m_ = view.position_m;
    brake_speed_m_s_ = speed_m_s;
    return LocatorStep::PressStop;
}

void Locator::learn(const LocatorView& view) {
    const double ran_m = std::abs(view.position_m - brake_from_m_);
    if (brake_speed_m_s_ < 0.05 || ran_m < 0.001) {
        return; // too slow to tell
    }
    const double seen = brake_speed_m_s_ * brake_speed_m_s_ / (2.0 * ran_m);
    auto& slot = deceleration_m_s2_[static_cast<std::size_t>(move_)][octave(brake_speed_m_s_)];
    slot = slot ? 0.5 * (*slot + seen) : seen;
}

LocatorStep Locator::fail(std::string why) {
    phase_ = Phase::Idle;
    failure_ = std::move(why);
    return LocatorStep::Failed;
}

} // namespace overbias::transport
