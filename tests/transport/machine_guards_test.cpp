// SPDX-License-Identifier: Apache-2.0
// Where the machine's tables have conditions: what makes the difference, and the last gate.
#include "machine_rig.hpp"

#include <gtest/gtest.h>

#include <tuple>

namespace overbias::transport {

using namespace test;

TEST(Machine, GuardsDecideWhereTheRulesHaveConditions) {
    Guards guards = all_well();
    guards.settled = false;
    EXPECT_EQ(handle(states_of(Motion::Stopped), Event::Play, guards).status, CommandStatus::Deferred);
    EXPECT_EQ(handle(states_of(Motion::Stopped), Event::Play, guards).next.motion, Motion::Stopped);

    guards = all_well();
    guards.play_proven = false;
    EXPECT_EQ(handle(states_of(Motion::Playing), Event::Record, guards).status, CommandStatus::Denied);
    guards = all_well();
    MachineStates unarmed = states_of(Motion::Playing);
    unarmed.arm = RecordArm::Safe;
    EXPECT_EQ(handle(unarmed, Event::Record, guards).status, CommandStatus::Denied);

    for (const auto& [deferred, event, next] :
         {std::tuple{DeferredCommand::Play, Event::Settled, Motion::Starting},
          std::tuple{DeferredCommand::FastForward, Event::TapeStill, Motion::FastForwarding},
          std::tuple{DeferredCommand::Rewind, Event::TapeStill, Motion::Rewinding},
          std::tuple{DeferredCommand::LibraryForward, Event::TapeStill, Motion::FastForwarding},
          std::tuple{DeferredCommand::LibraryReverse, Event::TapeStill, Motion::Rewinding},
          std::tuple{DeferredCommand::Shuttle, Event::TapeStill, Motion::Shuttling}}) {
        guards = all_well();
        guards.deferred = deferred;
        EXPECT_EQ(handle(states_of(Motion::Braking), event, guards).next.motion, next);
    }

    // record from stop follows the proof of play, unless the arm was withdrawn, or play or punch-out took it back
    guards = all_well();
    guards.deferred = DeferredCommand::Record;
    EXPECT_EQ(handle(states_of(Motion::Starting), Event::PlayProven, guards).next.motion, Motion::Recording);
    EXPECT_EQ(handle(states_of(Motion::Starting), Event::PlayProven, guards).next.arm, RecordArm::Safe);
    EXPECT_EQ(handle(states_of(Motion::Starting), Event::Record, guards).status, CommandStatus::Unchanged);
    EXPECT_TRUE(has(handle(states_of(Motion::Starting), Event::Play, guards).actions, Action::ForgetDeferred));
    EXPECT_TRUE(has(handle(states_of(Motion::Starting), Event::PunchOut, guards).actions, Action::ForgetDeferred));
    MachineStates disarmed = states_of(Motion::Starting);
    disarmed.arm = RecordArm::Safe;
    EXPECT_EQ(handle(disarmed, Event::PlayProven, guards).next.motion, Motion::Playing);
    guards = all_well();
    guards.has_motion_sensor = false; // play can never be proven
    EXPECT_EQ(handle(states_of(Motion::Stopped), Event::Record, guards).status, CommandStatus::Denied);

    // wind against the way a shuttle runs waits until the tape is still, and so does a wind against the other
    guards = all_well();
    guards.moves_backward = true;
    EXPECT_EQ(handle(states_of(Motion::Shuttling), Event::FastForward, guards).status, CommandStatus::Deferred);
    EXPECT_EQ(handle(states_of(Motion::Shuttling), Event::LibraryForward, guards).status, CommandStatus::Deferred);
    EXPECT_EQ(handle(states_of(Motion::Shuttling), Event::Rewind, guards).status, CommandStatus::Accepted);
    guards = all_well();
    guards.library_wind = true; // already in library wind, and from it to the fast one
    EXPECT_EQ(handle(states_of(Motion::Rewinding), Event::LibraryReverse, guards).status, CommandStatus::Unchanged);
    EXPECT_EQ(handle(states_of(Motion::Rewinding), Event::Rewind, guards).status, CommandStatus::Accepted);
    guards = all_well();
    guards.above_cue_limit = true;
    EXPECT_EQ(handle(states_of(Motion::Rewinding), Event::DefeatLifters, guards).status, CommandStatus::Denied);
    guards = all_well();
    guards.may_record = true;
    EXPECT_EQ(handle(states_of(Motion::Stopped), Event::SetReady, guards).status, CommandStatus::Denied);
    EXPECT_EQ(handle(states_of(Motion::Stopped), Event::SelectSpeed, guards).status, CommandStatus::Denied);
    guards = all_well();
    guards.still = false;
    EXPECT_EQ(handle(states_of(Motion::Stopped), Event::SelectSpeed, guards).status, CommandStatus::Denied);
    EXPECT_EQ(handle(states_of(Motion::Stopped), Event::Edit, guards).status, CommandStatus::Denied);

    guards = all_well();
    guards.deck_says_stopped = true; // a hand on the deck's stop key, not a fault
    EXPECT_EQ(handle(states_of(Motion::Playing), Event::MotionLost, guards).next.motion, Motion::Stopped);
    EXPECT_EQ(handle(states_of(Motion::Recording), Event::MotionLost, guards).next.motion, Motion::Faulted);

    MachineStates doubtful = states_of(Motion::Stopped);
    doubtful.position = PositionKnowledge::Doubtful;
    EXPECT_EQ(handle(doubtful, Event::Locate, all_well()).status, CommandStatus::Denied);

    guards = all_well();
    guards.tape_out = true;
    EXPECT_EQ(handle(states_of(Motion::Faulted), Event::ClearFault, guards).next.motion, Motion::TapeOut);
    guards = all_well();
    guards.record_tally = true;
    EXPECT_EQ(handle(states_of(Motion::Faulted), Event::ClearFault, guards).status, CommandStatus::Denied);
    guards = all_well();
    guards.still = false;
    EXPECT_EQ(handle(states_of(Motion::Faulted), Event::ClearFault, guards).status, CommandStatus::Denied);
}

TEST(Machine, RecordBeforeTheTapeHasSettledWaitsAndPressesPlayOnlyThen) {
    Guards guards = all_well();
    guards.settled = false;
    for (const Motion motion : {Motion::Stopped, Motion::Braking}) {
        const Transition asked = handle(states_of(motion), Event::Record, guards);
        EXPECT_EQ(asked.status, CommandStatus::Deferred);
        EXPECT_EQ(asked.next, states_of(motion)) << "armed still";
        EXPECT_TRUE(has(asked.actions, Action::DeferRecord));
        EXPECT_FALSE(has(asked.actions, Action::PressPlay));
        MachineStates unarmed = states_of(motion);
        unarmed.arm = RecordArm::Safe;
        EXPECT_EQ(handle(unarmed, Event::Record, guards).status, CommandStatus::Denied);
    }
    guards = all_well();
    guards.deferred = DeferredCommand::Record;
    const Transition settled = handle(states_of(Motion::Stopped), Event::Settled, guards);
    EXPECT_EQ(settled.next.motion, Motion::Starting);
    EXPECT_TRUE(has(settled.actions, Action::PressPlay));
    EXPECT_FALSE(has(settled.actions, Action::ForgetDeferred)) << "it waits on, for the proof of play";
    EXPECT_FALSE(has(settled.actions, Action::PressRecord));
    MachineStates defeated = states_of(Motion::Stopped);
    defeated.lifters = Lifters::Defeated;
    EXPECT_EQ(*handle(defeated, Event::Settled, guards).actions.begin(), Action::RestoreLifters);

    MachineStates unarmed = states_of(Motion::Stopped);
    unarmed.arm = RecordArm::Safe;
    const Transition withdrawn = handle(unarmed, Event::Settled, guards);
    EXPECT_EQ(withdrawn.next.motion, Motion::Stopped);
    EXPECT_TRUE(has(withdrawn.actions, Action::ForgetDeferred));
    for (const Motion motion : {Motion::Stopped, Motion::Braking}) {
        EXPECT_EQ(handle(states_of(motion), Event::Record, guards).status, CommandStatus::Unchanged) << "it waits";
        for (const Event event : {Event::Disarm, Event::PunchOut}) {
            const Transition back = handle(states_of(motion), event, guards);
            EXPECT_TRUE(has(back.actions, Action::ForgetDeferred)) << name_of(motion) << " on " << name_of(event);
            EXPECT_EQ(back.next.motion, motion);
        }
    }
    EXPECT_TRUE(has(handle(states_of(Motion::Starting), Event::Disarm, guards).actions, Action::ForgetDeferred));
    EXPECT_TRUE(has(handle(states_of(Motion::Braking), Event::Play, guards).actions, Action::DeferPlay))
        << "play in its place";
}

TEST(Machine, PunchOutPressesPlayOnlyWhileTheTapeIsSeenToPlay) {
    EXPECT_EQ(*handle(states_of(Motion::Recording), Event::PunchOut, all_well()).actions.begin(),
              Action::PressRecordExit);
    Guards guards = all_well();
    guards.play_proven = false;
    const Transition got = handle(states_of(Motion::Recording), Event::PunchOut, guards);
    EXPECT_EQ(got.next.motion, Motion::Braking);
    EXPECT_EQ(*got.actions.begin(), Action::RecordOffAndStop);
    EXPECT_TRUE(has(got.actions, Action::TellUnaskedStop));
    EXPECT_FALSE(has(got.actions, Action::PressRecordExit));
}

TEST(Machine, TheLastGateForbidsWhatTheInterlocksForbid) {
    const Guards well = all_well();
    for (const Motion motion : kAllMotions) {
        EXPECT_EQ(forbids(Press::Stop, states_of(motion), well), Interlock::None);
        EXPECT_EQ(forbids(Press::RecordExit, states_of(motion), well), Interlock::None);
    }
    EXPECT_EQ(forbids(Press::Play, states_of(Motion::Unknown), well), Interlock::UnknownAcceptsOnlyStop);
    EXPECT_EQ(forbids(Press::Rewind, states_of(Motion::Faulted), well), Interlock::NothingResumesAfterFault);
    EXPECT_EQ(forbids(Press::FastForward, states_of(Motion::TapeOut), well), Interlock::TapeOutHalts);
    EXPECT_EQ(forbids(Press::Record, states_of(Motion::Stopped), well), Interlock::RecordOnlyInPlay);
    EXPECT_EQ(forbids(Press::Record, states_of(Motion::Locating), well), Interlock::RecordOnlyInPlay);
    EXPECT_EQ(forbids(Press::Record, states_of(Motion::Playing), well), Interlock::None);
    MachineStates unarmed = states_of(Motion::Playing);
    unarmed.arm = RecordArm::Safe;
    EXPECT_EQ(forbids(Press::Record, unarmed, well), Interlock::RecordOnlyArmed);
    Guards guards = well;
    guards.play_proven = false;
    EXPECT_EQ(forbids(Press::Record, states_of(Motion::Playing), guards), Interlock::RecordNeedsProofOfPlay);
    guards = well;
    guards.settled = false;
    EXPECT_EQ(forbids(Press::Play, states_of(Motion::Locating), guards), Interlock::WindToPlayOnlyWhenStill);
    guards.still = false;
    EXPECT_EQ(forbids(Press::Rewind, states_of(Motion::Locating), guards), Interlock::ReverseOnlyWhenStill);
    EXPECT_EQ(forbids(Press::Rewind, states_of(Motion::FastForwarding), guards), Interlock::ReverseOnlyWhenStill);
    EXPECT_EQ(forbids(Press::Rewind, states_of(Motion::Playing), guards), Interlock::None);
    EXPECT_EQ(forbids(Press::Rewind, states_of(Motion::Recording), well), Interlock::RecordOffFirst);
    guards = well;
    guards.record_tally = true;
    EXPECT_EQ(forbids(Press::FastForward, states_of(Motion::Stopped), guards), Interlock::RecordOffFirst);
    guards = well;
    guards.tape_out = true;
    EXPECT_EQ(forbids(Press::Play, states_of(Motion::Stopped), guards), Interlock::TapeOutHalts);

    // what moves no tape, and the new ways of moving it
    const auto at = [](Motion motion) { return states_of(motion); };
    EXPECT_EQ(forbids(Press::Shuttle, at(Motion::Recording), well), Interlock::RecordOffFirst);
    EXPECT_EQ(forbids(Press::Shuttle, at(Motion::Locating), well), Interlock::None);
    EXPECT_EQ(forbids(Press::Shuttle, at(Motion::Editing), well), Interlock::EditOnlyFromStop);
    EXPECT_EQ(forbids(Press::LibraryForward, at(Motion::FastForwarding), {}), Interlock::None) << "change-over";
    EXPECT_EQ(forbids(Press::LibraryReverse, at(Motion::FastForwarding), {}), Interlock::ReverseOnlyWhenStill);
    guards = {};
    guards.moves_backward = true;
    EXPECT_EQ(forbids(Press::LibraryForward, at(Motion::Shuttling), guards), Interlock::ReverseOnlyWhenStill);
    EXPECT_EQ(forbids(Press::Rewind, at(Motion::Shuttling), guards), Interlock::None);
    EXPECT_EQ(forbids(Press::Edit, at(Motion::Stopped), well), Interlock::None);
    EXPECT_EQ(forbids(Press::Edit, at(Motion::Stopped), {}), Interlock::EditOnlyFromStop);
    EXPECT_EQ(forbids(Press::Edit, at(Motion::Playing), well), Interlock::EditOnlyFromStop);
    EXPECT_EQ(forbids(Press::DefeatLifters, at(Motion::Rewinding), well), Interlock::None);
    EXPECT_EQ(forbids(Press::DefeatLifters, at(Motion::Braking), well), Interlock::LiftersOnlySlow);
    guards = well;
    guards.above_cue_limit = true;
    EXPECT_EQ(forbids(Press::DefeatLifters, at(Motion::Rewinding), guards), Interlock::LiftersOnlySlow);
    EXPECT_EQ(forbids(Press::RestoreLifters, at(Motion::Faulted), guards), Interlock::None);
    EXPECT_EQ(forbids(Press::SelectSpeed, at(Motion::Stopped), well), Interlock::None);
    EXPECT_EQ(forbids(Press::SelectSpeed, at(Motion::Stopped), {}), Interlock::SpeedOnlyWhenStill);
    EXPECT_EQ(forbids(Press::SelectSpeed, at(Motion::Playing), well), Interlock::SpeedOnlyWhenStill);
    EXPECT_EQ(forbids(Press::SetReady, at(Motion::Stopped), well), Interlock::None);
    EXPECT_EQ(forbids(Press::SetReady, at(Motion::Recording), well), Interlock::ReadyStaysWhileRecording);
    guards = well;
    guards.may_record = true;
    EXPECT_EQ(forbids(Press::SetReady, at(Motion::Stopped), guards), Interlock::ReadyStaysWhileRecording);
    EXPECT_EQ(forbids(Press::ThreadTensionOn, at(Motion::TapeOut), well), Interlock::None);
    EXPECT_EQ(forbids(Press::ThreadTensionOn, at(Motion::Stopped), well), Interlock::ThreadOnlyWithoutTape);
    EXPECT_EQ(forbids(Press::ThreadTensionOff, at(Motion::Unknown), well), Interlock::None);
}

} // namespace overbias::transport
