// SPDX-License-Identifier: Apache-2.0
#include "transport/supervision.hpp"

#include <algorithm>
#include <cmath>

namespace overbias::transport {

namespace {

constexpr double kMovingMetresPerSecond = 0.05; ///< commanded motion counts as seen from here

/// Holds since when `condition` holds without a break.
void keep_since(std::optional<DeckTime>& since, bool condition, DeckTime now) {
    if (!condition) {
        since.reset();
    } else if (!since) {
        since = now;
    }
}

bool lasted(const std::optional<DeckTime>& since, double duration_s, DeckTime now) {
    return since && now - *since >= deck_seconds(duration_s);
}

} // namespace

Supervision::Supervision(const SupervisionConfig& config, const DeckCapabilities& deck, DeckTime now)
    : config_(config), has_tach_(deck.tach), has_tallies_(deck.tallies),
      senses_motion_itself_(deck.senses_motion_itself), now_(now), stop_pressed_(now) {
}

void Supervision::observe(DeckTime now, const Tallies& tallies, const TapeCounter& counter) {
    now_ = now;
    tallies_ = tallies;
    velocity_m_s_ = has_tach_ ? counter.velocity_m_s() : 0.0;
    still_time_ = counter.still_time();
    judge_still(counter);
    judge_play();
    judge_motion();
    judge_hand();
    const bool lit = record_tally();
    record_seen_ = record_asked_ && (record_seen_ || lit);
    record_proven_ =
        record_asked_ && (tallies_.record ? lit : now_ - record_pressed_ >= deck_seconds(config_.record_settle_s));
}

void Supervision::pressed(Key key, DeckTime now) {
    switch (key) {
    case Key::Record:
        record_asked_ = true;
        record_seen_ = false;
        record_pressed_ = now;
        return;
    case Key::RecordExit:
        record_asked_ = record_seen_ = record_proven_ = false;
        unasked_record_from_ = now + deck_seconds(config_.record_grace_s);
        return;
    case Key::Stop:
        if (record_asked_) {
            unasked_record_from_ = now + deck_seconds(config_.record_grace_s);
        }
        record_asked_ = record_seen_ = record_proven_ = false;
        drive_.reset();
        forget_proof();
        stop_pressed_ = now;
        still_ = settled_ = false; // still counts from here: a deck that is about to start has not moved yet either
        return;
    case Key::Play:
    case Key::FastForward:
    case Key::Rewind:
        drive_ = key;
        drive_pressed_ = drive_deadline_from_ = now;
        motion_seen_ = false;
        still_ = settled_ = false;
        forget_proof();
        return;
    }
}

void Supervision::adopted(Key key, DeckTime now) {
    const bool proven = play_proven_;
    pressed(key, now);
    motion_seen_ = true;
    play_proven_ = key == Key::Play && proven;
}

void Supervision::forget_proof() {
    play_proven_ = false; // a lamp that stays lit proves nothing: play must be proven anew after every key
    at_speed_since_.reset();
    off_speed_since_.reset();
}

bool Supervision::deck_says_stopped() const noexcept {
    if (tallies_.stop.value_or(false)) {
        return true;
    }
    if (!drive_) {
        return false;
    }
    switch (*drive_) {
    case Key::Play:
        return !tallies_.play.value_or(true);
    case Key::FastForward:
        return !tallies_.fast_forward.value_or(true);
    case Key::Rewind:
        return !tallies_.rewind.value_or(true);
    default:
        return false;
    }
}

void Supervision::judge_still(const TapeCounter& counter) {
    const bool waited = now_ - stop_pressed_ >= still_time_ && (!drive_ || now_ - drive_pressed_ >= still_time_);
    const DeckDuration settle = deck_seconds(config_.settle_after_still_s);
    bool still_now = false;
    if (has_tach_) {
        still_now = waited && counter.still();
    } else if (tallies_.stop) {
        still_now = waited && *tallies_.stop;
    } else {
        still_now = !drive_ && now_ - stop_pressed_ >= settle; // only on a deck that senses motion itself
    }
    if (still_now && !still_) {
        still_at_ = now_;
    }
    still_ = still_now;
    settled_ =
        (still_ && now_ - still_at_ >= settle) || (senses_motion_itself_ && !drive_ && now_ - stop_pressed_ >= settle);
}

void Supervision::judge_play() {
    const double off = velocity_m_s_ / config_.play_speed_m_s - 1.0;
    if (config_.proof_by_tally) {
        // the tally, and where there is a tach the tape must have come to about play speed; once proven the tally alone
        // holds it
        const bool tally = tallies_.play.value_or(false);
        const bool about_speed = !has_tach_ || std::abs(off) <= config_.tally_proof_tolerance;
        play_proven_ = tally && (play_proven_ || about_speed);
        return;
    }
    if (!has_tach_) {
        play_proven_ = false;
        return;
    }
    keep_since(at_speed_since_, std::abs(off) <= config_.tach_proof_tolerance, now_);
    keep_since(off_speed_since_, std::abs(off) > config_.proof_lost_tolerance, now_);
    if (lasted(at_speed_since_, config_.tach_proof_s, now_)) {
        play_proven_ = true;
    } else if (lasted(off_speed_since_, config_.proof_lost_s, now_)) {
        play_proven_ = false;
    }
}

void Supervision::judge_motion() {
    if (!drive_) {
        return;
    }
    const double along = *drive_ == Key::Rewind ? -velocity_m_s_ : velocity_m_s_;
    motion_seen_ = motion_seen_ || along > kMovingMetresPerSecond;
    // a deck that senses motion itself winds down first: its time to start counts from when it has
    if (*drive_ == Key::Play &&
        (velocity_m_s_ < -kMovingMetresPerSecond || velocity_m_s_ > 1.5 * config_.play_speed_m_s) &&
        now_ - drive_pressed_ < deck_seconds(config_.still_timeout_s)) {
        drive_deadline_from_ = now_;
    }
}

void Supervision::judge_hand() {
    // a tally alone may be stuck: where there is a tach the tape must move that way too
    const double play_m_s = config_.play_speed_m_s;
    const bool play_speed = !has_tach_ || std::abs(velocity_m_s_ / play_m_s - 1.0) <= config_.tally_proof_tolerance;
    const bool forward = !has_tach_ || velocity_m_s_ > kMovingMetresPerSecond;
    const bool backward = !has_tach_ || velocity_m_s_ < -kMovingMetresPerSecond;
    const bool stop_lit = tallies_.stop.value_or(false);
    keep_since(play_since_, play_proven_ && drive_ != Key::Play && play_speed && !stop_lit, now_);
    keep_since(forward_since_,
               tallies_.fast_forward.value_or(false) && drive_ != Key::FastForward && forward && !stop_lit, now_);
    keep_since(rewind_since_, tallies_.rewind.value_or(false) && drive_ != Key::Rewind && backward && !stop_lit, now_);
}

std::optional<Event> Supervision::next_event(const MachineStates& states, DeferredCommand deferred) {
    const Motion motion = states.motion;
    tape_out_told_ = tape_out_told_ && tape_out();
    if (tape_out() && !tape_out_told_) {
        tape_out_told_ = true;
        return Event::TapeOut;
    }
    if (auto event = record_event(motion)) {
        return event;
    }
    if (!tape_out() && motion == Motion::TapeOut && tallies_.tape_out) {
        return Event::TapeIn;
    }
    if ((motion == Motion::Playing || motion == Motion::Recording) && drive_ == Key::Play && !play_proven_ &&
        (has_tallies_ || has_tach_)) {
        return Event::PlayTallyLost;
    }
    if (motion == Motion::Starting && play_proven_) {
        return Event::PlayProven;
    }
    if (auto event = motion_event(motion)) {
        return event;
    }
    return rest_event(motion, deferred);
}

std::optional<Event> Supervision::record_event(Motion motion) {
    const bool lit = record_tally();
    if (motion == Motion::Recording) {
        if (record_seen_ && !lit) {
            return Event::RecordTallyLost;
        }
        if (tallies_.record && !record_seen_ && now_ - record_pressed_ >= deck_seconds(config_.record_timeout_s)) {
            return Event::RecordTimeout;
        }
        return std::nullopt;
    }
    if (lit && now_ >= unasked_record_from_) {
        unasked_record_from_ = now_ + deck_seconds(1.0); // while it stays lit, stop is pressed again every second
        return Event::UnaskedRecord;
    }
    return std::nullopt;
}

std::optional<Event> Supervision::motion_event(Motion motion) {
    const bool commanded = motion == Motion::Starting || motion == Motion::Playing || motion == Motion::Recording ||
                           motion == Motion::FastForwarding || motion == Motion::Rewinding ||
                           motion == Motion::Locating;
    const bool by_hand_possible = motion != Motion::Unknown && motion != Motion::TapeOut && motion != Motion::Faulted;
    if (by_hand_possible && motion != Motion::Recording) {
        if (lasted(play_since_, config_.unasked_play_s, now_)) {
            play_since_.reset();
            return Event::UnaskedPlay;
        }
    }
    if (by_hand_possible) {
        if (lasted(forward_since_, config_.unasked_wind_s, now_)) {
            forward_since_.reset();
            return Event::UnaskedForward;
        }
        if (lasted(rewind_since_, config_.unasked_wind_s, now_)) {
            rewind_since_.reset();
            return Event::UnaskedRewind;
        }
    }
    if (!commanded || !drive_) {
        return std::nullopt;
    }
    const bool in_time = now_ - drive_deadline_from_ < deck_seconds(config_.start_timeout_s);
    if (motion == Motion::Starting) {
        return in_time ? std::nullopt : std::optional(Event::StartTimeout); // PlayProven has been asked before
    }
    if (!has_tach_) {
        return std::nullopt; // nothing to see motion by
    }
    if (!motion_seen_) {
        return in_time ? std::nullopt : std::optional(Event::StartTimeout);
    }
    return still_ ? std::optional(Event::MotionLost) : std::nullopt;
}

std::optional<Event> Supervision::rest_event(Motion motion, DeferredCommand deferred) const {
    switch (motion) {
    case Motion::Unknown:
        return still_ || tallies_.stop.value_or(false) ? std::optional(Event::TapeStill) : std::nullopt;
    case Motion::Braking:
        if (still_) {
            return Event::TapeStill;
        }
        if (settled_ && deferred == DeferredCommand::Play) {
            return Event::Settled;
        }
        break;
    case Motion::Stopped:
        if (deferred == DeferredCommand::Play) {
            if (settled_) {
                return Event::Settled;
            }
            if (now_ - deferred_since_ >= deck_seconds(config_.still_timeout_s)) {
                return Event::StillTimeout;
            }
        }
        return std::nullopt;
    case Motion::Locating:
        if (drive_) {
            return std::nullopt;
        }
        break;
    default:
        return std::nullopt;
    }
    // Braking, or Locating between two moves: still in time?
    if (!still_ && now_ - stop_pressed_ >= deck_seconds(config_.still_timeout_s)) {
        return Event::StillTimeout;
    }
    return std::nullopt;
}

} // namespace overbias::transport
