// SPDX-License-Identifier: Apache-2.0
// Every state x every event against a table written by hand from the rules, not from the code.
#include "transport/machine.hpp"

#include <gtest/gtest.h>

#include <sstream>
#include <string>

namespace overbias::transport {

namespace {

// States by letter: U Unknown, S Stopped, A stArting, P Playing, R Recording, F FastForwarding, W reWinding, L
// Locating, B Braking, T TapeOut, X Faulted. Answers: a accepted, u unchanged, f deferred, d denied. For each event,
// from each state in that order: where it goes and how it answers, with the tape still and settled, play proven, armed,
// position known, tape in, no record tally, nothing deferred.
constexpr std::string_view kStateLetters = "USAPRFWLBTX";
constexpr std::string_view kAnswerLetters = "aufd";

struct Expected {
    Event event;
    const char* cells;
};
constexpr Expected kExpected[] = {
    {Event::Stop, "Ba Su Ba Ba Ba Ba Ba Ba Ba Ta Xa"},
    {Event::Play, "Ud Aa Au Pu Rd Bf Bf Bf Bf Td Xd"},
    {Event::Record, "Ud Sd Ad Ra Ru Fd Wd Ld Bd Td Xd"},
    {Event::PunchOut, "Ud Su Au Pu Pa Fu Wu Lu Bu Tu Xu"},
    {Event::FastForward, "Ud Fa Fa Fa Bf Fu Bf Bf Bf Td Xd"},
    {Event::Rewind, "Ud Wa Wa Wa Bf Bf Wu Bf Bf Td Xd"},
    {Event::Locate, "Ud La La La La La La La La Td Xd"},
    {Event::ClearFault, "Ud Su Au Pu Ru Fu Wu Lu Bu Tu Sa"},
    {Event::Arm, "Ud Su Au Pu Ru Fu Wu Lu Bu Td Xd"}, // armed already
    {Event::Disarm, "Ua Sa Aa Pa Ra Fa Wa La Ba Ta Xa"},
    {Event::ZeroCounter, "Ud Sa Aa Pa Ra Fa Wa La Ba Ta Xa"},
    {Event::SelectRepro, "Ud Sa Aa Pa Ra Fa Wa La Ba Ta Xa"},
    {Event::SelectSource, "Ud Sa Aa Pa Rd Fa Wa La Ba Ta Xa"},
    {Event::TapeStill, "Sa Su Au Pu Ru Fu Wu Lu Sa Tu Xu"},
    {Event::Settled, "Uu Su Au Pu Ru Fu Wu Lu Bu Tu Xu"},
    {Event::PlayProven, "Uu Su Pa Pu Ru Fu Wu Lu Bu Tu Xu"},
    {Event::PlayTallyLost, "Uu Su Au Ba Ba Fu Wu Lu Bu Tu Xu"},
    {Event::RecordTallyLost, "Uu Su Au Pu Ba Fu Wu Lu Bu Tu Xu"},
    {Event::UnaskedRecord, "Xa Xa Xa Xa Ru Xa Xa Xa Xa Xa Xa"},
    {Event::UnaskedPlay, "Uu Pa Au Pu Ru Pa Pa Pa Pa Tu Xu"},
    {Event::UnaskedForward, "Uu Fa Fa Fa Ba Fu Fa Fa Fa Tu Xu"},
    {Event::UnaskedRewind, "Uu Wa Wa Wa Ba Wa Wu Wa Wa Tu Xu"},
    {Event::MotionLost, "Uu Su Au Xa Xa Xa Xa Xa Bu Tu Xu"},
    {Event::TapeOut, "Ta Ta Ta Ta Ta Ta Ta Ta Ta Ta Xa"},
    {Event::TapeIn, "Uu Su Au Pu Ru Fu Wu Lu Bu Ba Xu"},
    {Event::EdgesLost, "Ua Sa Aa Pa Ra Fa Wa La Ba Ta Xa"}, // the table of position answers
    {Event::StartTimeout, "Uu Su Xa Pu Ru Xa Xa Xa Bu Tu Xu"},
    {Event::StillTimeout, "Uu Sa Au Pu Ru Fu Wu Xa Xa Tu Xu"},
    {Event::RecordTimeout, "Uu Su Au Pu Xa Fu Wu Lu Bu Tu Xu"},
    {Event::LocateArrived, "Uu Su Au Pu Ru Fu Wu Sa Bu Tu Xu"},
    {Event::LocateFailed, "Uu Su Au Pu Ru Fu Wu Xa Bu Tu Xu"},
    {Event::DeckError, "Xa Xa Xa Xa Xa Xa Xa Xa Xa Xa Xa"},
};

Guards all_well() {
    Guards guards;
    guards.still = guards.settled = guards.play_proven = true;
    return guards;
}

MachineStates states_of(Motion motion) {
    return {motion, RecordArm::Armed, PositionKnowledge::Known};
}

bool has(const ActionList& actions, Action wanted) {
    for (const Action action : actions) {
        if (action == wanted) {
            return true;
        }
    }
    return false;
}

constexpr Motion kAllMotions[] = {Motion::Unknown,   Motion::Stopped,        Motion::Starting,  Motion::Playing,
                                  Motion::Recording, Motion::FastForwarding, Motion::Rewinding, Motion::Locating,
                                  Motion::Braking,   Motion::TapeOut,        Motion::Faulted};

} // namespace

TEST(Machine, EveryStateAnswersEveryEventAsTheRulesSay) {
    std::vector<bool> seen(kEventCount, false);
    for (const Expected& row : kExpected) {
        seen[static_cast<std::size_t>(row.event)] = true;
        std::istringstream cells(row.cells);
        for (const Motion motion : kAllMotions) {
            std::string cell;
            ASSERT_TRUE(cells >> cell) << name_of(row.event);
            const Transition got = handle(states_of(motion), row.event, all_well());
            const std::string text{kStateLetters[static_cast<std::size_t>(got.next.motion)],
                                   kAnswerLetters[static_cast<std::size_t>(got.status)]};
            EXPECT_EQ(text, cell) << name_of(motion) << " on " << name_of(row.event);
            const bool needs_reason = got.status == CommandStatus::Denied || got.status == CommandStatus::Deferred;
            EXPECT_EQ(got.reason.empty(), !needs_reason) << name_of(motion) << " on " << name_of(row.event);
        }
    }
    for (std::size_t event = 0; event < kEventCount; ++event) {
        EXPECT_TRUE(seen[event]) << name_of(static_cast<Event>(event)) << " is not in the expectations";
    }
}

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

TEST(Machine, NothingButRecordInPlayPressesRecord) {
    for (const Motion motion : kAllMotions) {
        for (std::size_t event = 0; event < kEventCount; ++event) {
            const bool pressed =
                has(handle(states_of(motion), static_cast<Event>(event), all_well()).actions, Action::PressRecord);
            EXPECT_EQ(pressed, motion == Motion::Playing && static_cast<Event>(event) == Event::Record)
                << name_of(motion) << " on " << name_of(static_cast<Event>(event));
        }
    }
}

TEST(Machine, OneTransitionPressesAtMostOneMotionKeyAndNoneAfterAFault) {
    for (const Motion motion : kAllMotions) {
        for (std::size_t event = 0; event < kEventCount; ++event) {
            for (const DeferredCommand deferred : {DeferredCommand::None, DeferredCommand::Play,
                                                   DeferredCommand::FastForward, DeferredCommand::Rewind}) {
                Guards guards = all_well();
                guards.deferred = deferred;
                const Transition got = handle(states_of(motion), static_cast<Event>(event), guards);
                int keys = 0;
                for (const Action action : got.actions) {
                    keys += action == Action::PressPlay || action == Action::PressFastForward ||
                                    action == Action::PressRewind
                                ? 1
                                : 0;
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
            }
        }
    }
}

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
          std::tuple{DeferredCommand::Rewind, Event::TapeStill, Motion::Rewinding}}) {
        guards = all_well();
        guards.deferred = deferred;
        EXPECT_EQ(handle(states_of(Motion::Braking), event, guards).next.motion, next);
    }

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

