// SPDX-License-Identifier: Apache-2.0
// The locator alone, on tapes of a few numbers: decks that scatter, decks with weak brakes, decks that cannot jog, reel
// servos.
#include "transport/locator.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace overbias::transport {

namespace {

constexpr double kTenthOfASecond_m = 0.0381;

/// A tape that does as it is told, steadily.
struct Tape {
    double position_m = 0.0, velocity_m_s = 0.0;
    double wind_m_s = 8.0, acceleration_m_s2 = 3.0;
    double brake_m_s2 = 3.0, rewind_brake_m_s2 = 3.0;
    double dead_s = 0.05;    ///< from a stop to the brakes; the motor still pulls
    double scatter = 0.0;    ///< of the brakes from stop to stop, as a share
    double servo_m_s2 = 2.5; ///< either way

    void press(LocatorStep step, double shuttle_m_s) {
        switch (step) {
        case LocatorStep::PressStop:
            stop_in_s = dead_s;
            break_now_m_s2 = (velocity_m_s > 0.0 ? brake_m_s2 : rewind_brake_m_s2) *
                             (1.0 + scatter * std::uniform_real_distribution(-1.0, 1.0)(random));
            return;
        case LocatorStep::PressFastForward:
            drive(wind_m_s, acceleration_m_s2);
            return;
        case LocatorStep::PressRewind:
            drive(-wind_m_s, acceleration_m_s2);
            return;
        case LocatorStep::PressPlay:
            drive(0.381, 0.9);
            return;
        case LocatorStep::Shuttle:
            drive(shuttle_m_s, servo_m_s2);
            return;
        default:
            return;
        }
    }
    void drive(double to_m_s, double rate_m_s2) {
        wanted_m_s = to_m_s;
        rate = rate_m_s2;
        stop_in_s.reset();
    }
    void step(double dt_s) {
        if (stop_in_s && (*stop_in_s -= dt_s) <= 0.0) {
            wanted_m_s = 0.0;
            rate = break_now_m_s2;
            stop_in_s.reset();
        }
        velocity_m_s += std::clamp(wanted_m_s - velocity_m_s, -rate * dt_s, rate * dt_s);
        position_m += velocity_m_s * dt_s;
    }

    std::mt19937_64 random{7};
    std::optional<double> stop_in_s;
    double wanted_m_s = 0.0, rate = 0.0, break_now_m_s2 = 0.0;
};

struct Outcome {
    LocatorStep end = LocatorStep::Wait;
    double error_m = 0.0;
    double lowest_m = 0.0, highest_m = 0.0;
    std::vector<LocatorStep> keys;
    std::vector<double> shuttles_m_s;
    int looks_between_ticks = 0;
    [[nodiscard]] long count(LocatorStep key) const { return std::count(keys.begin(), keys.end(), key); }
};

Outcome locate(Locator& locator, Tape& tape, double to_m, DeckTime& now) {
    constexpr auto kStep = std::chrono::milliseconds(1);
    const DeckTime until = now + deck_seconds(300.0);
    Outcome out;
    out.lowest_m = out.highest_m = tape.position_m;
    DeckTime next_tick = now, still_since = now - deck_seconds(2.0);
    locator.begin(to_m);
    while (now < until) {
        const bool between = locator.look_again_at() && now >= *locator.look_again_at() && now < next_tick;
        if (between || now >= next_tick) {
            out.looks_between_ticks += between ? 1 : 0;
            next_tick = between ? next_tick : now + deck_seconds(Locator::kTick_s);
            const LocatorStep step = locator.step({.now = now,
                                                   .position_m = tape.position_m,
                                                   .counted_at = now,
                                                   .velocity_m_s = tape.velocity_m_s,
                                                   .still = now - still_since >= deck_seconds(0.15),
                                                   .settled = now - still_since >= deck_seconds(0.95)});
            if (step == LocatorStep::Arrived || step == LocatorStep::Failed) {
                out.end = step;
                break;
            }
            if (step == LocatorStep::Shuttle) {
                out.shuttles_m_s.push_back(locator.shuttle_speed_m_s());
            }
            if (step != LocatorStep::Wait) {
                out.keys.push_back(step);
            }
            tape.press(step, locator.shuttle_speed_m_s());
        }
        tape.step(0.001);
        now += kStep;
        if (tape.velocity_m_s != 0.0 || tape.wanted_m_s != 0.0) {
            still_since = now;
        }
        out.lowest_m = std::min(out.lowest_m, tape.position_m);
        out.highest_m = std::max(out.highest_m, tape.position_m);
    }
    out.error_m = tape.position_m - to_m;
    return out;
}

struct Bench {
    explicit Bench(LocatorConfig config = {}) : locator(config) {}
    Outcome go(double to_m) {
        Outcome out = locate(locator, tape, to_m, now);
        EXPECT_EQ(out.end, LocatorStep::Arrived) << locator.failure();
        EXPECT_LE(std::abs(out.error_m), kTenthOfASecond_m);
        return out;
    }
    Locator locator;
    Tape tape;
    DeckTime now{deck_seconds(5.0)};
};

void teach(Bench& bench) {
    for (const double to_m : {3.0, 60.0, 20.0, 200.0, 5.0, 300.0, 290.0, 30.0, 31.0, 150.0, 100.0, 0.0}) {
        bench.go(to_m);
    }
}

} // namespace

