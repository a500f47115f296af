// SPDX-License-Identifier: Apache-2.0
#include "transport/tape_counter.hpp"

#include <gtest/gtest.h>

#include <cmath>
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
    roller.run(-5.0, 20.0); // back at the zero, but 200 m have passed: 0.1 % of that
    EXPECT_NEAR(roller.counter.position_m(), 0.0, 0.01);
    EXPECT_NEAR(roller.counter.uncertainty_m() - at_rest_m, 0.2, 0.001);
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

TEST(TapeCounter, RefusesARollerWithoutEdges) {
    EXPECT_THROW(TapeCounter({.edges_per_metre = 0.0}), std::invalid_argument);
}

} // namespace overbias::transport
