// SPDX-License-Identifier: Apache-2.0
// What is learned of a deck's brakes, against closed forms: s = tau v + v^2 / (2 a).
#include "transport/servo_model.hpp"
#include "transport/stop_model.hpp"

#include <algorithm>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace overbias::transport {

namespace {

double run_on_m(double speed_m_s, double deceleration_m_s2, double dead_s) {
    return speed_m_s * dead_s + speed_m_s * speed_m_s / (2.0 * deceleration_m_s2);
}

StopSample stop(double speed_m_s, double deceleration_m_s2, double place_m = 100.0, StopKind kind = StopKind::Forward) {
    return {.kind = kind,
            .speed_m_s = speed_m_s,
            .place_m = place_m,
            .run_on_m = run_on_m(speed_m_s, deceleration_m_s2, 0.05)};
}

} // namespace

TEST(StopModel, BeforeItHasLearnedItGuessesAndKnowsThatItDoes) {
    const StopModel model({.first_deceleration_m_s2 = 1.0});
    const RunOn run = model.run_on(StopKind::Forward, 8.0, 100.0);
    EXPECT_NEAR(run.expected_m, run_on_m(8.0, 1.0, 0.08), 1e-6);
    EXPECT_GT(run.deviation_m, 0.4 * run.expected_m);
    EXPECT_EQ(model.run_on(StopKind::Forward, 0.0, 100.0).expected_m, 0.0);
}

TEST(StopModel, AFewStopsTellDeadTimeAndDeceleration) {
    StopModel model({});
    for (const double speed : {0.3, 0.8, 2.0, 5.0, 8.0, 0.5, 3.0, 7.0}) {
        model.learn(stop(speed, 3.5));
    }
    for (const double speed : {0.4, 1.3, 4.0, 8.0}) {
        const RunOn run = model.run_on(StopKind::Forward, speed, 100.0);
        EXPECT_NEAR(run.expected_m, run_on_m(speed, 3.5, 0.05), 0.02 * run.expected_m + 0.002) << speed;
        EXPECT_LT(run.deviation_m, 0.06 * run.expected_m + 0.003) << speed;
    }
}

TEST(StopModel, DirectionsAndPlayAreLearnedApart) {
    StopModel model({});
    for (int n = 0; n < 10; ++n) {
        model.learn(stop(6.0, 4.0));
        model.learn(stop(6.0, 2.0, 100.0, StopKind::Rewind));
    }
    EXPECT_NEAR(model.run_on(StopKind::Forward, 6.0, 100.0).expected_m, run_on_m(6.0, 4.0, 0.05), 0.05);
    EXPECT_NEAR(model.run_on(StopKind::Rewind, 6.0, 100.0).expected_m, run_on_m(6.0, 2.0, 0.05), 0.1);
    EXPECT_NEAR(model.run_on(StopKind::Play, 6.0, 100.0).expected_m, run_on_m(6.0, 1.0, 0.08), 1e-6);
}

TEST(StopModel, FollowsTheBrakesAlongTheTape) {
    StopModel model({.tape_length_m = 760.0});
    const auto deceleration = [](double place_m) { return 3.0 + 2.0 * place_m / 760.0; }; // the packs change
    for (int n = 0; n <= 40; ++n) {
        const double place_m = 19.0 * n;
        model.learn(stop(3.0 + n % 5, deceleration(place_m), place_m));
    }
    for (const double place_m : {50.0, 380.0, 700.0}) {
        const double expected_m = run_on_m(6.0, deceleration(place_m), 0.05);
        EXPECT_NEAR(model.run_on(StopKind::Forward, 6.0, place_m).expected_m, expected_m, 0.02 * expected_m) << place_m;
    }
}

TEST(StopModel, BrakesThatScatterAreTrustedLess) {
    StopModel even({}), scattering({});
    for (int n = 0; n < 60; ++n) {
        even.learn(stop(6.0, 3.0));
        scattering.learn(stop(6.0, n % 2 == 0 ? 2.6 : 3.5));
    }
    const RunOn sure = even.run_on(StopKind::Forward, 6.0, 100.0);
    const RunOn unsure = scattering.run_on(StopKind::Forward, 6.0, 100.0);
    EXPECT_LT(sure.deviation_m, 0.01 * sure.expected_m);
    EXPECT_GT(unsure.deviation_m, 0.08 * unsure.expected_m);
}

