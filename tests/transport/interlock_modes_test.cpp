// SPDX-License-Identifier: Apache-2.0
// The interlocks of the modes beyond the five keys, seen from outside.
#include "full_rig.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace overbias::transport {

using test::FullRig;
using test::kPlayMetresPerSecond;
using test::ScriptedRig;
using ::testing::HasSubstr;

TEST(Interlock, WhatTheDeckDoesNotOfferIsDeniedWithAReason) {
    ScriptedRig rig;
    Transport& transport = *rig.transport;
    for (const CommandResult& result : {transport.library_wind(Direction::Forward), transport.shuttle(1.0),
                                        transport.edit(), transport.defeat_lifters(true), transport.thread(true),
                                        transport.select_speed(30.0), transport.set_ready(1, true)}) {
        EXPECT_TRUE(result.denied());
        EXPECT_THAT(result.reason, HasSubstr("deck"));
    }
    EXPECT_EQ(rig.deck.keys(), "");
}

TEST(Interlock, LibraryWindChangesOverFromFastWindAndReversesOnlyWhenStill) {
    FullRig rig;
    rig.into_wind(true);
    EXPECT_FALSE(rig.transport->state().library_wind);
    EXPECT_EQ(rig.transport->library_wind(Direction::Forward).status, CommandStatus::Accepted);
    EXPECT_EQ(rig.deck.keys(), "f");
    EXPECT_TRUE(rig.transport->state().library_wind);
    EXPECT_EQ(rig.motion(), Motion::FastForwarding);
    EXPECT_EQ(rig.transport->library_wind(Direction::Forward).status, CommandStatus::Unchanged);
    EXPECT_EQ(rig.transport->fast_forward().status, CommandStatus::Accepted);
    EXPECT_FALSE(rig.transport->state().library_wind);
    rig.clear();
    EXPECT_EQ(rig.transport->library_wind(Direction::Reverse).status, CommandStatus::Deferred);
    rig.tell([](Tallies& t) { t.fast_forward = false; });
    rig.run(2.0);
    EXPECT_EQ(rig.deck.keys(), "S") << "the tape still runs";
    rig.rest();
    rig.run(0.3);
    EXPECT_EQ(rig.deck.keys(), "Sw");
    EXPECT_EQ(rig.motion(), Motion::Rewinding);
    EXPECT_TRUE(rig.transport->state().library_wind);
    EXPECT_EQ(rig.transport->state().requested, Motion::Rewinding);
}

TEST(Interlock, ShuttleEndsByStopOrAnotherKeyAndZeroHoldsTheTape) {
    FullRig rig;
    rig.into_shuttle(2.0);
    EXPECT_EQ(rig.transport->state().requested, Motion::Shuttling);
    EXPECT_EQ(rig.transport->shuttle(-1.0).status, CommandStatus::Accepted) << "the deck turns the tape round itself";
    EXPECT_EQ(rig.deck.keys(), "H");
    rig.run(2.0); // still slowing down: that is no failure to start
    rig.speed_m_s = -1.0;
    rig.run(2.0);
    EXPECT_EQ(rig.motion(), Motion::Shuttling);
    EXPECT_EQ(rig.transport->shuttle(0.0).status, CommandStatus::Accepted);
    rig.speed_m_s = 0.0;
    rig.run(10.0);
    EXPECT_EQ(rig.motion(), Motion::Shuttling) << "held";
    EXPECT_TRUE(rig.faults.empty());
    EXPECT_EQ(rig.transport->play().status, CommandStatus::Deferred);
    EXPECT_EQ(rig.deck.log.back(), "S");
    rig.rest();
    rig.run(2.0);
    EXPECT_EQ(rig.deck.log.back(), "P");
    FullRig other;
    other.into_shuttle(-2.0);
    EXPECT_EQ(other.transport->fast_forward().status, CommandStatus::Deferred) << "the tape runs the other way";
    EXPECT_EQ(other.deck.keys(), "S");
    other.transport->stop();
    other.rest();
    other.run(2.0);
    EXPECT_EQ(other.motion(), Motion::Stopped) << "stop takes the waiting wind back";
}

