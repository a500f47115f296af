// SPDX-License-Identifier: Apache-2.0
#include "base/async/simulated_timeline.hpp"
#include "base/async/steady_timeline.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace overbias {

namespace {
DeckTime at_ms(int milliseconds) {
    return DeckTime(std::chrono::milliseconds(milliseconds));
}
} // namespace

TEST(SimulatedTimeline, RunsInOrderOfTimeAndThenOfAsking) {
    SimulatedTimeline timeline;
    std::string order;
    timeline.call_at(at_ms(20), [&] { order += 'd'; });
    timeline.call_at(at_ms(10), [&] {
        order += 'a';
        EXPECT_EQ(timeline.now(), at_ms(10));
        timeline.call_at(at_ms(5), [&] { // past: at once, but not from inside this call, and after what was due already
            order += 'c';
            EXPECT_EQ(timeline.now(), at_ms(10));
        });
        timeline.post([&] { order += 'p'; });
    });
    timeline.call_at(at_ms(10), [&] { order += 'b'; });
    timeline.run_for(std::chrono::milliseconds(20));
    EXPECT_EQ(order, "apbcd");
    EXPECT_EQ(timeline.now(), at_ms(20));
}

TEST(SimulatedTimeline, CancelForgets) {
    SimulatedTimeline timeline;
    int ran = 0;
    const Timeline::TimerId mine = timeline.call_at(at_ms(10), [&] { ++ran; });
    Timeline::TimerId other = 0;
    timeline.call_at(at_ms(5), [&] { timeline.cancel(other); });
    other = timeline.call_at(at_ms(5), [&] { ++ran; }); // due in the same instant, cancelled by the one before
    timeline.cancel(mine);
    timeline.cancel(mine);
    timeline.cancel(0);
    timeline.cancel(12345);
    timeline.run_for(deck_seconds(1));
    EXPECT_EQ(ran, 0);
}

TEST(SimulatedTimeline, RunUntilStopsAtTheConditionOrTheLimit) {
    SimulatedTimeline timeline;
    int beats = 0;
    PeriodicTimer timer(timeline, std::chrono::milliseconds(10), [&] { ++beats; });
    EXPECT_TRUE(timeline.run_until([&] { return beats == 3; }, at_ms(1000)));
    EXPECT_EQ(timeline.now(), at_ms(30));
    EXPECT_FALSE(timeline.run_until([&] { return beats == 100; }, at_ms(200)));
    EXPECT_EQ(beats, 20);
}

TEST(SimulatedTimeline, UnpacedItCostsNoWallTime) {
    SimulatedTimeline timeline;
    int beats = 0;
    PeriodicTimer timer(timeline, deck_seconds(1), [&] { ++beats; });
    const auto from = std::chrono::steady_clock::now();
    timeline.run_for(deck_seconds(36000));
    EXPECT_EQ(beats, 36000);
    EXPECT_LT(std::chrono::steady_clock::now() - from, std::chrono::seconds(5)); // ten hours of deck time
}

TEST(SimulatedTimeline, PacedItKeepsStepWithTheWallClock) {
    SimulatedTimeline timeline(20.0);
    int beats = 0;
    PeriodicTimer timer(timeline, std::chrono::milliseconds(50), [&] { ++beats; });
    const auto from = std::chrono::steady_clock::now();
    timeline.run_for(deck_seconds(1));
    const auto took = std::chrono::steady_clock::now() - from;
    EXPECT_EQ(beats, 20);
    EXPECT_GE(took, std::chrono::milliseconds(49)); // 1 s at 20 times the wall clock
}

TEST(SimulatedTimeline, ATimerAtTheEndOfTimeNeverComesAndDoesNotMoveTheClock) {
    SimulatedTimeline timeline;
    bool ran = false;
    timeline.call_at(DeckTime::max(), [&] { ran = true; });
    EXPECT_FALSE(timeline.run_until([&] { return ran; }, DeckTime::max()));
    EXPECT_EQ(timeline.now(), DeckTime{});
}

TEST(SimulatedTimeline, StopLeavesTheTimeWhereItIs) {
    SimulatedTimeline timeline;
    int ran = 0;
    timeline.call_at(at_ms(10), [&] { timeline.stop(); });
    timeline.call_at(at_ms(20), [&] { ++ran; });
    timeline.run_for(deck_seconds(1));
    EXPECT_EQ(timeline.now(), at_ms(10));
    EXPECT_EQ(ran, 0);
}

