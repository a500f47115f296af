// SPDX-License-Identifier: Apache-2.0
// The Studer driver on a line on which everything goes wrong that can.
#include "studer_rig.hpp"

namespace overbias::transport::test {
namespace {

using DeckKey = deck_sim::StuderDeck::Key;
using deck_sim::SerialPair;
using testing::HasSubstr;

TEST(StuderLine, SilenceIsSeenWithinThreeTenthsOfASecond) {
    StuderRig rig;
    rig.start();
    (void)rig.deck->press(Key::Play);
    rig.run(2s);
    ASSERT_EQ(rig.deck->tallies().play, true);
    DeckTime told{};
    rig.deck->on_change([&] { told = told == DeckTime{} ? rig.timeline.now() : told; });
    for (int phase = 0; phase < 40; ++phase) { // wherever in the polling the line goes
        const DeckTime cut = rig.timeline.now();
        told = {};
        rig.pair.faults(SerialPair::Way::ToDriver).silent = true;
        rig.run(400ms);
        ASSERT_NE(told, DeckTime{});
        EXPECT_LE(seconds(told - cut), 0.3);
        EXPECT_FALSE(rig.deck->link().up);
        EXPECT_EQ(rig.deck->tallies(), Tallies{});
        EXPECT_FALSE(rig.deck->press(Key::Record).ok());
        rig.pair.faults(SerialPair::Way::ToDriver).silent = false;
        rig.run(4s + phase * 3ms);
        EXPECT_TRUE(rig.deck->link().up);
        EXPECT_EQ(rig.deck->tallies().play, true) << "the deck was playing all the time, and nothing stopped it";
    }
    EXPECT_GE(rig.deck->tach().lost, 40U) << "where the tape went meanwhile is not known";
}

TEST(StuderLine, StopIsRepeatedUntilTheDeckAnswers) {
    StuderRig rig;
    rig.start();
    (void)rig.deck->press(Key::Play);
    rig.run(1s);
    rig.tape.pressed.clear();
    rig.pair.faults(SerialPair::Way::ToDevice).silent = true;
    rig.deck->make_safe();
    EXPECT_GT(rig.deck->busy_until(), rig.timeline.now());
    rig.run(5s);
    EXPECT_TRUE(rig.tape.pressed.empty());
    EXPECT_FALSE(rig.deck->link().up);
    rig.pair.faults(SerialPair::Way::ToDevice).silent = false;
    rig.run(1s);
    ASSERT_FALSE(rig.tape.pressed.empty());
    for (const DeckKey key : rig.tape.pressed) {
        EXPECT_EQ(key, DeckKey::Stop);
    }
    EXPECT_TRUE(rig.deck->link().up);
    const auto said = rig.tape.pressed.size();
    rig.run(5s);
    EXPECT_EQ(rig.tape.pressed.size(), said) << "answered, so it is not said again";
    EXPECT_LE(rig.deck->busy_until(), rig.timeline.now());
}

TEST(StuderLine, ACommandLostWithTheLinkIsFollowedByStop) {
    StuderRig rig;
    rig.start();
    rig.pair.faults(SerialPair::Way::ToDriver).silent = true; // the deck hears, and we do not
    (void)rig.deck->press(Key::Record);
    rig.run(1s);
    EXPECT_THAT(rig.tape.pressed, testing::Contains(DeckKey::Record));
    EXPECT_EQ(rig.tape.pressed.back(), DeckKey::Stop) << "nobody knows whether it records: it must not go on";
    EXPECT_FALSE(rig.tape.recording);
}

TEST(StuderLine, MakeSafeAThousandTimesDoesNotFillTheLine) {
    StuderRig rig;
    rig.start();
    rig.face.hang(true); // XOFF, for ever
    for (int tick = 0; tick < 1000; ++tick) {
        rig.deck->make_safe();
        rig.run(1ms);
    }
    rig.heard.clear();
    rig.face.hang(false);
    rig.run(2s);
    EXPECT_LT(rig.heard.size(), 400U);
    EXPECT_FALSE(rig.tape.pressed.empty());
    EXPECT_TRUE(rig.deck->link().up);
}

TEST(StuderLine, HeldByXoffForEver) {
    StuderRig rig;
    rig.start();
    rig.face.hang(true);
    rig.run(300ms);
    EXPECT_FALSE(rig.deck->link().up);
    rig.run(10s);
    EXPECT_THAT(rig.deck->link().problem, HasSubstr("XOFF"));
    (void)rig.deck->press(Key::Stop);
    rig.run(3600s);
    EXPECT_FALSE(rig.deck->link().up);
    EXPECT_THAT(rig.deck->link().problem, HasSubstr("bytes wait to be sent")) << "the queue is bounded";
    rig.tape.pressed.clear();
    rig.face.hang(false);
    rig.run(60s);
    EXPECT_TRUE(rig.deck->link().up) << rig.deck->link().problem;
    EXPECT_EQ(rig.deck->tallies().stop, true);
    EXPECT_EQ(rig.deck->software_date(), "12.05.92");
}

TEST(StuderLine, BusyDeckHoldsAndReleasesAndNothingIsLost) {
    auto device = full_face();
    device.command_time = 10ms;
    StuderRig rig(full_config(), device);
    rig.start();
    for (int i = 0; i < 20; ++i) {
        EXPECT_TRUE(rig.deck->press(i % 2 == 0 ? Key::FastForward : Key::Rewind).ok());
    }
    bool held = false;
    rig.timeline.run_until(
        [&] {
            held = held || rig.face.holding();
            return false;
        },
        rig.timeline.now() + 2s);
    EXPECT_TRUE(held) << "else this test shows nothing";
    EXPECT_EQ(rig.tape.pressed.size(), 20U);
    EXPECT_TRUE(rig.deck->link().up);
}

TEST(StuderLine, AStopLostOnTheWayIsSentAgainAtOnce) {
    StuderRig rig;
    rig.start();
    (void)rig.deck->press(Key::Play);
    rig.run(1s);
    rig.tape.pressed.clear();
    rig.deck->make_safe();
    rig.pair.faults(SerialPair::Way::ToDevice).silent = true;
    rig.run(15ms); // as long as STP and the query behind it
    rig.pair.faults(SerialPair::Way::ToDevice).silent = false;
    rig.run(100ms);
    EXPECT_THAT(rig.tape.pressed, testing::Contains(DeckKey::Stop));
    EXPECT_TRUE(rig.deck->link().up) << "one query was not answered, no more";
}

TEST(StuderLine, HalfLinesAreAskedAgain) {
    StuderRig rig;
    rig.start();
    int changes = 0;
    rig.deck->on_change([&] { ++changes; });
    rig.pair.faults(SerialPair::Way::ToDriver).cut_after = 3;
    rig.run(60ms);
    rig.pair.faults(SerialPair::Way::ToDriver).cut_after.reset();
    rig.run(400ms);
    EXPECT_TRUE(rig.deck->link().up);
    EXPECT_EQ(rig.deck->tallies().stop, true);
    EXPECT_EQ(changes, 0) << "no half is taken together with what comes later";
    rig.pair.faults(SerialPair::Way::ToDriver).cut_after = 3;
    rig.run(400ms);
    EXPECT_FALSE(rig.deck->link().up) << "half an answer is none";
}

TEST(StuderLine, AFloodIsNoAnswerAndCostsNothing) {
    StuderRig rig;
    rig.start();
    rig.pair.flood(true);
    rig.run(300ms);
    EXPECT_FALSE(rig.deck->link().up);
    rig.run(20s);
    EXPECT_THAT(rig.deck->link().problem, HasSubstr("does not answer in text"));
    const auto sent = rig.trace.size();
    rig.run(20s);
    EXPECT_LT(rig.trace.size() - sent, 30U) << "it calls now and then, no more";
    rig.pair.flood(false);
    rig.run(5s);
    EXPECT_TRUE(rig.deck->link().up);
}

TEST(StuderLine, AnEchoIsNoAnswer) {
    StuderRig rig;
    rig.start();
    rig.pair.echo(true);
    rig.run(1s);
    EXPECT_TRUE(rig.deck->link().up) << "the deck answers beside it";
    EXPECT_EQ(rig.deck->tallies().stop, true);
    (void)rig.deck->press(Key::Record);
    rig.run(1s);
    EXPECT_EQ(rig.deck->tallies().record, true) << "the deck's REC is not taken for the echo of ours";
    (void)rig.deck->press(Key::Stop);
    rig.run(1s);
    EXPECT_TRUE(rig.deck->link().up);
    rig.tape.powered = false;
    rig.run(300ms);
    EXPECT_FALSE(rig.deck->link().up);
    rig.run(5s);
    EXPECT_THAT(rig.deck->link().problem, HasSubstr("only what is sent comes back"));
}

TEST(StuderLine, DamagedAnswersAreAskedAgain) {
    StuderRig rig;
    rig.start();
    rig.pair.faults(SerialPair::Way::ToDriver).wrong_parity = true;
    rig.run(100ms);
    rig.pair.faults(SerialPair::Way::ToDriver).wrong_parity = false;
    rig.run(300ms);
    EXPECT_TRUE(rig.deck->link().up);
    EXPECT_NE(rig.detail("damaged lines"), "");
    EXPECT_EQ(rig.deck->tallies().stop, true);
}

TEST(StuderLine, NoiseInFrontOfStopIsMadeGood) {
    StuderRig rig;
    rig.start();
    (void)rig.deck->press(Key::Play);
    rig.run(1s);
    rig.tape.pressed.clear();
    rig.pair.noise(SerialPair::Way::ToDevice, 'x'); // the deck reads xSTP, and knows no such thing
    rig.deck->make_safe();
    rig.run(300ms);
    EXPECT_THAT(rig.tape.pressed, testing::Contains(DeckKey::Stop));
    EXPECT_TRUE(rig.deck->link().up);
}

TEST(StuderLine, TheAdapterIsPulledAndPutBack) {
    StuderRig rig;
    rig.start();
    bool told = false;
    rig.deck->on_change([&] { told = true; });
    rig.pair.unplug();
    EXPECT_TRUE(told) << "at once";
    EXPECT_THAT(rig.deck->link().problem, HasSubstr("end of file"));
    EXPECT_TRUE(rig.deck->press(Key::Stop).ok()) << "kept until it can be sent";
    rig.run(2s);
    rig.pair.plug_in();
    rig.run(10s);
    EXPECT_TRUE(rig.deck->link().up);
    EXPECT_THAT(rig.tape.pressed, testing::Contains(DeckKey::Stop));
}

TEST(StuderLine, ASlowDeckIsNotLost) {
    auto device = full_face();
    device.command_time = 120ms; // longer than it is waited for: every query is asked twice
    StuderRig rig(full_config(), device);
    rig.run(4s);
    rig.make_driver();
    rig.run(10s);
    EXPECT_TRUE(rig.deck->link().up);
    int changes = 0;
    rig.deck->on_change([&] { ++changes; });
    rig.run(30s);
    EXPECT_EQ(changes, 0) << "no late answer is taken for another's";
    EXPECT_EQ(rig.deck->tallies().stop, true);
    EXPECT_EQ(rig.deck->tach().lost, 0U);
}

} // namespace
} // namespace overbias::transport::test
