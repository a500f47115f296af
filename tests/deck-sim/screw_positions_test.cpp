// SPDX-License-Identifier: Apache-2.0
// How far a screw is turned and what that makes; the operator's hand on it; the whole deck's screws.
#include "base/async/simulated_timeline.hpp"
#include "deck-sim/screw_positions.hpp"
#include "deck-sim/screwdriver.hpp"
#include "deck-sim/simulated_deck.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>

namespace overbias::deck_sim {

TEST(ScrewPositions, RiseAllTheWayNotInAStraightLineAndDifferFromTrackToTrack) {
    const ScrewPositions positions(Settings{});
    for (std::size_t i = 0; i < kScrews; ++i) {
        const auto screw = static_cast<Screw>(i);
        for (const std::size_t track : {0U, 1U}) {
            double before = positions.value_at(screw, track, 0.0);
            for (int step = 1; step <= 4095; ++step) {
                const double value = positions.value_at(screw, track, step * ScrewPositions::kStep);
                ASSERT_GT(value, before) << i << " at " << step;
                before = value;
            }
            const double low = positions.value_at(screw, track, 0.0);
            const double high = positions.value_at(screw, track, 1.0);
            const double middle = positions.value_at(screw, track, 0.5);
            if (screw != Screw::Bias) {
                EXPECT_GT((middle - low) / (high - low), 0.53) << i;
            }
        }
        const bool twice = screw < Screw::ReproduceAzimuth;
        EXPECT_EQ(positions.value_at(screw, 0, 0.3) != positions.value_at(screw, 1, 0.3), twice) << i;
    }
    // a step of the converter is fine enough for every tolerance
    const double step_db = positions.value_at(Screw::RecordLevel, 0, ScrewPositions::kStep) -
                           positions.value_at(Screw::RecordLevel, 0, 0.0);
    EXPECT_LT(step_db, 0.006);
    // and bias reaches from far under the peak to far over it
    EXPECT_LT(positions.value_at(Screw::Bias, 1, 0.0), 5.0 * 0.3);
    EXPECT_GT(positions.value_at(Screw::Bias, 1, 1.0), 5.0 * 2.2);
}

TEST(ScrewPositions, StandAsTheSettingsSayAndReadBack) {
    Settings settings;
    settings.misaligned = 3;
    ScrewPositions positions(settings);
    const Screws wanted = initial_screws(settings);
    EXPECT_EQ(positions.screws(), wanted);
    const double at = positions.position(Screw::RecordLevel, 1);
    EXPECT_NEAR(positions.value_at(Screw::RecordLevel, 1, at), wanted.tracks[1].record_level_db, 1e-9);
    positions.set(Screw::Bias, 0, 0.75);
    EXPECT_EQ(positions.position(Screw::Bias, 0), 0.75);
    EXPECT_EQ(positions.screws().tracks[0].bias_ma, positions.value_at(Screw::Bias, 0, 0.75));
    EXPECT_EQ(positions.screws().tracks[1], wanted.tracks[1]);
    positions.set(Screw::Speed, 1, 7.0); // there is one, with an end
    EXPECT_EQ(positions.position(Screw::Speed, 0), 1.0);
    EXPECT_GT(positions.screws().speed_trim, 0.008);
}

TEST(Screwdriver, HasPlayAndTurnsTooFar) {
    double at = 0.5;
    Screwdriver hand([&] { return at; }, [&](double position) { at = position; },
                     {.play = 0.02, .overshoot = 0.0, .tremor = 0.0});
    hand.turn(0.1); // half of the play first
    EXPECT_NEAR(at, 0.59, 1e-12);
    hand.turn(-0.015);
    EXPECT_NEAR(at, 0.59, 1e-12); // nothing moves
    hand.turn(-0.015);
    EXPECT_NEAR(at, 0.58, 1e-12);
    hand.turn(5.0);
    EXPECT_EQ(at, 1.0);

    at = 0.2;
    Screwdriver clumsy([&] { return at; }, [&](double position) { at = position; },
                       {.play = 0.0, .overshoot = 0.3, .tremor = 0.001}, 5);
    double least = 1.0;
    double most = 0.0;
    for (int i = 0; i < 200; ++i) {
        at = 0.2;
        clumsy.turn(0.1);
        least = std::min(least, at - 0.2);
        most = std::max(most, at - 0.2);
    }
    EXPECT_GE(least, 0.099 - 1e-12);
    EXPECT_LE(most, 0.131 + 1e-12);
    EXPECT_GT(most - least, 0.02);
}

TEST(DeckScrews, SpeedIsTrimmedAndBiasIsAtItsTestPointWhileItRecords) {
    SimulatedTimeline timeline;
    SimulatedDeck deck(timeline, Settings{}, {});
    deck.remote().press(RemoteDeck::Key::Record);
    timeline.run_for(std::chrono::seconds(3));
    ASSERT_TRUE(deck.truth().recording);
    const auto metres_in_2_s = [&] {
        const double from_m = deck.truth().place_at_record_head_m;
        timeline.run_for(std::chrono::seconds(2));
        return deck.truth().place_at_record_head_m - from_m;
    };
    const double before = metres_in_2_s();
    EXPECT_NEAR(before / 2.0, 0.381 * 1.0004, 0.381 * 3e-4);
    Screws screws = deck.screws();
    screws.speed_trim = -0.004;
    screws.tracks[1].bias_ma = 4.0;
    deck.turn(screws);
    timeline.run_for(std::chrono::seconds(1));
    EXPECT_NEAR(metres_in_2_s() / before, 1.0 - 0.004, 2e-4);
    EXPECT_NEAR(deck.bias_ma(0), 5.0 * std::pow(10.0, 0.15), 1e-9);
    EXPECT_NEAR(deck.bias_test_point_v(1), 1.0, 1e-9); // 0.25 V a mA
    deck.set_screw(Screw::Bias, 1, 1.0);
    EXPECT_GT(deck.bias_ma(1), 12.0);
    EXPECT_EQ(deck.screw(Screw::Bias, 1), 1.0);
    deck.remote().press(RemoteDeck::Key::Stop);
    timeline.run_for(std::chrono::seconds(2));
    EXPECT_EQ(deck.bias_test_point_v(1), 0.0);
}

} // namespace overbias::deck_sim
