// SPDX-License-Identifier: Apache-2.0
// Overbias set by converters and by hand, on many decks that are written down here.
#include "calibration/record/bias_search.hpp"

#include "bias_curve.hpp"
#include "calibration/record/bias_guide.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace overbias::calibration {

using test::BiasCurve;
using test::ClumsyHand;

namespace {

constexpr double kStep = 1.0 / 4095.0;
constexpr std::uint64_t kSeeds = 50;

/// Readings until it ends.
int run(BiasSearch& search, const std::function<double(double)>& read) {
    int readings = 0;
    while (search.state() == BiasSearch::State::Working && readings < 200) {
        search.add(read(search.position()));
        ++readings;
    }
    return readings;
}

} // namespace

TEST(BiasSearch, FindsPeakAndDropOnEveryDeckThroughNoise) {
    std::vector<int> moves;
    double worst_peak = 0.0;
    double worst_drop = 0.0;
    for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
        SCOPED_TRACE(seed);
        BiasCurve deck(seed);
        const double drop = 1.5 + 0.1 * static_cast<double>(seed % 40);
        BiasSearch search({.drop_db = drop, .tolerance_db = 0.1}, deck.start(), kStep);
        moves.push_back(
            run(search, [&](double at) { return deck.level_db(at) + deck.noise_db(search.decides() ? 0.005 : 0.01); }));
        ASSERT_EQ(search.state(), BiasSearch::State::Done) << search.words();
        const double peak_error = std::abs(std::pow(10.0, deck.bias_db(search.peak()->position) / 20.0) - 1.0);
        const double true_drop = deck.drop_db(search.position());
        EXPECT_GT(deck.bias_db(search.position()), 0.0);
        EXPECT_LT(peak_error, 0.01);
        EXPECT_NEAR(true_drop, drop, 0.1);
        EXPECT_NEAR(search.drop_db(), true_drop, 0.05);
        worst_peak = std::max(worst_peak, peak_error);
        worst_drop = std::max(worst_drop, std::abs(true_drop - drop));
    }
    std::sort(moves.begin(), moves.end());
    RecordProperty("worst_peak_share", std::to_string(worst_peak));
    RecordProperty("worst_drop_db", std::to_string(worst_drop));
    RecordProperty("median_readings", moves[moves.size() / 2]);
    EXPECT_LE(moves[moves.size() / 2], 30);
    EXPECT_LE(moves.back(), 45);
}

TEST(BiasSearch, BeginsWhereThePeakWasLastTime) {
    int first_readings = 0;
    int again_readings = 0;
    for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
        SCOPED_TRACE(seed);
        BiasCurve deck(seed);
        const OverbiasTarget target{.drop_db = 1.5 + 0.1 * static_cast<double>(seed % 40), .tolerance_db = 0.1};
        const auto read = [&](double at) { return deck.level_db(at) + deck.noise_db(0.005); };
        BiasSearch first(target, deck.start(), kStep);
        first_readings += run(first, read);
        ASSERT_EQ(first.state(), BiasSearch::State::Done) << first.words();
        const BiasSearch::LastTime last{.peak = first.peak()->position, .left_at = first.position()};
        BiasSearch again = BiasSearch::from_last_time(target, 0.9, kStep, last); // it was turned away since
        again_readings += run(again, read);
        ASSERT_EQ(again.state(), BiasSearch::State::Done) << again.words();
        EXPECT_NEAR(deck.drop_db(again.position()), target.drop_db, 0.1);
        // the peak has gone elsewhere, either way: it is found there
        for (const double moved : {-0.15, 0.15}) {
            BiasSearch elsewhere = BiasSearch::from_last_time(
                target, deck.start(), kStep, {.peak = last.peak + moved, .left_at = last.left_at + moved});
            run(elsewhere, read);
            ASSERT_EQ(elsewhere.state(), BiasSearch::State::Done) << elsewhere.words();
            EXPECT_GT(deck.bias_db(elsewhere.position()), 0.0);
            EXPECT_NEAR(deck.drop_db(elsewhere.position()), target.drop_db, 0.1);
        }
    }
    EXPECT_LT(again_readings, first_readings * 9 / 10); // the readings around the peak are most of them
    RecordProperty("first_readings", first_readings);
    RecordProperty("again_readings", again_readings);
    // what makes no sense is not begun with
    BiasSearch search =
        BiasSearch::from_last_time({.drop_db = 3.0, .tolerance_db = 0.1}, 0.5, kStep, {.peak = 0.6, .left_at = 0.5});
    EXPECT_DOUBLE_EQ(search.position(), std::round(0.5 / kStep) * kStep);
}

