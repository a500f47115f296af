// SPDX-License-Identifier: Apache-2.0
// Every state x every event against a table written by hand from the rules, not from the code.
#include "transport/machine.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace overbias::transport {

namespace {

// States by letter: U Unknown, S Stopped, A stArting, P Playing, R Recording, F FastForwarding, W reWinding, H
// sHuttling, E Editing, L Locating, B Braking, T TapeOut, X Faulted. Answers: a accepted, u unchanged, f deferred, d
// denied. Each cell: where it goes from there, and how it answers.
constexpr std::string_view kStateLetters = "USAPRFWHELBTX";
constexpr std::string_view kAnswerLetters = "aufd";

// In fair weather: the tape still and settled, play proven, record armed, position known, tape in, no record tally, the
// deck offers everything, nothing deferred, link up, no fault standing, lifters normal.
constexpr const char* kFair = R"(
                  U  S  A  P  R  F  W  H  E  L  B  T  X
Stop              Ba Su Ba Ba Ba Ba Ba Ba Ba Ba Ba Ta Xa
Play              Ud Aa Au Pu Rd Bf Bf Bf Ed Bf Bf Td Xd
Record            Ud Af Af Ra Ru Fd Wd Hd Ed Ld Bd Td Xd
PunchOut          Ud Su Au Pu Pa Fu Wu Hu Eu Lu Bu Tu Xu
FastForward       Ud Fa Fa Fa Bf Fu Bf Fa Ed Bf Bf Td Xd
Rewind            Ud Wa Wa Wa Bf Bf Wu Wa Ed Bf Bf Td Xd
LibraryForward    Ud Fa Fa Fa Bf Fa Bf Fa Ed Bf Bf Td Xd
LibraryReverse    Ud Wa Wa Wa Bf Bf Wa Wa Ed Bf Bf Td Xd
Shuttle           Ud Ha Ha Ha Bf Ha Ha Ha Ed Ha Bf Td Xd
Edit              Ud Ea Ad Pd Rd Fd Wd Hd Eu Ld Bd Td Xd
Locate            Ud La La La La La La La Ed La La Td Xd
ClearFault        Ud Su Au Pu Ru Fu Wu Hu Eu Lu Bu Tu Sa
Arm               Ud Su Au Pu Ru Fu Wu Hu Eu Lu Bu Td Xd
Disarm            Ua Sa Aa Pa Ra Fa Wa Ha Ea La Ba Ta Xa
DefeatLifters     Ud Sa Au Pu Ru Fa Wa Ha Ea Ld Bd Td Xd
RestoreLifters    Ud Su Au Pu Ru Fu Wu Hu Eu Lu Bu Tu Xu
ThreadOn          Ud Sd Ad Pd Rd Fd Wd Hd Ed Ld Bd Ta Xd
ThreadOff         Ud Su Au Pu Ru Fu Wu Hu Eu Lu Bu Ta Xu
SelectSpeed       Ud Sa Ad Pd Rd Fd Wd Hd Ed Ld Bd Td Xd
SetReady          Ud Sa Aa Pa Rd Fa Wa Ha Ea La Ba Ta Xd
ZeroCounter       Ud Sa Aa Pa Ra Fa Wa Ha Ea La Ba Ta Xa
PresetCounter     Ud Sa Aa Pa Ra Fa Wa Ha Ea La Ba Ta Xa
CorrectPosition   Ud Sa Aa Pa Ra Fa Wa Ha Ea La Ba Ta Xa
SelectRepro       Ud Sa Aa Pa Ra Fa Wa Ha Ea La Ba Ta Xa
SelectSource      Ud Sa Aa Pa Rd Fa Wa Ha Ea La Ba Ta Xa
TapeStill         Sa Su Au Pu Ru Fu Wu Hu Eu Lu Sa Tu Xu
Settled           Uu Su Au Pu Ru Fu Wu Hu Eu Lu Bu Tu Xu
PlayProven        Uu Su Pa Pu Ru Fu Wu Hu Eu Lu Bu Tu Xu
PlayTallyLost     Uu Su Au Ba Ba Fu Wu Hu Eu Lu Bu Tu Xu
RecordTallyLost   Uu Su Au Pu Ba Fu Wu Hu Eu Lu Bu Tu Xu
UnaskedRecord     Xa Xa Xa Xa Ru Xa Xa Xa Xa Xa Xa Xa Xa
UnaskedPlay       Uu Pa Au Pu Ru Pa Pa Pa Pa Pa Pa Tu Xu
UnaskedForward    Uu Fa Fa Fa Ba Fu Fa Fa Fa Fa Fa Tu Xu
UnaskedRewind     Uu Wa Wa Wa Ba Wa Wu Wa Wa Wa Wa Tu Xu
MotionLost        Uu Su Au Xa Xa Xa Xa Xa Eu Xa Bu Tu Xu
TapeOut           Ta Ta Ta Ta Ta Ta Ta Ta Ta Ta Ta Ta Xa
TapeIn            Uu Su Au Pu Ru Fu Wu Hu Eu Lu Bu Ba Xu
EdgesLost         Ua Sa Aa Pa Ra Fa Wa Ha Ea La Ba Ta Xa
CueTooFast        Uu Su Au Pu Ru Fu Wu Hu Eu Lu Bu Tu Xu
LinkLost          Ua Ua Ua Ua Ua Ua Ua Ua Ua Ua Ua Ua Ua
LinkBack          Ua Su Au Pu Ru Fu Wu Hu Eu Lu Bu Tu Xu
StartTimeout      Uu Su Xa Pu Ru Xa Xa Xa Eu Xa Bu Tu Xu
StillTimeout      Uu Sa Au Pu Ru Fu Wu Hu Eu Xa Xa Tu Xu
RecordTimeout     Uu Su Au Pu Xa Fu Wu Hu Eu Lu Bu Tu Xu
LocateArrived     Uu Su Au Pu Ru Fu Wu Hu Eu Sa Bu Tu Xu
LocateFailed      Uu Su Au Pu Ru Fu Wu Hu Eu Xa Bu Tu Xu
DeckError         Xa Xa Xa Xa Xa Xa Xa Xa Xa Xa Xa Xa Xa
)";

