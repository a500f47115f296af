// SPDX-License-Identifier: Apache-2.0
#include "transport/transport_impl.hpp"

#include "transport/event_words.hpp"
#include "transport/transport_setup.hpp"

#include <cmath>
#include <utility>

namespace overbias::transport {

namespace {

constexpr auto kTick = std::chrono::milliseconds(5);

} // namespace

Transport::Impl::Impl(Timeline& timeline, Deck& deck, DeckAdjust& adjust, const TransportConfig& config)
    : timeline_(timeline), config_(checked_config(config, deck.capabilities())), deck_(deck), changed_(timeline),
      locator_(locator_config(config_, deck.capabilities())), adjust_(adjust),
      counter_(counter_config(config_, deck.capabilities())),
      supervision_(supervision_config(config_), deck.capabilities(), timeline.now()),
      tick_timer_(timeline, kTick, [this] { tick(); }) {
    state_.current = Motion::Unknown;
    state_.inferred = !deck.capabilities().tallies;
    if (config_.last_position_m) {
        counter_.start_at(*config_.last_position_m, config_.last_uncertainty_m); // Doubtful, as every start is
    }
    deck_.on_change([this] { deck_changed(); });
    look();
    work_off();
    publish(); // nobody listens yet
    tell_.clear();
}

Transport::Impl::~Impl() {
    timeline_.cancel(locator_timer_);
    deck_.on_change({});
    deck_.make_safe();
    if (states_.lifters == Lifters::Defeated) {
        (void)deck_.defeat_lifters(false); // whoever comes next takes them for normal
    }
}

CommandResult Transport::Impl::command(Event event, std::string detail) {
    look();
    work_off(); // what has come about first: the command meets the state it leaves
    CommandResult result = handle_event(event, std::move(detail));
    work_off();
    settle_up();
    return result;
}

bool Transport::Impl::offered(Event event) const {
    const DeckCapabilities& deck = deck_.capabilities();
    switch (event) {
    case Event::LibraryForward:
    case Event::LibraryReverse:
        return deck.library_wind;
    case Event::Shuttle:
        return deck.shuttle;
    case Event::Edit:
        return deck.edit;
    case Event::DefeatLifters:
        return deck.lifter_defeat;
    case Event::ThreadOn:
        return deck.thread_tension;
    case Event::SelectSpeed:
        return !deck.speeds_ips.empty();
    case Event::SetReady:
        return deck.ready_tracks > 0;
    default:
        return true;
    }
}

Guards Transport::Impl::guards(Event event) const {
    const DeckCapabilities& deck = deck_.capabilities();
    const double next_shuttle_m_s = event == Event::Shuttle                 ? asked_.shuttle_m_s
                                    : deferred_ == DeferredCommand::Shuttle ? shuttle_m_s_
                                                                            : 0.0;
    Guards out;
    out.still = supervision_.still();
    out.settled = supervision_.settled();
    out.play_proven = supervision_.plays_now();
    out.tape_out = supervision_.tape_out();
    out.record_tally = supervision_.record_tally();
    out.may_record = supervision_.may_record();
    out.deck_says_stopped = supervision_.deck_says_stopped();
    out.has_tach = deck.tach;
    out.has_motion_sensor = deck.tach || deck.tallies;
    out.offered = offered(event);
    out.moves_forward = supervision_.moves(1);
    out.moves_backward = supervision_.moves(-1);
    out.runs_forward = supervision_.runs_forward();
    out.library_wind = library_wind_;
    out.above_cue_limit = supervision_.above_cue_limit();
    out.shuttle_above_limit = std::abs(next_shuttle_m_s) > config_.cue_limit_m_s;
    out.link_down = !link_.up;
    out.counts_over_link = deck.link && deck.counter_edges_per_metre.has_value();
    out.key_in_flight = deck_.busy_until() > timeline_.now();
    out.fault_stands = !fault_.empty();
    out.arm_held = !arm_held_.empty();
    out.deferred = deferred_;
    return out;
}

CommandResult Transport::Impl::handle_event(Event event, std::string detail) {
    const Guards now = guards(event);
    const Transition transition = handle(states_, event, now);
    // the last gate: nothing at all is done when a press of this transition is forbidden
    for (const Action action : transition.actions) {
        if (const std::optional<Press> press = press_of(action)) {
            const Interlock forbidden = forbids(*press, states_, now);
            if (forbidden != Interlock::None) {
                return {CommandStatus::Denied, "interlock " + std::string(name_of(forbidden)) + ": " + describe(event)};
            }
        }
    }
    const std::string message = detail.empty() ? describe(event) : std::move(detail);
    const MachineStates before = std::exchange(states_, transition.next);
    const bool in_doubt = states_.motion == Motion::Unknown || states_.motion == Motion::Faulted;
    link_lost_in_record_ =
        in_doubt && (link_lost_in_record_ || (event == Event::LinkLost && before.motion == Motion::Recording));
    requested_ = requested_after(event, transition, before, deferred_).value_or(requested_);
    changed_since_published_ = changed_since_published_ || !(before == states_);
    const bool was_busy = std::exchange(busy_, true);
    event_ = event;
    event_detail_ = message;
    press_errors_.clear();
    for (const Action action : transition.actions) {
        perform(action);
    }
    const std::optional<Press> adopted = adopted_press(event);
    if (adopted && before.motion != states_.motion && states_.motion != Motion::Braking) {
        library_wind_ = false;
        supervision_.adopted(*adopted, timeline_.now());
        counter_.commanded_direction(*adopted == Press::Rewind ? -1 : 1);
    }
    busy_ = was_busy;
    // a link that is gone takes no press, and that is no fault of its own
    if (!press_errors_.empty() && event != Event::DeckError && event != Event::LinkLost) {
        std::string error = std::move(press_errors_.front());
        press_errors_.clear();
        handle_event(Event::DeckError, error);
        return {CommandStatus::Denied, std::move(error)};
    }
    std::string reason(transition.interlock == Interlock::HeldArmStaysSafe ? arm_held_ : transition.reason);
    if (transition.status == CommandStatus::Denied && !link_.up && !link_.problem.empty()) {
        reason += " (" + link_.problem + ")";
    }
    return {transition.status, std::move(reason)};
}

void Transport::Impl::perform(Action action) {
    if (const std::optional<Press> wanted = press_of(action)) {
        press(*wanted);
        return;
    }
    if (action == Action::RecordOffAndStop) {
        deck_.make_safe();
        library_wind_ = threading_ = false; // it ends every mode of motion
        supervision_.pressed(Press::Stop, timeline_.now());
        return;
    }
    if (const std::optional<DeferredCommand> waits = deferral_of(action)) {
        deferred_ = *waits;
        if (*waits == DeferredCommand::Play || *waits == DeferredCommand::Record) {
            supervision_.deferred_at(timeline_.now());
        } else if (*waits == DeferredCommand::Shuttle) {
            shuttle_m_s_ = asked_.shuttle_m_s;
        }
        return;
    }
    perform_inside(action);
}

void Transport::Impl::perform_inside(Action action) {
    switch (action) {
    case Action::BeginLocate:
        locate_target_m_ = asked_.locate_m;
        locator_.begin(locate_target_m_);
        break;
    case Action::CancelLocate:
        locator_.cancel();
        break;
    case Action::SetMonitor:
        if (const Result<void> done = adjust_.select_monitor(asked_.monitor); !done) {
            monitor_error_ = done.error().message;
        }
        break;
    case Action::ZeroCounter:
        counter_.zero();
        lost_edges_seen_ = 0;
        break;
    case Action::PresetCounter:
        counter_.preset(asked_.position_m);
        lost_edges_seen_ = 0;
        break;
    case Action::CorrectPosition:
        counter_.correct(asked_.position_m, asked_.uncertainty_m);
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

void Transport::Impl::press(Press press) {
    if (press == Press::ThreadTensionOff && !threading_ && event_ != Event::ThreadOff) {
        return; // make_safe() has ended it
    }
    if (press == Press::RestoreLifters && (!deck_.capabilities().lifter_defeat || !link_.up)) {
        return; // nothing to restore, or nobody to hear it: done again when the deck is known
    }
    if (press == Press::Shuttle && event_ == Event::Shuttle) {
        shuttle_m_s_ = asked_.shuttle_m_s;
    }
    const DeckTime now = timeline_.now();
    const Result<void> done = touch(press);
    if (!done) {
        press_errors_.push_back(done.error().message);
    }
    if (press == Press::Shuttle) {
        supervision_.shuttled(shuttle_m_s_, now);
    } else {
        supervision_.pressed(press, now);
    }
    if (const std::optional<int> sign = direction_of(press, shuttle_m_s_)) {
        counter_.commanded_direction(*sign);
        library_wind_ = press == Press::LibraryForward || press == Press::LibraryReverse;
    } else if (press == Press::Stop || press == Press::Edit) {
        library_wind_ = false;
    }
    if (press == Press::SelectSpeed && done) {
        speed_selected();
    }
}

Result<void> Transport::Impl::touch(Press press) {
    switch (press) {
    case Press::Stop:
        return deck_.press(Key::Stop);
    case Press::Play:
        return deck_.press(Key::Play);
    case Press::Record:
        return deck_.press(Key::Record);
    case Press::RecordExit:
        return deck_.press(Key::RecordExit);
    case Press::FastForward:
        return deck_.press(Key::FastForward);
    case Press::Rewind:
        return deck_.press(Key::Rewind);
    case Press::LibraryForward:
        return deck_.library_wind(Direction::Forward);
    case Press::LibraryReverse:
        return deck_.library_wind(Direction::Reverse);
    case Press::Shuttle:
        return deck_.shuttle(shuttle_m_s_);
    case Press::Edit:
        return deck_.edit(true);
    case Press::EndEdit:
        return deck_.edit(false);
    case Press::DefeatLifters:
        return deck_.defeat_lifters(true);
    case Press::RestoreLifters:
        return deck_.defeat_lifters(false);
    case Press::ThreadTensionOn:
        threading_ = true;
        return deck_.thread_tension(true);
    case Press::ThreadTensionOff:
        threading_ = false;
        return deck_.thread_tension(false);
    case Press::SelectSpeed:
        return deck_.select_speed(asked_.speed_ips);
    case Press::SetReady: {
        const Result<void> done = deck_.set_ready(asked_.track, asked_.ready);
        const std::uint32_t bit = 1U << static_cast<unsigned>(asked_.track - 1);
        if (done) {
            ready_tracks_ = asked_.ready ? ready_tracks_ | bit : ready_tracks_ & ~bit;
        }
        return done;
    }
    }
    return Error{"transport: no such press"};
}

void Transport::Impl::speed_selected() {
    config_.play_speed_ips = asked_.speed_ips;
    supervision_.play_speed(metres_per_second(asked_.speed_ips));
    const LocatorMemory learned = locator_.memory(); // the brakes are the same at every play speed
    locator_ = Locator(locator_config(config_, deck_.capabilities()));
    locator_.remember(learned);
}

} // namespace overbias::transport