TEST(BiasSearch, AsksTwoReadingsWhenNothingHasChanged) {
    BiasCurve deck(7);
    BiasSearch first({.drop_db = 3.0, .tolerance_db = 0.1}, deck.start(), kStep);
    run(first, [&](double at) { return deck.level_db(at); });
    ASSERT_EQ(first.state(), BiasSearch::State::Done);
    BiasSearch again({.drop_db = 3.0, .tolerance_db = 0.1}, first.position(), kStep, first.peak()->position);
    EXPECT_EQ(run(again, [&](double at) { return deck.level_db(at) + 2.0; }), 2);
    ASSERT_EQ(again.state(), BiasSearch::State::Done);
    EXPECT_EQ(again.position(), first.position());
    // and finds the new place when the drop is another one
    BiasSearch more({.drop_db = 4.0, .tolerance_db = 0.1}, first.position(), kStep, first.peak()->position);
    run(more, [&](double at) { return deck.level_db(at); });
    ASSERT_EQ(more.state(), BiasSearch::State::Done) << more.words();
    EXPECT_NEAR(deck.drop_db(more.position()), 4.0, 0.1);
}

TEST(BiasSearch, SaysWhyBiasNeverPeaks) {
    const auto ends_with = [](const std::function<double(double)>& curve) {
        BiasSearch search({.drop_db = 3.0, .tolerance_db = 0.1}, 0.5, kStep);
        run(search, curve);
        EXPECT_EQ(search.state(), BiasSearch::State::Failed);
        return search.words();
    };
    EXPECT_THAT(ends_with([](double at) { return -30.0 + 8.0 * at; }), testing::HasSubstr("only rises"));
    EXPECT_THAT(ends_with([](double at) { return -30.0 - 8.0 * at; }), testing::HasSubstr("only falls"));
    EXPECT_THAT(ends_with([](double) { return -20.0; }), testing::HasSubstr("0.00 dB over the whole travel"));
    EXPECT_THAT(ends_with([](double) { return -HUGE_VAL; }), testing::HasSubstr("nothing comes off tape"));
    // it peaks, but 3 dB past it lie beyond the end
    EXPECT_THAT(ends_with([](double at) { return -20.0 - 60.0 * (at - 0.85) * (at - 0.85); }),
                testing::HasSubstr("too little bias"));
}

TEST(BiasGuide, BringsAClumsyHandToTheDropOnEveryDeck) {
    for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
        SCOPED_TRACE(seed);
        BiasCurve deck(seed);
        const double drop = 2.0 + 0.05 * static_cast<double>(seed % 40);
        BiasGuide guide({.target = {.drop_db = drop, .tolerance_db = 0.1}});
        ClumsyHand hand(deck.start());
        int turns = 0;
        for (; !guide.done() && turns < 1500; ++turns) {
            // a person turns less the nearer it is, and now and then far too much
            double by = 0.0;
            if (guide.turn() == BiasGuide::Turn::Back) {
                by = -0.01;
            } else if (guide.turn() == BiasGuide::Turn::Up) {
                by = guide.past_peak() ? std::clamp(0.012 * guide.to_go_db(), 0.001, 0.02) : 0.006;
                by *= deck.evenly(0.0, 1.0) < 0.04 ? 4.0 : 1.0;
            }
            hand.turn(by, deck);
            for (int n = 0; n < 4; ++n) { // looks at the reading
                guide.add(deck.level_db(hand.position()) + deck.noise_db(0.015));
            }
        }
        ASSERT_TRUE(guide.done()) << guide.words();
        EXPECT_GT(deck.bias_db(hand.position()), 0.0);
        EXPECT_NEAR(guide.drop_db(), deck.drop_db(hand.position()), 0.1);
        EXPECT_NEAR(deck.drop_db(hand.position()), drop, 0.2);
    }
}