// In foul weather: the tape runs forward above the cue limit, play not proven, record not armed, the deck may still be
// in record, position doubtful, a fault stands, lifters defeated (which no state but the slow ones can be; the answer
// must be right all the same). What is the same as in fair weather is here again, so that nothing is left out.
constexpr const char* kFoul = R"(
                  U  S  A  P  R  F  W  H  E  L  B  T  X
Stop              Ua Su Ba Ba Ba Ba Ba Ba Ba Ba Ba Ta Xa
Play              Ud Sf Au Pu Rd Bf Bf Bf Ed Bf Bf Td Xd
Record            Ud Sd Ad Pd Ru Fd Wd Hd Ed Ld Bd Td Xd
PunchOut          Ud Su Au Pu Pa Fu Wu Hu Eu Lu Bu Tu Xu
FastForward       Ud Fa Fa Fa Bf Fu Bf Fa Ed Bf Bf Td Xd
Rewind            Ud Bf Wa Wa Bf Bf Bf Bf Ed Bf Bf Td Xd
LibraryForward    Ud Fa Fa Fa Bf Fa Bf Fa Ed Bf Bf Td Xd
LibraryReverse    Ud Bf Wa Wa Bf Bf Bf Bf Ed Bf Bf Td Xd
Shuttle           Ud Ha Ha Ha Bf Ha Ha Ha Ed Ha Bf Td Xd
Edit              Ud Sd Ad Pd Rd Fd Wd Hd Eu Ld Bd Td Xd
Locate            Ud Sd Ad Pd Rd Fd Wd Hd Ed Ld Bd Td Xd
ClearFault        Ud Su Au Pu Ru Fu Wu Hu Eu Lu Bu Tu Xd
Arm               Ud Sa Aa Pa Ra Fa Wa Ha Ea La Ba Td Xd
Disarm            Uu Su Au Pu Ru Fu Wu Hu Eu Lu Bu Tu Xu
DefeatLifters     Ud Su Au Pu Ru Fu Wu Hu Eu Lu Bu Td Xd
RestoreLifters    Ud Sa Aa Pa Ra Fa Wa Ha Ea La Ba Ta Xa
ThreadOn          Ud Sd Ad Pd Rd Fd Wd Hd Ed Ld Bd Ta Xd
ThreadOff         Ud Su Au Pu Ru Fu Wu Hu Eu Lu Bu Ta Xu
SelectSpeed       Ud Sd Ad Pd Rd Fd Wd Hd Ed Ld Bd Td Xd
SetReady          Ud Sd Ad Pd Rd Fd Wd Hd Ed Ld Bd Td Xd
ZeroCounter       Ud Sa Aa Pa Ra Fa Wa Ha Ea La Ba Ta Xa
PresetCounter     Ud Sa Aa Pa Ra Fa Wa Ha Ea La Ba Ta Xa
CorrectPosition   Ud Sa Aa Pa Ra Fa Wa Ha Ea La Ba Ta Xa
SelectRepro       Ud Sa Aa Pa Ra Fa Wa Ha Ea La Ba Ta Xa
SelectSource      Ud Sa Aa Pa Rd Fa Wa Ha Ea La Ba Ta Xa
TapeStill         Xa Su Au Pu Ru Fu Wu Hu Eu Lu Sa Tu Xu
Settled           Uu Su Au Pu Ru Fu Wu Hu Eu Lu Bu Tu Xu
PlayProven        Uu Su Pa Pu Ru Fu Wu Hu Eu Lu Bu Tu Xu
PlayTallyLost     Uu Su Au Ba Ba Fu Wu Hu Eu Lu Bu Tu Xu
RecordTallyLost   Uu Su Au Pu Ba Fu Wu Hu Eu Lu Bu Tu Xu
UnaskedRecord     Xa Xa Xa Xa Ru Xa Xa Xa Xa Xa Xa Xa Xa
UnaskedPlay       Uu Pa Au Pu Ru Pa Pa Pa Pa Pa Pa Tu Xu
UnaskedForward    Uu Fa Fa Fa Ba Fu Fa Fa Fa Fa Fa Tu Xu
UnaskedRewind     Uu Wa Wa Wa Ba Wa Wu Wa Wa Wa Wa Tu Xu
MotionLost        Uu Su Au Xa Xa Xa Xa Xa Eu Xa Bu Tu Xu
TapeOut           Ua Ta Ta Ta Ta Ta Ta Ta Ta Ta Ta Ta Xa
TapeIn            Uu Su Au Pu Ru Fu Wu Hu Eu Lu Bu Ba Xu
EdgesLost         Ua Sa Aa Pa Ra Fa Wa Ha Ea La Ba Ta Xa
CueTooFast        Ua Sa Aa Pa Ra Fa Wa Ha Ea La Ba Ta Xa
LinkLost          Ua Ua Ua Ua Ua Ua Ua Ua Ua Ua Ua Ua Ua
LinkBack          Ua Su Au Pu Ru Fu Wu Hu Eu Lu Bu Tu Xu
StartTimeout      Uu Su Xa Pu Ru Xa Xa Xa Eu Xa Bu Tu Xu
StillTimeout      Uu Sa Au Pu Ru Fu Wu Hu Eu Xa Xa Tu Xu
RecordTimeout     Uu Su Au Pu Xa Fu Wu Hu Eu Lu Bu Tu Xu
LocateArrived     Uu Su Au Pu Ru Fu Wu Hu Eu Sa Bu Tu Xu
LocateFailed      Uu Su Au Pu Ru Fu Wu Hu Eu Xa Bu Tu Xu
DeckError         Xa Xa Xa Xa Xa Xa Xa Xa Xa Xa Xa Xa Xa
)";