TEST(LocatorModel, AFirstLocateIsSlowerNotWrongAndTheNextIsOneMove) {
    Bench bench;
    EXPECT_GT(bench.go(300.0).count(LocatorStep::PressStop), 1);
    teach(bench);
    const Outcome again = bench.go(300.0);
    EXPECT_EQ(again.count(LocatorStep::PressStop), 1);
    EXPECT_EQ(bench.locator.moves(), 1);
    EXPECT_EQ(bench.locator.overshoots(), 0);
    EXPECT_GT(again.looks_between_ticks, 0) << "at 8 m/s a tick of 5 ms is 4 cm of tape";
    EXPECT_LT(std::abs(again.error_m), 0.02);
}

TEST(LocatorModel, TheBrakesOfBothDirectionsAreLearned) {
    Bench bench;
    bench.tape.brake_m_s2 = 4.0;
    bench.tape.rewind_brake_m_s2 = 2.0;
    teach(bench);
    teach(bench);
    EXPECT_NEAR(bench.locator.run_on(StopKind::Forward, 8.0, 150.0).expected_m, 8.0 * 0.05 + 8.0, 0.3);
    EXPECT_NEAR(bench.locator.run_on(StopKind::Rewind, 8.0, 150.0).expected_m, 8.0 * 0.05 + 16.0, 0.6);
}

TEST(LocatorModel, WhatWasLearnedOutlivesTheLocator) {
    Bench bench;
    teach(bench);
    const LocatorMemory memory = bench.locator.memory();
    Bench next;
    next.locator.remember(memory);
    EXPECT_EQ(next.go(300.0).count(LocatorStep::PressStop), 1);
    Bench spoilt;
    constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
    spoilt.locator.remember(
        {.stops = {{.kind = StopKind::Forward, .speed_m_s = kNan, .place_m = kNan, .run_on_m = kNan}},
         .shortest_jog_m = {kNan, -5.0},
         .shuttle_deceleration_m_s2 = kNan,
         .shuttle_delay_s = -1.0});
    teach(spoilt);
}

TEST(LocatorModel, WeakBrakesNeverRunBeyondTheEnds) {
    for (const double brake_m_s2 : {0.5, 0.8, 6.0}) {
        LocatorConfig config;
        config.tape_length_m = 400.0;
        Bench bench(config); // an unknown deck, told to go to the very end at once
        bench.tape.brake_m_s2 = bench.tape.rewind_brake_m_s2 = brake_m_s2;
        EXPECT_LE(bench.go(400.0).highest_m, 400.0 + kTenthOfASecond_m) << brake_m_s2;
        EXPECT_GE(bench.go(0.0).lowest_m, -config.before_zero_m - kTenthOfASecond_m) << brake_m_s2;
    }
}

