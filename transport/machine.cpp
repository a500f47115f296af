// SPDX-License-Identifier: Apache-2.0
#include "transport/machine.hpp"

namespace overbias::transport {

namespace {

bool holds(Guard guard, const MachineStates& states, const Guards& now) noexcept {
    switch (guard) {
    case Guard::Always:
        return true;
    case Guard::StillAndSettled:
        return now.settled;
    case Guard::NotStill:
        return !now.still;
    case Guard::ArmedAndPlayProven:
        return states.arm == RecordArm::Armed && now.play_proven && !now.tape_out;
    case Guard::NotArmed:
        return states.arm != RecordArm::Armed;
    case Guard::TapeIsOut:
        return now.tape_out;
    case Guard::RecordTallyLit:
        return now.record_tally;
    case Guard::DeckSaysStopped:
        return now.deck_says_stopped;
    case Guard::NoTach:
        return !now.has_tach;
    case Guard::NoMotionSensor:
        return !now.has_motion_sensor;
    case Guard::PositionDoubtful:
        return states.position == PositionKnowledge::Doubtful;
    case Guard::PlayDeferred:
        return now.deferred == DeferredCommand::Play && now.settled;
    case Guard::FastForwardDeferred:
        return now.deferred == DeferredCommand::FastForward;
    case Guard::RewindDeferred:
        return now.deferred == DeferredCommand::Rewind;
    case Guard::MotionUnknown:
        return states.motion == Motion::Unknown;
    case Guard::NotReady:
        return states.motion == Motion::Unknown || states.motion == Motion::TapeOut || states.motion == Motion::Faulted;
    case Guard::InPlayAndPlayProven:
        return states.motion == Motion::Playing && now.play_proven && !now.tape_out;
    }
    return false;
}

template <typename State>
const Row<State>& find_row(std::span<const Row<State>> table, State state, Event event, const MachineStates& states,
                           const Guards& guards) noexcept {
    const std::uint16_t bit = state_bit(state);
    for (const Row<State>& row : table) {
        if (row.event == event && (row.from & bit) != 0 && holds(row.guard, states, guards)) {
            return row;
        }
    }
    return table
        .back(); // not reached: machine_tables.cpp proves at compile time that every pair has a row that always fits
}

} // namespace

Transition handle(const MachineStates& states, Event event, const Guards& guards) noexcept {
    const Row<Motion>& motion = find_row(motion_table(), states.motion, event, states, guards);
    const Row<RecordArm>& arm = find_row(arm_table(), states.arm, event, states, guards);
    const Row<PositionKnowledge>& position = find_row(position_table(), states.position, event, states, guards);

    Transition out;
    out.next = {motion.next.value_or(states.motion), arm.next.value_or(states.arm),
                position.next.value_or(states.position)};
    out.actions = motion.actions;
    out.actions.add(arm.actions);
    out.actions.add(position.actions);
    // the table that owns the command answers it
    const auto answer = [&out](const auto& row) {
        out.status = row.status;
        out.reason = row.reason;
        out.interlock = row.interlock;
    };
    if (event == Event::Arm || event == Event::Disarm) {
        answer(arm);
    } else if (event == Event::ZeroCounter || event == Event::EdgesLost) {
        answer(position);
    } else {
        answer(motion);
    }
    return out;
}

Interlock forbids(Key key, const MachineStates& states, const Guards& guards) noexcept {
    if (key == Key::Stop || key == Key::RecordExit) {
        return Interlock::None; // ways out are always open
    }
    switch (states.motion) {
    case Motion::Unknown:
        return Interlock::UnknownAcceptsOnlyStop;
    case Motion::Faulted:
        return Interlock::NothingResumesAfterFault;
    case Motion::TapeOut:
        return Interlock::TapeOutHalts;
    default:
        break;
    }
    if (guards.tape_out) {
        return Interlock::TapeOutHalts;
    }
    if (key == Key::Record) {
        if (states.motion != Motion::Playing) {
            return Interlock::RecordOnlyInPlay;
        }
        if (states.arm != RecordArm::Armed) {
            return Interlock::RecordOnlyArmed;
        }
        return guards.play_proven ? Interlock::None : Interlock::RecordNeedsProofOfPlay;
    }
    if (states.motion == Motion::Recording || guards.record_tally) {
        return Interlock::RecordOffFirst;
    }
    if (key == Key::Play) {
        return guards.settled ? Interlock::None : Interlock::WindToPlayOnlyWhenStill;
    }
    const bool from_slow =
        states.motion == Motion::Stopped || states.motion == Motion::Starting || states.motion == Motion::Playing;
    return from_slow || guards.still ? Interlock::None : Interlock::ReverseOnlyWhenStill;
}

std::string_view name_of(Motion motion) noexcept {
    switch (motion) {
    case Motion::Unknown:
        return "Unknown";
    case Motion::Stopped:
        return "Stopped";
    case Motion::Starting:
        return "Starting";
    case Motion::Playing:
        return "Playing";
    case Motion::Recording:
        return "Recording";
    case Motion::FastForwarding:
        return "FastForwarding";
    case Motion::Rewinding:
        return "Rewinding";
    case Motion::Locating:
        return "Locating";
    case Motion::Braking:
        return "Braking";
    case Motion::TapeOut:
        return "TapeOut";
    case Motion::Faulted:
        return "Faulted";
    }
    return "?";
}

std::string_view name_of(RecordArm arm) noexcept {
    return arm == RecordArm::Armed ? "Armed" : "Safe";
}

std::string_view name_of(PositionKnowledge knowledge) noexcept {
    return knowledge == PositionKnowledge::Known ? "Known" : "Doubtful";
}

std::string_view name_of(CommandStatus status) noexcept {
    switch (status) {
    case CommandStatus::Accepted:
        return "Accepted";
    case CommandStatus::Unchanged:
        return "Unchanged";
    case CommandStatus::Deferred:
        return "Deferred";
    case CommandStatus::Denied:
        return "Denied";
    }
    return "?";
}

// In the order of the enumerations; the lengths are checked here, the order by tests/transport.
namespace {
constexpr std::string_view kEventNames[] = {
    "Stop",           "Play",          "Record",          "PunchOut",      "FastForward",
    "Rewind",         "Locate",        "ClearFault",      "Arm",           "Disarm",
    "ZeroCounter",    "SelectRepro",   "SelectSource",    "TapeStill",     "Settled",
    "PlayProven",     "PlayTallyLost", "RecordTallyLost", "UnaskedRecord", "UnaskedPlay",
    "UnaskedForward", "UnaskedRewind", "MotionLost",      "TapeOut",       "TapeIn",
    "EdgesLost",      "StartTimeout",  "StillTimeout",    "RecordTimeout", "LocateArrived",
    "LocateFailed",   "DeckError",
};
static_assert(std::size(kEventNames) == kEventCount);
constexpr std::string_view kActionNames[] = {
    "RecordOffAndStop", "PressStop",   "PressPlay",    "PressRecord", "PressRecordExit",  "PressFastForward",
    "PressRewind",      "BeginLocate", "CancelLocate", "DeferPlay",   "DeferFastForward", "DeferRewind",
    "ForgetDeferred",   "SetMonitor",  "ZeroCounter",  "RaiseFault",  "ForgetFault",      "TellUnaskedStop",
};
static_assert(std::size(kActionNames) == static_cast<std::size_t>(Action::TellUnaskedStop) + 1);
constexpr std::string_view kGuardNames[] = {
    "always",
    "still and settled",
    "not still",
    "armed and play proven",
    "not armed",
    "tape is out",
    "record tally lit",
    "deck says stopped",
    "no tach",
    "no motion sensor",
    "position doubtful",
    "play deferred, settled",
    "fast forward deferred",
    "rewind deferred",
    "motion unknown",
    "unknown, tape out or faulted",
    "in play, play proven",
};
static_assert(std::size(kGuardNames) == static_cast<std::size_t>(Guard::InPlayAndPlayProven) + 1);
constexpr std::string_view kInterlockNames[] = {
    "",
    "unknown-accepts-only-stop",
    "record-off-first",
    "wind-to-play-only-when-still",
    "reverse-only-when-still",
    "record-only-in-play",
    "record-only-armed",
    "record-needs-proof-of-play",
    "tape-out-halts",
    "one-motion-line",
    "motion-needs-tach",
    "unasked-record-stops",
    "lost-play-tally-stops-record",
    "monitor-stays-while-recording",
    "nothing-resumes-after-fault",
    "locate-needs-known-position",
};
static_assert(std::size(kInterlockNames) == static_cast<std::size_t>(Interlock::LocateNeedsKnownPosition) + 1);
} // namespace

std::string_view name_of(Event event) noexcept {
    return kEventNames[static_cast<std::size_t>(event)];
}
std::string_view name_of(Action action) noexcept {
    return kActionNames[static_cast<std::size_t>(action)];
}
std::string_view name_of(Guard guard) noexcept {
    return kGuardNames[static_cast<std::size_t>(guard)];
}
std::string_view name_of(Interlock interlock) noexcept {
    return kInterlockNames[static_cast<std::size_t>(interlock)];
}

} // namespace overbias::transport