Guards all_well() {
    Guards guards;
    guards.still = guards.settled = guards.play_proven = true;
    return guards;
}

MachineStates states_of(Motion motion) {
    return {motion, RecordArm::Armed, PositionKnowledge::Known, Lifters::Normal};
}

bool has(const ActionList& actions, Action wanted) {
    for (const Action action : actions) {
        if (action == wanted) {
            return true;
        }
    }
    return false;
}

Guards all_ill() {
    Guards guards;
    guards.moves_forward = guards.above_cue_limit = guards.shuttle_above_limit = true;
    guards.may_record = guards.fault_stands = true;
    return guards;
}

constexpr Motion kAllMotions[] = {Motion::Unknown,   Motion::Stopped,        Motion::Starting,  Motion::Playing,
                                  Motion::Recording, Motion::FastForwarding, Motion::Rewinding, Motion::Shuttling,
                                  Motion::Editing,   Motion::Locating,       Motion::Braking,   Motion::TapeOut,
                                  Motion::Faulted};

/// Compares handle() with a table of text, cell by cell.
void expect_table(const char* table, const MachineStates& as, const Guards& guards) {
    std::istringstream lines(table);
    std::string line;
    std::getline(lines, line); // empty
    std::getline(lines, line); // heads
    std::string heads = line;
    heads.erase(std::remove(heads.begin(), heads.end(), ' '), heads.end());
    ASSERT_EQ(heads, kStateLetters);
    std::vector<int> seen(kEventCount, 0);
    while (std::getline(lines, line)) {
        std::istringstream cells(line);
        std::string name;
        ASSERT_TRUE(cells >> name);
        std::size_t event = 0;
        while (event < kEventCount && name_of(static_cast<Event>(event)) != name) {
            ++event;
        }
        ASSERT_LT(event, kEventCount) << name << " is no event";
        ++seen[event];
        for (const Motion motion : kAllMotions) {
            std::string cell;
            ASSERT_TRUE(cells >> cell) << name;
            MachineStates states = as;
            states.motion = motion;
            const Transition got = handle(states, static_cast<Event>(event), guards);
            const std::string text{kStateLetters[static_cast<std::size_t>(got.next.motion)],
                                   kAnswerLetters[static_cast<std::size_t>(got.status)]};
            EXPECT_EQ(text, cell) << name_of(motion) << " on " << name;
            const bool needs_reason = got.status == CommandStatus::Denied || got.status == CommandStatus::Deferred;
            EXPECT_EQ(got.reason.empty(), !needs_reason) << name_of(motion) << " on " << name;
        }
        std::string more;
        EXPECT_FALSE(cells >> more) << name << " has a cell too many";
    }
    for (std::size_t event = 0; event < kEventCount; ++event) {
        EXPECT_EQ(seen[event], 1) << name_of(static_cast<Event>(event)) << " must be in the expectations, once";
    }
}

} // namespace