TEST(LocatorModel, BrakesThatScatterAreJoggedRight) {
    Bench bench;
    bench.tape.scatter = 0.10;
    std::uniform_real_distribution place(0.0, 700.0);
    int overshoots = 0;
    for (int n = 0; n < 150; ++n) {
        bench.go(place(bench.tape.random));
        overshoots += bench.locator.overshoots();
    }
    EXPECT_GT(overshoots, 10) << "brakes that scatter by a tenth miss on both sides";
}

TEST(LocatorModel, WhereJogsAreTooLongTheLastPieceIsPlayed) {
    Bench bench;
    bench.tape.acceleration_m_s2 = 6.0;
    bench.tape.dead_s = 0.2; // the shortest jog goes half a metre
    long played = 0;
    for (const double to_m : {50.0, 50.3, 50.1, 80.0, 79.8, 10.0, 10.5}) {
        played += bench.go(to_m).count(LocatorStep::PressPlay);
    }
    EXPECT_GE(played, 2);
}

TEST(LocatorModel, ACounterThatRunsTheOtherWayEndsIt) {
    for (const double to_m : {50.0, -50.0}) {
        Bench bench;
        bench.locator.begin(100.0 + to_m);
        LocatorView view{.now = bench.now, .position_m = 100.0, .still = true, .settled = true};
        EXPECT_NE(bench.locator.step(view), LocatorStep::Wait);
        view.still = view.settled = false;
        view.velocity_m_s = to_m > 0.0 ? -1.0 : 1.0;
        LocatorStep step = LocatorStep::Wait;
        for (int n = 0; n < 100 && step == LocatorStep::Wait; ++n) {
            view.now += deck_seconds(Locator::kTick_s);
            view.position_m += view.velocity_m_s * Locator::kTick_s;
            step = bench.locator.step(view);
        }
        EXPECT_EQ(step, LocatorStep::Failed);
        EXPECT_LT(std::abs(view.position_m - 100.0), 0.25);
        EXPECT_NE(bench.locator.failure().find("direction"), std::string::npos);
    }
}

TEST(LocatorModel, ANewTargetReplacesTheOld) {
    Bench bench;
    teach(bench);
    bench.locator.begin(500.0);
    LocatorView view{.now = bench.now, .position_m = 0.0, .still = true, .settled = true};
    EXPECT_EQ(bench.locator.step(view), LocatorStep::PressFastForward);
    bench.go(2.0);
    EXPECT_FALSE(bench.locator.active());
    EXPECT_EQ(bench.locator.target_m(), 2.0);
    bench.locator.begin(5.0);
    bench.locator.cancel();
    EXPECT_EQ(bench.locator.step(view), LocatorStep::Wait);
}

namespace {

LocatorConfig with_servo() {
    LocatorConfig config;
    config.slowest_shuttle_m_s = 0.05;
    config.fastest_shuttle_m_s = 8.0;
    return config;
}

} // namespace

TEST(LocatorModel, AServoTakesTheTapeDownToWhereTheBrakesHit) {
    Bench bench(with_servo());
    bench.tape.scatter = 0.10;
    std::uniform_real_distribution place(0.0, 700.0);
    long by_servo = 0;
    int moves = 0;
    for (int n = 0; n < 100; ++n) {
        const Outcome out = bench.go(place(bench.tape.random));
        moves += n >= 50 ? bench.locator.moves() : 0;
        by_servo += n >= 50 && !out.shuttles_m_s.empty() ? 1 : 0;
        for (const double speed_m_s : out.shuttles_m_s) {
            EXPECT_GE(std::abs(speed_m_s), 0.05);
            EXPECT_LE(std::abs(speed_m_s), 8.0);
        }
    }
    EXPECT_GT(by_servo, 40);
    EXPECT_LT(moves, 75) << "most of the fifty need one move; brakes alone, which scatter by a tenth, would need two";
}

TEST(LocatorModel, SureBrakesAreNotHelpedByASlowServo) {
    Bench bench(with_servo());
    bench.tape.servo_m_s2 = 0.5;
    teach(bench);
    teach(bench);
    EXPECT_TRUE(bench.go(4.0).shuttles_m_s.empty());
}

} // namespace overbias::transport
