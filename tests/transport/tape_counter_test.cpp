// SPDX-License-Identifier: Apache-2.0
#include "transport/tape_counter.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <random>
#include <stdexcept>

namespace overbias::transport {

namespace {

/// A roller with 400 edges a metre, polled every 5 ms; the true place is kept apart.
struct Roller {
    static constexpr double kEdges = 400.0;
    Roller() : counter({.edges_per_metre = kEdges}) { counter.update(at(), reading); }
    [[nodiscard]] DeckTime at() const { return DeckTime(deck_seconds(time_s)); }
    void run(double speed_m_s, double for_s) {
        for (int i = 0; i < static_cast<int>(std::lround(for_s / 0.005)); ++i) {
            const double from_m = place_m;
            time_s += 0.005;
            place_m += speed_m_s * 0.005;
            const auto before = static_cast<std::int64_t>(std::floor(from_m * kEdges));
            const auto now = static_cast<std::int64_t>(std::floor(place_m * kEdges));
            if (now != before) {
                reading.edges += reading.direction_known ? now - before : std::abs(now - before);
                const double boundary_m = static_cast<double>(now > before ? now : now + 1) / kEdges;
                reading.last_edge = DeckTime(deck_seconds(time_s - (place_m - boundary_m) / speed_m_s));
            }
            counter.update(at(), reading);
        }
    }
    TapeCounter counter;
    TachReading reading;
    double time_s = 0, place_m = 0;
};

} // namespace

TEST(TapeCounter, CountsMetresBothWaysFromItsZero) {
    Roller roller;
    roller.run(0.381, 10.0);
    EXPECT_NEAR(roller.counter.position_m(), 3.81, 0.0026);
    roller.counter.zero();
    EXPECT_DOUBLE_EQ(roller.counter.position_m(), 0.0);
    roller.run(-5.0, 2.0);
    EXPECT_NEAR(roller.counter.position_m(), -10.0, 0.0051);
}

TEST(TapeCounter, VelocityIsFineThoughEdgesAreCoarse) {
    Roller roller;
    roller.run(0.381, 1.0); // 0.76 edges a poll
    for (int i = 0; i < 200; ++i) {
        roller.run(0.381, 0.005);
        ASSERT_NEAR(roller.counter.velocity_m_s(), 0.381, 0.381 * 0.002);
    }
    roller.run(-8.3, 0.2);
    EXPECT_NEAR(roller.counter.velocity_m_s(), -8.3, 0.05);
}

TEST(TapeCounter, StillIsDecidedByTheRollerNotByATimer) {
    Roller roller;
    EXPECT_FALSE(roller.counter.still());
    roller.run(0.0, 0.30);
    EXPECT_TRUE(roller.counter.still());
    roller.run(0.381, 0.5);
    EXPECT_FALSE(roller.counter.still());
    roller.run(0.03, 2.0); // creeps
    EXPECT_FALSE(roller.counter.still());
    roller.run(0.0, 0.15);
    EXPECT_FALSE(roller.counter.still()) << "one edge in 0.25 s would be 1 cm/s";
    roller.run(0.0, 0.15);
    EXPECT_TRUE(roller.counter.still());
    EXPECT_EQ(roller.counter.velocity_m_s(), 0.0);
    for (int i = 0; i < 20; ++i) { // rests on an edge that dithers
        roller.reading.edges += i % 2 == 0 ? 1 : -1;
        roller.reading.last_edge = roller.at();
        roller.run(0.0, 0.05);
        EXPECT_TRUE(roller.counter.still());
    }
}

TEST(TapeCounter, UncertaintyGrowsWithTravelAndEndsWithZero) {
    Roller roller;
    roller.counter.zero();
    const double at_rest_m = roller.counter.uncertainty_m();
    EXPECT_NEAR(at_rest_m, 0.5 / 400.0, 1e-9);
    roller.run(5.0, 20.0);
    EXPECT_NEAR(roller.counter.uncertainty_m() - at_rest_m, 0.1, 0.0005);
    roller.run(-5.0, 20.0); // back at the zero, but 200 m have passed: 0.1 % of that, and an edge for the turn
    EXPECT_NEAR(roller.counter.position_m(), 0.0, 0.01);
    EXPECT_EQ(roller.counter.reversals(), 1U);
    EXPECT_NEAR(roller.counter.travelled_m(), 200.0, 0.01);
    EXPECT_NEAR(roller.counter.uncertainty_m() - at_rest_m, 0.2 + 1.0 / 400.0, 0.0005);
    roller.counter.zero();
    EXPECT_DOUBLE_EQ(roller.counter.uncertainty_m(), at_rest_m);
}

TEST(TapeCounter, LostEdgesAreCountedUntilZeroed) {
    Roller roller;
    roller.run(0.381, 1.0);
    EXPECT_EQ(roller.counter.lost(), 0U);
    const double before_m = roller.counter.uncertainty_m();
    roller.reading.lost = 3;
    roller.run(0.0, 0.01);
    EXPECT_EQ(roller.counter.lost(), 3U);
    EXPECT_NEAR(roller.counter.uncertainty_m() - before_m, 3.0 / 400.0, 1e-9);
    roller.counter.zero();
    EXPECT_EQ(roller.counter.lost(), 0U);
    roller.run(0.0, 0.01);
    EXPECT_EQ(roller.counter.lost(), 0U) << "old losses are not counted again";
}

TEST(TapeCounter, ASinglePhaseTachTakesItsSignFromTheCommand) {
    Roller roller;
    roller.reading.direction_known = false;
    roller.run(0.381, 5.0);
    EXPECT_NEAR(roller.counter.position_m(), 1.905, 0.003);
    roller.run(0.0, 1.0);
    const double before_m = roller.counter.uncertainty_m();
    roller.counter.commanded_direction(-1); // at rest: nothing is doubtful
    EXPECT_DOUBLE_EQ(roller.counter.uncertainty_m(), before_m);
    roller.run(-2.0, 0.5);
    EXPECT_NEAR(roller.counter.position_m(), 0.905, 0.004);
    EXPECT_LT(roller.counter.velocity_m_s(), -1.9);
    const double moving_m = roller.counter.uncertainty_m();
    roller.counter.commanded_direction(1); // turned round while it flies
    EXPECT_GT(roller.counter.uncertainty_m(), moving_m + 0.5);
}

TEST(TapeCounter, CountsEightThousandEdgesASecondExactlyForALongTime) {
    TapeCounter counter({.edges_per_metre = 16.0 / 0.0254});
    std::mt19937_64 random(7);
    TachReading reading;
    DeckTime now{};
    counter.update(now, reading);
    std::int64_t placed = 0;
    for (int i = 0; i < 400000; ++i) { // 2000 s in polls of 5 ms, now and then a stall of 200 ms
        const DeckDuration step = std::chrono::milliseconds(i % 1000 == 999 ? 200 : 5);
        const auto most = 8 * step.count() / 1000000; // 8000 edges a second
        const std::int64_t delta = (i / 20000) % 2 == 0 ? most : -static_cast<std::int64_t>(random() % 41);
        now += step;
        placed += delta;
        reading.edges += delta;
        reading.last_edge = now;
        counter.update(now, reading);
    }
    EXPECT_GT(placed, 1000000);
    EXPECT_EQ(std::llround(counter.position_m() * 16.0 / 0.0254), placed);
    EXPECT_EQ(counter.lost(), 0U);
}

TEST(TapeCounter, DitherIsNoReversal) {
    Roller roller;
    roller.run(0.381, 1.0);
    for (int i = 0; i < 20; ++i) {
        roller.reading.edges += i % 2 == 0 ? -1 : 1;
        roller.run(0.0, 0.01);
    }
    EXPECT_EQ(roller.counter.reversals(), 0U);
    roller.run(-0.381, 0.1);
    roller.run(0.381, 0.1);
    EXPECT_EQ(roller.counter.reversals(), 2U);
}

TEST(TapeCounter, PresetCallsThisPlaceSoAndBeginsAfresh) {
    Roller roller;
    roller.run(5.0, 20.0);
    roller.counter.preset(300.0);
    EXPECT_DOUBLE_EQ(roller.counter.position_m(), 300.0);
    EXPECT_NEAR(roller.counter.uncertainty_m(), 0.5 / 400.0, 1e-9);
    roller.run(-1.0, 10.0);
    EXPECT_NEAR(roller.counter.position_m(), 290.0, 0.003);
}

TEST(TapeCounter, OffsetShiftsTheScaleAndKnowsNoMore) {
    Roller roller;
    roller.run(5.0, 20.0);
    const double before_m = roller.counter.uncertainty_m();
    roller.counter.offset(-60.0);
    EXPECT_NEAR(roller.counter.position_m(), 40.0, 0.003);
    EXPECT_DOUBLE_EQ(roller.counter.uncertainty_m(), before_m);
}

TEST(TapeCounter, ACorrectionBringsItsOwnUncertainty) {
    Roller roller;
    roller.run(5.0, 20.0);
    roller.counter.correct(99.8, 0.02);
    EXPECT_DOUBLE_EQ(roller.counter.position_m(), 99.8);
    EXPECT_DOUBLE_EQ(roller.counter.uncertainty_m(), 0.02);
    roller.run(5.0, 2.0);
    EXPECT_NEAR(roller.counter.uncertainty_m(), 0.03, 1e-4);
    roller.counter.correct(0.0, 0.0); // nobody knows better than half an edge
    EXPECT_DOUBLE_EQ(roller.counter.uncertainty_m(), 0.5 / 400.0);
}

TEST(TapeCounter, StartsWhereItStoodBefore) {
    TapeCounter counter({.edges_per_metre = 400.0});
    counter.start_at(123.4, 0.5);
    counter.update(DeckTime{}, {.edges = 5000}); // the tach's own count means nothing
    EXPECT_DOUBLE_EQ(counter.position_m(), 123.4);
    EXPECT_DOUBLE_EQ(counter.uncertainty_m(), 0.5);
    counter.update(DeckTime{} + std::chrono::milliseconds(5), {.edges = 5040});
    EXPECT_DOUBLE_EQ(counter.position_m(), 123.5);
}

TEST(TapeCounter, BetweenTwoEdgesItGoesOnWithTheSpeed) {
    Roller roller;
    roller.run(0.381, 1.0);
    double worst_m = 0.0;
    for (int i = 0; i < 200; ++i) {
        roller.run(0.381, 0.005);
        worst_m = std::max(worst_m, std::abs(roller.counter.fine_position_m(roller.at()) - roller.place_m));
    }
    EXPECT_LT(worst_m, 1e-4) << "an edge is 2.5 mm";
    roller.run(0.0, 1.0);
    EXPECT_DOUBLE_EQ(roller.counter.fine_position_m(roller.at()), roller.counter.position_m());
}

namespace {

/// The deck's own counter: 25 steps a second at 15 ips, asked for once in 40 ms, seen by us every 5 ms.
struct DeckCounter {
    static constexpr double kSteps = 25.0 / 0.381;
    DeckCounter() : counter(TapeCounterConfig::of_deck_counter(kSteps)) { counter.update(now(), reading); }
    [[nodiscard]] DeckTime now() const { return DeckTime(std::chrono::milliseconds(5 * polls)); }
    void run(double speed_m_s, double for_s, int silent_polls = 0) {
        for (int i = 0; i < static_cast<int>(std::lround(for_s / 0.005)); ++i) {
            ++polls;
            place_m += speed_m_s * 0.005;
            if (polls % 8 == 0 && --silent_polls < 0) {
                const auto steps = static_cast<std::int64_t>(std::floor(place_m * kSteps)) + display;
                if (steps != reading.edges) {
                    reading.edges = steps;
                    reading.last_edge = now();
                }
            }
            counter.update(now(), reading);
        }
    }
    TapeCounter counter;
    TachReading reading;
    double place_m = 0;
    std::int64_t display = 0; ///< what somebody has set it off by
    std::int64_t polls = 0;
};

} // namespace

TEST(TapeCounter, ADeckThatIsAskedSeldomAndCountsFinelyGoesAtItsSpeedBetweenTwoAnswers) {
    // hundredths of a second at 15 ips over a slow line: an answer in 145 ms
    constexpr double kSteps = 100.0 / 0.381;
    TapeCounter counter(TapeCounterConfig::of_deck_counter(kSteps));
    TachReading reading;
    for (int i = 0; i < 2000; ++i) {
        const DeckTime now{std::chrono::milliseconds(5 * i)};
        if (i % 29 == 0) {
            reading.edges = static_cast<std::int64_t>(std::floor(0.381 * seconds(now) * kSteps));
            reading.last_edge = now;
        }
        counter.update(now, reading);
        if (i > 200) {
            ASSERT_NEAR(counter.velocity_m_s(), 0.381, 0.381 * 0.02) << "at " << seconds(now) << " s";
        }
    }
}

TEST(TapeCounter, ADecksOwnCounterIsFollowedThroughWindAndLateAnswers) {
    DeckCounter deck;
    deck.run(0.381, 10.0);
    EXPECT_NEAR(deck.counter.position_m(), 3.81, 0.032);
    for (int i = 0; i < 40; ++i) {
        ASSERT_NEAR(deck.counter.velocity_m_s(), 0.381, 0.381 * 0.10);
        deck.run(0.381, 0.04);
    }
    for (double speed_m_s = 0.0; speed_m_s < 8.3; speed_m_s += 0.02) { // 4 m/s2
        deck.run(speed_m_s, 0.005);
    }
    deck.run(8.3, 5.0);
    deck.run(8.3, 1.0, 6); // 240 ms without an answer
    deck.run(8.3, 1.0);
    EXPECT_EQ(deck.counter.jumps(), 0U);
    EXPECT_NEAR(deck.counter.position_m(), deck.place_m, 0.4); // of one poll
}

TEST(TapeCounter, SomebodySetTheDecksOwnCounter) {
    DeckCounter deck;
    deck.run(0.381, 60.0);
    deck.run(0.0, 3.0);
    const double place_m = deck.counter.position_m();
    const double knew_m = deck.counter.uncertainty_m();
    deck.display = -deck.reading.edges; // RESET pressed
    deck.run(0.0, 0.1);
    EXPECT_EQ(deck.counter.lost(), 1U);
    EXPECT_EQ(deck.counter.jumps(), 1U);
    EXPECT_DOUBLE_EQ(deck.counter.position_m(), place_m) << "the tape did not move";
    EXPECT_NEAR(deck.counter.uncertainty_m() - knew_m, 22.86, 0.1) << "or it did, unread";
    EXPECT_EQ(deck.counter.velocity_m_s(), 0.0);
    deck.run(0.381, 10.0); // and it goes on counting from there
    EXPECT_NEAR(deck.counter.position_m(), place_m + 3.81, 0.05);
    EXPECT_EQ(deck.counter.lost(), 1U);
    deck.counter.preset(0.0);
    EXPECT_EQ(deck.counter.lost(), 0U);
}

TEST(TapeCounter, ASmallStepWhileTheDeckSaysStillIsAlsoSomebody) {
    DeckCounter deck;
    deck.counter.deck_says_still(true);
    deck.run(0.0, 1.0);
    deck.display = 12; // 18 cm: a tape just started could have made it
    deck.run(0.0, 0.1);
    EXPECT_EQ(deck.counter.jumps(), 1U);
}

TEST(TapeCounter, ACoarseCounterIsStillByTheDecksWord) {
    DeckCounter deck;
    deck.run(0.381, 2.0);
    deck.run(0.0, 0.5);
    EXPECT_FALSE(deck.counter.still()) << "one step in 1.5 s would be 1 cm/s";
    deck.counter.deck_says_still(true);
    deck.run(0.0, 0.005);
    EXPECT_TRUE(deck.counter.still());
    deck.counter.deck_says_still(false);
    deck.run(0.0, 5.0);
    EXPECT_FALSE(deck.counter.still());
    deck.counter.deck_says_still(true);
    deck.run(0.0, 0.1);
    EXPECT_FALSE(deck.counter.still());
    deck.run(0.0, 0.1);
    EXPECT_TRUE(deck.counter.still());
}

TEST(TapeCounter, RefusesWhatItCannotCountBy) {
    EXPECT_THROW(TapeCounter({.edges_per_metre = 0.0}), std::invalid_argument);
    EXPECT_THROW(TapeCounter({.slip = -0.1}), std::invalid_argument);
}

} // namespace overbias::transport
