// SPDX-License-Identifier: Apache-2.0
// What the tach and the lamps can be believed: a tach may be dead, one lamp may be stuck.
#include "transport/supervision.hpp"

#include <algorithm>
#include <cmath>

namespace overbias::transport {

/// Unless the deck itself says that the tape moves: then the lamp lies.
bool Supervision::stop_lit() const noexcept {
    return tallies_.stop.value_or(false) && tallies_.still.value_or(true);
}

bool Supervision::motion_lit() const noexcept {
    return (tallies_.play.value_or(false) || tallies_.fast_forward.value_or(false) ||
            tallies_.rewind.value_or(false)) &&
           !stop_lit();
}

/// Lit, and neither the tach nor the deck's own word is against it.
bool Supervision::stop_lamp_believed() const noexcept {
    const bool heard = !link_back_ || now_ - *link_back_ >= deck_seconds(config_.link_settle_s);
    return tallies_.stop.value_or(false) && heard && tallies_.still.value_or(true) &&
           std::abs(velocity_m_s_) < kMovingMetresPerSecond;
}

/// The lamp of a wind this way that is not ours.
bool Supervision::foreign_wind_lit(int sign) const noexcept {
    const bool lit = sign > 0 ? tallies_.fast_forward.value_or(false) : tallies_.rewind.value_or(false);
    const bool ours = drive_ && drive_ != Press::Play && expects_motion() && drive_sign() == sign;
    return lit && !ours && !stop_lit();
}

bool Supervision::unseen() const noexcept {
    const DeckDuration enough = drive_ == Press::Play ? deck_seconds(config_.unseen_play_s) : still_time_;
    return (unseen_since_ && now_ - *unseen_since_ >= enough) || (tach_suspect_ && !still_);
}

bool Supervision::moves(int sign) const noexcept {
    if (!has_tach_) {
        return drive_ && expects_motion() && drive_sign() == sign;
    }
    return sign * velocity_m_s_ > kMovingMetresPerSecond || unseen() || foreign_wind_lit(sign);
}

bool Supervision::runs_forward() const noexcept {
    const double most_m_s = (1.0 + config_.plays_now_tolerance) * config_.play_speed_m_s;
    return has_tach_ && (std::max(velocity_m_s_, newest_m_s_) > most_m_s || unseen() || foreign_wind_lit(1));
}

bool Supervision::above_cue_limit() const noexcept {
    if (has_tach_) {
        // by the last edge: a tach that falls silent has not slowed the tape down
        return std::max({std::abs(velocity_m_s_), counted_m_s_, std::abs(newest_m_s_)}) > config_.cue_limit_m_s ||
               unseen();
    }
    return drive_ && expects_motion() && !(drive_ == Press::Shuttle && std::abs(shuttle_m_s_) <= config_.cue_limit_m_s);
}

/// Another key is pressed: if the tape was told to wind by the last ones, and has not been seen to, it may do so
/// unseen.
void Supervision::doubt_tach(DeckTime now) noexcept {
    const double enough_s = drive_ == Press::Play ? config_.unseen_play_s : config_.unseen_wind_s;
    if (unseen_since_ && now - *unseen_since_ >= deck_seconds(enough_s)) {
        tach_suspect_ = true;
        suspect_since_ = now;
    }
}

void Supervision::judge_tach(const TachReading& tach, const TapeCounter& counter) {
    if (!has_tach_) {
        return;
    }
    const auto suspect = [this] {
        tach_suspect_ = true;
        suspect_since_ = now_; // anew as long as there is reason to
    };
    if (!tach_known_) {
        // it has not been heard yet; where the deck has a word of its own, that counts until it is
        tach_known_ = true;
        counted_ = tach.edges;
        tach_suspect_ = tallies_.stop || tallies_.still;
        suspect_since_ = now_;
    }
    if (tach.edges != counted_) {
        counted_ = tach.edges;
        counted_m_s_ = std::abs(velocity_m_s_);
        newest_m_s_ = counter.newest_m_s();
        if (counted_m_s_ > kMovingMetresPerSecond) { // it speaks
            tach_suspect_ = false;
            // of the motion before, while the tape turns round: of ours it has still to tell
            const bool ours = !drive_ || !expects_motion() || drive_sign() * velocity_m_s_ > 0.0;
            unseen_since_ = ours ? std::optional<DeckTime>() : now_;
        }
    }
    const bool silent = std::abs(velocity_m_s_) <= kMovingMetresPerSecond;
    // ... or the deck says itself that the tape still runs
    const bool ran = counted_m_s_ > config_.credible_mean_m_s || std::abs(newest_m_s_) > config_.credible_stop_m_s ||
                     (!tallies_.still.value_or(true) && counted_m_s_ > config_.ran_m_s);
    if (silent && ran) {
        suspect();
    }
    if (counter.still()) {
        counted_m_s_ = newest_m_s_ = 0.0;
    }
    // the deck says that it moves the tape, and the tach is silent
    const bool just_pressed =
        drive_ && expects_motion() && !motion_seen_ && now_ - drive_pressed_ < deck_seconds(config_.start_timeout_s);
    const bool told = (!just_pressed && (motion_lit() || !tallies_.still.value_or(true))) || foreign_wind_lit(1) ||
                      foreign_wind_lit(-1);
    keep_since(silent_since_, told && std::abs(velocity_m_s_) < kMovingMetresPerSecond);
    if (lasted(silent_since_, config_.unasked_wind_s)) {
        suspect();
    }
}

} // namespace overbias::transport
