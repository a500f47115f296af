// SPDX-License-Identifier: Apache-2.0
#include "transport/event_words.hpp"

namespace overbias::transport {

std::optional<Press> press_of(Action action) noexcept {
    switch (action) {
    case Action::PressStop:
        return Press::Stop;
    case Action::PressPlay:
        return Press::Play;
    case Action::PressRecord:
        return Press::Record;
    case Action::PressRecordExit:
        return Press::RecordExit;
    case Action::PressFastForward:
        return Press::FastForward;
    case Action::PressRewind:
        return Press::Rewind;
    case Action::PressLibraryForward:
        return Press::LibraryForward;
    case Action::PressLibraryReverse:
        return Press::LibraryReverse;
    case Action::PressShuttle:
        return Press::Shuttle;
    case Action::BeginEdit:
        return Press::Edit;
    case Action::EndEdit:
        return Press::EndEdit;
    case Action::DefeatLifters:
        return Press::DefeatLifters;
    case Action::RestoreLifters:
        return Press::RestoreLifters;
    case Action::ThreadTensionOn:
        return Press::ThreadTensionOn;
    case Action::ThreadTensionOff:
        return Press::ThreadTensionOff;
    case Action::SelectSpeed:
        return Press::SelectSpeed;
    case Action::SetReady:
        return Press::SetReady;
    default:
        return std::nullopt;
    }
}

std::optional<DeferredCommand> deferral_of(Action action) noexcept {
    switch (action) {
    case Action::DeferPlay:
        return DeferredCommand::Play;
    case Action::DeferFastForward:
        return DeferredCommand::FastForward;
    case Action::DeferRewind:
        return DeferredCommand::Rewind;
    case Action::DeferLibraryForward:
        return DeferredCommand::LibraryForward;
    case Action::DeferLibraryReverse:
        return DeferredCommand::LibraryReverse;
    case Action::DeferShuttle:
        return DeferredCommand::Shuttle;
    case Action::DeferRecord:
        return DeferredCommand::Record;
    case Action::ForgetDeferred:
        return DeferredCommand::None;
    default:
        return std::nullopt;
    }
}

std::optional<Press> adopted_press(Event event) noexcept {
    switch (event) {
    case Event::UnaskedPlay:
        return Press::Play;
    case Event::UnaskedForward:
        return Press::FastForward;
    case Event::UnaskedRewind:
        return Press::Rewind;
    default:
        return std::nullopt;
    }
}

std::optional<int> direction_of(Press press, double shuttle_m_s) noexcept {
    switch (press) {
    case Press::Play:
    case Press::FastForward:
    case Press::LibraryForward:
        return 1;
    case Press::Rewind:
    case Press::LibraryReverse:
        return -1;
    case Press::Shuttle:
        return shuttle_m_s < 0.0 ? -1 : 1;
    default:
        return std::nullopt;
    }
}

namespace {

/// What a command wants once it is not denied.
std::optional<Motion> wanted_by(Event event) noexcept {
    switch (event) {
    case Event::Play:
        return Motion::Playing;
    case Event::Record:
        return Motion::Recording;
    case Event::FastForward:
    case Event::LibraryForward:
        return Motion::FastForwarding;
    case Event::Rewind:
    case Event::LibraryReverse:
        return Motion::Rewinding;
    case Event::Shuttle:
        return Motion::Shuttling;
    case Event::Edit:
        return Motion::Editing;
    case Event::Locate:
        return Motion::Locating;
    case Event::Stop:
    case Event::LocateArrived:
        return Motion::Stopped;
    default:
        return std::nullopt;
    }
}

} // namespace

std::optional<Motion> requested_after(Event event, const Transition& transition, const MachineStates& before,
                                      DeferredCommand deferred) noexcept {
    if (transition.status == CommandStatus::Denied) {
        return std::nullopt;
    }
    if (event == Event::PunchOut || event == Event::Disarm) {
        const bool ends_record = event == Event::PunchOut ? transition.status == CommandStatus::Accepted
                                                          : deferred == DeferredCommand::Record;
        const bool plays = transition.next.motion == Motion::Starting || transition.next.motion == Motion::Playing;
        return ends_record ? std::optional(plays ? Motion::Playing : Motion::Stopped) : std::nullopt;
    }
    if (event == Event::Settled && deferred == DeferredCommand::Record && transition.next.motion != Motion::Starting) {
        return Motion::Stopped; // the arm was withdrawn meanwhile
    }
    if (event == Event::PlayProven && deferred == DeferredCommand::Record &&
        transition.next.motion == Motion::Playing) {
        return Motion::Playing; // the arm was withdrawn meanwhile
    }
    if (const std::optional<Motion> wanted = wanted_by(event)) {
        return wanted;
    }
    for (const Action action : transition.actions) {
        if (action == Action::RaiseFault || action == Action::TellUnaskedStop || action == Action::RecordOffAndStop) {
            return Motion::Stopped;
        }
    }
    if (adopted_press(event) && transition.next.motion != before.motion) {
        return transition.next.motion; // a hand on the deck's keys
    }
    if (event == Event::StartTimeout && transition.next.motion == Motion::Playing) {
        return Motion::Playing;
    }
    if (event == Event::StillTimeout && transition.status == CommandStatus::Accepted) {
        return Motion::Stopped;
    }
    return std::nullopt;
}

} // namespace overbias::transport
