// SPDX-License-Identifier: Apache-2.0
#include "transport/machine.hpp"

namespace overbias::transport {

namespace {

bool holds(Guard guard, const MachineStates& states, const Guards& now) noexcept {
    const auto waits = [&now](DeferredCommand command) { return now.deferred == command; };
    const Motion motion = states.motion;
    switch (guard) {
    case Guard::Always:
        return true;
    case Guard::Still:
        return now.still;
    case Guard::StillAndSettled:
        return now.settled;
    case Guard::NotStill:
        return !now.still;
    case Guard::Armed:
        return states.arm == RecordArm::Armed;
    case Guard::ArmedAndPlayProven:
        return states.arm == RecordArm::Armed && now.play_proven && !now.tape_out;
    case Guard::RecordingAndPlayNotProven:
        return motion == Motion::Recording && !now.play_proven;
    case Guard::NotArmed:
        return states.arm != RecordArm::Armed;
    case Guard::TapeIsOut:
        return now.tape_out;
    case Guard::RecordTallyLit:
        return now.record_tally;
    case Guard::MayRecord:
        return now.may_record || now.record_tally;
    case Guard::DeckSaysStopped:
        return now.deck_says_stopped;
    case Guard::NoTach:
        return !now.has_tach;
    case Guard::NoMotionSensor:
        return !now.has_motion_sensor;
    case Guard::NotOffered:
        return !now.offered;
    case Guard::PositionDoubtful:
        return states.position == PositionKnowledge::Doubtful;
    case Guard::PlayDeferred:
        return waits(DeferredCommand::Play) && now.settled;
    case Guard::FastForwardDeferred:
        return waits(DeferredCommand::FastForward);
    case Guard::RewindDeferred:
        return waits(DeferredCommand::Rewind);
    case Guard::LibraryForwardDeferred:
        return waits(DeferredCommand::LibraryForward);
    case Guard::LibraryReverseDeferred:
        return waits(DeferredCommand::LibraryReverse);
    case Guard::ShuttleDeferred:
        return waits(DeferredCommand::Shuttle);
    case Guard::RecordDeferred:
        return waits(DeferredCommand::Record);
    case Guard::RecordDeferredSettled:
        return waits(DeferredCommand::Record) && states.arm == RecordArm::Armed && now.settled;
    case Guard::RecordDeferredAndReady:
        return waits(DeferredCommand::Record) && motion == Motion::Starting && states.arm == RecordArm::Armed &&
               now.play_proven && !now.tape_out;
    case Guard::MotionUnknown:
        return motion == Motion::Unknown;
    case Guard::NotReady:
        return motion == Motion::Unknown || motion == Motion::TapeOut || motion == Motion::Faulted;
    case Guard::InPlay:
        return motion == Motion::Starting || motion == Motion::Playing || motion == Motion::Recording;
    case Guard::InPlayAndPlayProven:
        return motion == Motion::Playing && now.play_proven && !now.tape_out;
    case Guard::MovesForward:
        return now.moves_forward;
    case Guard::MovesBackward:
        return now.moves_backward;
    case Guard::RunsForward:
        return now.runs_forward;
    case Guard::InLibraryWind:
        return now.library_wind;
    case Guard::NotForLifters:
        return motion == Motion::Locating || motion == Motion::Braking;
    case Guard::AboveCueLimit:
        return now.above_cue_limit;
    case Guard::ShuttleAboveCueLimit:
        return now.shuttle_above_limit;
    case Guard::LinkDown:
        return now.link_down;
    case Guard::CountsOverLink:
        return now.counts_over_link;
    case Guard::KeyInFlight:
        return now.key_in_flight;
    case Guard::FaultStands:
        return now.fault_stands;
    case Guard::ArmHeld:
        return now.arm_held;
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
    const Row<Lifters>& lifters = find_row(lifter_table(), states.lifters, event, states, guards);

    Transition out;
    out.next = {motion.next.value_or(states.motion), arm.next.value_or(states.arm),
                position.next.value_or(states.position), lifters.next.value_or(states.lifters)};
    // record off comes first, the tape is lifted before it is set in motion
    const Action* next = motion.actions.begin();
    if (next != motion.actions.end() && *next == Action::RecordOffAndStop) {
        out.actions.add({*next++});
    }
    out.actions.add(lifters.actions);
    for (; next != motion.actions.end(); ++next) {
        out.actions.add({*next});
    }
    out.actions.add(arm.actions);
    out.actions.add(position.actions);
    // the table that owns the command answers it
    const auto answer = [&out](const auto& row) {
        out.status = row.status;
        out.reason = row.reason;
        out.interlock = row.interlock;
    };
    switch (event) {
    case Event::Arm:
    case Event::Disarm:
        answer(arm);
        break;
    case Event::ZeroCounter:
    case Event::PresetCounter:
    case Event::CorrectPosition:
    case Event::EdgesLost:
        answer(position);
        break;
    case Event::DefeatLifters:
    case Event::RestoreLifters:
    case Event::CueTooFast:
    case Event::LinkBack:
        answer(lifters);
        break;
    default:
        answer(motion);
        break;
    }
    return out;
}

namespace {

Interlock forbids_wind(bool forward, const MachineStates& states, const Guards& guards) noexcept {
    switch (states.motion) {
    case Motion::Starting:
    case Motion::Playing:
        return (forward ? guards.moves_backward : guards.runs_forward) ? Interlock::ReverseOnlyWhenStill
                                                                       : Interlock::None;
    case Motion::FastForwarding:
        return guards.still || (forward && !guards.moves_backward) ? Interlock::None : Interlock::ReverseOnlyWhenStill;
    case Motion::Rewinding:
        return guards.still || (!forward && !guards.moves_forward) ? Interlock::None : Interlock::ReverseOnlyWhenStill;
    case Motion::Stopped:
    case Motion::Shuttling:
        return (forward ? guards.moves_backward : guards.moves_forward) ? Interlock::ReverseOnlyWhenStill
                                                                        : Interlock::None;
    default:
        return guards.still ? Interlock::None : Interlock::ReverseOnlyWhenStill;
    }
}

Interlock forbids_record(const MachineStates& states, const Guards& guards) noexcept {
    if (guards.arm_held) {
        return Interlock::HeldArmStaysSafe;
    }
    const bool follows_proof = states.motion == Motion::Starting && guards.deferred == DeferredCommand::Record;
    if (states.motion != Motion::Playing && !follows_proof) {
        return Interlock::RecordOnlyInPlay;
    }
    if (states.arm != RecordArm::Armed) {
        return Interlock::RecordOnlyArmed;
    }
    return guards.play_proven ? Interlock::None : Interlock::RecordNeedsProofOfPlay;
}

/// What moves no tape: lifters, speed, record ready, threading tension.
std::optional<Interlock> forbids_setting(Press press, const MachineStates& states, const Guards& guards) noexcept {
    const bool recording = states.motion == Motion::Recording || guards.record_tally || guards.may_record;
    switch (press) {
    case Press::DefeatLifters:
        if (states.motion == Motion::Locating || states.motion == Motion::Braking) {
            return Interlock::LiftersOnlySlow;
        }
        return guards.above_cue_limit ? Interlock::LiftersOnlySlow : Interlock::None;
    case Press::SelectSpeed:
        if (recording) {
            return Interlock::RecordOffFirst;
        }
        return states.motion == Motion::Stopped && guards.still ? Interlock::None : Interlock::SpeedOnlyWhenStill;
    case Press::SetReady:
        return recording ? Interlock::ReadyStaysWhileRecording : Interlock::None;
    default:
        return std::nullopt;
    }
}

} // namespace

Interlock forbids(Press press, const MachineStates& states, const Guards& guards) noexcept {
    switch (press) {
    case Press::Stop:
    case Press::RecordExit:
    case Press::EndEdit:
    case Press::RestoreLifters:
    case Press::ThreadTensionOff:
        return Interlock::None; // ways out are always open
    default:
        break;
    }
    if (guards.link_down) {
        return Interlock::LostLinkIsUnknown;
    }
    if (states.motion == Motion::Unknown) {
        return Interlock::UnknownAcceptsOnlyStop;
    }
    if (states.motion == Motion::Faulted) {
        return Interlock::NothingResumesAfterFault;
    }
    if (press == Press::ThreadTensionOn) {
        return states.motion == Motion::TapeOut ? Interlock::None : Interlock::ThreadOnlyWithoutTape;
    }
    if (press != Press::SetReady && (states.motion == Motion::TapeOut || guards.tape_out)) {
        return Interlock::TapeOutHalts;
    }
    if (const std::optional<Interlock> setting = forbids_setting(press, states, guards)) {
        return *setting;
    }
    if (states.motion == Motion::Editing) {
        return Interlock::EditOnlyFromStop;
    }
    if (press == Press::Record) {
        return forbids_record(states, guards);
    }
    if (states.motion == Motion::Recording || guards.record_tally || guards.may_record) {
        return Interlock::RecordOffFirst;
    }
    switch (press) {
    case Press::Play:
        return guards.settled ? Interlock::None : Interlock::WindToPlayOnlyWhenStill;
    case Press::Edit:
        return states.motion == Motion::Stopped && guards.still ? Interlock::None : Interlock::EditOnlyFromStop;
    case Press::FastForward:
    case Press::LibraryForward:
        return forbids_wind(true, states, guards);
    case Press::Rewind:
    case Press::LibraryReverse:
        return forbids_wind(false, states, guards);
    default:
        return Interlock::None; // shuttle: the deck holds the tape's speed, and may turn it round
    }
}

} // namespace overbias::transport
