// SPDX-License-Identifier: Apache-2.0
// What stops the direct drive whatever is wanted of it: dead links, controllers and tape that fail; and what it tells
// of the reels.
#include "direct_drive_rig.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>

namespace overbias::transport::drive_rig {
namespace {

using testing::HasSubstr;

class DirectDriveDeadLink : public testing::TestWithParam<Key> {};

TEST_P(DirectDriveDeadLink, BrakesBothReelsAndStaysBrakedUntilStop) {
    Rig rig;
    press_ok(rig, GetParam());
    rig.run(3.5);
    ASSERT_GT(std::abs(rig.speed()), 0.3);
    rig.line().unplug();
    const auto told_s = rig.time_until([&] { return !rig.driver().link().up; }, 1.0);
    ASSERT_TRUE(told_s);
    EXPECT_LT(*told_s, 0.3);
    EXPECT_FALSE(rig.driver().link().problem.empty());
    EXPECT_TRUE(rig.time_until([&] { return rig.brakes_hold(); }, 0.3));
    rig.run(3.0);
    EXPECT_LT(std::abs(rig.speed()), 0.01);
    rig.line().plug_in();
    rig.run(8.0);
    EXPECT_TRUE(rig.brakes_hold()); // nothing resumes
    EXPECT_FALSE(rig.driver().press(Key::Play).ok());
    rig.driver().make_safe();
    ASSERT_TRUE(rig.time_until([&] { return rig.driver().link().up; }, 1.0));
    play(rig);
}

INSTANTIATE_TEST_SUITE_P(Motions, DirectDriveDeadLink, testing::Values(Key::Play, Key::FastForward, Key::Rewind));

TEST(DirectDriveFaults, SilenceOfOneControllerIsADeadLink) {
    Rig rig;
    wind(rig);
    rig.face().controller(1).pulled_off_the_bus = true;
    EXPECT_TRUE(rig.time_until([&] { return rig.brakes_hold(); }, 0.45));
    EXPECT_THAT(rig.driver().link().problem, HasSubstr("take-up motor's controller (id 12)"));
    rig.run(3.0);
    EXPECT_LT(std::abs(rig.speed()), 0.01);
    EXPECT_GT(rig.machine().tension().least_n / kGf_n, 10.0);
}

TEST(DirectDriveFaults, GarbageAndSpoiltAnswersAreADeadLink) {
    Rig rig;
    play(rig);
    rig.face().spoil_answers(true);
    EXPECT_TRUE(rig.time_until([&] { return rig.brakes_hold(); }, 0.45));
    rig.face().spoil_answers(false);
    rig.driver().make_safe();
    rig.run(1.5);
    EXPECT_TRUE(rig.driver().link().up);
    play(rig);
    rig.line().flood(true);
    EXPECT_TRUE(rig.time_until([&] { return rig.brakes_hold(); }, 0.45));
}

TEST(DirectDriveFaults, MainsThatFailAreALinkThatIsDeadAndNothingMovesWhenTheyAreBack) {
    Rig rig;
    play(rig);
    press_ok(rig, Key::Record);
    rig.run(1.0);
    ASSERT_TRUE(rig.machine().recording());
    rig.machine().set_power(false);
    rig.run(0.002);
    EXPECT_FALSE(rig.machine().recording());
    const auto told_s = rig.time_until([&] { return !rig.driver().link().up; }, 1.0);
    ASSERT_TRUE(told_s);
    EXPECT_LT(*told_s, 0.3);
    EXPECT_THAT(rig.driver().link().problem, HasSubstr("no motor controller has answered for 100 ms"));
    EXPECT_THAT(rig.driver().link().problem, HasSubstr("mains"));
    EXPECT_TRUE(rig.brakes_hold());
    rig.run(3.0);
    EXPECT_LT(std::abs(rig.speed()), 0.001);
    const double place_m = rig.web().place_m();
    rig.machine().set_power(true);
    rig.run(5.0);
    EXPECT_FALSE(rig.driver().press(Key::Play).ok());
    EXPECT_TRUE(rig.brakes_hold());
    EXPECT_FALSE(rig.machine().recording());
    EXPECT_NEAR(rig.web().place_m(), place_m, 2e-3);
    rig.driver().make_safe();
    ASSERT_TRUE(rig.time_until([&] { return rig.driver().link().up; }, 1.0));
    play(rig);
    EXPECT_FALSE(rig.machine().recording());
}

TEST(DirectDriveFaults, AMotorWithoutTorqueEndsInBrakesWithinTheTapesLimits) {
    using Motor = deck_sim::DriveMachine::Motor;
    for (const Motor motor : {Motor::Supply, Motor::TakeUp}) {
        for (const Key key : {Key::Play, Key::FastForward, Key::Rewind}) {
            Rig rig;
            press_ok(rig, key);
            rig.run(3.0);
            rig.machine().controller(motor).lose_torque();
            EXPECT_TRUE(rig.time_until([&] { return rig.brakes_hold(); }, 10.0))
                << "motor " << static_cast<int>(motor) << ", key " << static_cast<int>(key);
            EXPECT_FALSE(rig.driver().link().problem.empty() && !rig.driver().tallies().tape_out.value());
            rig.run(4.0);
            EXPECT_FALSE(rig.web().broken());
            EXPECT_LT(rig.machine().tension().most_n / kGf_n, 500.0);
        }
    }
}

TEST(DirectDriveFaults, ATapeRollerThatCountsBackwardStopsTheMachineAndIsNamed) {
    for (const Key key : {Key::Play, Key::FastForward, Key::Rewind}) {
        Rig rig;
        press_ok(rig, key);
        rig.run(3.0);
        rig.machine().roller().reverse(true);
        EXPECT_TRUE(rig.time_until([&] { return rig.brakes_hold(); }, 2.0)) << static_cast<int>(key);
        EXPECT_THAT(rig.driver().link().problem, HasSubstr("tape roller")) << static_cast<int>(key);
    }
}

TEST(DirectDriveFaults, OneLostAnswerIsNothing) {
    Rig rig;
    play(rig);
    rig.line().noise(deck_sim::SerialPair::Way::ToDriver, 0x02);
    rig.run(0.010);
    rig.line().noise(deck_sim::SerialPair::Way::ToDriver, 0x41);
    rig.run(1.0);
    EXPECT_TRUE(rig.driver().link().up);
    EXPECT_TRUE(rig.driver().tallies().play.value());
}

TEST(DirectDriveFaults, AControllersFaultStopsTheMachineAndIsNamed) {
    Rig rig;
    wind(rig);
    rig.machine().controller(deck_sim::DriveMachine::Motor::TakeUp).set_fault(4);
    EXPECT_TRUE(rig.time_until([&] { return rig.brakes_hold(); }, 0.2));
    EXPECT_THAT(rig.driver().link().problem, HasSubstr("take-up"));
    EXPECT_THAT(rig.driver().link().problem, HasSubstr("over current"));
    rig.run(3.0);
    EXPECT_GT(rig.machine().tension().least_n / kGf_n, 10.0);
    EXPECT_LT(rig.machine().tension().most_n / kGf_n, 500.0);
    rig.driver().make_safe();
    rig.run(1.0);
    EXPECT_FALSE(rig.driver().link().up); // the cause is still there
}

TEST(DirectDriveFaults, AMotorThatShowsNoTurnsStopsTheMachine) {
    Rig rig;
    wind(rig);
    rig.machine().controller(deck_sim::DriveMachine::Motor::Supply).set_stuck(true);
    EXPECT_TRUE(rig.time_until([&] { return rig.brakes_hold(); }, 0.7));
    EXPECT_THAT(rig.driver().link().problem, HasSubstr("supply motor shows no turns"));
}

TEST(DirectDriveFaults, ATapeRollerThatStandsStopsTheMachine) {
    Rig rig;
    wind(rig);
    rig.machine().roller().die();
    EXPECT_TRUE(rig.time_until([&] { return rig.brakes_hold(); }, 0.9));
    EXPECT_THAT(rig.driver().link().problem, HasSubstr("tape roller does not"));
}

TEST(DirectDriveFaults, BrokenTapeBrakesBothReels) {
    for (const Key key : {Key::Play, Key::FastForward}) {
        Rig rig;
        press_ok(rig, key);
        rig.run(3.0);
        rig.machine().break_tape();
        EXPECT_TRUE(rig.time_until([&] { return rig.brakes_hold(); }, 0.5));
        EXPECT_TRUE(rig.driver().tallies().tape_out.value());
        rig.run(4.0);
        EXPECT_EQ(rig.web().supply_turn_rad_s(), 0.0);
        EXPECT_EQ(rig.web().take_up_turn_rad_s(), 0.0);
        EXPECT_TRUE(rig.driver().link().up); // no problem of the link
    }
}

TEST(DirectDriveFaults, ThreadTensionIsGentleAndDoesNotLetAnEmptyReelRunAway) {
    Rig rig;
    rig.machine().break_tape();
    rig.run(1.0);
    ASSERT_TRUE(rig.driver().thread_tension(true).ok());
    rig.run(5.0);
    EXPECT_FALSE(rig.machine().supply_brake_holds());
    EXPECT_LT(std::abs(rig.web().supply_turn_rad_s()), 8.0);
    EXPECT_LT(std::abs(rig.web().take_up_turn_rad_s()), 8.0);
    ASSERT_TRUE(rig.driver().thread_tension(false).ok());
    rig.run(2.0);
    EXPECT_TRUE(rig.brakes_hold());
}

TEST(DirectDriveFaults, AnOldFirmwareThatGivesNoIdsOrStatusIsNotTakenForAnother) {
    Rig rig; // three controllers behind one link, ids needed
    rig.face().old_firmware(true);
    rig.run(0.5);
    EXPECT_FALSE(rig.driver().link().up);
    EXPECT_FALSE(rig.driver().press(Key::Play).ok());
}

TEST(DirectDriveReels, TellTurnsAndTension) {
    Rig rig;
    play(rig);
    rig.run(3.0);
    const ReelReading reels = rig.driver().reels();
    EXPECT_NEAR(*reels.supply_rad_s, rig.web().supply_turn_rad_s(), 0.05);
    EXPECT_NEAR(*reels.take_up_rad_s, rig.web().take_up_turn_rad_s(), 0.05);
    EXPECT_NEAR(*reels.supply_tension_n, rig.web().supply_tension_n(), 0.03);
    EXPECT_NEAR(*reels.take_up_tension_n, rig.web().take_up_tension_n(), 0.03);
    bool told = false;
    for (const auto& [name, value] : rig.driver().details()) {
        told = told || (name == "supply radius" && value.find("mm") != std::string::npos);
    }
    EXPECT_TRUE(told);
}

TEST(DirectDriveReels, EveryFrameIsTraced) {
    Rig rig;
    int sent = 0, heard = 0;
    rig.driver().trace([&](bool out, std::span<const std::uint8_t> bytes, DeckTime) {
        (out ? sent : heard) += 1;
        EXPECT_EQ(bytes.front(), 0x02);
        EXPECT_EQ(bytes.back(), 0x03);
    });
    rig.run(1.0);
    EXPECT_NEAR(sent, 50 * 7, 7);  // three settings, three questions, one for the arms
    EXPECT_NEAR(heard, 50 * 4, 4); // three answers, and the arms'
}

} // namespace
} // namespace overbias::transport::drive_rig