TEST(Machine, ArmIsWithdrawnByStopWindLocateAndFaultsAndUsedUpByRecord) {
    const auto arm_after = [](Event event) { return handle(states_of(Motion::Playing), event, all_well()).next.arm; };
    for (const Event event : {Event::Stop, Event::FastForward, Event::Rewind, Event::Locate, Event::Record,
                              Event::Disarm, Event::TapeOut, Event::MotionLost, Event::PlayTallyLost,
                              Event::UnaskedRecord, Event::DeckError, Event::StartTimeout, Event::LocateFailed}) {
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

TEST(Machine, TheLastGateForbidsWhatTheInterlocksForbid) {
    const Guards well = all_well();
    for (const Motion motion : kAllMotions) {
        EXPECT_EQ(forbids(Key::Stop, states_of(motion), well), Interlock::None);
        EXPECT_EQ(forbids(Key::RecordExit, states_of(motion), well), Interlock::None);
    }
    EXPECT_EQ(forbids(Key::Play, states_of(Motion::Unknown), well), Interlock::UnknownAcceptsOnlyStop);
    EXPECT_EQ(forbids(Key::Rewind, states_of(Motion::Faulted), well), Interlock::NothingResumesAfterFault);
    EXPECT_EQ(forbids(Key::FastForward, states_of(Motion::TapeOut), well), Interlock::TapeOutHalts);
    EXPECT_EQ(forbids(Key::Record, states_of(Motion::Stopped), well), Interlock::RecordOnlyInPlay);
    EXPECT_EQ(forbids(Key::Record, states_of(Motion::Locating), well), Interlock::RecordOnlyInPlay);
    EXPECT_EQ(forbids(Key::Record, states_of(Motion::Playing), well), Interlock::None);
    MachineStates unarmed = states_of(Motion::Playing);
    unarmed.arm = RecordArm::Safe;
    EXPECT_EQ(forbids(Key::Record, unarmed, well), Interlock::RecordOnlyArmed);
    Guards guards = well;
    guards.play_proven = false;
    EXPECT_EQ(forbids(Key::Record, states_of(Motion::Playing), guards), Interlock::RecordNeedsProofOfPlay);
    guards = well;
    guards.settled = false;
    EXPECT_EQ(forbids(Key::Play, states_of(Motion::Locating), guards), Interlock::WindToPlayOnlyWhenStill);
    guards.still = false;
    EXPECT_EQ(forbids(Key::Rewind, states_of(Motion::Locating), guards), Interlock::ReverseOnlyWhenStill);
    EXPECT_EQ(forbids(Key::Rewind, states_of(Motion::FastForwarding), guards), Interlock::ReverseOnlyWhenStill);
    EXPECT_EQ(forbids(Key::Rewind, states_of(Motion::Playing), guards), Interlock::None);
    EXPECT_EQ(forbids(Key::Rewind, states_of(Motion::Recording), well), Interlock::RecordOffFirst);
    guards = well;
    guards.record_tally = true;
    EXPECT_EQ(forbids(Key::FastForward, states_of(Motion::Stopped), guards), Interlock::RecordOffFirst);
    guards = well;
    guards.tape_out = true;
    EXPECT_EQ(forbids(Key::Play, states_of(Motion::Stopped), guards), Interlock::TapeOutHalts);
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
}

} // namespace overbias::transport
