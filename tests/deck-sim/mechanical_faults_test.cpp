// SPDX-License-Identifier: Apache-2.0
// Faults of motors, mains and roller, against closed forms of motion and the deck's own truth.
#include "mechanics_rig.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace overbias::deck_sim {
namespace {

Fault mechanical(std::string_view text) {
    return parse_fault(text).value();
}

/// What a reel shows of itself to the tape, kg: flanges and motor 4.7 g m^2, and the pack, a hollow cylinder of tape
/// (0.246 in, 2.13 mil, 1740 kg/m^3).
double mass_kg(double radius_m, double tape_m) {
    const double pack_kg = tape_m * 54.1e-6 * 0.246 * 0.0254 * 1740.0;
    return (0.0047 + 0.5 * pack_kg * (0.05715 * 0.05715 + radius_m * radius_m)) / (radius_m * radius_m);
}

TEST(StuckMotor, ThatShouldPullLetsTheOtherReelPullTheTapeBack) {
    for (const bool forward : {true, false}) {
        const char* dead = forward ? "stuck_motor:reel=take_up" : "stuck_motor:reel=supply";
        MechanicsRig rig(steady_deck(300.0), {mechanical(dead)});
        const double supply_m = rig.mechanics.drive().supply_radius_m();
        const double take_up_m = rig.mechanics.drive().take_up_radius_m();
        rig.run(0.01);
        rig.press(forward ? Contact::FastForward : Contact::Rewind, 0.01);
        rig.run(0.49);
        // hold-back 0.8 N against 0.1 N of guides and 4 mN m in each bearing
        const double drives_n = 0.8 - 0.1 - 0.004 / supply_m - 0.004 / take_up_m;
        const double gains_m_s2 = drives_n / (mass_kg(supply_m, 462.0) + mass_kg(take_up_m, 300.0));
        EXPECT_NEAR(rig.mechanics.speed_m_s(), (forward ? -1.0 : 1.0) * gains_m_s2 * 0.499, 0.01 * gains_m_s2);
    }
}

TEST(StuckMotor, OfTheTakeUpInPlaySpillsTapeUntilTheArmFalls) {
    MechanicsRig rig(steady_deck(300.0), {mechanical("stuck_motor:time_s=3")});
    rig.press_record_and_play();
    rig.run(2.8);
    EXPECT_TRUE(rig.last.recording);
    EXPECT_NEAR(rig.run_until([&] { return !rig.last.recording; }, 2.0), 0.1 + 0.121, 0.01)
        << "120 ms after the motor died";
    rig.run(1.0);
    EXPECT_TRUE(rig.tally(Tally::TapeOut));
    EXPECT_EQ(rig.mechanics.speed_m_s(), 0.0);
}

TEST(StuckMotor, OfTheSupplyInPlayTakesTheHoldBackAway) {
    MechanicsRig rig(steady_deck(300.0), {mechanical("stuck_motor:reel=supply,time_s=3")});
    rig.press(Contact::Play);
    rig.run(4.0);
    EXPECT_NEAR(rig.mechanics.speed_m_s(), 0.381, 1e-6);
    const double bearing_n = 0.004 / rig.mechanics.drive().supply_radius_m();
    EXPECT_NEAR(rig.mechanics.drive().supply_tension_n(), bearing_n, 1e-6) << "only the bearing holds";
}

TEST(ReversedDirection, CountsDownGoingForwardFromItsTimeOn) {
    MechanicsRig rig(steady_deck(300.0), {mechanical("reversed_direction:time_s=5")});
    rig.press(Contact::Play);
    rig.run(4.9);
    const std::int64_t turn = rig.mechanics.roller().edges();
    const double from_m = rig.place_m();
    EXPECT_GT(turn, 900);
    rig.run(10.0);
    EXPECT_NEAR(static_cast<double>(rig.mechanics.roller().edges() - turn),
                -(rig.place_m() - from_m) / 0.0254 * 16.0 * (1.0 - 0.0003), 2.0);
}

TEST(SlippingRoller, MissesItsShareOfTheTravel) {
    MechanicsRig rig(steady_deck(300.0), {mechanical("slipping_roller:percent=4,time_s=5")});
    rig.press(Contact::Play);
    rig.run(4.9);
    const std::int64_t before = rig.mechanics.roller().edges();
    const double from_m = rig.place_m();
    rig.run(60.0);
    EXPECT_NEAR(static_cast<double>(rig.mechanics.roller().edges() - before),
                (rig.place_m() - from_m) / 0.0254 * 16.0 * (1.0 - 0.0003) * 0.96, 1.0);
    rig.press(Contact::Rewind);
    rig.run(30.0);
    EXPECT_LT(rig.mechanics.roller().edges(), before) << "either way";
}

TEST(SpeedChange, TheCapstanRunsAtItsNewSpeedFromItsPlaceOn) {
    MechanicsRig rig(steady_deck(300.0), {mechanical("speed_change:percent=0.4,tape_m=302")});
    rig.press(Contact::Play);
    rig.run(4.0);
    EXPECT_NEAR(rig.mechanics.speed_m_s(), 0.381, 1e-6);
    rig.run(4.0);
    EXPECT_NEAR(rig.mechanics.speed_m_s(), 0.381 * 1.004, 1e-6);
    EXPECT_TRUE(rig.tally(Tally::Play));
    rig.press(Contact::Stop);
    rig.run(2.0);
    rig.press(Contact::Play);
    rig.run(2.0);
    EXPECT_NEAR(rig.mechanics.speed_m_s(), 0.381 * 1.004, 1e-6) << "it stays";
}

TEST(AddedWow, SwingsAtItsRateByItsPeakFromItsTimeOn) {
    MechanicsRig rig(steady_deck(300.0), {mechanical("wow:hz=0.8,percent=0.3,time_s=3")});
    rig.press(Contact::Play);
    rig.run(2.9);
    EXPECT_NEAR(rig.mechanics.speed_m_s(), 0.381, 1e-6);
    rig.run(0.2);
    double most = 0.0, least = 1.0;
    int crossings = 0;
    double before_m_s = rig.mechanics.speed_m_s();
    rig.watch = [&](const MotionStep& step) {
        most = std::max(most, step.v1_m_s);
        least = std::min(least, step.v1_m_s);
        crossings += before_m_s < 0.381 && step.v1_m_s >= 0.381 ? 1 : 0;
        before_m_s = step.v1_m_s;
    };
    rig.run(10.0);
    EXPECT_NEAR(most, 0.381 * 1.003, 0.381 * 2e-5);
    EXPECT_NEAR(least, 0.381 * 0.997, 0.381 * 2e-5);
    EXPECT_EQ(crossings, 8); // of ten seconds
}

TEST(PowerFault, BrakesTheReelsAndComesBackInStop) {
    MechanicsRig rig(steady_deck(300.0), {mechanical("power_loss:time_s=8"), mechanical("power_return:time_s=15")});
    rig.press(Contact::FastForward);
    rig.run(7.9);
    EXPECT_GT(rig.mechanics.speed_m_s(), 4.0);
    EXPECT_LT(rig.run_until([&] { return rig.mechanics.drive().still(); }, 10.0), 3.0);
    EXPECT_FALSE(rig.mechanics.logic().powered());
    rig.run(1.0);
    EXPECT_FALSE(rig.tally(Tally::Stop)) << "dark";
    rig.press(Contact::Play);
    rig.run(8.0);
    EXPECT_TRUE(rig.mechanics.logic().powered());
    EXPECT_TRUE(rig.tally(Tally::Stop));
    EXPECT_EQ(rig.mechanics.speed_m_s(), 0.0);
    rig.press(Contact::Play);
    rig.run(1.0);
    EXPECT_TRUE(rig.tally(Tally::Play));
}

TEST(PowerFault, EndsARecordingInItsMillisecond) {
    MechanicsRig rig(steady_deck(300.0), {mechanical("power_loss:time_s=3")});
    rig.press_record_and_play();
    rig.run_until([&] { return rig.now_s() > 2.9995; }, 5.0);
    EXPECT_TRUE(rig.mechanics.drive().taut());
    rig.step();
    EXPECT_FALSE(rig.last.recording);
}

} // namespace
} // namespace overbias::deck_sim
