// SPDX-License-Identifier: Apache-2.0
// The named interlocks of wind, play, stop and faults, seen from outside: commands in, keys on the deck out.
#include "scripted_rig.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace overbias::transport {

using test::kPlayMetresPerSecond;
using test::ScriptedRig;
using ::testing::HasSubstr;

TEST(Interlock, UnknownAcceptsOnlyStop) {
    ScriptedRig rig([](test::ScriptedDeck& deck, TransportConfig&) { deck.tally.stop = false; });
    rig.transport.reset();
    rig.speed_m_s = 2.0; // the tape flies when the machine comes up
    rig.run(0.1);
    rig.make();
    rig.run(0.5);
    rig.clear();
    ASSERT_EQ(rig.motion(), Motion::Unknown);
    for (auto command :
         {&Transport::play, &Transport::record, &Transport::arm, &Transport::fast_forward, &Transport::rewind,
          &Transport::clear_fault, &Transport::zero_counter, &Transport::punch_out}) {
        const CommandResult result = ((*rig.transport).*command)();
        EXPECT_EQ(result.status, CommandStatus::Denied);
        EXPECT_THAT(result.reason, HasSubstr("stop"));
    }
    EXPECT_TRUE(rig.transport->locate(1.0).denied());
    EXPECT_TRUE(rig.transport->select_monitor(MonitorSelect::Input).denied());
    EXPECT_EQ(rig.deck.keys(), "");
    EXPECT_EQ(rig.adjust.log, "");
    EXPECT_EQ(rig.transport->stop().status, CommandStatus::Accepted);
    EXPECT_EQ(rig.deck.keys(), "!");
    rig.rest();
    rig.run(0.5);
    EXPECT_EQ(rig.motion(), Motion::Stopped);
}

TEST(Interlock, WindToPlayOnlyWhenTheTapeIsStillAndSettled) {
    ScriptedRig rig;
    rig.into_wind(true);
    const CommandResult result = rig.transport->play();
    EXPECT_EQ(result.status, CommandStatus::Deferred);
    EXPECT_FALSE(result.reason.empty());
    EXPECT_EQ(rig.deck.keys(), "S");
    EXPECT_EQ(rig.transport->state().requested, Motion::Playing);
    EXPECT_EQ(rig.motion(), Motion::Braking);
    rig.tell([](Tallies& t) { t.fast_forward = false; });
    rig.speed_m_s = 1.0;
    rig.run(3.0); // any time: it is the sensor that counts
    EXPECT_EQ(rig.deck.keys(), "S");
    rig.rest();
    rig.run(0.8); // still is known after 0.16 s at the earliest, and then 0.8 s of settling
    EXPECT_EQ(rig.deck.keys(), "S") << "not settled yet";
    rig.run(0.3);
    EXPECT_EQ(rig.deck.keys(), "SP");
    EXPECT_EQ(rig.motion(), Motion::Starting);
}

TEST(Interlock, ADeckThatSensesMotionItselfNeedsOnlyTheMinimumTime) {
    ScriptedRig rig([](test::ScriptedDeck& deck, TransportConfig&) { deck.capabilities_.senses_motion_itself = true; });
    rig.into_wind(true);
    EXPECT_EQ(rig.transport->play().status, CommandStatus::Deferred);
    rig.tell([](Tallies& t) { t.fast_forward = false; });
    rig.run(0.7);
    EXPECT_EQ(rig.deck.keys(), "S");
    rig.run(0.2); // the tape still runs, the deck holds play back itself
    EXPECT_EQ(rig.deck.keys(), "SP");
    rig.run(4.0); // longer than the start timeout: winding down is not a failure to start
    EXPECT_EQ(rig.motion(), Motion::Starting);
    EXPECT_TRUE(rig.faults.empty());
    rig.tell([](Tallies& t) { t.play = true; });
    rig.speed_m_s = kPlayMetresPerSecond;
    rig.run(0.3);
    EXPECT_EQ(rig.motion(), Motion::Playing);
}

