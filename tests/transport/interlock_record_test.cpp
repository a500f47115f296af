// SPDX-License-Identifier: Apache-2.0
// The interlocks of record, seen from outside: how it is entered, what ends it, and what it forbids.
#include "full_rig.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

namespace overbias::transport {

using test::FullRig;
using test::ScriptedRig;
using ::testing::HasSubstr;

TEST(Interlock, RecordOffFirstOnStopWindAndLocate) {
    using Command = std::function<CommandResult(Transport&)>;
    for (const Command& command :
         {Command([](Transport& t) { return t.stop(); }), Command([](Transport& t) { return t.fast_forward(); }),
          Command([](Transport& t) { return t.rewind(); }), Command([](Transport& t) { return t.locate(3.0); })}) {
        ScriptedRig rig;
        rig.transport->zero_counter();
        rig.into_record();
        EXPECT_FALSE(command(*rig.transport).denied());
        EXPECT_EQ(rig.deck.keys(), "!") << "record off and stop, and nothing else yet";
        EXPECT_EQ(rig.transport->state().arm, RecordArm::Safe);
        rig.run(1.0); // the record tally stays lit and the tape runs on: no key of motion may come
        EXPECT_THAT(rig.deck.keys(), ::testing::Not(::testing::ContainsRegex("[PFWR]")));
    }
}

TEST(Interlock, RecordTallyLostIsRecordOffAndStop) {
    ScriptedRig rig;
    rig.into_record();
    rig.tell([](Tallies& t) { t.record = false; });
    EXPECT_EQ(rig.deck.keys(), "!");
    EXPECT_EQ(rig.keys_when_told, "!") << "made safe before the listener hears";
    ASSERT_EQ(rig.faults.size(), 1U);
    EXPECT_THAT(rig.faults[0], HasSubstr("record tally lost"));
    EXPECT_EQ(rig.transport->state().requested, Motion::Stopped);
}

TEST(Interlock, PlayTallyLostWhileRecordingIsRecordOffAndStop) {
    ScriptedRig rig;
    rig.into_record();
    rig.tell([](Tallies& t) { t.play = false; });
    EXPECT_EQ(rig.deck.keys(), "!");
    EXPECT_EQ(rig.keys_when_told, "!");
    ASSERT_EQ(rig.faults.size(), 1U);
    EXPECT_THAT(rig.faults[0], HasSubstr("play tally lost while recording"));
    EXPECT_EQ(rig.motion(), Motion::Braking);
    rig.rest();
    rig.run(2.0);
    EXPECT_EQ(rig.motion(), Motion::Stopped);
    EXPECT_EQ(rig.deck.keys(), "!") << "nothing resumes by itself";
}

TEST(Interlock, RecordOnlyInPlay) {
    ScriptedRig rig;
    rig.into_wind(true);
    EXPECT_TRUE(rig.transport->record().denied());
    EXPECT_EQ(rig.transport->arm().status, CommandStatus::Accepted);
    const CommandResult winding = rig.transport->record();
    EXPECT_TRUE(winding.denied());
    EXPECT_THAT(winding.reason, HasSubstr("play"));
    EXPECT_EQ(rig.deck.keys(), "");
    EXPECT_EQ(rig.transport->state().arm, RecordArm::Armed) << "a refused record does not use up the arm";
}

TEST(Interlock, RecordOnlyArmedAndTheArmIsUsedUp) {
    ScriptedRig rig;
    rig.into_play();
    const CommandResult refused = rig.transport->record();
    EXPECT_TRUE(refused.denied());
    EXPECT_THAT(refused.reason, HasSubstr("arm"));
    EXPECT_EQ(rig.deck.keys(), "P");
    EXPECT_EQ(rig.transport->arm().status, CommandStatus::Accepted);
    EXPECT_EQ(rig.transport->arm().status, CommandStatus::Unchanged);
    EXPECT_EQ(rig.transport->record().status, CommandStatus::Accepted);
    EXPECT_EQ(rig.deck.keys(), "PR");
    EXPECT_EQ(rig.transport->state().arm, RecordArm::Safe);
    EXPECT_EQ(rig.transport->state().requested, Motion::Recording);
    EXPECT_EQ(rig.motion(), Motion::Playing) << "recording is what the tally says, not what was asked";
    rig.tell([](Tallies& t) { t.record = true; });
    EXPECT_EQ(rig.motion(), Motion::Recording);
    EXPECT_EQ(rig.transport->punch_out().status, CommandStatus::Accepted);
    EXPECT_EQ(rig.deck.keys(), "PRX");
    rig.tell([](Tallies& t) { t.record = false; });
    EXPECT_EQ(rig.motion(), Motion::Playing);
    EXPECT_TRUE(rig.transport->record().denied()) << "once only";
    EXPECT_TRUE(rig.faults.empty());
}

TEST(Interlock, RecordNeedsThePlayTally) {
    ScriptedRig rig;
    rig.into_play();
    rig.transport->arm();
    rig.deck.tally.play = false; // gone in the very moment, nobody has told yet
    EXPECT_TRUE(rig.transport->record().denied());
    EXPECT_THAT(rig.deck.keys(), ::testing::Not(HasSubstr("R")));
}

TEST(Interlock, UnaskedRecordTallyIsStopAtOnce) {
    for (int when = 0; when < 3; ++when) {
        ScriptedRig rig;
        if (when == 1) {
            rig.into_play();
        } else if (when == 2) {
            rig.into_wind(false);
        }
        rig.clear();
        rig.tell([](Tallies& t) { t.record = true; });
        EXPECT_EQ(rig.deck.keys(), "!") << "at once, not with the next tick";
        EXPECT_EQ(rig.keys_when_told, "!");
        EXPECT_EQ(rig.motion(), Motion::Faulted);
        rig.run(2.5);
        EXPECT_EQ(rig.deck.keys(), "!!!") << "and again every second while it stays lit";
        EXPECT_TRUE(rig.transport->clear_fault().denied());
    }
}

TEST(Interlock, RecordTallyLitAtStartUpIsStopAtOnce) {
    SimulatedTimeline timeline;
    test::ScriptedDeck deck;
    deck.tally.stop = false;
    deck.tally.play = deck.tally.record = true;
    test::NotingAdjust adjust;
    Transport transport(timeline, deck, adjust, {});
    EXPECT_EQ(deck.keys(), "!");
    EXPECT_EQ(transport.state().current, Motion::Faulted);
}

TEST(Interlock, ARecordTallyThatStaysAfterTheWayOutIsUnasked) {
    ScriptedRig rig;
    rig.into_record();
    rig.transport->punch_out();
    rig.run(0.45); // grace
    EXPECT_EQ(rig.deck.keys(), "X");
    rig.run(0.1);
    EXPECT_EQ(rig.deck.keys(), "X!");
    EXPECT_EQ(rig.motion(), Motion::Faulted);
}

TEST(Interlock, NoRecordTallyAfterTheKeyIsRecordOffAndFault) {
    ScriptedRig rig;
    rig.into_play();
    rig.transport->arm();
    rig.transport->record();
    rig.clear();
    rig.run(1.1);
    EXPECT_EQ(rig.deck.keys(), "!");
    EXPECT_EQ(rig.motion(), Motion::Faulted);
    EXPECT_THAT(rig.transport->state().fault, HasSubstr("record tally"));
}

TEST(Interlock, MonitorStaysWhileRecordingUnlessToRepro) {
    ScriptedRig rig;
    EXPECT_EQ(rig.transport->select_monitor(MonitorSelect::Input).status, CommandStatus::Accepted);
    rig.into_record();
    EXPECT_TRUE(rig.transport->select_monitor(MonitorSelect::Sync).denied());
    EXPECT_TRUE(rig.transport->select_monitor(MonitorSelect::Input).denied());
    EXPECT_EQ(rig.adjust.log, "I");
    EXPECT_EQ(rig.transport->select_monitor(MonitorSelect::Repro).status, CommandStatus::Accepted);
    EXPECT_EQ(rig.adjust.log, "IR");
}

TEST(Interlock, RecordIsOffBeforeEveryNewMode) {
    using Command = std::function<CommandResult(Transport&)>;
    for (const Command& command : {Command([](Transport& t) { return t.shuttle(1.0); }),
                                   Command([](Transport& t) { return t.library_wind(Direction::Forward); }),
                                   Command([](Transport& t) { return t.library_wind(Direction::Reverse); })}) {
        FullRig rig;
        rig.into_record();
        EXPECT_EQ(command(*rig.transport).status, CommandStatus::Deferred);
        EXPECT_EQ(rig.deck.keys(), "!") << "record off and stop, and nothing else yet";
        rig.run(0.4); // the record tally stays lit and the tape runs on
        EXPECT_EQ(rig.deck.keys(), "!");
        rig.rest();
        rig.run(0.4);
        EXPECT_THAT(rig.deck.keys(), ::testing::ContainsRegex("^!(H|f|w)$"));
    }
    FullRig rig;
    rig.into_record();
    EXPECT_TRUE(rig.transport->edit().denied());
    EXPECT_TRUE(rig.transport->select_speed(30.0).denied());
    EXPECT_TRUE(rig.transport->set_ready(1, true).denied());
    EXPECT_EQ(rig.deck.keys(), "");
}

} // namespace overbias::transport
