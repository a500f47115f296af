// SPDX-License-Identifier: Apache-2.0
// Oracles: published figures of reels and of the Studer A80 (docs/simulated-deck.md), and arithmetic on them written
// out here.
#include "mechanics_rig.hpp"

#include <gtest/gtest.h>

#include <numbers>
#include <stdexcept>

namespace overbias::deck_sim {
namespace {

constexpr double kInch = 0.0254;
constexpr double kGramForce_n = 9.80665e-3;
constexpr double kPlay_m_s = 15.0 * kInch;

double rpm(double rad_s) {
    return rad_s * 60.0 / (2.0 * std::numbers::pi);
}

TEST(Reels, FullPackOf2500FeetIs5_04InchesInRadius) {
    MechanicsRig rig(steady_deck(1e-3));
    EXPECT_NEAR(rig.mechanics.drive().supply_radius_m() / kInch, 5.04, 0.005);
    EXPECT_NEAR(rig.mechanics.drive().take_up_radius_m() / kInch, 2.25, 0.001);
}

TEST(Reels, TurnAt64And28_4RpmAt15InchesASecond) {
    MechanicsRig rig(steady_deck(0.5));
    rig.press(Contact::Play);
    rig.run(1.0);
    EXPECT_NEAR(rpm(rig.mechanics.drive().supply_turn_rad_s()), 28.4, 0.1);
    EXPECT_NEAR(rpm(rig.mechanics.drive().take_up_turn_rad_s()), 64.0, 0.5);
}

TEST(Play, ReachesSpeedWithinTheStartTimeWithEveryPack) {
    for (const double speed_ips : {7.5, 15.0, 30.0}) {
        for (const double place_m : {2.0, 200.0, 381.0, 600.0, 755.0}) {
            Settings settings = steady_deck(place_m);
            settings.play_speed_ips = speed_ips;
            MechanicsRig rig(settings);
            rig.run(0.05);
            rig.forget_tensions();
            rig.mechanics.contact(Contact::Play, true);
            rig.run(0.12);
            EXPECT_LT(rig.mechanics.speed_m_s(), 0.6 * speed_ips * kInch) << "no inertia at " << place_m;
            rig.run(settings.start_time_s - 0.12);
            EXPECT_NEAR(rig.mechanics.speed_m_s(), speed_ips * kInch, 0.001 * speed_ips * kInch)
                << speed_ips << " ips, place " << place_m;
            rig.run(1.0);
            EXPECT_NEAR(rig.mechanics.speed_m_s(), speed_ips * kInch, 1e-9);
            EXPECT_GT(rig.least_tension_n, 0.0) << speed_ips << " ips, place " << place_m;
            EXPECT_LT(rig.greatest_tension_n, (speed_ips < 20.0 ? 500.0 : 700.0) * kGramForce_n)
                << speed_ips << " ips, place " << place_m;
        }
    }
}

TEST(Play, TensionIs70To100GramForce) {
    MechanicsRig rig(steady_deck(300.0));
    rig.press(Contact::Play);
    rig.run(1.0);
    rig.forget_tensions();
    rig.run(5.0);
    EXPECT_GT(rig.least_tension_n, 70.0 * kGramForce_n);
    EXPECT_LT(rig.greatest_tension_n, 100.0 * kGramForce_n);
}

TEST(Play, GoesOnAtTheSpeedErrorOfTheSettings) {
    Settings settings = steady_deck(100.0);
    settings.speed_error = -0.0017;
    MechanicsRig rig(settings);
    rig.press(Contact::Play);
    rig.run(1.0);
    const double from_m = rig.place_m();
    rig.run(100.0);
    EXPECT_NEAR(rig.place_m() - from_m, 100.0 * kPlay_m_s * (1.0 - 0.0017), 1e-6);
}

/// Seconds from the key until the tape is at `to_m`.
double wind_time_s(const Settings& settings, Contact key, double to_m) {
    MechanicsRig rig(settings);
    const bool forward = key == Contact::FastForward;
    rig.mechanics.contact(key, true);
    return rig.run_until([&] { return forward == (rig.place_m() >= to_m); }, 400.0);
}

TEST(Wind, AThousandMetresInAbout120Seconds) {
    Settings settings = steady_deck(2.0);
    settings.tape_thickness_m = 36e-6; // long-play tape: 1000 m of it fit a 10.5 in reel
    settings.tape_length_m = 1004.0;
    EXPECT_NEAR(wind_time_s(settings, Contact::FastForward, 1002.0), 120.0, 6.0);
    settings.start_place_m = 1002.0;
    EXPECT_NEAR(wind_time_s(settings, Contact::Rewind, 2.0), 120.0, 6.0);
}

TEST(Wind, IsFasterTheFullerThePullingReel) {
    MechanicsRig rig(steady_deck(1.0));
    rig.press(Contact::FastForward);
    rig.run_until([&] { return rig.place_m() > 60.0; }, 60.0);
    const double early_m_s = rig.mechanics.speed_m_s();
    rig.run_until([&] { return rig.place_m() > 700.0; }, 200.0);
    EXPECT_GT(rig.mechanics.speed_m_s(), 1.3 * early_m_s);
    EXPECT_LT(rig.mechanics.speed_m_s(), 500.0 * kInch);
}

TEST(Wind, StopsWithin3SecondsWithoutSpillingOrTearing) {
    for (const Contact key : {Contact::FastForward, Contact::Rewind}) {
        for (const double place_m : {60.0, 250.0, 381.0, 500.0, 700.0}) {
            const bool forward = key == Contact::FastForward;
            MechanicsRig rig(steady_deck(forward ? 1.0 : 761.0));
            rig.forget_tensions();
            rig.press(key);
            rig.run_until([&] { return forward == (rig.place_m() >= place_m); }, 200.0);
            EXPECT_GT(std::abs(rig.mechanics.speed_m_s()), 4.0);
            rig.mechanics.contact(Contact::Stop, true);
            const double took_s = rig.run_until([&] { return rig.mechanics.drive().still(); }, 10.0);
            EXPECT_GT(took_s, 0.8) << place_m; // reels have inertia
            EXPECT_LT(took_s, 3.0) << place_m;
            EXPECT_GT(rig.least_tension_n, 0.0) << place_m << (forward ? " forward" : " back");
            EXPECT_LT(rig.greatest_tension_n, 500.0 * kGramForce_n) << place_m << (forward ? " forward" : " back");
            EXPECT_FALSE(rig.mechanics.drive().broken());
        }
    }
}

TEST(Wind, ReversalKeepsTheTapeTaut) {
    MechanicsRig rig(steady_deck(1.0));
    rig.press(Contact::FastForward);
    rig.run(40.0);
    rig.forget_tensions();
    rig.press(Contact::Rewind);
    rig.run(10.0);
    EXPECT_LT(rig.mechanics.speed_m_s(), -4.0);
    EXPECT_GT(rig.least_tension_n, 0.0);
    EXPECT_LT(rig.greatest_tension_n, 500.0 * kGramForce_n);
}

TEST(Wind, LiftsTheTapeOffTheHeadsUntilItIsStill) {
    MechanicsRig rig(steady_deck(300.0));
    rig.run(0.1);
    EXPECT_TRUE(rig.last.contact);
    rig.press(Contact::FastForward);
    rig.run(5.0);
    EXPECT_FALSE(rig.last.contact);
    rig.press(Contact::Stop);
    rig.run(0.5);
    EXPECT_GT(rig.mechanics.speed_m_s(), 1.0);
    EXPECT_FALSE(rig.last.contact);
    rig.run(4.0);
    EXPECT_EQ(rig.mechanics.speed_m_s(), 0.0);
    EXPECT_TRUE(rig.last.contact);
}

TEST(PowerOff, SpringBrakesStopTheReelsAndTheLampsGoOut) {
    MechanicsRig rig(steady_deck(300.0));
    rig.press(Contact::Rewind);
    rig.run(15.0);
    rig.mechanics.set_power(false);
    rig.run(0.05); // until the brakes have fallen in
    rig.forget_tensions();
    rig.run(3.0);
    EXPECT_EQ(rig.mechanics.speed_m_s(), 0.0);
    EXPECT_GT(rig.least_tension_n, 0.0);
    for (const bool lit : rig.mechanics.tallies()) {
        EXPECT_FALSE(lit);
    }
    rig.press(Contact::Play);
    rig.run(1.0);
    EXPECT_EQ(rig.mechanics.speed_m_s(), 0.0);
    rig.mechanics.set_power(true);
    rig.run(1.0);
    EXPECT_EQ(rig.mechanics.speed_m_s(), 0.0) << "nothing resumes by itself";
    EXPECT_TRUE(rig.tally(Tally::Stop));
}

TEST(TapeEnd, RunsOffForwardAndTheReelsComeToRest) {
    MechanicsRig rig(steady_deck(755.0));
    rig.press_record_and_play();
    rig.run(10.0);
    EXPECT_TRUE(rig.last.recording);
    EXPECT_GE(rig.run_until([&] { return rig.mechanics.drive().run_off(); }, 20.0), 0.0);
    EXPECT_FALSE(rig.last.contact);
    EXPECT_FALSE(rig.tally(Tally::TapeOut)) << "the tension arm needs time to fall";
    rig.run(0.3);
    EXPECT_TRUE(rig.tally(Tally::TapeOut));
    EXPECT_FALSE(rig.last.recording);
    EXPECT_FALSE(rig.tally(Tally::Record));
    rig.run(3.0);
    EXPECT_TRUE(rig.mechanics.drive().still());
    rig.press(Contact::Play);
    rig.run(1.0);
    EXPECT_EQ(rig.mechanics.logic().mode(), DeckLogic::Mode::TapeOut);
    EXPECT_EQ(rig.place_m(), 762.0);
}

TEST(TapeEnd, RunsOffInRewind) {
    MechanicsRig rig(steady_deck(40.0));
    rig.press(Contact::Rewind);
    EXPECT_GE(rig.run_until([&] { return rig.tally(Tally::TapeOut); }, 20.0), 0.0);
    EXPECT_EQ(rig.place_m(), 0.0);
    EXPECT_EQ(rig.last.v1_m_s, 0.0);
    EXPECT_NE(rig.mechanics.drive().supply_turn_rad_s(), 0.0) << "a free reel runs on";
    rig.run(5.0);
    EXPECT_TRUE(rig.mechanics.drive().still());
}

TEST(Settings, ThatDescribeNoDeckAreRefused) {
    Settings settings;
    settings.start_place_m = 800.0;
    EXPECT_THROW(MechanicsRig{settings}, std::invalid_argument);
    settings = {};
    settings.start_time_s = 0.1;
    EXPECT_THROW(MechanicsRig{settings}, std::invalid_argument);
    settings = {};
    settings.tape_length_m = 9000.0;
    EXPECT_THROW(MechanicsRig{settings}, std::invalid_argument);
    settings = {};
    settings.roller_edges_per_metre = 0.0;
    EXPECT_THROW(MechanicsRig{settings}, std::invalid_argument);
    settings = {};
    settings.wow_peak = std::nan("");
    EXPECT_THROW(MechanicsRig{settings}, std::invalid_argument);
}

} // namespace
} // namespace overbias::deck_sim