TEST(Interlock, ShuttleIsKeptWithinWhatTheDeckCanAndIsSupervised) {
    FullRig rig;
    rig.transport->shuttle(25.0);
    EXPECT_EQ(rig.deck.shuttles.back(), 10.0);
    rig.transport->shuttle(-0.015);
    EXPECT_EQ(rig.deck.shuttles.back(), -0.02);
    rig.transport->shuttle(0.005);
    EXPECT_EQ(rig.deck.shuttles.back(), 0.0);
    EXPECT_TRUE(rig.transport->shuttle(std::numeric_limits<double>::quiet_NaN()).denied());
    rig.clear();
    rig.transport->shuttle(1.0); // and nothing moves
    rig.tell([](Tallies& t) { t.stop = false; });
    rig.run(3.1);
    EXPECT_EQ(rig.motion(), Motion::Faulted);
    EXPECT_EQ(rig.deck.keys(), "H!");
    FullRig dies;
    dies.into_shuttle(1.0);
    dies.tach_works = false;
    dies.run(0.5);
    EXPECT_EQ(dies.motion(), Motion::Faulted);
    EXPECT_EQ(dies.deck.keys(), "!");
}

TEST(Interlock, ShuttleAtPlaySpeedIsNoProofOfPlay) {
    FullRig rig([](test::ScriptedDeck& deck, TransportConfig& config) {
        deck.capabilities_.tallies = false;
        deck.tally = {};
        config.proof_by_tally = false;
    });
    EXPECT_TRUE(rig.transport->state().inferred);
    rig.into_shuttle(kPlayMetresPerSecond);
    rig.transport->arm();
    rig.run(5.0);
    EXPECT_EQ(rig.motion(), Motion::Shuttling);
    EXPECT_TRUE(rig.transport->record().denied());
    EXPECT_EQ(rig.deck.keys(), "");
}

TEST(Interlock, EditIsEnteredFromStopOnlyAndOnlyStopEndsIt) {
    FullRig rig;
    rig.into_play();
    rig.clear();
    EXPECT_TRUE(rig.transport->edit().denied());
    rig.transport->stop();
    rig.rest();
    rig.run(0.5);
    rig.clear();
    EXPECT_EQ(rig.transport->edit().status, CommandStatus::Accepted);
    EXPECT_EQ(rig.motion(), Motion::Editing);
    rig.speed_m_s = kPlayMetresPerSecond; // a hand turns the reels, at play speed of all speeds
    rig.run(5.0);
    EXPECT_EQ(rig.motion(), Motion::Editing);
    rig.speed_m_s = 0.0;
    for (auto command : {&Transport::play, &Transport::record, &Transport::fast_forward, &Transport::rewind}) {
        EXPECT_TRUE(((*rig.transport).*command)().denied()) << "hands may be on the reels";
    }
    EXPECT_TRUE(rig.transport->shuttle(1.0).denied());
    EXPECT_EQ(rig.deck.keys(), "E");
    EXPECT_EQ(rig.transport->stop().status, CommandStatus::Accepted);
    EXPECT_EQ(rig.deck.keys(), "E!e");
    rig.run(0.5);
    EXPECT_EQ(rig.motion(), Motion::Stopped);
    EXPECT_TRUE(rig.faults.empty());
}

TEST(Interlock, LiftersAreDefeatedOnlySlowAndRestoredBeforeTheTapeRunsFast) {
    FullRig rig;
    EXPECT_EQ(rig.transport->defeat_lifters(true).status, CommandStatus::Accepted);
    EXPECT_EQ(rig.transport->state().lifters, Lifters::Defeated);
    EXPECT_EQ(rig.transport->fast_forward().status, CommandStatus::Accepted);
    EXPECT_EQ(rig.deck.keys(), "DdF") << "lifted before the wind";
    EXPECT_EQ(rig.transport->state().lifters, Lifters::Normal);
    rig.tell([](Tallies& t) { t.stop = false, t.fast_forward = true; });
    rig.speed_m_s = 5.0;
    rig.run(0.2);
    rig.clear();
    const CommandResult fast = rig.transport->defeat_lifters(true);
    EXPECT_TRUE(fast.denied());
    EXPECT_THAT(fast.reason, HasSubstr("cue_limit_m_s"));
    rig.speed_m_s = 1.0;
    rig.run(0.2);
    EXPECT_EQ(rig.transport->defeat_lifters(true).status, CommandStatus::Accepted);
    rig.speed_m_s = 1.3;
    rig.run(0.1);
    EXPECT_EQ(rig.deck.keys(), "Dd") << "forced back above the limit";
    EXPECT_EQ(rig.transport->state().lifters, Lifters::Normal);

    FullRig cue; // slow cue in shuttle keeps them defeated, a faster shuttle does not
    cue.transport->defeat_lifters(true);
    cue.into_shuttle(0.8);
    EXPECT_EQ(cue.transport->state().lifters, Lifters::Defeated);
    EXPECT_EQ(cue.transport->shuttle(3.0).status, CommandStatus::Accepted);
    EXPECT_EQ(cue.deck.keys(), "dH");
    cue.rest();
    cue.transport->stop();
    cue.run(0.5);
    cue.transport->defeat_lifters(true);
    cue.clear();
    EXPECT_EQ(cue.transport->stop().status, CommandStatus::Unchanged);
    EXPECT_EQ(cue.transport->state().lifters, Lifters::Defeated) << "stop leaves them";
    cue.run(1.5);
    EXPECT_EQ(cue.transport->play().status, CommandStatus::Accepted);
    EXPECT_EQ(cue.deck.keys(), "!dP");
}