TEST(StopModel, KeepsWhatIsRareAndGivesBackWhatItLearned) {
    StopModel model({});
    model.learn(stop(8.0, 3.0, 700.0));
    for (std::size_t n = 0; n < 3 * StopModel::kRemembered; ++n) {
        model.learn(stop(0.3 + 0.001 * static_cast<double>(n), 3.0, 20.0));
    }
    const std::vector<StopSample> kept = model.samples();
    EXPECT_EQ(kept.size(), StopModel::kRemembered);
    EXPECT_EQ(kept.front().speed_m_s, 8.0) << "the one stop from full wind is worth more than one more jog";
    StopModel again({});
    for (const StopSample& sample : kept) {
        again.learn(sample);
    }
    EXPECT_NEAR(again.run_on(StopKind::Forward, 8.0, 700.0).expected_m,
                model.run_on(StopKind::Forward, 8.0, 700.0).expected_m, 0.05);
}

TEST(StopModel, WhatMakesNoSenseIsNotLearned) {
    StopModel model({});
    constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    model.learn({.kind = StopKind::Forward, .speed_m_s = kNan, .place_m = 1.0, .run_on_m = 1.0});
    model.learn({.kind = StopKind::Forward, .speed_m_s = 1.0, .place_m = kInfinity, .run_on_m = 1.0});
    model.learn({.kind = StopKind::Forward, .speed_m_s = 1.0, .place_m = 1.0, .run_on_m = -0.1});
    model.learn({.kind = StopKind::Forward, .speed_m_s = 0.0, .place_m = 1.0, .run_on_m = 1.0});
    model.learn({.kind = static_cast<StopKind>(7), .speed_m_s = 1.0, .place_m = 1.0, .run_on_m = 1.0});
    EXPECT_TRUE(model.samples().empty());
}

namespace {

/// A servo that follows what it is told with a delay and no more than `limit` of deceleration. Its speed where the
/// profile ends, which should be 0.3 m/s.
double slow_down(ServoModel& model, double limit_m_s2, double delay_s) {
    constexpr double kLook_s = 0.005;
    double speed_m_s = 8.0, left_m = 40.0, at_s = 1.0, slows_m_s2 = 0.0;
    model.move_begins();
    while (left_m > 0.0 && speed_m_s > 0.31) {
        const TapeMotion now{.speed_m_s = speed_m_s, .acceleration_m_s2 = -slows_m_s2};
        const double told_m_s = std::min(model.speed_m_s(now, left_m, 0.3), 8.0);
        slows_m_s2 = std::clamp((speed_m_s - told_m_s) / delay_s, 0.0, limit_m_s2);
        if (told_m_s < 8.0) {
            model.watch(DeckTime(deck_seconds(at_s)), now, told_m_s);
        }
        speed_m_s -= slows_m_s2 * kLook_s;
        left_m -= speed_m_s * kLook_s;
        at_s += kLook_s;
    }
    model.move_ends();
    return speed_m_s;
}

} // namespace

TEST(ServoModel, FindsWhatTheServoCanGiveFromEitherSide) {
    ServoModel model;
    EXPECT_NEAR(model.slowing_m(4.0), 4.0 * 4.0 / 2.0 + 4.0 * 0.05, 1e-9);
    EXPECT_FALSE(model.known());
    double end_m_s = 0.0;
    for (int n = 0; n < 20; ++n) {
        end_m_s = slow_down(model, 2.5, 0.06);
    }
    EXPECT_TRUE(model.known());
    EXPECT_GT(model.deceleration_m_s2(), 2.1);
    EXPECT_LT(model.deceleration_m_s2(), 2.7);
    EXPECT_LT(model.delay_s(), 0.3);
    EXPECT_LT(end_m_s, 0.8);
    for (int n = 0; n < 4; ++n) {
        end_m_s = slow_down(model, 1.5, 0.06); // a heavier reel
    }
    EXPECT_LT(model.deceleration_m_s2(), 1.65);
    EXPECT_LT(end_m_s, 0.8);
}

TEST(ServoModel, TheProfileEndsWithTheWantedSpeed) {
    ServoModel model;
    model.remember(2.0, 0.0);
    const TapeMotion now{.speed_m_s = 5.0, .acceleration_m_s2 = 0.0};
    EXPECT_NEAR(model.speed_m_s(now, 6.0, 1.0), 5.0, 1e-9) << "v^2 = 1 + 2 x 2 x 6";
    EXPECT_NEAR(model.speed_m_s(now, -1.0, 1.0), 1.0, 1e-9);
    model.remember(-3.0, 0.0);
    model.remember(std::numeric_limits<double>::quiet_NaN(), 0.0);
    EXPECT_EQ(model.deceleration_m_s2(), 2.0);
}

} // namespace overbias::transport
