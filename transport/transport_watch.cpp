// SPDX-License-Identifier: Apache-2.0
// What the deck tells, what the locator wants, and the snapshot that everybody reads.
#include "transport/fault_messages.hpp"
#include "transport/transport_impl.hpp"

#include <utility>

namespace overbias::transport {

const MachineState& Transport::Impl::snapshot() {
    if (!busy_) {
        look();
    }
    state_.position_m = counter_.position_m();
    state_.position_uncertainty_m = counter_.uncertainty_m();
    state_.speed_m_s = supervision_.velocity_m_s();
    return state_;
}

void Transport::Impl::look() {
    const DeckTime now = timeline_.now();
    link_ = deck_.link();
    const Tallies tallies = link_.up ? deck_.tallies() : Tallies{};
    counter_.deck_says_still(tallies.still);
    const TachReading tach = deck_.tach();
    counter_.update(now, tach);
    supervision_.observe(now, tallies, link_.up, tach, counter_);
}

void Transport::Impl::work_off() {
    if (look_again_) {
        look_again_ = false;
        look();
    }
    if (counter_.lost() > lost_edges_seen_) {
        lost_edges_seen_ = counter_.lost();
        handle_event(Event::EdgesLost, {});
    }
    for (int round = 0; round < 8; ++round) {
        const std::optional<Event> event = supervision_.next_event(states_, deferred_);
        if (!event) {
            break;
        }
        handle_event(*event, {});
        if (look_again_) {
            look_again_ = false;
            look();
        }
    }
    if (states_.motion == Motion::Locating) {
        run_locator();
    }
}

void Transport::Impl::run_locator() {
    if (supervision_.may_record()) {
        return; // STOP has been pressed; no other key before record has surely been left
    }
    const DeckTime now = timeline_.now();
    const LocatorStep step = locator_.step({.now = now,
                                            .position_m = counter_.position_m(),
                                            .counted_at = counter_.counted_at(),
                                            .velocity_m_s = supervision_.velocity_m_s(),
                                            .still = supervision_.still(),
                                            .settled = supervision_.settled()});
    timeline_.cancel(std::exchange(locator_timer_, 0));
    switch (step) {
    case LocatorStep::Wait:
        if (const std::optional<DeckTime> again = locator_.look_again_at()) {
            locator_timer_ = timeline_.call_at(*again, [this] {
                locator_timer_ = 0;
                tick();
            });
        }
        return;
    case LocatorStep::Arrived:
        handle_event(Event::LocateArrived, {});
        return;
    case LocatorStep::Failed:
        handle_event(Event::LocateFailed, locator_.failure());
        return;
    case LocatorStep::PressStop:
        press_for_locator(Press::Stop);
        return;
    case LocatorStep::PressPlay:
        press_for_locator(Press::Play);
        return;
    case LocatorStep::PressFastForward:
        press_for_locator(Press::FastForward);
        return;
    case LocatorStep::PressRewind:
        press_for_locator(Press::Rewind);
        return;
    case LocatorStep::Shuttle:
        shuttle_m_s_ = locator_.shuttle_speed_m_s();
        press_for_locator(Press::Shuttle);
        return;
    }
}

void Transport::Impl::press_for_locator(Press wanted) {
    const Interlock forbidden = forbids(wanted, states_, guards(Event::Locate));
    if (forbidden != Interlock::None) {
        handle_event(Event::LocateFailed,
                     "locate: interlock " + std::string(name_of(forbidden)) + " forbids the locator's next key");
        return;
    }
    busy_ = true;
    event_ = Event::Locate;
    press_errors_.clear();
    press(wanted);
    busy_ = false;
    if (!press_errors_.empty()) {
        handle_event(Event::DeckError, std::string(press_errors_.front()));
    }
}

void Transport::Impl::tick() {
    look();
    work_off();
    settle_up();
}

void Transport::Impl::deck_changed() {
    if (busy_) {
        look_again_ = true; // it told while a key was being pressed: looked at when the machine has finished
        return;
    }
    tick();
}

void Transport::Impl::publish() {
    const bool in_record = states_.motion == Motion::Recording;
    MachineState next = state_;
    next.requested = requested_;
    // until the deck has shown that it records it is still playing, whatever was asked for
    next.current = in_record && !supervision_.record_proven() ? Motion::Playing : states_.motion;
    next.arm = states_.arm;
    next.position_knowledge = states_.position;
    next.record_tally = supervision_.record_tally();
    next.tape_out = supervision_.tape_out();
    next.lifters = states_.lifters;
    next.library_wind =
        library_wind_ && (states_.motion == Motion::FastForwarding || states_.motion == Motion::Rewinding);
    next.threading = threading_;
    next.ready_tracks = ready_tracks_;
    next.play_speed_ips = config_.play_speed_ips;
    next.locate_to_m = states_.motion == Motion::Locating ? std::optional(locate_target_m_) : std::nullopt;
    next.link_problem = link_.up ? std::string() : link_.problem;
    next.fault = fault_;
    next.arm_held = arm_held_;
    // position and speed are alike in both: they were carried over
    changed_since_published_ = !(next == state_);
    if (changed_since_published_) {
        ++next.revision;
        state_ = std::move(next);
    }
    state_.position_m = counter_.position_m();
    state_.position_uncertainty_m = counter_.uncertainty_m();
    state_.speed_m_s = supervision_.velocity_m_s();
}

void Transport::Impl::settle_up() {
    publish();
    const bool changed = std::exchange(changed_since_published_, false);
    const std::vector<std::string> messages = std::exchange(tell_, {});
    // From here on listeners run: they may give commands, which settle up for themselves.
    if (changed) {
        changed_.notify_all();
        if (transition_listener_) {
            const MachineState state = state_;
            transition_listener_(state);
        }
    }
    for (const std::string& message : messages) {
        if (fault_listener_) {
            fault_listener_(message);
        }
    }
}

std::string Transport::Impl::describe(Event event) const {
    return fault_message(event, {.recording = states_.motion == Motion::Recording,
                                 .link_lost_in_record = link_lost_in_record_,
                                 .has_tach = deck_.capabilities().tach,
                                 .motion_seen = supervision_.motion_seen(),
                                 .proof_by_tally = config_.proof_by_tally,
                                 .position_m = counter_.position_m(),
                                 .speed_ips = supervision_.velocity_m_s() / kMetresPerInch,
                                 .expected_ips = config_.play_speed_ips,
                                 .link_problem = link_.problem,
                                 .refusal = deck_.refusal()});
}

} // namespace overbias::transport