TEST(Interlock, SpeedIsSwitchedOnlyWhileStillAndEverythingFollowsIt) {
    FullRig rig;
    rig.transport->preset_counter(40.0);
    rig.into_play();
    EXPECT_TRUE(rig.transport->select_speed(30.0).denied());
    rig.transport->stop();
    EXPECT_TRUE(rig.transport->select_speed(30.0).denied()) << "still braking";
    rig.rest();
    rig.run(1.5);
    rig.clear();
    const CommandResult wrong = rig.transport->select_speed(7.5);
    EXPECT_TRUE(wrong.denied());
    EXPECT_THAT(wrong.reason, HasSubstr("15.00 ips, 30.00 ips"));
    const double place_m = rig.transport->state().position_m;
    EXPECT_GT(place_m, 40.0);
    EXPECT_EQ(rig.transport->select_speed(30.0).status, CommandStatus::Accepted);
    EXPECT_EQ(rig.deck.keys(), "V30");
    EXPECT_EQ(rig.transport->state().play_speed_ips, 30.0);
    EXPECT_EQ(rig.transport->config().play_speed_ips, 30.0);
    EXPECT_EQ(rig.transport->state().position_m, place_m) << "the counter keeps its place";
    rig.transport->play();
    rig.tell([](Tallies& t) { t.stop = false, t.play = true; });
    rig.speed_m_s = kPlayMetresPerSecond; // the old speed proves nothing now
    rig.run(1.0);
    EXPECT_EQ(rig.motion(), Motion::Starting);
    rig.speed_m_s = 2.0 * kPlayMetresPerSecond;
    rig.run(0.2);
    EXPECT_EQ(rig.motion(), Motion::Playing);
}

TEST(Interlock, ReadyStaysWhileRecordingAndIsKeptPerTrack) {
    FullRig rig;
    EXPECT_EQ(rig.transport->set_ready(2, true).status, CommandStatus::Accepted);
    EXPECT_EQ(rig.transport->state().ready_tracks, 2U);
    const CommandResult beyond = rig.transport->set_ready(3, true);
    EXPECT_TRUE(beyond.denied());
    EXPECT_THAT(beyond.reason, HasSubstr("1 to 2"));
    EXPECT_TRUE(rig.transport->set_ready(0, true).denied());
    EXPECT_EQ(rig.deck.keys(), "Y2");
    rig.into_record();
    EXPECT_TRUE(rig.transport->set_ready(2, false).denied());
    EXPECT_EQ(rig.transport->punch_out().status, CommandStatus::Accepted);
    rig.clear();
    EXPECT_TRUE(rig.transport->set_ready(2, false).denied()) << "the record tally is still lit";
    rig.tell([](Tallies& t) { t.record = false; });
    EXPECT_TRUE(rig.transport->set_ready(2, false).denied()) << "and the deck may take a moment";
    rig.run(0.6);
    EXPECT_EQ(rig.transport->set_ready(2, false).status, CommandStatus::Accepted);
    EXPECT_EQ(rig.deck.keys(), "y2");
    EXPECT_EQ(rig.transport->state().ready_tracks, 0U);
}

TEST(Interlock, ThreadingTensionOnlyWhileTheTapeIsOut) {
    FullRig rig;
    EXPECT_TRUE(rig.transport->thread(true).denied());
    rig.tell([](Tallies& t) { t.tape_out = true; });
    EXPECT_EQ(rig.motion(), Motion::TapeOut);
    rig.clear();
    EXPECT_EQ(rig.transport->thread(true).status, CommandStatus::Accepted);
    EXPECT_TRUE(rig.transport->state().threading);
    EXPECT_EQ(rig.transport->stop().status, CommandStatus::Accepted) << "stop stays possible, and ends it";
    EXPECT_FALSE(rig.transport->state().threading);
    EXPECT_EQ(rig.deck.keys(), "T!");
    rig.transport->thread(true);
    rig.tell([](Tallies& t) { t.tape_out = false; });
    EXPECT_EQ(rig.deck.keys(), "T!T!");
    EXPECT_FALSE(rig.transport->state().threading);
    rig.run(0.5);
    EXPECT_EQ(rig.motion(), Motion::Stopped);
}

} // namespace overbias::transport