TEST(Interlock, ReversalOfWindWaitsUntilStill) {
    ScriptedRig rig;
    rig.into_wind(true);
    EXPECT_EQ(rig.transport->rewind().status, CommandStatus::Deferred);
    rig.tell([](Tallies& t) { t.fast_forward = false; });
    rig.run(1.0);
    EXPECT_EQ(rig.deck.keys(), "S");
    rig.rest();
    rig.run(0.3);
    EXPECT_EQ(rig.deck.keys(), "SW");
    EXPECT_EQ(rig.motion(), Motion::Rewinding);
}

TEST(Interlock, WithoutTalliesTheTachWithinTwoPercentForHalfASecondProvesPlay) {
    const auto no_tallies = [](test::ScriptedDeck& deck, TransportConfig& config) {
        deck.capabilities_.tallies = false;
        deck.tally = {};
        config.proof_by_tally = false;
    };
    {
        ScriptedRig rig(no_tallies);
        EXPECT_EQ(rig.transport->play().status, CommandStatus::Accepted);
        rig.speed_m_s = kPlayMetresPerSecond * 1.015;
        rig.run(0.45);
        EXPECT_EQ(rig.motion(), Motion::Starting);
        rig.run(0.2);
        EXPECT_EQ(rig.motion(), Motion::Playing);
        rig.transport->arm();
        EXPECT_EQ(rig.transport->record().status, CommandStatus::Accepted);
        rig.run(0.3);
        EXPECT_EQ(rig.motion(), Motion::Recording);
        rig.clear();
        rig.speed_m_s = kPlayMetresPerSecond * 0.8; // slips: no longer play
        rig.run(0.4);
        EXPECT_EQ(rig.deck.keys(), "!");
        EXPECT_EQ(rig.faults.size(), 1U);
    }
    ScriptedRig rig(no_tallies);
    rig.transport->play();
    rig.speed_m_s = kPlayMetresPerSecond * 1.03; // 3 % fast is not proof
    rig.run(2.5);
    EXPECT_EQ(rig.motion(), Motion::Starting);
    rig.run(1.0);
    EXPECT_EQ(rig.motion(), Motion::Faulted);
    ASSERT_EQ(rig.faults.size(), 1U);
    EXPECT_THAT(rig.faults[0], HasSubstr("ips"));
}

TEST(Interlock, ADeckThatTellsNothingPlaysButMayNotRecord) {
    ScriptedRig rig([](test::ScriptedDeck& deck, TransportConfig&) {
        deck.capabilities_.tallies = deck.capabilities_.tach = false;
        deck.capabilities_.senses_motion_itself = true;
        deck.tally = {};
    });
    EXPECT_EQ(rig.motion(), Motion::Stopped);
    EXPECT_EQ(rig.transport->play().status, CommandStatus::Accepted);
    rig.run(4.0);
    EXPECT_EQ(rig.motion(), Motion::Playing);
    rig.transport->arm();
    const CommandResult result = rig.transport->record();
    EXPECT_TRUE(result.denied());
    EXPECT_THAT(result.reason, HasSubstr("by hand"));
    EXPECT_TRUE(rig.transport->locate(5.0).denied());
    EXPECT_EQ(rig.deck.keys(), "P");
}

TEST(Interlock, TapeOutIsRecordOffAndHalt) {
    ScriptedRig rig;
    rig.transport->zero_counter();
    rig.into_record();
    rig.tell([](Tallies& t) { t.tape_out = true; });
    EXPECT_EQ(rig.deck.keys(), "!");
    EXPECT_EQ(rig.keys_when_told, "!");
    EXPECT_EQ(rig.motion(), Motion::TapeOut);
    EXPECT_EQ(rig.transport->state().position_knowledge, PositionKnowledge::Doubtful);
    EXPECT_TRUE(rig.transport->state().tape_out);
    rig.rest();
    for (auto command :
         {&Transport::play, &Transport::record, &Transport::arm, &Transport::fast_forward, &Transport::rewind}) {
        EXPECT_TRUE(((*rig.transport).*command)().denied());
    }
    rig.run(5.0);
    EXPECT_EQ(rig.deck.keys(), "!");
    rig.tell([](Tallies& t) { t.tape_out = false; });
    rig.run(0.5);
    EXPECT_EQ(rig.motion(), Motion::Stopped);
    EXPECT_EQ(rig.transport->state().requested, Motion::Stopped);
    EXPECT_THAT(rig.deck.keys(), ::testing::Not(::testing::ContainsRegex("[PFWR]")));
}

