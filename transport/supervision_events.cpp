// SPDX-License-Identifier: Apache-2.0
// What has come about, as events for the machine, in the order of their urgency.
#include "transport/supervision.hpp"

namespace overbias::transport {

std::optional<Event> Supervision::next_event(const MachineStates& states, DeferredCommand deferred) {
    const Motion motion = states.motion;
    if (!link_up_ && link_was_up_ && !link_lost_told_) {
        link_lost_told_ = true;
        return Event::LinkLost;
    }
    if (!link_up_) {
        return std::nullopt; // nothing is known
    }
    tape_out_told_ = tape_out_told_ && tape_out();
    if (tape_out() && !tape_out_told_) {
        tape_out_told_ = true;
        return Event::TapeOut;
    }
    if (auto event = record_event(motion)) {
        return event;
    }
    if (!link_back_told_) {
        link_back_told_ = true;
        return Event::LinkBack;
    }
    if (states.lifters == Lifters::Defeated && has_tach_ && above_cue_limit()) {
        return Event::CueTooFast;
    }
    if (!tape_out() && motion == Motion::TapeOut && tallies_.tape_out) {
        return Event::TapeIn;
    }
    if ((motion == Motion::Playing || motion == Motion::Recording) && drive_ == Press::Play && !play_proven_ &&
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
    if (!lit) {
        unasked_again_from_ = DeckTime::min();
    } else if (now_ >= unasked_record_from_ && now_ >= unasked_again_from_) {
        unasked_again_from_ = now_ + deck_seconds(1.0); // while it stays lit, stop is pressed again every second
        return Event::UnaskedRecord;
    }
    return std::nullopt;
}

std::optional<Event> Supervision::motion_event(Motion motion) {
    const bool commanded = motion == Motion::Starting || motion == Motion::Playing || motion == Motion::Recording ||
                           motion == Motion::FastForwarding || motion == Motion::Rewinding ||
                           motion == Motion::Shuttling || motion == Motion::Locating;
    const bool by_hand_possible = motion != Motion::Unknown && motion != Motion::TapeOut && motion != Motion::Faulted;
    if (by_hand_possible && motion != Motion::Recording) {
        if (lasted(play_since_, config_.unasked_play_s)) {
            play_since_.reset();
            return Event::UnaskedPlay;
        }
    }
    if ((motion == Motion::Stopped || motion == Motion::Rewinding) &&
        lasted(runs_forward_since_, config_.unasked_wind_s)) {
        return Event::UnaskedForward;
    }
    if ((motion == Motion::Stopped || motion == Motion::FastForwarding) &&
        lasted(runs_backward_since_, config_.unasked_wind_s)) {
        return Event::UnaskedRewind;
    }
    if (by_hand_possible) {
        if (lasted(forward_since_, config_.unasked_wind_s)) {
            forward_since_.reset();
            return Event::UnaskedForward;
        }
        if (lasted(rewind_since_, config_.unasked_wind_s)) {
            rewind_since_.reset();
            return Event::UnaskedRewind;
        }
    }
    if (!commanded || !drive_ || !expects_motion()) {
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
    return rests_ ? std::optional(Event::MotionLost) : std::nullopt; // whatever the lamps say
}

std::optional<Event> Supervision::rest_event(Motion motion, DeferredCommand deferred) const {
    const bool plays_next = deferred == DeferredCommand::Play || deferred == DeferredCommand::Record;
    const bool held = deferred != DeferredCommand::None && may_record(); // nothing goes on before record has been left
    switch (motion) {
    case Motion::Unknown:
        // at start-up the tach alone may tell; after a lost link or a stop of ours it must be beyond doubt
        return still_ || stop_lamp_believed() || (rests_ && !key_pressed_) ? std::optional(Event::TapeStill)
                                                                           : std::nullopt;
    case Motion::Braking:
        if (still_ && !held) {
            return Event::TapeStill;
        }
        if (settled_ && plays_next && !held) {
            return Event::Settled;
        }
        break;
    case Motion::Stopped:
        if (plays_next) {
            if (settled_ && !held) {
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
