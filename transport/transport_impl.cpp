// SPDX-License-Identifier: Apache-2.0
#include "transport/transport_impl.hpp"

#include "transport/fault_messages.hpp"
#include "transport/transport_setup.hpp"

#include <utility>

namespace overbias::transport {

namespace {

constexpr auto kTick = std::chrono::milliseconds(5);

/// The key a hand has pressed on the deck itself.
std::optional<Key> adopted_key(Event event) {
    switch (event) {
    case Event::UnaskedPlay:
        return Key::Play;
    case Event::UnaskedForward:
        return Key::FastForward;
    case Event::UnaskedRewind:
        return Key::Rewind;
    default:
        return std::nullopt;
    }
}

/// What is wanted from now on, when `event` changes that: commands and adopted motions say it, what ends motion unasked
/// wants it stopped.
std::optional<Motion> requested_after(Event event, const Transition& transition, const MachineStates& before) {
    if (transition.status == CommandStatus::Denied) {
        return std::nullopt;
    }
    switch (event) {
    case Event::Play:
        return Motion::Playing;
    case Event::Record:
        return Motion::Recording;
    case Event::FastForward:
        return Motion::FastForwarding;
    case Event::Rewind:
        return Motion::Rewinding;
    case Event::Locate:
        return Motion::Locating;
    case Event::PunchOut:
        return transition.status == CommandStatus::Accepted ? std::optional(Motion::Playing) : std::nullopt;
    case Event::Stop:
    case Event::LocateArrived:
        return Motion::Stopped;
    default:
        break;
    }
    for (const Action action : transition.actions) {
        if (action == Action::RaiseFault || action == Action::TellUnaskedStop || action == Action::RecordOffAndStop) {
            return Motion::Stopped;
        }
    }
    if (adopted_key(event) && transition.next.motion != before.motion) {
        return transition.next.motion; // a hand on the deck's keys
    }
    if (event == Event::StillTimeout && transition.status == CommandStatus::Accepted) {
        return Motion::Stopped;
    }
    return std::nullopt;
}

std::optional<Key> key_of(Action action) {
    switch (action) {
    case Action::PressPlay:
        return Key::Play;
    case Action::PressRecord:
        return Key::Record;
    case Action::PressRecordExit:
        return Key::RecordExit;
    case Action::PressFastForward:
        return Key::FastForward;
    case Action::PressRewind:
        return Key::Rewind;
    case Action::PressStop:
        return Key::Stop;
    default:
        return std::nullopt;
    }
}

} // namespace

Transport::Impl::Impl(Timeline& timeline, Deck& deck, DeckAdjust& adjust, const TransportConfig& config)
    : timeline_(timeline), config_(checked_config(config, deck.capabilities())), changed_(timeline), deck_(deck),
      adjust_(adjust), counter_(counter_config(config_)),
      supervision_(supervision_config(config_), deck.capabilities(), timeline.now()), locator_(locator_config(config_)),
      tick_timer_(timeline, kTick, [this] { tick(); }) {
    state_.current = Motion::Unknown;
    deck_.on_change([this] { deck_changed(); });
    look();
    work_off();
    publish(); // nobody listens yet
    tell_.clear();
}

Transport::Impl::~Impl() {
    deck_.on_change({});
    deck_.make_safe();
}

CommandResult Transport::Impl::command(Event event, std::string detail) {
    look();
    CommandResult result = handle_event(event, std::move(detail));
    work_off();
    settle_up();
    return result;
}

CommandResult Transport::Impl::locate(double position_m) {
    if (!(position_m >= 0.0 && position_m <= config_.tape_length_m)) {
        return {CommandStatus::Denied, "locate: the tape reaches from 0 m to " + metres_text(config_.tape_length_m) +
                                           ", asked for " + metres_text(position_m)};
    }
    locate_target_m_ = position_m;
    return command(Event::Locate);
}

CommandResult Transport::Impl::select_monitor(MonitorSelect select) {
    monitor_ = select;
    monitor_error_.reset();
    CommandResult result = command(select == MonitorSelect::Repro ? Event::SelectRepro : Event::SelectSource);
    if (monitor_error_) {
        return {CommandStatus::Denied, *monitor_error_};
    }
    return result;
}

const MachineState& Transport::Impl::snapshot() {
    if (!busy_) {
        look();
    }
    state_.position_m = counter_.position_m();
    state_.position_uncertainty_m = counter_.uncertainty_m();
    state_.speed_m_s = supervision_.velocity_m_s();
    return state_;
}

Guards Transport::Impl::guards() const {
    const DeckCapabilities& deck = deck_.capabilities();
    Guards out;
    out.still = supervision_.still();
    out.settled = supervision_.settled();
    out.play_proven = supervision_.play_proven();
    out.tape_out = supervision_.tape_out();
    out.record_tally = supervision_.record_tally();
    out.deck_says_stopped = supervision_.deck_says_stopped();
    out.has_tach = deck.tach;
    out.has_motion_sensor = deck.tach || deck.tallies;
    out.deferred = deferred_;
    return out;
}

CommandResult Transport::Impl::handle_event(Event event, std::string detail) {
    const Guards now = guards();
    const Transition transition = handle(states_, event, now);
    // the last gate: nothing at all is done when a key of this transition is forbidden
    for (const Action action : transition.actions) {
        if (const std::optional<Key> key = key_of(action)) {
            const Interlock forbidden = forbids(*key, states_, now);
            if (forbidden != Interlock::None) {
                return {CommandStatus::Denied, "interlock " + std::string(name_of(forbidden)) + ": " + describe(event)};
            }
        }
    }
    const std::string message = detail.empty() ? describe(event) : std::move(detail);
    const MachineStates before = std::exchange(states_, transition.next);
    requested_ = requested_after(event, transition, before).value_or(requested_);
    changed_since_published_ = changed_since_published_ || !(before == states_);
    busy_ = true;
    event_ = event;
    event_detail_ = message;
    press_errors_.clear();
    for (const Action action : transition.actions) {
        perform(action);
    }
    const std::optional<Key> adopted = adopted_key(event);
    if (adopted && before.motion != states_.motion && states_.motion != Motion::Braking) {
        supervision_.adopted(*adopted, timeline_.now());
        counter_.commanded_direction(*adopted == Key::Rewind ? -1 : 1);
    }
    busy_ = false;
    if (!press_errors_.empty() && event != Event::DeckError) {
        std::string error = std::move(press_errors_.front());
        press_errors_.clear();
        handle_event(Event::DeckError, error);
        return {CommandStatus::Denied, std::move(error)};
    }
    return {transition.status, std::string(transition.reason)};
}

void Transport::Impl::perform(Action action) {
    if (const std::optional<Key> key = key_of(action)) {
        press(*key);
        return;
    }
    switch (action) {
    case Action::RecordOffAndStop:
        deck_.make_safe();
        supervision_.pressed(Key::Stop, timeline_.now());
        break;
    case Action::BeginLocate:
        locator_.begin(locate_target_m_);
        break;
    case Action::CancelLocate:
        locator_.cancel();
        break;
    case Action::DeferPlay:
        deferred_ = DeferredCommand::Play;
        supervision_.deferred_at(timeline_.now());
        break;
    case Action::DeferFastForward:
        deferred_ = DeferredCommand::FastForward;
        break;
    case Action::DeferRewind:
        deferred_ = DeferredCommand::Rewind;
        break;
    case Action::ForgetDeferred:
        deferred_ = DeferredCommand::None;
        break;
    case Action::SetMonitor:
        if (const Result<void> done = adjust_.select_monitor(monitor_); !done) {
            monitor_error_ = done.error().message;
        }
        break;
    case Action::ZeroCounter:
        counter_.zero();
        lost_edges_seen_ = 0;
        break;
    case Action::RaiseFault:
        fault_ = event_detail_;
        tell_.push_back(event_detail_);
        changed_since_published_ = true;
        break;
    case Action::ForgetFault:
        fault_.clear();
        break;
    case Action::TellUnaskedStop:
        tell_.push_back(event_detail_);
        break;
    default:
        break;
    }
}

void Transport::Impl::press(Key key) {
    const DeckTime now = timeline_.now();
    if (const Result<void> done = deck_.press(key); !done) {
        press_errors_.push_back(done.error().message);
    }
    supervision_.pressed(key, now);
    if (key == Key::Play || key == Key::FastForward) {
        counter_.commanded_direction(1);
    } else if (key == Key::Rewind) {
        counter_.commanded_direction(-1);
    }
}

void Transport::Impl::look() {
    const DeckTime now = timeline_.now();
    counter_.update(now, deck_.tach());
    supervision_.observe(now, deck_.tallies(), counter_);
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
    const LocatorStep step = locator_.step({.position_m = counter_.position_m(),
                                            .velocity_m_s = supervision_.velocity_m_s(),
                                            .still = supervision_.still(),
                                            .settled = supervision_.settled()});
    std::optional<Key> key;
    switch (step) {
    case LocatorStep::Wait:
        return;
    case LocatorStep::Arrived:
        handle_event(Event::LocateArrived, {});
        return;
    case LocatorStep::Failed:
        handle_event(Event::LocateFailed, locator_.failure());
        return;
    case LocatorStep::PressStop:
        key = Key::Stop;
        break;
    case LocatorStep::PressPlay:
        key = Key::Play;
        break;
    case LocatorStep::PressFastForward:
        key = Key::FastForward;
        break;
    case LocatorStep::PressRewind:
        key = Key::Rewind;
        break;
    }
    const Interlock forbidden = forbids(*key, states_, guards());
    if (forbidden != Interlock::None) {
        handle_event(Event::LocateFailed,
                     "locate: interlock " + std::string(name_of(forbidden)) + " forbids the locator's next key");
        return;
    }
    busy_ = true;
    press_errors_.clear();
    press(*key);
    busy_ = false;
    if (!press_errors_.empty()) {
        handle_event(Event::DeckError, press_errors_.front());
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
    next.fault = fault_;
    changed_since_published_ = next.requested != state_.requested || next.current != state_.current ||
                               next.arm != state_.arm || next.position_knowledge != state_.position_knowledge ||
                               next.record_tally != state_.record_tally || next.tape_out != state_.tape_out ||
                               next.fault != state_.fault;
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
                                 .has_tach = deck_.capabilities().tach,
                                 .motion_seen = supervision_.motion_seen(),
                                 .proof_by_tally = config_.proof_by_tally,
                                 .position_m = counter_.position_m(),
                                 .speed_ips = supervision_.velocity_m_s() / kMetresPerInch,
                                 .expected_ips = config_.play_speed_ips});
}

} // namespace overbias::transport
