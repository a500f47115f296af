// SPDX-License-Identifier: Apache-2.0
// The modes beside play and wind. Oracles: the tension and stop figures of the Studer A80 (docs/simulated-deck.md),
// closed forms of motion, and what a remote asked for.
#include "deck-sim/mechanics/deck_remote.hpp"
#include "mechanics_rig.hpp"

#include <gtest/gtest.h>

namespace overbias::deck_sim {
namespace {

constexpr double kGramForce_n = 9.80665e-3;
constexpr double kPlay_m_s = 0.381;
using Mode = DeckLogic::Mode;
using Wind = RemoteDeck::Wind;

/// A rig with somebody at the remote. Not copied: the remote holds on to the mechanics.
struct ModeRig : MechanicsRig {
    explicit ModeRig(const Settings& settings = steady_deck(300.0), std::vector<Fault> faults = {})
        : MechanicsRig(settings, std::move(faults)) {}
    DeckRemote remote{mechanics, [] {}, [](double) {}};
    double still_after_s(double limit_s = 20.0) {
        return run_until([this] { return mechanics.drive().still(); }, limit_s);
    }
};

TEST(Shuttle, FollowsASignedSpeedWithinTheTensionOfStartsAndStops) {
    for (const double place_m : {60.0, 381.0, 700.0}) {
        ModeRig rig(steady_deck(place_m));
        rig.run(0.05);
        rig.forget_tensions();
        for (const double speed_m_s : {0.1, 1.0, 6.0, -1.0, -6.0, 0.38, -0.05}) {
            rig.remote.shuttle(speed_m_s);
            rig.run(9.0);
            EXPECT_NEAR(rig.mechanics.speed_m_s(), speed_m_s, 0.002) << "at " << place_m;
        }
        EXPECT_GT(rig.least_tension_n, 0.0) << place_m;
        EXPECT_LT(rig.greatest_tension_n, 500.0 * kGramForce_n) << place_m;
    }
}

TEST(Shuttle, GainsSpeedNoFasterThanItMayAndNoFasterThanThat) {
    Settings settings = steady_deck(381.0);
    settings.shuttle_acceleration_m_s2 = 1.25;
    ModeRig rig(settings);
    rig.remote.shuttle(4.0);
    rig.run(0.001); // the brakes let go
    const double from_s = rig.now_s();
    rig.run_until([&] { return rig.mechanics.speed_m_s() > 3.0; }, 10.0);
    const double took_s = rig.now_s() - from_s;
    EXPECT_NEAR(took_s, 3.0 / 1.25, 0.005) << "a straight line";
    rig.remote.shuttle(100.0);
    rig.run(10.0);
    EXPECT_NEAR(rig.mechanics.speed_m_s(), settings.fastest_shuttle_m_s, 0.01);
}

TEST(Shuttle, ZeroHoldsTheTapeStillUnderTensionAndStopLetsTheBrakesHoldIt) {
    ModeRig rig;
    rig.remote.shuttle(3.0);
    rig.run(4.0);
    rig.remote.shuttle(0.0);
    EXPECT_GT(rig.still_after_s(), 0.5);
    rig.run(0.5);
    EXPECT_EQ(rig.mechanics.logic().mode(), Mode::Shuttling);
    EXPECT_NEAR(rig.mechanics.drive().supply_tension_n(), 0.8, 1e-9);
    EXPECT_NEAR(rig.mechanics.drive().take_up_tension_n(), 0.8, 1e-9);
    EXPECT_FALSE(rig.tally(Tally::Stop));
    const double place_m = rig.place_m();
    rig.remote.press(RemoteDeck::Key::Stop);
    rig.run(1.0);
    EXPECT_TRUE(rig.tally(Tally::Stop));
    EXPECT_EQ(rig.place_m(), place_m);
}

TEST(Shuttle, LiftsTheTapeAndEndsRecord) {
    ModeRig rig;
    rig.press_record_and_play();
    rig.run(1.0);
    ASSERT_TRUE(rig.last.recording);
    rig.remote.shuttle(2.0);
    rig.step();
    EXPECT_FALSE(rig.last.recording);
    rig.run(1.0);
    EXPECT_FALSE(rig.last.contact);
}

TEST(LibraryWind, IsEvenWhereFastWindIsNot) {
    Settings settings = steady_deck(20.0);
    for (const bool by_line : {false, true}) {
        ModeRig rig(settings);
        if (by_line) {
            rig.mechanics.logic().set_library_wind(true);
            rig.press(Contact::FastForward);
        } else {
            rig.remote.library_wind(Wind::Forward);
        }
        rig.run(5.0);
        EXPECT_TRUE(rig.tally(Tally::FastForward));
        EXPECT_TRUE(rig.remote.state().library_wind);
        double least = 1e9, most = 0;
        rig.watch = [&](const MotionStep& step) {
            least = std::min(least, step.v1_m_s);
            most = std::max(most, step.v1_m_s);
        };
        rig.forget_tensions();
        rig.run(200.0);
        EXPECT_NEAR(least, settings.library_wind_m_s, 0.002);
        EXPECT_NEAR(most, settings.library_wind_m_s, 0.002);
        EXPECT_GT(rig.least_tension_n, 50.0 * kGramForce_n);
        EXPECT_LT(rig.greatest_tension_n, 120.0 * kGramForce_n);
    }
    ModeRig rig(settings);
    rig.remote.library_wind(Wind::Forward);
    rig.run(3.0);
    rig.press(Contact::FastForward); // the next command is fast again
    rig.run(10.0);
    EXPECT_GT(rig.mechanics.speed_m_s(), 2.0 * settings.library_wind_m_s);
    ModeRig back(steady_deck(300.0));
    back.remote.library_wind(Wind::Reverse);
    back.run(4.0);
    EXPECT_NEAR(back.mechanics.speed_m_s(), -settings.library_wind_m_s, 0.002);
    EXPECT_TRUE(back.tally(Tally::Rewind));
}

TEST(CueUp, ArrivesWithinMillimetresOfItsCounterFromEitherSide) {
    for (const double way_m : {0.01, 0.5, -0.5, 12.0, -90.0, 250.0}) {
        ModeRig rig;
        rig.remote.preset_counter(1000.0);
        rig.remote.cue_up(1000.0 + way_m);
        rig.run(0.02);
        EXPECT_TRUE(rig.remote.state().cueing);
        EXPECT_GE(rig.run_until([&] { return rig.remote.state().cued; }, 120.0), 0.0) << way_m;
        rig.run(0.5);
        EXPECT_FALSE(rig.remote.state().cueing);
        EXPECT_TRUE(rig.remote.state().stop);
        EXPECT_NEAR(rig.remote.state().counter_m, 1000.0 + way_m, 0.005) << way_m;
        EXPECT_NEAR(rig.place_m() - 300.0, way_m, 0.005 + 0.0004 * std::abs(way_m)) << "but for the roller's slip";
        rig.remote.press(RemoteDeck::Key::Play);
        EXPECT_FALSE(rig.remote.state().cued);
    }
}

TEST(CueUp, EndsWithAnyKey) {
    ModeRig rig;
    rig.remote.cue_up(200.0);
    rig.run(3.0);
    rig.press(Contact::Stop);
    rig.run(5.0);
    EXPECT_FALSE(rig.remote.state().cueing);
    EXPECT_FALSE(rig.remote.state().cued);
    EXPECT_EQ(rig.mechanics.speed_m_s(), 0.0);
}

TEST(Edit, LeavesTheReelsToTheHandsUntilStop) {
    ModeRig rig;
    rig.remote.edit(true);
    rig.run(0.1);
    EXPECT_EQ(rig.mechanics.logic().mode(), Mode::Editing);
    EXPECT_TRUE(rig.last.contact) << "one listens while one rocks the reels";
    const double from_m = rig.place_m();
    rig.mechanics.hands(0.2);
    rig.run(2.0);
    EXPECT_NEAR(rig.mechanics.speed_m_s(), 0.2, 0.001);
    rig.mechanics.hands(-0.1);
    rig.run(2.0);
    EXPECT_NEAR(rig.mechanics.speed_m_s(), -0.1, 0.001);
    EXPECT_NEAR(rig.place_m() - from_m, 0.2 * 2.0 - 0.1 * 2.0, 0.05);
    EXPECT_LT(rig.mechanics.drive().supply_turn_rad_s(), 0.0);
    rig.mechanics.hands(std::nullopt);
    rig.press(Contact::Stop);
    rig.run(1.0);
    EXPECT_EQ(rig.mechanics.logic().mode(), Mode::Stopped);
    EXPECT_TRUE(rig.tally(Tally::Stop));
    EXPECT_FALSE(rig.tally(Tally::TapeOut));
}

TEST(Edit, OnlyFromStopAndEndedByOffOrAKey) {
    ModeRig rig;
    rig.remote.press(RemoteDeck::Key::Play);
    rig.run(1.0);
    rig.remote.edit(true);
    EXPECT_EQ(rig.mechanics.logic().mode(), Mode::Playing);
    rig.remote.press(RemoteDeck::Key::Stop);
    rig.remote.edit(true);
    EXPECT_EQ(rig.mechanics.logic().mode(), Mode::Stopped) << "the tape still moves";
    rig.run(2.0);
    rig.remote.edit(true);
    EXPECT_EQ(rig.mechanics.logic().mode(), Mode::Editing);
    rig.remote.edit(false);
    EXPECT_EQ(rig.mechanics.logic().mode(), Mode::Stopped);
    rig.remote.edit(true);
    rig.remote.press(RemoteDeck::Key::Play);
    rig.run(1.0);
    EXPECT_NEAR(rig.mechanics.speed_m_s(), kPlay_m_s, 1e-6);
}

TEST(LifterDefeat, LaysTheTapeOnTheHeadsInWind) {
    ModeRig rig;
    rig.press(Contact::FastForward);
    rig.run(2.0);
    EXPECT_FALSE(rig.last.contact);
    rig.remote.lifter_defeat(true);
    rig.run(0.1);
    EXPECT_TRUE(rig.last.contact);
    rig.remote.lifter_defeat(false);
    rig.run(0.1);
    EXPECT_FALSE(rig.last.contact);
}

TEST(SpeedSelect, RunsTheCapstanUpAndDown) {
    Settings settings = steady_deck(100.0);
    settings.speeds_ips = {30.0, 15.0};
    ModeRig rig(settings);
    EXPECT_EQ(rig.mechanics.speeds_ips(), (std::vector<double>{15.0, 30.0}));
    EXPECT_FALSE(rig.remote.select_speed(7.5));
    rig.press(Contact::Play);
    rig.run(1.0);
    EXPECT_TRUE(rig.remote.select_speed(30.0));
    rig.run(0.1);
    EXPECT_GT(rig.mechanics.speed_m_s(), 0.39);
    EXPECT_LT(rig.mechanics.speed_m_s(), 0.7) << "a capstan has inertia";
    rig.run(0.4);
    EXPECT_NEAR(rig.mechanics.speed_m_s(), 0.762, 1e-4);
    EXPECT_TRUE(rig.remote.state().at_speed);
    EXPECT_DOUBLE_EQ(rig.remote.state().counter_s * 0.762, rig.remote.state().counter_m);
    EXPECT_TRUE(rig.remote.select_speed(15.0));
    rig.run(0.1);
    EXPECT_GT(rig.mechanics.speed_m_s(), 0.5);
    rig.run(0.4);
    EXPECT_NEAR(rig.mechanics.speed_m_s(), 0.381, 1e-4);
}

TEST(Ready, OnlyReadyTracksAreRecorded) {
    ModeRig rig;
    rig.remote.set_ready(2, false);
    rig.press_record_and_play();
    rig.run(1.0);
    EXPECT_TRUE(rig.last.recording);
    EXPECT_EQ(rig.last.tracks, (std::array<bool, 2>{true, false}));
    rig.remote.set_ready(2, true);
    rig.run(0.1);
    EXPECT_EQ(rig.last.tracks, (std::array<bool, 2>{true, false})) << "from the next record command on";
    rig.press_record_and_play();
    EXPECT_EQ(rig.last.tracks, (std::array<bool, 2>{true, true}));
    rig.remote.set_ready(1, false);
    rig.step();
    EXPECT_EQ(rig.last.tracks, (std::array<bool, 2>{false, true}));
    rig.remote.set_ready(2, false);
    rig.step();
    EXPECT_FALSE(rig.last.recording) << "no track is left";
    EXPECT_EQ(rig.mechanics.logic().mode(), Mode::Playing);
    rig.remote.press(RemoteDeck::Key::Record);
    rig.run(0.5);
    EXPECT_FALSE(rig.last.recording) << "and none begins";
}

TEST(Ready, TracksMayBeSafeUntilARemoteReadiesThem) {
    Settings settings = steady_deck(100.0);
    settings.tracks_ready = false;
    ModeRig rig(settings);
    rig.press_record_and_play();
    rig.run(1.0);
    EXPECT_FALSE(rig.last.recording);
    rig.remote.set_ready(1, true);
    rig.press_record_and_play();
    EXPECT_TRUE(rig.last.recording);
    EXPECT_EQ(rig.last.tracks, (std::array<bool, 2>{true, false}));
}

TEST(Threading, LowTensionCreepsAndTakesTheTape) {
    ModeRig rig(steady_deck(755.0));
    rig.press(Contact::FastForward);
    ASSERT_GE(rig.run_until([&] { return rig.tally(Tally::TapeOut); }, 30.0), 0.0);
    rig.run(6.0);
    ASSERT_TRUE(rig.mechanics.drive().still());
    rig.remote.thread_tension(true);
    rig.run(5.0);
    EXPECT_TRUE(rig.remote.state().threading);
    EXPECT_GT(rig.mechanics.drive().take_up_turn_rad_s(), 0.3);
    EXPECT_LT(rig.mechanics.drive().take_up_turn_rad_s(), 2.0);
    EXPECT_LT(rig.mechanics.drive().supply_turn_rad_s(), -0.3);
    rig.remote.press(RemoteDeck::Key::Play);
    rig.run(1.0);
    EXPECT_EQ(rig.mechanics.logic().mode(), Mode::TapeOut);
    rig.mechanics.thread_at(600.0);
    rig.run(1.0);
    EXPECT_FALSE(rig.remote.state().threading);
    EXPECT_TRUE(rig.tally(Tally::Stop));
    EXPECT_FALSE(rig.tally(Tally::TapeOut));
}

TEST(Power, LossEndsEveryModeAndNothingComesBack) {
    ModeRig rig;
    rig.remote.shuttle(5.0);
    rig.remote.lifter_defeat(true);
    rig.run(4.0);
    rig.mechanics.set_power(false);
    EXPECT_FALSE(rig.remote.state().powered);
    rig.remote.shuttle(3.0);
    rig.remote.press(RemoteDeck::Key::Play);
    EXPECT_LT(rig.still_after_s(), 3.0) << "spring brakes";
    rig.run(1.0);
    rig.mechanics.set_power(true);
    rig.run(1.0);
    EXPECT_EQ(rig.mechanics.speed_m_s(), 0.0);
    EXPECT_FALSE(rig.remote.state().lifters_defeated);
    EXPECT_EQ(rig.mechanics.logic().mode(), Mode::Stopped);
}

TEST(ReelTachs, TurnsAndRadiiGiveTheTravel) {
    ModeRig rig(steady_deck(300.0));
    rig.press(Contact::Play);
    rig.run(60.0);
    const TapeDrive& drive = rig.mechanics.drive();
    // the travel is the mean radius times the angle; over 23 m the radius changes by half a per cent
    const double travel_m = rig.place_m() - 300.0;
    const double before_m = std::sqrt(0.05715 * 0.05715 + 300.0 * 54.1e-6 / 3.14159265);
    EXPECT_NEAR(drive.take_up_turned_rad() * 0.5 * (before_m + drive.take_up_radius_m()), travel_m, 0.001);
    EXPECT_GT(drive.supply_turned_rad(), 0.0);
    rig.press(Contact::Rewind);
    rig.run(20.0);
    EXPECT_LT(drive.take_up_turned_rad(), 0.0);
}

TEST(RollerSlip, LeavesTheCounterBehindOnlyBeyondItsGrip) {
    Settings settings = steady_deck(381.0);
    settings.roller_slip = 0.0;
    settings.roller_grip_spread = 0.0;
    settings.shuttle_acceleration_m_s2 = 1.25;
    const auto error_m = [&](double grip_m_s2) {
        settings.roller_grip_m_s2 = grip_m_s2;
        ModeRig rig(settings);
        rig.remote.shuttle(3.0);
        rig.run(8.0);
        return rig.place_m() - 381.0 - rig.remote.state().counter_m;
    };
    EXPECT_NEAR(error_m(1.3), 0.0, 0.002);
    // the tape reaches 3 m/s in 3 / 1.25 s, the roller in 3 / 0.75 s: behind by 9 / 2 (1/0.75 - 1/1.25), less what the
    // servo's coming in at the end (50 ms, 2 mm) makes of it
    EXPECT_NEAR(error_m(0.75), 4.5 * (1.0 / 0.75 - 1.0 / 1.25), 0.005);
}

TEST(RollerSlip, DiffersFromStartToStartAndIsTheSameForASeed) {
    Settings settings = steady_deck(381.0);
    settings.roller_grip_m_s2 = 1.7;
    const auto errors_m = [&](std::uint64_t seed) {
        settings.seed = seed;
        ModeRig rig(settings);
        std::vector<double> errors;
        for (int n = 0; n < 3; ++n) {
            const double before_m = rig.place_m() - rig.remote.state().counter_m;
            rig.remote.shuttle(4.0);
            rig.run(8.0);
            errors.push_back(rig.place_m() - rig.remote.state().counter_m - before_m);
            rig.remote.shuttle(0.0);
            rig.run(8.0);
        }
        return errors;
    };
    const auto first = errors_m(1);
    EXPECT_EQ(first, errors_m(1));
    EXPECT_NE(first, errors_m(2));
    EXPECT_GT(std::abs(first[0] - first[1]), 0.01);
}

} // namespace
} // namespace overbias::deck_sim