TEST(SimulatedTimeline, APostFromAnotherThreadWhilePacingTakesEffectAtItsOwnTime) {
    SimulatedTimeline timeline(1.0);
    timeline.call_at(DeckTime(deck_seconds(3600)), [] { FAIL() << "an hour has not passed"; });
    std::atomic<bool> running{false};
    DeckTime posted_at{};
    timeline.call_at(at_ms(1), [&] { running = true; });
    const auto from = std::chrono::steady_clock::now();
    std::thread door([&] {
        while (!running) {
            std::this_thread::yield();
        }
        // let a little wall time pass, so that the two clocks would differ if the post did not move deck time
        while (std::chrono::steady_clock::now() - from < std::chrono::milliseconds(20)) {
            std::this_thread::yield();
        }
        timeline.post([&] {
            posted_at = timeline.now();
            timeline.call_after(std::chrono::milliseconds(5), [&] { timeline.stop(); });
        });
    });
    timeline.run();
    door.join();
    const auto took = std::chrono::steady_clock::now() - from;
    EXPECT_GE(posted_at, at_ms(15));
    EXPECT_LE(posted_at.time_since_epoch(), took);
    EXPECT_GE(took, std::chrono::milliseconds(24)) << "the timer set by the post must last its 5 ms";
}

TEST(SimulatedTimeline, WithNothingToDoRunWaitsForAPost) {
    for (const double scale : {0.0, 1.0}) {
        SimulatedTimeline timeline(scale);
        std::thread door([&] { timeline.post([&] { timeline.stop(); }); });
        timeline.run();
        door.join();
    }
}

TEST(PeriodicTimer, MayBeDestroyedByItsOwnCallback) {
    SimulatedTimeline timeline;
    int beats = 0;
    std::unique_ptr<PeriodicTimer> timer;
    const std::string witness(100, 'w');
    timer = std::make_unique<PeriodicTimer>(timeline, std::chrono::milliseconds(10), [&timer, &beats, witness] {
        if (++beats == 3) {
            timer.reset();
        }
        EXPECT_EQ(witness, std::string(100, 'w')) << "what the callback captured lives until it returns";
    });
    timeline.run_for(deck_seconds(1));
    EXPECT_EQ(beats, 3);
    EXPECT_THROW(PeriodicTimer(timeline, DeckDuration::zero(), [] {}), std::invalid_argument);
}

TEST(SteadyTimeline, RunsTimersInOrderAndNotEarly) {
    SteadyTimeline timeline;
    EXPECT_FALSE(timeline.simulated());
    std::string order;
    const DeckTime from = timeline.now();
    timeline.call_at(DeckTime::max(), [&] { order += 'x'; });
    timeline.call_at(from + std::chrono::milliseconds(4), [&] {
        order += 'c';
        EXPECT_GE(timeline.now(), from + std::chrono::milliseconds(4));
        timeline.stop();
    });
    const Timeline::TimerId gone = timeline.call_at(from + std::chrono::milliseconds(1), [&] { order += 'g'; });
    timeline.call_at(from + std::chrono::milliseconds(2), [&] {
        order += 'b';
        EXPECT_GE(timeline.now(), from + std::chrono::milliseconds(2));
    });
    timeline.call_at(from - std::chrono::milliseconds(1), [&] { order += 'a'; });
    timeline.cancel(gone);
    EXPECT_EQ(order, "");
    timeline.run();
    EXPECT_EQ(order, "abc");
}

TEST(SteadyTimeline, ACallbackThatAsksForThePastDoesNotShutOutPosts) {
    SteadyTimeline timeline;
    int rounds = 0;
    std::function<void()> again = [&] {
        ++rounds;
        if (rounds < 1'000'000) {
            timeline.call_at(DeckTime{}, again);
        }
    };
    timeline.call_at(DeckTime{}, again);
    timeline.post([&] { timeline.post([&] { timeline.stop(); }); });
    timeline.run();
    EXPECT_LT(rounds, 1'000'000);
}

TEST(SteadyTimeline, PostsFromAnotherThreadRunOnItsOwn) {
    SteadyTimeline timeline;
    std::thread::id ran_on;
    std::thread door([&] {
        timeline.post([&] {
            ran_on = std::this_thread::get_id();
            timeline.call_after(std::chrono::milliseconds(2), [&] { timeline.stop(); });
        });
    });
    timeline.run();
    door.join();
    EXPECT_EQ(ran_on, std::this_thread::get_id());
}

TEST(SteadyTimeline, APeriodicTimerThatFellBehindSkipsInsteadOfCatchingUp) {
    SteadyTimeline timeline;
    int beats = 0;
    PeriodicTimer timer(timeline, std::chrono::milliseconds(1), [&] {
        ++beats;
        if (beats == 1) { // a long callback: ten periods
            const DeckTime until = timeline.now() + std::chrono::milliseconds(10);
            while (timeline.now() < until) {
            }
            timeline.call_after(std::chrono::microseconds(100), [&] { timeline.stop(); });
        }
    });
    timeline.run();
    EXPECT_LE(beats, 3);
}

} // namespace overbias
