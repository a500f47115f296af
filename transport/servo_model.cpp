// SPDX-License-Identifier: Apache-2.0
#include "transport/servo_model.hpp"

#include <algorithm>
#include <cmath>

namespace overbias::transport {

namespace {

constexpr double kShare = 0.95; // of what it was seen to give is used, so that the speed can be held
constexpr double kGrowth = 1.3; // a servo that has always kept up may have much more to give ...
constexpr double kTrial = 1.02; // ... and one whose limit was met a little more, elsewhere on the tape
constexpr double kMost_m_s2 = 30.0, kMostDelay_s = 0.5;
constexpr double kSettles_s = 0.25;  // after this long on the slope its delay, or its limit, can be seen
constexpr double kKeepsUp = 0.98;    // of the slope it was told is keeping up ...
constexpr double kCatchesUp = 1.08;  // ... and more than that is catching up
constexpr double kBehind_m_s = 0.10; // further behind than its delay explains
constexpr double kMemory = 0.1;      // of each look

} // namespace

void ServoModel::remember(double deceleration_m_s2, double delay_s) noexcept {
    if (deceleration_m_s2 > 0.0 && deceleration_m_s2 <= kMost_m_s2 && delay_s >= 0.0 && delay_s <= kMostDelay_s) {
        deceleration_m_s2_ = deceleration_m_s2;
        delay_s_ = delay_s;
        limit_met_ = true;
        trials_ = kTrials;
    }
}

double ServoModel::slowing_m(double speed_m_s) const noexcept {
    return speed_m_s * (speed_m_s / (2.0 * deceleration_m_s2_) + delay_s_);
}

double ServoModel::speed_m_s(const TapeMotion& now, double left_m, double enter_m_s) const noexcept {
    // no further ahead than half the way to rest, or the prediction turns round
    const double ahead_s = std::min(delay_s_, 0.5 * now.speed_m_s / deceleration_m_s2_);
    const double slows_m_s2 = std::clamp(-now.acceleration_m_s2, 0.0, deceleration_m_s2_);
    const double then_left_m = left_m - (now.speed_m_s - 0.5 * slows_m_s2 * ahead_s) * ahead_s;
    return std::sqrt(enter_m_s * enter_m_s + 2.0 * deceleration_m_s2_ * std::max(then_left_m, 0.0));
}

void ServoModel::move_begins() noexcept {
    slows_since_.reset();
    slowed_ = kept_up_ = lagged_ = false;
}

void ServoModel::watch(DeckTime at, const TapeMotion& now, double told_m_s) noexcept {
    const double behind_m_s = now.speed_m_s - told_m_s;
    if (behind_m_s <= 0.0) {
        slows_since_.reset();
        return;
    }
    if (!slows_since_) {
        slows_since_ = at;
    }
    if (at - *slows_since_ < deck_seconds(kSettles_s)) {
        return;
    }
    slowed_ = true;
    const double slows_m_s2 = std::max(-now.acceleration_m_s2, 0.0);
    if (slows_m_s2 > kCatchesUp * deceleration_m_s2_) {
        kept_up_ = true; // told late: its delay does not show
    } else if (slows_m_s2 >= kKeepsUp * deceleration_m_s2_) {
        kept_up_ = true;
        delay_s_ += kMemory * (std::min(behind_m_s / slows_m_s2, kMostDelay_s) - delay_s_);
    } else if (behind_m_s > deceleration_m_s2_ * delay_s_ + kBehind_m_s) {
        lagged_ = limit_met_ = true;
        deceleration_m_s2_ += kMemory * (std::min(kShare * slows_m_s2, kMost_m_s2) - deceleration_m_s2_);
    }
}

void ServoModel::move_ends() noexcept {
    trials_ += slowed_ ? 1 : 0;
    if (kept_up_ && !lagged_) {
        deceleration_m_s2_ = std::min(deceleration_m_s2_ * (limit_met_ ? kTrial : kGrowth), kMost_m_s2);
    }
}

} // namespace overbias::transport
