// SPDX-License-Identifier: Apache-2.0
// Punch in and out, rehearsed and real.
#include "autolocator_rig.hpp"
#include "says.hpp"

#include <gtest/gtest.h>

namespace overbias::transport {

using test::AutolocatorRig;
using test::LatchingDeck;
using test::says;

namespace {

constexpr PunchPlan kPlan{.in_m = 10.0, .out_m = 12.0};
/// The contacts of this driver and deck: PLAY leads RECORD by 20 ms and the deck takes 30 ms to see a key.
constexpr AutolocatorConfig kMeasured{.record_latency_s = 0.050, .record_exit_latency_s = 0.030};
constexpr double kPlay_m_s = 0.381;

void into_pre_roll(AutolocatorRig& rig) {
    EXPECT_FALSE(rig.autolocator->punch(kPlan).denied());
    ASSERT_TRUE(rig.reaches(Stage::WaitingForArm, 60.0)) << rig.said();
    EXPECT_FALSE(rig.transport->arm().denied());
    ASSERT_TRUE(rig.reaches(Stage::PreRoll, 5.0)) << rig.said();
}

} // namespace

TEST(Punch, RehearsesWithoutRecording) {
    AutolocatorRig rig;
    EXPECT_FALSE(rig.autolocator->rehearse(kPlan).denied());
    ASSERT_TRUE(rig.reaches(Stage::PreRoll, 60.0));
    EXPECT_NEAR(rig.deck.position_m, 10.0 - 5.0 * kPlay_m_s, 0.4);
    ASSERT_TRUE(rig.reaches(Stage::Between, 10.0));
    EXPECT_NEAR(rig.deck.position_m, 10.0, 0.003) << "what would have been the in point";
    EXPECT_EQ(rig.said(), "would be recording to 12.00 m");
    ASSERT_TRUE(rig.reaches(Stage::PostRoll, 10.0));
    EXPECT_NEAR(rig.deck.position_m, 12.0, 0.003);
    ASSERT_TRUE(rig.ended(10.0));
    EXPECT_EQ(rig.motion(), Motion::Stopped);
    EXPECT_NEAR(rig.deck.position_m, 12.0 + 2.0 * kPlay_m_s, 0.2);
    EXPECT_EQ(rig.said(), "rehearsed from 10.00 m, out at 12.00 m by the counter");
    EXPECT_EQ(rig.deck.recorded_m, 0.0);
    EXPECT_FALSE(says(rig.pressed, "record")) << rig.pressed;
}

TEST(Punch, ARehearsalDoesNotUseAnArm) {
    AutolocatorRig rig;
    EXPECT_FALSE(rig.autolocator->rehearse(kPlan).denied());
    ASSERT_TRUE(rig.reaches(Stage::PreRoll, 60.0));
    EXPECT_FALSE(rig.transport->arm().denied());
    ASSERT_TRUE(rig.ended(30.0));
    EXPECT_EQ(rig.deck.recorded_m, 0.0);
}

TEST(Punch, WaitsForTheOperatorsArmAndRecordsFromInToOut) {
    AutolocatorRig rig(kMeasured);
    EXPECT_FALSE(rig.transport->arm().denied());
    EXPECT_FALSE(rig.autolocator->punch(kPlan).denied());
    ASSERT_TRUE(rig.reaches(Stage::WaitingForArm, 60.0));
    EXPECT_TRUE(says(rig.said(), "arm to punch in at 10.00 m")) << rig.said();
    EXPECT_EQ(rig.transport->state().arm, RecordArm::Safe) << "the locate has withdrawn the earlier one";
    rig.run(20.0);
    EXPECT_EQ(rig.autolocator->state().stage, Stage::WaitingForArm);
    EXPECT_EQ(rig.motion(), Motion::Stopped);

    EXPECT_FALSE(rig.transport->arm().denied());
    ASSERT_TRUE(rig.watch_record(30.0));
    ASSERT_TRUE(rig.on_at_m && rig.off_at_m) << rig.said();
    EXPECT_NEAR(*rig.on_at_m, 10.0, 0.003);
    EXPECT_NEAR(*rig.off_at_m, 12.0, 0.003);
    EXPECT_NEAR(rig.deck.recorded_m, 2.0, 0.005);
    EXPECT_EQ(rig.motion(), Motion::Stopped);
    EXPECT_EQ(rig.transport->state().arm, RecordArm::Safe);
    EXPECT_NEAR(*rig.autolocator->state().punched.in_m, 10.0 - 0.050 * kPlay_m_s, 0.003) << "pressed so much earlier";
    EXPECT_NEAR(*rig.autolocator->state().punched.out_m, 12.0 - 0.030 * kPlay_m_s, 0.003);
    EXPECT_TRUE(rig.told.empty());
}

TEST(Punch, WithoutAConfiguredLatencyItIsLateByTheDecks) {
    AutolocatorRig rig;
    into_pre_roll(rig);
    ASSERT_TRUE(rig.watch_record(30.0));
    EXPECT_NEAR(*rig.on_at_m, 10.0 + 0.050 * kPlay_m_s, 0.003);
    EXPECT_NEAR(*rig.off_at_m, 12.0 + 0.030 * kPlay_m_s, 0.003);
}

TEST(Punch, NobodyArms) {
    AutolocatorRig rig({.arm_wait_s = 30.0});
    EXPECT_FALSE(rig.autolocator->punch(kPlan).denied());
    ASSERT_TRUE(rig.reaches(Stage::WaitingForArm, 60.0));
    rig.pressed.clear();
    ASSERT_TRUE(rig.ended(31.0));
    EXPECT_EQ(rig.said(), "punch ended: not armed within 30 s");
    EXPECT_FALSE(rig.transport->arm().denied()); // too late
    rig.run(30.0);
    EXPECT_EQ(rig.pressed, "");
}

TEST(Punch, TheTapeWasMovedWhileItWaited) {
    AutolocatorRig rig;
    EXPECT_FALSE(rig.autolocator->punch(kPlan).denied());
    ASSERT_TRUE(rig.reaches(Stage::WaitingForArm, 60.0));
    rig.transport->play();
    rig.run(0.1);
    EXPECT_FALSE(rig.autolocator->active()) << rig.said();
    EXPECT_FALSE(rig.transport->arm().denied());
    rig.run(20.0);
    EXPECT_EQ(rig.deck.recorded_m, 0.0);
}

TEST(Punch, DisarmedInThePreRoll) {
    AutolocatorRig rig;
    into_pre_roll(rig);
    rig.transport->disarm();
    ASSERT_TRUE(rig.ended(0.1));
    EXPECT_EQ(rig.said(), "punch ended: disarmed in the pre-roll");
    rig.run(10.0);
    EXPECT_EQ(rig.deck.recorded_m, 0.0);
}

TEST(Punch, CancelledWhileItRecordsItLeavesRecordAndPlaysOn) {
    AutolocatorRig rig;
    into_pre_roll(rig);
    ASSERT_TRUE(rig.until([&] { return rig.deck.recording; }, 10.0));
    rig.run(1.0);
    EXPECT_TRUE(rig.autolocator->cancel("play pressed"));
    EXPECT_FALSE(rig.autolocator->active());
    rig.run(0.2);
    EXPECT_FALSE(rig.deck.recording);
    EXPECT_EQ(rig.motion(), Motion::Playing);
    EXPECT_LT(*rig.autolocator->state().punched.out_m, 11.0);
    rig.run(30.0);
    EXPECT_LT(rig.deck.recorded_m, 0.5);
}

TEST(Punch, StopWhileItRecords) {
    AutolocatorRig rig;
    into_pre_roll(rig);
    ASSERT_TRUE(rig.until([&] { return rig.deck.recording; }, 10.0));
    rig.transport->stop();
    rig.run(0.2);
    EXPECT_FALSE(rig.deck.recording);
    EXPECT_FALSE(rig.autolocator->active());
    EXPECT_TRUE(rig.autolocator->state().punched.out_m);
    rig.pressed.clear();
    rig.run(30.0);
    EXPECT_EQ(rig.pressed, "");
}

TEST(Punch, TheDeckLeavesPlayWhileItRecords) {
    AutolocatorRig rig;
    into_pre_roll(rig);
    ASSERT_TRUE(rig.until([&] { return rig.deck.recording; }, 10.0));
    rig.deck.mode = LatchingDeck::Mode::Stop; // and the record lamp stays lit
    rig.run(5.0);
    EXPECT_FALSE(rig.deck.recording);
    EXPECT_FALSE(rig.autolocator->active());
    EXPECT_FALSE(rig.told.empty());
    rig.pressed.clear();
    rig.run(30.0);
    EXPECT_EQ(rig.pressed, "");
}

TEST(Punch, TheCounterBecomesDoubtfulInThePreRoll) {
    AutolocatorRig rig;
    into_pre_roll(rig);
    rig.deck.lost = 3;
    ASSERT_TRUE(rig.ended(0.1));
    EXPECT_EQ(rig.said(), "punch stopped: the position has become doubtful");
    rig.run(5.0);
    EXPECT_EQ(rig.motion(), Motion::Stopped);
    EXPECT_EQ(rig.deck.recorded_m, 0.0);
}

TEST(Punch, PlayIsProvenTooLate) {
    AutolocatorRig rig({.pre_roll_s = Autolocator::kLeastPreRoll_s});
    EXPECT_FALSE(rig.autolocator->punch(kPlan).denied());
    ASSERT_TRUE(rig.reaches(Stage::WaitingForArm, 60.0));
    EXPECT_FALSE(rig.transport->arm().denied());
    ASSERT_TRUE(rig.until([&] { return rig.deck.velocity_m_s > 0.29; }, 5.0));
    while (rig.deck.position_m < kPlan.in_m + 0.06) { // the capstan hunts: too slow to be play
        rig.deck.velocity_m_s = 0.3;
        rig.run(0.01);
    }
    EXPECT_EQ(rig.autolocator->state().stage, Stage::Starting);
    ASSERT_TRUE(rig.ended(1.0));
    EXPECT_TRUE(says(rig.said(), "the in point has passed by")) << rig.said();
    rig.run(3.0);
    EXPECT_EQ(rig.motion(), Motion::Stopped);
    EXPECT_EQ(rig.deck.recorded_m, 0.0);
}

TEST(Punch, TheTapeCorrectsTheCounterInThePreRoll) {
    for (const double before_s : {2.0, 0.1}) { // some time before, and when the line has no time to be drawn anew
        AutolocatorRig rig(kMeasured);
        into_pre_roll(rig);
        constexpr double kShift_m = 0.12;
        const double at_m = kPlan.in_m - kShift_m - before_s * kPlay_m_s;
        ASSERT_TRUE(rig.until([&] { return rig.deck.position_m >= at_m; }, 10.0));
        EXPECT_FALSE(rig.transport->correct_position(rig.transport->state().position_m + kShift_m, 0.0004).denied());
        ASSERT_TRUE(rig.watch_record(30.0));
        ASSERT_TRUE(rig.on_at_m && rig.off_at_m) << rig.said();
        const double late_m = before_s > 1.0 ? 0.0 : 0.050 * kPlay_m_s; // then at the place, without the lead
        EXPECT_NEAR(*rig.on_at_m + kShift_m, kPlan.in_m + late_m, 0.004);
        EXPECT_NEAR(*rig.off_at_m + kShift_m, kPlan.out_m, 0.003);
    }
}

TEST(Punch, NotAtPlaySpeedAtTheInPoint) {
    AutolocatorRig rig;
    into_pre_roll(rig);
    while (rig.autolocator->active() && rig.deck.position_m < kPlan.in_m + 0.1) { // the pinch roller slips
        rig.deck.velocity_m_s = 0.3;
        rig.run(0.01);
    }
    EXPECT_FALSE(rig.autolocator->active());
    EXPECT_TRUE(says(rig.said(), "not at play speed")) << rig.said();
    rig.run(3.0);
    EXPECT_EQ(rig.motion(), Motion::Stopped);
    EXPECT_EQ(rig.deck.recorded_m, 0.0);
}

TEST(Punch, DestroyedWhileItRecordsItLeavesRecord) {
    AutolocatorRig rig;
    into_pre_roll(rig);
    ASSERT_TRUE(rig.until([&] { return rig.deck.recording; }, 10.0));
    rig.autolocator.reset();
    rig.run(0.2);
    EXPECT_FALSE(rig.deck.recording);
    EXPECT_EQ(rig.motion(), Motion::Playing);
}

TEST(Punch, RefusesPlansThatCannotWork) {
    AutolocatorRig rig;
    Autolocator& autolocator = *rig.autolocator;
    EXPECT_TRUE(says(autolocator.punch({.in_m = 10.0, .out_m = 9.0}).reason, "after in"));
    EXPECT_TRUE(says(autolocator.punch({.in_m = 10.0, .out_m = 10.1}).reason, "at least 0.5 s"));
    EXPECT_TRUE(says(autolocator.punch({.in_m = 0.2, .out_m = 9.0}).reason, "pre-roll"));
    EXPECT_TRUE(says(autolocator.rehearse({.in_m = 10.0, .out_m = 900.0}).reason, "end of the tape"));
    EXPECT_TRUE(says(autolocator.punch({.in_m = 10.0, .out_m = 12.0, .most_uncertainty_m = 1e-6}).reason,
                     "counter is certain"));
    EXPECT_FALSE(autolocator.active());
    EXPECT_TRUE(rig.pressed.empty());
}

TEST(Punch, TheWindHasMadeTheCounterTooUncertain) {
    AutolocatorRig rig({}, 200.0);
    // 0.1 % of 200 m there and 190 m back are 0.39 m
    EXPECT_FALSE(rig.autolocator->punch({.in_m = 10.0, .out_m = 12.0, .most_uncertainty_m = 0.3}).denied());
    ASSERT_TRUE(rig.reaches(Stage::WaitingForArm, 120.0)) << rig.said();
    EXPECT_FALSE(rig.transport->arm().denied());
    ASSERT_TRUE(rig.ended(30.0));
    EXPECT_TRUE(says(rig.said(), "nothing was recorded")) << rig.said();
    EXPECT_EQ(rig.deck.recorded_m, 0.0);
    rig.run(3.0);
    EXPECT_EQ(rig.motion(), Motion::Stopped);
}

} // namespace overbias::transport
