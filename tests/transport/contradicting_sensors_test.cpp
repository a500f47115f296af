// SPDX-License-Identifier: Apache-2.0
// One lamp is stuck or the tach is dead, and something else tells: the machine must not go by the one that lies.
#include "full_rig.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>

namespace overbias::transport {

using test::FullRig;
using test::kPlayMetresPerSecond;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(ContradictingSensors, AWaitingRecordIsNotPressedWhileTheLampOfAWindIsLit) {
    FullRig rig;
    rig.tell([](Tallies& t) { t.play = true; }); // stuck
    rig.transport->arm();
    EXPECT_EQ(rig.transport->record().status, CommandStatus::Deferred);
    rig.run(0.05);
    rig.tell([](Tallies& t) { t.stop = false, t.fast_forward = true; }); // a hand
    rig.speed_m_s = kPlayMetresPerSecond;                                // gathering speed it passes play speed
    rig.run(0.25);
    EXPECT_THAT(rig.deck.keys(), Not(HasSubstr("R")));
    rig.speed_m_s = 2.0;
    rig.run(0.5);
    EXPECT_THAT(rig.deck.keys(), Not(HasSubstr("R")));
    EXPECT_EQ(rig.motion(), Motion::FastForwarding) << "followed";
    FullRig armed;
    armed.into_play();
    armed.transport->arm();
    armed.tell([](Tallies& t) { t.rewind = true; });
    EXPECT_TRUE(armed.transport->record().denied());
}

TEST(ContradictingSensors, AStartThatRunsFasterThanPlayIsStoppedBeforeARewind) {
    FullRig rig([](test::ScriptedDeck& deck, TransportConfig& config) { // no lamps tell of the hand
        deck.capabilities_.tallies = false;
        deck.tally = {};
        config.proof_by_tally = false;
    });
    EXPECT_EQ(rig.transport->play().status, CommandStatus::Accepted);
    rig.speed_m_s = 1.5 * kPlayMetresPerSecond;
    rig.run(0.2);
    EXPECT_EQ(rig.transport->rewind().status, CommandStatus::Deferred);
    EXPECT_EQ(rig.deck.keys(), "PS");
    FullRig plays; // from play itself the deck turns the tape round at once
    plays.into_play();
    EXPECT_EQ(plays.transport->rewind().status, CommandStatus::Accepted);
    EXPECT_EQ(plays.deck.keys(), "PW");
}

TEST(ContradictingSensors, AStuckPlayLampDoesNotMakeAShuttleAtPlaySpeedAHandsPlay) {
    FullRig rig;
    rig.tell([](Tallies& t) { t.play = true; }); // stuck
    EXPECT_EQ(rig.transport->shuttle(kPlayMetresPerSecond).status, CommandStatus::Accepted);
    rig.tell([](Tallies& t) { t.stop = false; });
    rig.speed_m_s = 0.95 * kPlayMetresPerSecond;
    rig.run(3.0);
    EXPECT_EQ(rig.motion(), Motion::Shuttling);
    rig.transport->arm();
    EXPECT_TRUE(rig.transport->record().denied());
    rig.tell([](Tallies& t) { t.play = false; }); // not stuck: a hand presses PLAY some time after the shuttle began
    rig.run(0.3);
    rig.tell([](Tallies& t) { t.play = true; });
    rig.run(1.2);
    EXPECT_EQ(rig.motion(), Motion::Playing);
}

TEST(ContradictingSensors, AWindLampInAShuttleThatHoldsTheTapeIsAHands) {
    FullRig rig;
    rig.tach_works = false;
    EXPECT_EQ(rig.transport->shuttle(0.0).status, CommandStatus::Accepted);
    rig.run(0.5);
    EXPECT_EQ(rig.transport->defeat_lifters(true).status, CommandStatus::Accepted);
    rig.clear();
    rig.tell([](Tallies& t) { t.stop = false, t.fast_forward = true; }); // nothing of ours lights it
    rig.run(0.45);
    EXPECT_EQ(rig.deck.keys(), "d") << "the tape may run fast, whatever the tach says";
    EXPECT_EQ(rig.transport->state().lifters, Lifters::Normal);
}

TEST(ContradictingSensors, ATachThatFallsSilentInAFastShuttleDoesNotLetAWindTurnTheTapeRound) {
    for (int silent_ms = 20; silent_ms <= 400; silent_ms += 20) {
        FullRig rig([](test::ScriptedDeck& deck, TransportConfig&) {
            deck.capabilities_.counter_edges_per_metre = 200.0; // told every 40 ms over a link
        });
        rig.tach_works = false; // the test counts
        EXPECT_EQ(rig.transport->shuttle(-3.0).status, CommandStatus::Accepted);
        rig.tell([](Tallies& t) { t.stop = false; });
        for (int poll = 0; poll < 25; ++poll) {
            rig.run(0.04);
            rig.deck.reading.edges -= 24; // 3 m/s
            rig.deck.reading.last_edge = rig.timeline.now();
        }
        rig.run(0.001 * silent_ms);
        rig.clear();
        (void)rig.transport->fast_forward(); // deferred, or too late: the silence has become a fault
        EXPECT_THAT(rig.deck.keys(), Not(HasSubstr("F"))) << silent_ms << " ms after its last word";
    }
}

TEST(ContradictingSensors, ACoarseCountersLagDoesNotLetTheLiftersBeDefeatedInAFastWind) {
    FullRig rig([](test::ScriptedDeck& deck, TransportConfig&) { deck.capabilities_.counter_edges_per_metre = 200.0; });
    rig.tach_works = false; // the test counts
    EXPECT_EQ(rig.transport->fast_forward().status, CommandStatus::Accepted);
    rig.tell([](Tallies& t) { t.stop = false, t.fast_forward = true; });
    for (int poll = 1; poll <= 16; ++poll) { // 2.5 m/s2, told every 40 ms: to 1.6 m/s, 0.9 m/s in the mean
        rig.run(0.04);
        const double at_s = 0.04 * poll;
        rig.deck.reading.edges = static_cast<std::int64_t>(200.0 * 0.5 * 2.5 * at_s * at_s);
        rig.deck.reading.last_edge = rig.timeline.now();
    }
    rig.run(0.01);
    ASSERT_LT(rig.transport->state().speed_m_s, 1.1) << "the mean lags, or this shows nothing";
    EXPECT_TRUE(rig.transport->defeat_lifters(true).denied());
}

TEST(ContradictingSensors, ATachThatDiesWhileTheTapeTurnsRoundHasNotToldOfTheNewMotion) {
    FullRig rig;
    rig.into_shuttle(-0.5);
    EXPECT_EQ(rig.transport->shuttle(1.0).status, CommandStatus::Accepted);
    rig.speed_m_s = -0.2;
    rig.run(0.1);
    rig.tach_works = false; // and the tape may run forward by now
    rig.run(0.6);
    EXPECT_TRUE(rig.transport->defeat_lifters(true).denied());
    EXPECT_EQ(rig.transport->rewind().status, CommandStatus::Deferred);
}

TEST(ContradictingSensors, TheDecksOwnWordThatTheTapeRunsOverrulesAStuckStopLamp) {
    FullRig rig([](test::ScriptedDeck& deck, TransportConfig&) { deck.tally.still = true; });
    EXPECT_EQ(rig.transport->play().status, CommandStatus::Accepted);
    rig.tell([](Tallies& t) { t.still = false, t.fast_forward = true; }); // a hand; the stop lamp stays lit
    rig.speed_m_s = 0.3;
    rig.run(0.1);
    rig.clear();
    EXPECT_EQ(rig.transport->rewind().status, CommandStatus::Deferred);
    EXPECT_EQ(rig.deck.keys(), "S") << "no rewind on a tape that gathers speed forward";
}

TEST(ContradictingSensors, WithoutLampsRecordNeedsPlaySpeedInThisVeryMoment) {
    FullRig rig([](test::ScriptedDeck& deck, TransportConfig& config) {
        deck.capabilities_.tallies = false;
        deck.tally = {};
        config.proof_by_tally = false;
    });
    rig.transport->play();
    rig.speed_m_s = kPlayMetresPerSecond;
    rig.run(1.0);
    EXPECT_EQ(rig.motion(), Motion::Playing);
    rig.transport->arm();
    rig.speed_m_s = 0.85 * kPlayMetresPerSecond; // the proof is not lost yet
    rig.run(0.1);
    EXPECT_EQ(rig.motion(), Motion::Playing);
    EXPECT_TRUE(rig.transport->record().denied());
    EXPECT_EQ(rig.deck.keys(), "P");
}

} // namespace overbias::transport
