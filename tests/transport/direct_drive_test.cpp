// SPDX-License-Identifier: Apache-2.0
// What the direct drive does with its keys, lines and controllers, seen on the simulated machine.
#include "direct_drive_rig.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdexcept>
#include <string>
#include <vector>

namespace overbias::transport::drive_rig {
namespace {

using testing::HasSubstr;

// --- configuration

struct Refusal {
    const char* key;
    void (*spoil)(DirectDriveConfig&);
};

class DirectDriveRefuses : public testing::TestWithParam<Refusal> {};

TEST_P(DirectDriveRefuses, AndNamesTheKey) {
    DirectDriveConfig config = Rig::config({});
    EXPECT_NO_THROW(config.check(1));
    GetParam().spoil(config);
    try {
        config.check(1);
        FAIL() << "accepted";
    } catch (const std::invalid_argument& refused) {
        EXPECT_THAT(refused.what(), HasSubstr(GetParam().key));
    }
}

INSTANTIATE_TEST_SUITE_P(
    All, DirectDriveRefuses,
    testing::Values(
        Refusal{"controller_timeout_s", [](DirectDriveConfig& c) { c.controller_timeout_s = 1.0; }},
        Refusal{"timeout_brake_current_a", [](DirectDriveConfig& c) { c.timeout_brake_current_a = 0.0; }},
        Refusal{"spring_differential_brakes", [](DirectDriveConfig& c) { c.spring_differential_brakes = false; }},
        Refusal{"heartbeat_cuts_solenoids", [](DirectDriveConfig& c) { c.heartbeat_cuts_solenoids = false; }},
        Refusal{"edges_per_metre", [](DirectDriveConfig& c) { c.edges_per_metre = 0.0; }},
        Refusal{"supply.torque_n_m_per_a", [](DirectDriveConfig& c) { c.supply.torque_n_m_per_a = 0.0; }},
        Refusal{"take_up.link", [](DirectDriveConfig& c) { c.take_up.link = 1; }},
        Refusal{"controller_id", [](DirectDriveConfig& c) { c.take_up.controller_id = 11; }},
        Refusal{"over_can", [](DirectDriveConfig& c) { c.take_up.over_can = false; }},
        Refusal{"capstan_line", [](DirectDriveConfig& c) { c.capstan_line = "capstan"; }},
        Refusal{"supply_arm", [](DirectDriveConfig& c) { c.take_up_arm.reset(); }},
        Refusal{"newtons_per_volt", [](DirectDriveConfig& c) { c.supply_arm->newtons_per_volt = 0.0; }},
        Refusal{"acceleration_m_s2",
                [](DirectDriveConfig& c) {
                    c.supply_arm.reset();
                    c.take_up_arm.reset();
                }},
        Refusal{"play_tension_n", [](DirectDriveConfig& c) { c.play_tension_n = 6.0; }},
        Refusal{"stall_s", [](DirectDriveConfig& c) { c.stall_s = 0.3; }}));

TEST(DirectDriveSetup, TellsTheWireBudgetAtTheStart) {
    Rig rig;
    EXPECT_THAT(rig.report(), HasSubstr("link 0 at 115200 baud sends 74 bytes in 6.4 ms and hears 97 in 8.4 ms"));
    EXPECT_THAT(rig.report(), HasSubstr("one full GET_VALUES would take 6.9 ms"));
    EXPECT_EQ(rig.report(), rig.driver().wire_budget());
}

TEST(DirectDriveSetup, RefusesAWireThatIsTooSlow) {
    Rig rig;
    rig.drop_driver();
    DirectDriveConfig config = Rig::config({});
    config.baud = {38400};
    try {
        const DirectDrive driver(rig.host(), {&rig.line().link()}, rig.deck().lines(), rig.deck(), config);
        FAIL() << "accepted";
    } catch (const std::invalid_argument& refused) {
        EXPECT_THAT(refused.what(), HasSubstr("does not fit"));
    }
}

TEST(DirectDriveSetup, NamesEveryLineThatIsMissing) {
    Rig rig;
    rig.drop_driver();
    DirectDriveConfig config = Rig::config({});
    config.pinch_line = "pinsh";
    config.record_tally = "rec";
    try {
        const DirectDrive driver(rig.host(), {&rig.line().link()}, rig.deck().lines(), rig.deck(), config);
        FAIL() << "accepted";
    } catch (const std::invalid_argument& refused) {
        EXPECT_THAT(refused.what(), HasSubstr("pinsh"));
        EXPECT_THAT(refused.what(), HasSubstr("\"rec\""));
    }
}

// --- keys

TEST(DirectDriveKeys, StandsBrakedAndSaysSo) {
    Rig rig;
    EXPECT_TRUE(rig.driver().link().up);
    EXPECT_TRUE(rig.driver().tallies().stop.value());
    EXPECT_TRUE(rig.driver().tallies().still.value());
    EXPECT_FALSE(rig.driver().tallies().tape_out.value());
    EXPECT_TRUE(rig.brakes_hold());
    EXPECT_EQ(rig.machine().controller(deck_sim::DriveMachine::Motor::Supply).current_a(), 0.0);
    EXPECT_LT(rig.driver().busy_until(), rig.host().now());
}

TEST(DirectDriveKeys, PlaysAndStops) {
    Rig rig;
    play(rig);
    rig.run(0.2);
    EXPECT_TRUE(rig.machine().pinch_closed());
    EXPECT_FALSE(rig.machine().lifted());
    EXPECT_NEAR(rig.speed(), 0.381, 0.0004);
    EXPECT_FALSE(rig.driver().tallies().stop.value());
    EXPECT_FALSE(rig.driver().tallies().still.value());
    press_ok(rig, Key::Stop);
    EXPECT_GT(rig.driver().busy_until(), rig.host().now());
    ASSERT_TRUE(rig.time_until([&] { return rig.driver().tallies().stop.value(); }, 2.0));
    rig.run(0.02);
    EXPECT_TRUE(rig.brakes_hold());
    EXPECT_FALSE(rig.machine().pinch_closed());
    EXPECT_LT(std::abs(rig.speed()), 0.005);
}

TEST(DirectDriveKeys, FromWindToPlayOnlyOverAStillTapeWithTheLiftersBack) {
    Rig rig;
    wind(rig, Key::Rewind);
    EXPECT_TRUE(rig.machine().lifted());
    EXPECT_TRUE(rig.driver().tallies().rewind.value());
    press_ok(rig, Key::Play);
    double fastest_at_pinch = 0.0;
    bool lifted_at_pinch = false, was_closed = false;
    ASSERT_TRUE(rig.time_until(
        [&] {
            if (rig.machine().pinch_closed() && !was_closed) {
                was_closed = true;
                fastest_at_pinch = std::abs(rig.speed());
                lifted_at_pinch = rig.machine().lifted();
            }
            return rig.driver().tallies().play.value();
        },
        6.0));
    EXPECT_TRUE(was_closed);
    EXPECT_LT(fastest_at_pinch, 0.02);
    EXPECT_FALSE(lifted_at_pinch);
}

TEST(DirectDriveKeys, WindsOnlyWithTheTapeOffTheHeads) {
    Rig rig;
    press_ok(rig, Key::FastForward);
    ASSERT_TRUE(rig.time_until([&] { return rig.speed() > 0.3; }, 2.0));
    EXPECT_TRUE(rig.machine().lifted());
    EXPECT_FALSE(rig.machine().pinch_closed());
    ASSERT_TRUE(rig.driver().defeat_lifters(true).ok());
    rig.run(0.2);
    EXPECT_FALSE(rig.machine().lifted());
    ASSERT_TRUE(rig.driver().defeat_lifters(false).ok());
    rig.run(0.2);
    EXPECT_TRUE(rig.machine().lifted());
}

TEST(DirectDriveKeys, BrakesTheFeedingReelFirst) {
    for (const Key key : {Key::FastForward, Key::Rewind}) {
        Rig rig;
        wind(rig, key);
        press_ok(rig, Key::Stop);
        const bool forward = key == Key::FastForward;
        double first_s = -1.0, second_s = -1.0;
        for (int ms = 0; ms < 4500; ++ms) {
            rig.run(0.001);
            const bool feed = forward ? rig.machine().supply_brake_holds() : rig.machine().take_up_brake_holds();
            const bool other = forward ? rig.machine().take_up_brake_holds() : rig.machine().supply_brake_holds();
            first_s = feed && first_s < 0.0 ? ms / 1000.0 : first_s;
            second_s = other && second_s < 0.0 ? ms / 1000.0 : second_s;
        }
        ASSERT_GT(first_s, 2.0); // it stopped by its motors
        EXPECT_GT(second_s, first_s + 0.015);
        EXPECT_LT(second_s, first_s + 0.060);
    }
}

TEST(DirectDriveKeys, ShuttlesAtASpeedReversesAndHoldsStill) {
    Rig rig;
    for (const double speed : {0.5, -2.0, 6.0, -0.1}) {
        ASSERT_TRUE(rig.driver().shuttle(speed).ok());
        rig.run(4.0);
        EXPECT_NEAR(rig.speed(), speed, 0.03 + 0.01 * std::abs(speed));
    }
    ASSERT_TRUE(rig.driver().shuttle(0.0).ok());
    rig.run(2.0);
    const double place = rig.web().place_m();
    rig.run(5.0);
    EXPECT_NEAR(rig.web().place_m(), place, 0.01);
    EXPECT_FALSE(rig.brakes_hold()); // held by the motors, ready to go
    EXPECT_GT(rig.web().supply_tension_n(), 0.6);
    ASSERT_TRUE(rig.driver().shuttle(100.0).ok());
    rig.run(4.0);
    EXPECT_NEAR(rig.speed(), rig.driver().capabilities().fastest_shuttle_m_s, 0.15);
    EXPECT_FALSE(rig.driver().shuttle(std::nan("")).ok());
}

TEST(DirectDriveKeys, LibraryWindIsSlowAndEven) {
    Rig rig;
    ASSERT_TRUE(rig.driver().library_wind(Direction::Reverse).ok());
    rig.run(5.0);
    rig.fresh_log();
    double least = 0.0, most = -100.0;
    for (int ms = 0; ms < 3000; ++ms) {
        rig.run(0.001);
        least = std::min(least, rig.speed());
        most = std::max(most, rig.speed());
    }
    EXPECT_NEAR(least, -3.0, 0.05);
    EXPECT_NEAR(most, -3.0, 0.05);
    EXPECT_TRUE(rig.driver().tallies().rewind.value());
}

TEST(DirectDriveKeys, SlowsBeforeAReelsEnd) {
    RigOptions options;
    options.start_place_m = 620.0;
    Rig rig(options);
    press_ok(rig, Key::FastForward);
    double at_the_end = 100.0;
    ASSERT_TRUE(rig.time_until(
        [&] {
            at_the_end = rig.web().threaded() ? rig.speed() : at_the_end;
            return !rig.web().threaded();
        },
        60.0));
    EXPECT_LT(at_the_end, 1.6);
    rig.run(1.5);
    EXPECT_TRUE(rig.driver().tallies().tape_out.value());
    EXPECT_TRUE(rig.brakes_hold());
    EXPECT_THAT(rig.driver().press(Key::Play).error().message, HasSubstr("no tape"));
}

TEST(DirectDriveKeys, EditLetsTheReelsGoUnderALittleTension) {
    Rig rig;
    ASSERT_TRUE(rig.driver().edit(true).ok());
    rig.run(1.0);
    EXPECT_FALSE(rig.machine().supply_brake_holds());
    EXPECT_NEAR(rig.web().supply_tension_n(), 0.40, 0.12);
    EXPECT_NEAR(rig.web().take_up_tension_n(), 0.40, 0.12);
    ASSERT_TRUE(rig.driver().edit(false).ok());
    ASSERT_TRUE(rig.time_until([&] { return rig.driver().tallies().stop.value(); }, 3.0));
    EXPECT_TRUE(rig.brakes_hold());
}

TEST(DirectDriveKeys, SelectsTheSpeedOnlyWhileStill) {
    Rig rig;
    ASSERT_TRUE(rig.driver().select_speed(30.0).ok());
    EXPECT_FALSE(rig.driver().select_speed(7.5).ok());
    play(rig);
    rig.run(0.2);
    EXPECT_NEAR(rig.speed(), 0.762, 0.0008);
    EXPECT_THAT(rig.driver().select_speed(15.0).error().message, HasSubstr("still"));
}

// --- record

TEST(DirectDriveRecord, OnlyInPlayAndOffBeforeAnythingElse) {
    Rig rig;
    EXPECT_FALSE(rig.driver().press(Key::Record).ok());
    play(rig);
    press_ok(rig, Key::Record);
    rig.run(0.05);
    EXPECT_TRUE(rig.machine().recording());
    EXPECT_TRUE(rig.driver().tallies().record.value());
    press_ok(rig, Key::RecordExit);
    rig.run(0.002);
    EXPECT_FALSE(rig.machine().recording());
    EXPECT_TRUE(rig.driver().tallies().play.value());
    for (const Key key : {Key::Stop, Key::FastForward, Key::Rewind}) {
        play(rig);
        press_ok(rig, Key::Record);
        rig.run(0.05);
        ASSERT_TRUE(rig.machine().recording());
        press_ok(rig, key);
        rig.run(0.002);
        EXPECT_FALSE(rig.machine().recording());
        EXPECT_NEAR(rig.speed(), 0.381, 0.01); // record was off before the tape had even begun to slow
        rig.driver().make_safe();
        ASSERT_TRUE(rig.time_until([&] { return rig.driver().tallies().stop.value(); }, 5.0));
    }
}

TEST(DirectDriveRecord, MakeSafeEndsItAtOnceAndStops) {
    Rig rig;
    play(rig);
    press_ok(rig, Key::Record);
    rig.run(0.05);
    rig.driver().make_safe();
    rig.run(0.001);
    EXPECT_FALSE(rig.machine().recording());
    const DeckTime until = rig.driver().busy_until();
    rig.run(seconds(until - rig.host().now()) + 0.01);
    EXPECT_TRUE(rig.brakes_hold());
    EXPECT_LT(std::abs(rig.speed()), 0.005);
}

TEST(DirectDriveRecord, AStallInRecordEndsItByTheHeartbeat) {
    Rig rig;
    play(rig);
    press_ok(rig, Key::Record);
    rig.run(0.05);
    rig.host().stall_for(1.0);
    rig.run(0.30);
    EXPECT_FALSE(rig.machine().recording());
    EXPECT_FALSE(rig.machine().pinch_closed());
    rig.run(3.0);
    EXPECT_FALSE(rig.machine().recording()); // and it does not come back with the heartbeat
    EXPECT_TRUE(rig.brakes_hold());
}

} // namespace
} // namespace overbias::transport::drive_rig
