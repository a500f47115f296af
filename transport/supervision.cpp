// SPDX-License-Identifier: Apache-2.0
#include "transport/supervision.hpp"

#include <algorithm>
#include <cmath>

namespace overbias::transport {

namespace {

constexpr double kSurelyWind = 2.0; ///< times play speed: nothing but wind runs so fast
} // namespace

void Supervision::keep_since(std::optional<DeckTime>& since, bool condition) const noexcept {
    if (!condition) {
        since.reset();
    } else if (!since) {
        since = now_;
    }
}

bool Supervision::lasted(const std::optional<DeckTime>& since, double duration_s) const noexcept {
    return since && now_ - *since >= deck_seconds(duration_s);
}

Supervision::Supervision(const SupervisionConfig& config, const DeckCapabilities& deck, DeckTime now)
    : config_(config), has_tach_(deck.tach), has_tallies_(deck.tallies),
      senses_motion_itself_(deck.senses_motion_itself), now_(now), link_back_told_(!deck.link), stop_pressed_(now) {
    if (deck.counter_edges_per_metre) {
        config_.credible_mean_m_s *= 2.0; // a deck's own counter is coarse and read seldom: its speed lags
    }
}

void Supervision::observe(DeckTime now, const Tallies& tallies, bool link_up, const TachReading& tach,
                          const TapeCounter& counter) {
    now_ = now;
    tallies_ = tallies;
    velocity_m_s_ = has_tach_ ? counter.velocity_m_s() : 0.0;
    still_time_ = counter.still_time();
    judge_link(link_up);
    judge_tach(tach, counter);
    judge_still(counter);
    judge_play();
    judge_motion();
    judge_hand();
    const bool lit = record_tally();
    record_seen_ = record_asked_ && (record_seen_ || lit);
    record_proven_ =
        record_asked_ && (tallies_.record ? lit : now_ - record_pressed_ >= deck_seconds(config_.record_settle_s));
}

void Supervision::pressed(Press press, DeckTime now) {
    key_pressed_ = true;
    switch (press) {
    case Press::Record:
        record_asked_ = true;
        record_seen_ = false;
        record_pressed_ = now;
        return;
    case Press::RecordExit:
        record_asked_ = record_seen_ = record_proven_ = false;
        unasked_record_from_ = now + deck_seconds(config_.record_grace_s);
        return;
    case Press::Stop:
        if (record_asked_) {
            unasked_record_from_ = now + deck_seconds(config_.record_grace_s);
        }
        doubt_tach(now);
        record_asked_ = record_seen_ = record_proven_ = false;
        drive_.reset();
        forget_proof();
        stop_pressed_ = now;
        still_ = settled_ = false; // still counts from here: a deck that is about to start has not moved yet either
        return;
    case Press::Play:
    case Press::FastForward:
    case Press::Rewind:
    case Press::LibraryForward:
    case Press::LibraryReverse:
    case Press::Edit:
        begin_drive(press, now);
        return;
    default:
        return;
    }
}

void Supervision::begin_drive(Press press, DeckTime now) {
    if (still_) {
        tach_suspect_ = false; // known to be still: what it does from here on is watched anew
    } else {
        doubt_tach(now);
    }
    drive_ = press;
    drive_pressed_ = drive_deadline_from_ = now;
    motion_seen_ = reversing_ = adopted_ = false;
    still_ = settled_ = false;
    forget_proof();
    if (has_tach_ && expects_motion()) {
        unseen_since_ = unseen_since_.value_or(now);
    }
}

void Supervision::shuttled(double speed_m_s, DeckTime now) {
    key_pressed_ = true;
    const bool same_way = drive_ == Press::Shuttle && !rests_ && shuttle_m_s_ * speed_m_s > 0.0;
    shuttle_m_s_ = speed_m_s;
    if (same_way) {
        return; // only another speed
    }
    begin_drive(Press::Shuttle, now);
    reversing_ = velocity_m_s_ * speed_m_s < 0.0 && std::abs(velocity_m_s_) > kMovingMetresPerSecond;
}

void Supervision::adopted(Press press, DeckTime now) {
    const bool proven = play_proven_;
    begin_drive(press, now);
    motion_seen_ = true;
    play_proven_ = press == Press::Play && proven;
    adopted_ = true;
}

void Supervision::forget_proof() {
    play_proven_ = false; // a lamp that stays lit proves nothing: play must be proven anew after every key
    play_was_dark_ = false;
    at_speed_since_.reset();
    off_speed_since_.reset();
    // nor does motion from before that key show a hand
    play_since_.reset();
    forward_since_.reset();
    rewind_since_.reset();
    runs_forward_since_.reset();
    runs_backward_since_.reset();
}

bool Supervision::plays_now() const noexcept {
    // the proof by the tach alone takes a while to be lost: what is asked here is this moment
    const double tolerance = config_.proof_by_tally ? config_.plays_now_tolerance : config_.proof_lost_tolerance;
    const double most_m_s = (1.0 + config_.plays_now_tolerance) * config_.play_speed_m_s;
    return play_proven_ && std::abs(newest_m_s_) <= most_m_s && !tallies_.fast_forward.value_or(false) &&
           !tallies_.rewind.value_or(false) &&
           (!has_tach_ || std::abs(velocity_m_s_ / config_.play_speed_m_s - 1.0) <= tolerance);
}

bool Supervision::deck_says_stopped() const noexcept {
    if (tallies_.stop.value_or(false)) {
        return true;
    }
    if (!drive_) {
        return false;
    }
    if (adopted_ && !has_tallies_) {
        return true; // a hand began it, so a hand has ended it
    }
    switch (*drive_) {
    case Press::Play:
        return !tallies_.play.value_or(true);
    case Press::FastForward:
        return !tallies_.fast_forward.value_or(true);
    case Press::Rewind:
        return !tallies_.rewind.value_or(true);
    default:
        return false;
    }
}

int Supervision::drive_sign() const noexcept {
    if (!drive_) {
        return 0;
    }
    switch (*drive_) {
    case Press::Rewind:
    case Press::LibraryReverse:
        return -1;
    case Press::Shuttle:
        return shuttle_m_s_ < 0.0 ? -1 : 1;
    default:
        return 1;
    }
}

/// A tape held still, or in the operator's hands, is not told to move.
bool Supervision::expects_motion() const noexcept {
    return drive_ != Press::Edit && (drive_ != Press::Shuttle || std::abs(shuttle_m_s_) >= kMovingMetresPerSecond);
}

void Supervision::judge_link(bool up) {
    if (up && !link_up_) {
        link_back_ = now_;
        link_back_told_ = false;     // the first time too: what another daemon left is not known
        unasked_record_from_ = now_; // whatever it does now, nobody has asked for it
    }
    tape_out_told_ = tape_out_told_ && up; // what it told before counts for nothing
    link_was_up_ = link_was_up_ || up;
    link_lost_told_ = link_lost_told_ && !up;
    link_up_ = up;
}

void Supervision::judge_still(const TapeCounter& counter) {
    const bool waited = now_ - stop_pressed_ >= still_time_ && (!drive_ || now_ - drive_pressed_ >= still_time_);
    const DeckDuration settle = deck_seconds(config_.settle_after_still_s);
    const bool heard = link_up_ && (!link_back_ || now_ - *link_back_ >= deck_seconds(config_.link_settle_s));
    const bool deck_says_still = tallies_.stop.value_or(false) || tallies_.still.value_or(false);
    bool still_now = false;
    rests_ = false;
    if (!link_up_) {
        // nothing is known
    } else if (has_tach_) {
        rests_ = waited && heard && counter.still() && tallies_.still.value_or(true);
        const DeckTime blind_since = std::max(stop_pressed_, suspect_since_);
        const bool blind = tach_suspect_ && now_ - blind_since < deck_seconds(config_.blind_stop_s);
        still_now = rests_ && (deck_says_still || (!blind && !motion_lit()));
    } else if (tallies_.still) {
        still_now = waited && *tallies_.still;
    } else if (tallies_.stop) {
        still_now = waited && *tallies_.stop;
    } else {
        still_now = !drive_ && now_ - stop_pressed_ >= settle; // only on a deck that senses motion itself
    }
    if (still_now && !still_) {
        still_at_ = now_;
        if (!drive_) {
            unseen_since_.reset();
        }
    }
    still_ = still_now;
    settled_ = (still_ && now_ - still_at_ >= settle) ||
               (senses_motion_itself_ && link_up_ && !drive_ && now_ - stop_pressed_ >= settle);
}

void Supervision::judge_play() {
    const double off = velocity_m_s_ / config_.play_speed_m_s - 1.0;
    if (!link_up_) {
        forget_proof();
        return;
    }
    if (config_.proof_by_tally) {
        // the tally, and where there is a tach the tape must have come to about play speed; once proven the tally alone
        // holds it
        const bool tally = tallies_.play.value_or(false);
        const bool about_speed = !has_tach_ || std::abs(off) <= config_.tally_proof_tolerance;
        play_proven_ = tally && (play_proven_ || about_speed);
        return;
    }
    if (!has_tach_ || (drive_ && drive_ != Press::Play)) {
        play_proven_ = false; // a shuttle or a hand on the reels at play speed is not play
        return;
    }
    keep_since(at_speed_since_, std::abs(off) <= config_.tach_proof_tolerance);
    keep_since(off_speed_since_, std::abs(off) > config_.proof_lost_tolerance);
    if (lasted(at_speed_since_, config_.tach_proof_s)) {
        play_proven_ = true;
    } else if (lasted(off_speed_since_, config_.proof_lost_s)) {
        play_proven_ = false;
    }
}

void Supervision::judge_motion() {
    if (!drive_) {
        return;
    }
    const double along = drive_sign() * velocity_m_s_;
    motion_seen_ = motion_seen_ || along > 0.8 * kMovingMetresPerSecond;
    // a deck that senses motion itself winds down first, a shuttle that turns round does too: its time to start counts
    // from when it has
    reversing_ = reversing_ && along < -kMovingMetresPerSecond;
    const bool winds_down = reversing_ || (*drive_ == Press::Play && (velocity_m_s_ < -kMovingMetresPerSecond ||
                                                                      velocity_m_s_ > 1.5 * config_.play_speed_m_s));
    if (winds_down && now_ - drive_pressed_ < deck_seconds(config_.still_timeout_s)) {
        drive_deadline_from_ = now_;
    }
}

void Supervision::judge_hand() {
    // a tally alone may be stuck: where there is a tach the tape must move that way too
    const double play_m_s = config_.play_speed_m_s;
    const bool play_speed = !has_tach_ || std::abs(velocity_m_s_ / play_m_s - 1.0) <= config_.tally_proof_tolerance;
    const bool forward = !has_tach_ || velocity_m_s_ > kMovingMetresPerSecond;
    const bool backward = !has_tach_ || velocity_m_s_ < -kMovingMetresPerSecond;
    // library wind and shuttle may light the lamp of the wind they are
    const bool shuttles = drive_ == Press::Shuttle && expects_motion();
    const bool own_forward =
        drive_ == Press::FastForward || drive_ == Press::LibraryForward || (shuttles && drive_sign() > 0);
    const bool own_backward =
        drive_ == Press::Rewind || drive_ == Press::LibraryReverse || (shuttles && drive_sign() < 0);
    // nor is a lamp that has been lit ever since the last key a hand's: it may be stuck, and a shuttle run at play
    // speed
    play_was_dark_ = play_was_dark_ || !tallies_.play.value_or(true) || !config_.proof_by_tally;
    keep_since(play_since_, play_proven_ && play_was_dark_ && drive_ != Press::Play && play_speed && !stop_lit());
    keep_since(forward_since_, tallies_.fast_forward.value_or(false) && !own_forward && forward && !stop_lit());
    // a deck without lamps: what runs that fast and was not told to was put into wind by hand
    const double surely_wind_m_s = kSurelyWind * play_m_s;
    const auto against = [this](int way) { return !drive_ || (drive_sign() != way && motion_seen_); };
    keep_since(runs_forward_since_, !has_tallies_ && against(1) && velocity_m_s_ > surely_wind_m_s);
    keep_since(runs_backward_since_, !has_tallies_ && against(-1) && velocity_m_s_ < -surely_wind_m_s);
    keep_since(rewind_since_, tallies_.rewind.value_or(false) && !own_backward && backward && !stop_lit());
}

} // namespace overbias::transport