TEST(Machine, EveryStateAnswersEveryEventAsTheRulesSayInFairWeather) {
    expect_table(kFair, {Motion::Stopped, RecordArm::Armed, PositionKnowledge::Known, Lifters::Normal}, all_well());
}

TEST(Machine, EveryStateAnswersEveryEventAsTheRulesSayInFoulWeather) {
    expect_table(kFoul, {Motion::Stopped, RecordArm::Safe, PositionKnowledge::Doubtful, Lifters::Defeated}, all_ill());
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

constexpr DeferredCommand kAllDeferrals[] = {DeferredCommand::None,           DeferredCommand::Play,
                                             DeferredCommand::FastForward,    DeferredCommand::Rewind,
                                             DeferredCommand::LibraryForward, DeferredCommand::LibraryReverse,
                                             DeferredCommand::Shuttle,        DeferredCommand::Record};

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

bool moves_tape(Action action) {
    return action == Action::PressPlay || action == Action::PressFastForward || action == Action::PressRewind ||
           action == Action::PressLibraryForward || action == Action::PressLibraryReverse ||
           action == Action::PressShuttle || action == Action::BeginEdit;
}

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
                EXPECT_EQ(has(got.actions, Action::DeferRecord) && motion != Motion::Starting &&
                              got.next.motion != Motion::Starting,
                          false);
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
    guards.settled = false;
    EXPECT_EQ(handle(states_of(Motion::Stopped), Event::Record, guards).status, CommandStatus::Denied);
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