TEST(Interlock, MotionCommandedAndNoTachIsAFault) {
    {
        ScriptedRig rig; // never starts
        rig.transport->play();
        rig.tell([](Tallies& t) { t.stop = false, t.play = true; });
        rig.run(2.9);
        EXPECT_EQ(rig.motion(), Motion::Starting);
        rig.run(0.2);
        EXPECT_EQ(rig.motion(), Motion::Faulted);
        EXPECT_EQ(rig.deck.keys(), "P!");
        EXPECT_THAT(rig.transport->state().fault, HasSubstr("tach"));
    }
    {
        ScriptedRig rig; // dies while recording, all tallies lit
        rig.into_record();
        rig.tach_works = false;
        rig.run(0.5);
        EXPECT_EQ(rig.motion(), Motion::Faulted);
        EXPECT_EQ(rig.deck.keys(), "!");
        EXPECT_EQ(rig.keys_when_told, "!");
        EXPECT_THAT(rig.transport->state().fault, HasSubstr("tach"));
    }
    ScriptedRig rig; // winds the wrong way: that is not the motion that was commanded
    rig.transport->fast_forward();
    rig.tell([](Tallies& t) { t.stop = false, t.fast_forward = true; });
    rig.speed_m_s = -3.0;
    rig.run(3.2);
    EXPECT_EQ(rig.motion(), Motion::Faulted);
    EXPECT_EQ(rig.deck.keys(), "F!");
}

TEST(Interlock, NothingResumesAfterAFault) {
    ScriptedRig rig;
    rig.into_play();
    rig.deck.fails = true;
    const CommandResult result = rig.transport->rewind();
    EXPECT_TRUE(result.denied());
    EXPECT_THAT(result.reason, HasSubstr("line stuck"));
    EXPECT_EQ(rig.motion(), Motion::Faulted);
    rig.deck.fails = false;
    rig.clear();
    for (auto command :
         {&Transport::play, &Transport::record, &Transport::arm, &Transport::fast_forward, &Transport::rewind}) {
        EXPECT_TRUE(((*rig.transport).*command)().denied());
    }
    EXPECT_TRUE(rig.transport->clear_fault().denied()) << "the tape still moves";
    rig.rest();
    rig.run(5.0);
    EXPECT_EQ(rig.motion(), Motion::Faulted);
    EXPECT_EQ(rig.transport->clear_fault().status, CommandStatus::Accepted);
    EXPECT_EQ(rig.motion(), Motion::Stopped);
    EXPECT_TRUE(rig.transport->state().fault.empty());
    rig.run(2.0);
    EXPECT_EQ(rig.deck.keys(), "");
}

TEST(Interlock, LocateNeedsAKnownPosition) {
    ScriptedRig rig;
    const CommandResult result = rig.transport->locate(10.0);
    EXPECT_TRUE(result.denied());
    EXPECT_THAT(result.reason, HasSubstr("zero"));
    EXPECT_EQ(rig.transport->zero_counter().status, CommandStatus::Accepted);
    EXPECT_TRUE(rig.transport->locate(-1.0).denied());
    EXPECT_TRUE(rig.transport->locate(763.0).denied());
    EXPECT_EQ(rig.transport->locate(10.0).status, CommandStatus::Accepted);
    rig.deck.reading.lost = 1; // an edge went missing
    rig.run(0.01);
    EXPECT_EQ(rig.transport->state().position_knowledge, PositionKnowledge::Doubtful);
    EXPECT_TRUE(rig.transport->locate(20.0).denied());
}

TEST(Interlock, NotStillInTimeAfterStopIsAFault) {
    ScriptedRig rig;
    rig.into_wind(false);
    rig.transport->stop();
    rig.tell([](Tallies& t) { t.rewind = false; });
    rig.run(59.0);
    EXPECT_EQ(rig.motion(), Motion::Braking);
    rig.run(1.5);
    EXPECT_EQ(rig.motion(), Motion::Faulted);
}

} // namespace overbias::transport