TEST(BiasGuide, TellsUnderBiasPeakAndTooFar) {
    BiasGuide guide({.target = {.drop_db = 3.0, .tolerance_db = 0.1}});
    const auto at = [&guide](double level_db) {
        for (int n = 0; n < 6; ++n) {
            guide.add(level_db);
        }
        return guide.words();
    };
    EXPECT_THAT(at(-25.0), testing::HasSubstr("turn bias down"));
    EXPECT_EQ(guide.turn(), BiasGuide::Turn::Back);
    at(-22.0);
    at(-20.0);
    EXPECT_THAT(at(-22.0), testing::HasSubstr("under-bias: turn up"));
    EXPECT_EQ(guide.turn(), BiasGuide::Turn::Up);
    at(-20.5);
    EXPECT_FALSE(guide.past_peak());
    at(-20.0);
    EXPECT_EQ(at(-21.8), "1.2 dB to go");
    EXPECT_NEAR(guide.peak_db(), -20.0, 1e-9);
    EXPECT_EQ(at(-23.3), "past by 0.3 dB: turn back below the peak and come up again");
    EXPECT_EQ(guide.turn(), BiasGuide::Turn::Back);
    at(-21.0);
    EXPECT_EQ(guide.turn(), BiasGuide::Turn::Back); // right, but from the wrong side
    at(-20.0);
    EXPECT_THAT(at(-21.5), testing::HasSubstr("under-bias"));
    at(-20.0);
    EXPECT_THAT(at(-22.0), testing::HasSubstr("to go"));
    EXPECT_EQ(at(-23.0), "hold it there");
    EXPECT_FALSE(guide.done());
    EXPECT_EQ(at(-23.0), "overbias 3.00 dB: done");
}

TEST(BiasGuide, IsNotFooledByATurnOverTheWholePeak) {
    const auto at = [](BiasGuide& guide, double level_db) {
        for (int n = 0; n < 6; ++n) {
            guide.add(level_db);
        }
        return guide.words();
    };
    BiasGuide guide({.target = {.drop_db = 3.0, .tolerance_db = 0.1}});
    for (const double level_db : {-23.0, -20.0, -22.0}) {
        at(guide, level_db);
    }
    EXPECT_EQ(guide.turn(), BiasGuide::Turn::Up);
    at(guide, -20.9); // the far side already; the peak of -20 was seen on the way down only
    EXPECT_EQ(at(guide, -21.5), "1.5 dB to go");
    // from one side far down the other: lower than it began, while it was told to rise
    BiasGuide far({.target = {.drop_db = 3.0, .tolerance_db = 0.1}});
    for (const double level_db : {-23.0, -20.0, -22.0}) {
        at(far, level_db);
    }
    EXPECT_EQ(at(far, -25.0), "past by 2.0 dB: turn back below the peak and come up again");
    // turned back, and it falls at once: that was the near side after all
    EXPECT_THAT(at(far, -27.0), testing::HasSubstr("under-bias: turn up"));
}

TEST(BiasGuide, DoesNotTakeAReadingForGrantedWhenTheLevelIsGoneOrStays) {
    BiasGuide guide({.target = {.drop_db = 3.0, .tolerance_db = 0.1}});
    guide.add(-HUGE_VAL);
    EXPECT_THAT(guide.words(), testing::HasSubstr("nothing comes off tape"));
    for (int n = 0; n < 100; ++n) {
        guide.add(-20.0);
    }
    EXPECT_THAT(guide.words(), testing::HasSubstr("does not follow"));
    EXPECT_FALSE(guide.done());
}

} // namespace overbias::calibration
