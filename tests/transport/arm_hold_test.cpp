// SPDX-License-Identifier: Apache-2.0
// Arm is held while a tape is on the deck that must not be recorded on.
#include "full_rig.hpp"
#include "machine_rig.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace overbias::transport {

using test::FullRig;
using test::ScriptedRig;
using ::testing::HasSubstr;
using ::testing::Not;

namespace {

const std::string kWhy = "the calibration tape is on the deck";

} // namespace

TEST(ArmHold, DeniesArmWithItsWordsUntilItIsReleased) {
    ScriptedRig rig;
    rig.into_play();
    EXPECT_EQ(rig.transport->state().arm_held, "");
    EXPECT_EQ(rig.transport->hold_arm(kWhy).status, CommandStatus::Accepted);
    EXPECT_EQ(rig.transport->hold_arm(kWhy).status, CommandStatus::Unchanged);
    EXPECT_EQ(rig.transport->state().arm_held, kWhy);
    const CommandResult arm = rig.transport->arm();
    EXPECT_TRUE(arm.denied());
    EXPECT_EQ(arm.reason, kWhy);
    EXPECT_EQ(rig.transport->state().arm, RecordArm::Safe);
    const CommandResult record = rig.transport->record();
    EXPECT_TRUE(record.denied());
    EXPECT_THAT(rig.deck.keys(), Not(HasSubstr("R")));

    EXPECT_EQ(rig.transport->release_arm_hold().status, CommandStatus::Accepted);
    EXPECT_EQ(rig.transport->release_arm_hold().status, CommandStatus::Unchanged);
    EXPECT_EQ(rig.transport->state().arm_held, "");
    EXPECT_EQ(rig.transport->arm().status, CommandStatus::Accepted);
    EXPECT_EQ(rig.transport->record().status, CommandStatus::Accepted);
    EXPECT_THAT(rig.deck.keys(), HasSubstr("R"));
}

TEST(ArmHold, WithdrawsAnArmThatWasGiven) {
    ScriptedRig rig;
    rig.into_play();
    EXPECT_EQ(rig.transport->arm().status, CommandStatus::Accepted);
    EXPECT_EQ(rig.transport->hold_arm(kWhy).status, CommandStatus::Accepted);
    EXPECT_EQ(rig.transport->state().arm, RecordArm::Safe);
    EXPECT_TRUE(rig.transport->record().denied());
    EXPECT_THAT(rig.deck.keys(), Not(HasSubstr("R")));
}

TEST(ArmHold, RefusesARecordThatWaitsForProofOfPlay) {
    ScriptedRig rig;
    EXPECT_EQ(rig.transport->arm().status, CommandStatus::Accepted);
    EXPECT_EQ(rig.transport->record().status, CommandStatus::Deferred);
    EXPECT_EQ(rig.transport->hold_arm(kWhy).status, CommandStatus::Accepted);
    EXPECT_EQ(rig.transport->state().arm, RecordArm::Safe);
    rig.tell([](Tallies& t) {
        t.stop = false;
        t.play = true;
    });
    rig.run(2.0);
    EXPECT_THAT(rig.deck.keys(), Not(HasSubstr("R")));
    EXPECT_NE(rig.motion(), Motion::Recording);
}

TEST(ArmHold, WantsWordsAndADeckThatDoesNotRecord) {
    ScriptedRig rig;
    EXPECT_TRUE(rig.transport->hold_arm("").denied());
    rig.into_record();
    const CommandResult hold = rig.transport->hold_arm(kWhy);
    EXPECT_TRUE(hold.denied());
    EXPECT_THAT(hold.reason, HasSubstr("stop"));
    EXPECT_EQ(rig.transport->state().arm_held, "") << "what was refused does not hold";
    EXPECT_EQ(rig.motion(), Motion::Recording);
}

TEST(ArmHold, OutlivesStopWindAndFault) {
    ScriptedRig rig;
    EXPECT_EQ(rig.transport->hold_arm(kWhy).status, CommandStatus::Accepted);
    rig.into_wind(true);
    EXPECT_TRUE(rig.transport->arm().denied());
    rig.transport->stop();
    rig.rest();
    rig.run(2.0);
    EXPECT_TRUE(rig.transport->arm().denied());
    rig.transport->raise_fault("the sound card is gone");
    EXPECT_EQ(rig.motion(), Motion::Faulted);
    EXPECT_EQ(rig.transport->state().arm_held, kWhy);
    rig.run(2.0);
    EXPECT_FALSE(rig.transport->clear_fault().denied());
    EXPECT_EQ(rig.transport->arm().reason, kWhy);
}

TEST(ArmHold, ForbidsTheRecordKeyWhateverElseIsWell) {
    Guards guards = test::all_well();
    const MachineStates playing = test::states_of(Motion::Playing); // and armed
    EXPECT_EQ(forbids(Press::Record, playing, guards), Interlock::None);
    guards.arm_held = true;
    EXPECT_EQ(forbids(Press::Record, playing, guards), Interlock::HeldArmStaysSafe);
    EXPECT_EQ(forbids(Press::Stop, playing, guards), Interlock::None);
}

TEST(ArmHold, KeepsTracksSafe) {
    FullRig rig;
    ASSERT_FALSE(rig.transport->set_ready(1, true).denied());
    EXPECT_EQ(rig.transport->hold_arm(kWhy).status, CommandStatus::Accepted);
    const CommandResult ready = rig.transport->set_ready(2, true);
    EXPECT_TRUE(ready.denied());
    EXPECT_THAT(ready.reason, HasSubstr(kWhy));
    EXPECT_FALSE(rig.transport->set_ready(1, false).denied()) << "safe it may be made at any time";
    EXPECT_EQ(rig.transport->state().ready_tracks, 0U);
    rig.transport->release_arm_hold();
    EXPECT_FALSE(rig.transport->set_ready(2, true).denied());
}

TEST(ArmHold, ARecordTallyThatNobodyAskedForIsStopAtOnce) {
    ScriptedRig rig;
    rig.into_play();
    EXPECT_EQ(rig.transport->hold_arm(kWhy).status, CommandStatus::Accepted);
    rig.clear();
    rig.tell([](Tallies& t) { t.record = true; });
    EXPECT_EQ(rig.deck.keys(), "!") << "at once";
    EXPECT_EQ(rig.keys_when_told, "!");
    EXPECT_EQ(rig.motion(), Motion::Faulted);
    EXPECT_EQ(rig.transport->state().arm_held, kWhy);
}

} // namespace overbias::transport
