// SPDX-License-Identifier: Apache-2.0
// What holds for the machine as a whole, over all states, events and waiting commands.
#include "machine_rig.hpp"
#include "transport/event_words.hpp"

#include <gtest/gtest.h>

namespace overbias::transport {

using namespace test;

TEST(Machine, LeavingRecordAlwaysBeginsWithRecordOff) {
    for (std::size_t event = 0; event < kEventCount; ++event) {
        const Transition got = handle(states_of(Motion::Recording), static_cast<Event>(event), all_well());
        if (got.next.motion == Motion::Recording) {
            continue;
        }
        ASSERT_GT(got.actions.count, 0U) << name_of(static_cast<Event>(event));
        const Action first = *got.actions.begin();
        EXPECT_TRUE(first == Action::RecordOffAndStop ||
                    (static_cast<Event>(event) == Event::PunchOut && first == Action::PressRecordExit))
            << name_of(static_cast<Event>(event)) << " begins with " << name_of(first);
    }
}

TEST(Machine, NothingButRecordInPlayOrTheProofARecordWaitedForPressesRecord) {
    for (const Motion motion : kAllMotions) {
        for (std::size_t event = 0; event < kEventCount; ++event) {
            for (const DeferredCommand deferred : kAllDeferrals) {
                Guards guards = all_well();
                guards.deferred = deferred;
                const bool pressed =
                    has(handle(states_of(motion), static_cast<Event>(event), guards).actions, Action::PressRecord);
                const bool in_play = motion == Motion::Playing && static_cast<Event>(event) == Event::Record;
                const bool proof = motion == Motion::Starting && static_cast<Event>(event) == Event::PlayProven &&
                                   deferred == DeferredCommand::Record;
                EXPECT_EQ(pressed, in_play || proof) << name_of(motion) << " on " << name_of(static_cast<Event>(event));
            }
        }
    }
}

namespace {

bool moves_tape(Action action) {
    return action == Action::PressPlay || action == Action::PressFastForward || action == Action::PressRewind ||
           action == Action::PressLibraryForward || action == Action::PressLibraryReverse ||
           action == Action::PressShuttle || action == Action::BeginEdit;
}

/// Where a record command may wait: for the tape to settle, and for the proof of play.
bool record_may_wait_in(Motion motion) {
    return motion == Motion::Stopped || motion == Motion::Braking || motion == Motion::Starting;
}

} // namespace

TEST(Machine, OneTransitionPressesAtMostOneMotionKeyAndNoneAfterAFault) {
    for (const Motion motion : kAllMotions) {
        for (std::size_t event = 0; event < kEventCount; ++event) {
            for (const DeferredCommand deferred : kAllDeferrals) {
                Guards guards = all_well();
                guards.deferred = deferred;
                const Transition got = handle(states_of(motion), static_cast<Event>(event), guards);
                int keys = 0;
                for (const Action action : got.actions) {
                    keys += moves_tape(action) ? 1 : 0;
                }
                EXPECT_LE(keys, 1);
                if (motion == Motion::Faulted || motion == Motion::TapeOut || motion == Motion::Unknown) {
                    EXPECT_EQ(keys, 0) << name_of(motion) << " on " << name_of(static_cast<Event>(event));
                }
                if (got.next.motion == Motion::Locating && motion != Motion::Locating) {
                    EXPECT_TRUE(has(got.actions, Action::BeginLocate));
                }
                if (motion == Motion::Locating && got.next.motion != Motion::Locating) {
                    EXPECT_TRUE(has(got.actions, Action::CancelLocate)) << name_of(static_cast<Event>(event));
                }
                // a record that waits for its proof never outlives the start it waits in
                if (motion == Motion::Starting && got.next.motion != Motion::Starting) {
                    EXPECT_TRUE(has(got.actions, Action::ForgetDeferred)) << name_of(static_cast<Event>(event));
                }
                // nor, waiting for the tape to settle, anything but the start that it waits for
                if (deferred == DeferredCommand::Record && (motion == Motion::Stopped || motion == Motion::Braking) &&
                    !record_may_wait_in(got.next.motion)) {
                    EXPECT_TRUE(has(got.actions, Action::ForgetDeferred)) << name_of(static_cast<Event>(event));
                }
                if (has(got.actions, Action::DeferRecord)) {
                    EXPECT_TRUE(record_may_wait_in(motion) && record_may_wait_in(got.next.motion)) << name_of(motion);
                }
            }
        }
    }
}

TEST(Machine, NoCommandRunsIntoTheLastGate) {
    // the tables answer with a reason of their own; the gate is for what nobody has thought of
    Guards after_record = all_well();
    after_record.may_record = true;
    Guards flying;
    flying.moves_forward = flying.runs_forward = true;
    Guards reversed;
    reversed.moves_backward = true;
    for (const Guards& weather : {all_well(), Guards{}, after_record, flying, reversed}) {
        for (const Motion motion : kAllMotions) {
            for (std::size_t event = 0; event <= static_cast<std::size_t>(Event::SelectSource); ++event) {
                for (const Action action : handle(states_of(motion), static_cast<Event>(event), weather).actions) {
                    if (const std::optional<Press> press = press_of(action)) {
                        EXPECT_EQ(name_of(forbids(*press, states_of(motion), weather)), "")
                            << name_of(motion) << " on " << name_of(static_cast<Event>(event));
                    }
                }
            }
        }
    }
}

TEST(Machine, WhileTheDeckMayStillBeInRecordOnlyStopAndPlaysOwnKeysAreEverPressed) {
    Guards guards = all_well();
    guards.may_record = true;
    for (const Motion motion : kAllMotions) {
        for (const Press press : {Press::FastForward, Press::Rewind, Press::LibraryForward, Press::LibraryReverse,
                                  Press::Shuttle, Press::Edit, Press::Play, Press::SelectSpeed, Press::SetReady}) {
            EXPECT_NE(forbids(press, states_of(motion), guards), Interlock::None) << name_of(motion);
        }
        for (const Event event : {Event::FastForward, Event::Rewind, Event::LibraryForward, Event::LibraryReverse,
                                  Event::Shuttle, Event::Locate}) {
            const Transition got = handle(states_of(motion), event, guards);
            const bool stopped_before = motion == Motion::Braking && event != Event::Locate;
            if (got.status != CommandStatus::Denied && !stopped_before) {
                EXPECT_TRUE(*got.actions.begin() == Action::RecordOffAndStop || has(got.actions, Action::PressStop))
                    << name_of(motion) << " on " << name_of(event);
            }
        }
    }
}

TEST(Machine, LiftersAreRestoredAfterRecordOffAndBeforeTheTapeIsSetInMotion) {
    MachineStates defeated = states_of(Motion::Stopped);
    defeated.lifters = Lifters::Defeated;
    for (const Event event : {Event::Play, Event::FastForward, Event::Rewind, Event::LibraryForward,
                              Event::LibraryReverse, Event::Locate}) {
        const Transition got = handle(defeated, event, all_well());
        EXPECT_EQ(got.next.lifters, Lifters::Normal) << name_of(event);
        EXPECT_EQ(*got.actions.begin(), Action::RestoreLifters) << name_of(event);
    }
    EXPECT_EQ(handle(defeated, Event::Stop, all_well()).next.lifters, Lifters::Defeated);
    EXPECT_EQ(handle(defeated, Event::Shuttle, all_well()).next.lifters, Lifters::Defeated);
    Guards fast = all_well();
    fast.shuttle_above_limit = true;
    const Transition shuttle = handle(defeated, Event::Shuttle, fast);
    EXPECT_EQ(*shuttle.actions.begin(), Action::RestoreLifters);
    EXPECT_EQ(handle(defeated, Event::CueTooFast, all_well()).next.lifters, Lifters::Normal);
    const Transition unasked = handle(defeated, Event::UnaskedRecord, all_well());
    EXPECT_EQ(unasked.actions.items[0], Action::RecordOffAndStop);
    EXPECT_EQ(unasked.actions.items[1], Action::RestoreLifters);
}

TEST(Machine, WhatADeckDoesNotOfferIsDeniedInEveryStateThatIsKnown) {
    Guards poor = all_well();
    poor.offered = false;
    for (const Event event : {Event::LibraryForward, Event::LibraryReverse, Event::Shuttle, Event::Edit,
                              Event::DefeatLifters, Event::ThreadOn, Event::SelectSpeed, Event::SetReady}) {
        for (const Motion motion : kAllMotions) {
            const Transition got = handle(states_of(motion), event, poor);
            EXPECT_EQ(got.status, CommandStatus::Denied) << name_of(motion) << " on " << name_of(event);
            EXPECT_EQ(got.next.motion, motion) << name_of(motion) << " on " << name_of(event);
            EXPECT_EQ(got.next.lifters, Lifters::Normal);
            EXPECT_EQ(got.actions.count, 0U);
        }
    }
}

TEST(Machine, WhileTheLinkIsDownOnlyStopIsAcceptedAndNothingIsKnown) {
    Guards down = all_well();
    down.link_down = true;
    const MachineStates unknown{Motion::Unknown, RecordArm::Safe, PositionKnowledge::Doubtful, Lifters::Normal};
    EXPECT_EQ(handle(unknown, Event::TapeStill, down).next.motion, Motion::Unknown);
    EXPECT_EQ(handle(unknown, Event::Stop, down).status, CommandStatus::Accepted);
    EXPECT_EQ(handle(unknown, Event::Stop, down).next.motion, Motion::Unknown);
    EXPECT_EQ(handle(unknown, Event::DeckError, down).next.motion, Motion::Unknown);
    EXPECT_EQ(handle(states_of(Motion::Faulted), Event::ClearFault, down).status, CommandStatus::Denied);
    EXPECT_EQ(forbids(Press::Play, states_of(Motion::Stopped), down), Interlock::LostLinkIsUnknown);
    EXPECT_EQ(forbids(Press::Stop, states_of(Motion::Stopped), down), Interlock::None);
    // the position is doubtful only where it is counted over that link
    EXPECT_EQ(handle(states_of(Motion::Playing), Event::LinkLost, down).next.position, PositionKnowledge::Known);
    down.counts_over_link = true;
    const Transition lost = handle(states_of(Motion::Playing), Event::LinkLost, down);
    EXPECT_EQ(lost.next.position, PositionKnowledge::Doubtful);
    EXPECT_EQ(lost.next.arm, RecordArm::Safe);
    EXPECT_EQ(*lost.actions.begin(), Action::RecordOffAndStop);
}

TEST(Machine, ArmIsWithdrawnByStopWindLocateAndFaultsAndUsedUpByRecord) {
    const auto arm_after = [](Event event) { return handle(states_of(Motion::Playing), event, all_well()).next.arm; };
    for (const Event event :
         {Event::Stop, Event::FastForward, Event::Rewind, Event::LibraryForward, Event::Shuttle, Event::Edit,
          Event::LinkLost, Event::Locate, Event::Record, Event::Disarm, Event::TapeOut, Event::MotionLost,
          Event::PlayTallyLost, Event::UnaskedRecord, Event::DeckError, Event::StartTimeout, Event::LocateFailed}) {
        EXPECT_EQ(arm_after(event), RecordArm::Safe) << name_of(event);
    }
    for (const Event event :
         {Event::Play, Event::TapeStill, Event::PlayProven, Event::ZeroCounter, Event::SelectRepro, Event::EdgesLost}) {
        EXPECT_EQ(arm_after(event), RecordArm::Armed) << name_of(event);
    }
    // a record that is denied does not use it up
    EXPECT_EQ(handle(states_of(Motion::Stopped), Event::Record, all_well()).next.arm, RecordArm::Armed);
}

TEST(Machine, PositionIsKnownByZeroAndDoubtedByLostEdgesAndTapeOut) {
    MachineStates states = states_of(Motion::Stopped);
    EXPECT_EQ(handle(states, Event::EdgesLost, all_well()).next.position, PositionKnowledge::Doubtful);
    EXPECT_EQ(handle(states, Event::TapeOut, all_well()).next.position, PositionKnowledge::Doubtful);
    EXPECT_EQ(handle(states, Event::Rewind, all_well()).next.position, PositionKnowledge::Known);
    states.position = PositionKnowledge::Doubtful;
    EXPECT_EQ(handle(states, Event::ZeroCounter, all_well()).next.position, PositionKnowledge::Known);
    EXPECT_EQ(handle(states, Event::TapeStill, all_well()).next.position, PositionKnowledge::Doubtful);
}

TEST(Machine, NamesFollowTheEnumerations) {
    EXPECT_EQ(name_of(Event::Stop), "Stop");
    EXPECT_EQ(name_of(Event::SelectSource), "SelectSource");
    EXPECT_EQ(name_of(Event::RecordTallyLost), "RecordTallyLost");
    EXPECT_EQ(name_of(Event::StillTimeout), "StillTimeout");
    EXPECT_EQ(name_of(Event::DeckError), "DeckError");
    EXPECT_EQ(name_of(Action::PressRecordExit), "PressRecordExit");
    EXPECT_EQ(name_of(Action::TellUnaskedStop), "TellUnaskedStop");
    EXPECT_EQ(name_of(Guard::DeckSaysStopped), "deck says stopped");
    EXPECT_EQ(name_of(Interlock::MonitorStaysWhileRecording), "monitor-stays-while-recording");
    EXPECT_EQ(name_of(Interlock::SpeedOnlyWhenStill), "speed-only-when-still");
    EXPECT_EQ(name_of(Motion::Editing), "Editing");
    EXPECT_EQ(name_of(Motion::Faulted), "Faulted");
    EXPECT_EQ(name_of(Event::LinkLost), "LinkLost");
    EXPECT_EQ(name_of(Event::SetReady), "SetReady");
    EXPECT_EQ(name_of(Action::SetReady), "SetReady");
    EXPECT_EQ(name_of(Action::DeferRecord), "DeferRecord");
    EXPECT_EQ(name_of(Guard::InLibraryWind), "in library wind");
    EXPECT_EQ(name_of(Guard::RecordDeferred), "record deferred");
}

} // namespace overbias::transport
