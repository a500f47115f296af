// SPDX-License-Identifier: Apache-2.0
#include "mechanics_rig.hpp"

#include <gtest/gtest.h>

namespace overbias::deck_sim {
namespace {

using Mode = DeckLogic::Mode;

MechanicsRig playing_deck() {
    MechanicsRig rig(steady_deck(100.0));
    rig.press(Contact::Play);
    rig.run(1.0);
    return rig;
}

TEST(DeckLogic, RecordGoesOnAfterTheLinesAreReleased) {
    MechanicsRig rig(steady_deck(100.0));
    rig.press_record_and_play();
    rig.run(20.0);
    EXPECT_TRUE(rig.last.recording);
    EXPECT_TRUE(rig.tally(Tally::Record));
    EXPECT_TRUE(rig.tally(Tally::Play));
}

TEST(DeckLogic, RecordNeedsPlayHeldWithIt) {
    MechanicsRig rig = playing_deck();
    rig.press(Contact::Record);
    rig.run(1.0);
    EXPECT_FALSE(rig.last.recording);

    MechanicsRig stopped(steady_deck(100.0));
    stopped.press(Contact::Record);
    stopped.press(Contact::Play); // one after the other is not together
    stopped.run(1.0);
    EXPECT_EQ(stopped.mechanics.logic().mode(), Mode::Playing);
    EXPECT_FALSE(stopped.last.recording);
}

TEST(DeckLogic, RecordTakesEitherOrderOfTheTwoContacts) {
    for (const bool play_leads : {false, true}) {
        MechanicsRig rig = playing_deck();
        rig.mechanics.contact(play_leads ? Contact::Play : Contact::Record, true);
        rig.run(0.04);
        EXPECT_FALSE(rig.last.recording);
        rig.mechanics.contact(play_leads ? Contact::Record : Contact::Play, true);
        rig.run(0.002);
        EXPECT_TRUE(rig.last.recording) << play_leads;
        EXPECT_FALSE(rig.tally(Tally::Record)) << "the lamp's relay takes its time";
        rig.run(0.05);
        EXPECT_TRUE(rig.tally(Tally::Record));
    }
}

TEST(DeckLogic, PlayAloneInRecordPunchesOutAndPlaysOn) {
    MechanicsRig rig = playing_deck();
    rig.press_record_and_play();
    rig.run(1.0);
    ASSERT_TRUE(rig.last.recording);
    rig.press(Contact::Play);
    EXPECT_FALSE(rig.last.recording);
    rig.run(1.0);
    EXPECT_EQ(rig.mechanics.logic().mode(), Mode::Playing);
    EXPECT_TRUE(rig.tally(Tally::Play));
    EXPECT_FALSE(rig.tally(Tally::Record));
}

TEST(DeckLogic, StopAndWindEndRecordAtOnce) {
    for (const Contact key : {Contact::Stop, Contact::FastForward, Contact::Rewind}) {
        MechanicsRig rig = playing_deck();
        rig.press_record_and_play();
        rig.run(1.0);
        ASSERT_TRUE(rig.last.recording);
        rig.mechanics.contact(key, true);
        rig.step();
        EXPECT_FALSE(rig.last.recording);
        rig.mechanics.contact(key, false);
        rig.press(Contact::Stop);
        rig.run(5.0);
        rig.press(Contact::Play);
        rig.run(1.0);
        EXPECT_FALSE(rig.last.recording) << "record is not remembered";
    }
}

TEST(DeckLogic, AHeldContactIsPressedOnce) {
    MechanicsRig rig(steady_deck(100.0));
    rig.mechanics.contact(Contact::Play, true);
    rig.run(1.0);
    rig.press(Contact::Stop);
    rig.mechanics.contact(Contact::Play, true); // still held: no new edge
    rig.run(1.0);
    EXPECT_EQ(rig.mechanics.logic().mode(), Mode::Stopped);
}

TEST(DeckLogic, HeldStopGoesBeforeEverything) {
    MechanicsRig rig(steady_deck(100.0));
    rig.mechanics.contact(Contact::Stop, true);
    rig.press(Contact::FastForward);
    rig.run(1.0);
    EXPECT_EQ(rig.mechanics.speed_m_s(), 0.0);
}

TEST(Tallies, PlayIsLitOnlyAtSpeedAndStopOnlyWhenStill) {
    MechanicsRig rig(steady_deck(100.0));
    EXPECT_TRUE(rig.tally(Tally::Stop)) << "the deck has been on for a while";
    rig.press(Contact::Play, 0.05);
    EXPECT_FALSE(rig.tally(Tally::Stop));
    EXPECT_FALSE(rig.tally(Tally::Play));
    const double lit_after_s = 0.05 + rig.run_until([&] { return rig.tally(Tally::Play); }, 2.0);
    EXPECT_GT(lit_after_s, 0.2);
    EXPECT_LT(lit_after_s, 0.5);
    rig.press(Contact::Stop, 0.01);
    rig.run_until([&] { return rig.tally(Tally::Stop); }, 1.0);
    EXPECT_EQ(rig.mechanics.speed_m_s(), 0.0);
    EXPECT_FALSE(rig.tally(Tally::Play));

    rig.press(Contact::FastForward);
    rig.run(10.0);
    EXPECT_TRUE(rig.tally(Tally::FastForward));
    rig.press(Contact::Stop);
    rig.run(0.2);
    EXPECT_FALSE(rig.tally(Tally::FastForward));
    EXPECT_FALSE(rig.tally(Tally::Stop)) << "pressed is not still";
    rig.run(3.0);
    EXPECT_TRUE(rig.tally(Tally::Stop));
}

TEST(PlayInWind, SnapsTheTapeOfADeckWithoutMotionSensing) {
    for (const Contact key : {Contact::FastForward, Contact::Rewind}) {
        MechanicsRig rig(steady_deck(300.0));
        rig.press(key);
        rig.run(5.0);
        rig.press(Contact::Play, 0.05);
        EXPECT_FALSE(rig.mechanics.drive().broken()) << "not before the pinch roller has closed";
        rig.run(0.06);
        EXPECT_TRUE(rig.mechanics.drive().broken());
        EXPECT_FALSE(rig.last.contact);
        rig.run(0.3);
        EXPECT_TRUE(rig.tally(Tally::TapeOut));
    }
}

TEST(PlayInWind, AlsoSnapsItRightAfterStop) {
    MechanicsRig rig(steady_deck(300.0));
    rig.press(Contact::FastForward);
    rig.run(5.0);
    rig.press(Contact::Stop);
    rig.press(Contact::Play);
    rig.run(0.1);
    EXPECT_TRUE(rig.mechanics.drive().broken());
}

TEST(PlayInWind, WaitsForTheTapeWhereTheDeckSensesMotion) {
    Settings settings = steady_deck(300.0);
    settings.senses_motion = true;
    MechanicsRig rig(settings);
    rig.press(Contact::FastForward);
    rig.run(5.0);
    rig.press_record_and_play();
    EXPECT_EQ(rig.mechanics.logic().mode(), Mode::Stopped);
    EXPECT_GE(rig.run_until([&] { return rig.tally(Tally::Play); }, 5.0), 0.5);
    EXPECT_FALSE(rig.mechanics.drive().broken());
    EXPECT_FALSE(rig.last.recording) << "record does not wait";

    rig.press(Contact::Rewind);
    rig.run(5.0);
    rig.press(Contact::Play);
    rig.press(Contact::Stop); // takes the waiting play back
    rig.run(5.0);
    EXPECT_EQ(rig.mechanics.logic().mode(), Mode::Stopped);
    EXPECT_EQ(rig.mechanics.speed_m_s(), 0.0);
}

} // namespace
} // namespace overbias::deck_sim
