// SPDX-License-Identifier: Apache-2.0
// Crosstalk, erase depth and print-through of tones made here, with leaks, rests and echoes of known levels in noise of
// known density. Oracle: what was put in; white noise of rms s holds s^2 B / (rate / 2) in a band B.
#include "dsp/analysis/crosstalk.hpp"
#include "dsp/analysis/erase_depth.hpp"
#include "dsp/analysis/print_through.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <functional>
#include <numbers>
#include <random>
#include <stdexcept>
#include <vector>

namespace overbias::dsp::separation_test {
namespace {

constexpr double kTwoPi = 2.0 * std::numbers::pi;

double from_db(double db) {
    return std::pow(10.0, db / 20.0);
}

struct Separation : ::testing::TestWithParam<double> {
    double rate = GetParam();

    [[nodiscard]] std::vector<float> made(double seconds, const std::function<double(double)>& at,
                                          double noise_rms = 0.0, unsigned seed = 1) const {
        std::mt19937 random(seed);
        std::normal_distribution<double> normal(0.0, 1.0);
        std::vector<float> x(static_cast<std::size_t>(seconds * rate));
        for (std::size_t i = 0; i < x.size(); ++i) {
            x[i] = static_cast<float>(at(static_cast<double>(i) / rate) + noise_rms * normal(random));
        }
        return x;
    }
    /// Full-scale sine 0 dBFS: noise in a band is twice its power there.
    [[nodiscard]] double noise_dbfs(double rms, double band_hz) const {
        return 10.0 * std::log10(2.0 * rms * rms * band_hz / (rate / 2.0));
    }
};
INSTANTIATE_TEST_SUITE_P(Rates, Separation, ::testing::Values(44100.0, 96000.0));

/// A tone that flutters by so many percent (peak) at 7 Hz.
std::function<double(double)> tone(double hz, double peak, double flutter_percent = 0.0) {
    const double index = flutter_percent / 100.0 * hz / 7.0;
    return [=](double t) { return peak * std::sin(kTwoPi * hz * t + index * std::sin(kTwoPi * 7.0 * t)); };
}
const auto silence = [](double) { return 0.0; };

TEST_P(Separation, CrosstalkIsToldToATenthOfADb) {
    for (const double hz : {63.0, 1000.0, 10000.0}) {
        for (const double flutter : {0.0, 0.1}) {
            for (const double leak_db : {-20.0, -45.0, -60.0}) {
                const auto sent = made(6.0, tone(hz, 0.5, flutter), 1e-4, 1);
                const auto heard = made(6.0, tone(hz, 0.5 * from_db(leak_db), flutter), 1e-5, 2);
                const Crosstalk it = measure_crosstalk(sent, heard, rate, hz);
                EXPECT_NEAR(it.separation_db, -leak_db, 0.1) << hz << " Hz, " << leak_db << " dB, flutter " << flutter;
                EXPECT_FALSE(it.better_than);
                EXPECT_NEAR(it.frequency_hz, hz, 0.01 * hz);
                EXPECT_NEAR(it.tone_dbfs, -6.02, 0.02);
            }
        }
    }
}

TEST_P(Separation, CrosstalkHasTwoDirections) {
    const auto first = made(3.0, tone(1000.0, 0.5), 1e-5, 1);
    const auto second = made(3.0, tone(1000.0, 0.5 * from_db(-50.0)), 1e-5, 2);
    EXPECT_NEAR(measure_crosstalk(first, second, rate).separation_db, 50.0, 0.1);
    const auto third = made(
        3.0, [](double t) { return 0.3 * std::sin(kTwoPi * 10000.0 * t); }, 1e-5, 3);
    const auto fourth = made(
        3.0, [](double t) { return 0.3 * from_db(-35.0) * std::sin(kTwoPi * 10000.0 * t); }, 1e-5, 4);
    EXPECT_NEAR(measure_crosstalk(third, fourth, rate, 10000.0).separation_db, 35.0, 0.1);
    EXPECT_NEAR(measure_crosstalk(fourth, third, rate, 10000.0).separation_db, -35.0, 0.1);
}

TEST_P(Separation, CrosstalkBelowTheNoiseIsBetterThan) {
    constexpr double kNoise = 0.003;
    const auto sent = made(10.0, tone(1000.0, 0.5, 0.05), 1e-5, 1);
    const auto heard = made(10.0, tone(1000.0, 1e-6, 0.05), kNoise, 2);
    const Crosstalk it = measure_crosstalk(sent, heard, rate, 1000.0);
    EXPECT_TRUE(it.better_than);
    // bins within half_band_hz to either side: as wide as they and one more
    EXPECT_NEAR(it.floor_dbfs, noise_dbfs(kNoise, 2.0 * it.half_band_hz), 0.8);
    EXPECT_NEAR(it.separation_db, -6.02 - (it.floor_dbfs + 6.02), 0.05);
    EXPECT_LT(it.half_band_hz, 9.0);
    // a leak 3 dB over the floor is not told from it, one 10 dB over it is
    for (const double over_db : {3.0, 10.0}) {
        const auto leaks = made(10.0, tone(1000.0, from_db(it.floor_dbfs + over_db), 0.05), kNoise, 3);
        const Crosstalk with = measure_crosstalk(sent, leaks, rate, 1000.0);
        EXPECT_EQ(with.better_than, over_db < 6.0);
        if (over_db > 6.0) {
            EXPECT_NEAR(with.separation_db, -6.02 - (it.floor_dbfs + over_db), 1.5);
        }
    }
}

TEST_P(Separation, CrosstalkHearsTheLeakAmongOtherSounds) {
    // another tone, 20 dB louder than the leak, 200 Hz off, and hum
    const auto sent = made(4.0, tone(1000.0, 0.5), 1e-5, 1);
    const auto heard = made(
        4.0,
        [](double t) {
            return 0.005 * std::sin(kTwoPi * 1000.0 * t) + 0.05 * std::sin(kTwoPi * 1200.0 * t) +
                   0.01 * std::sin(kTwoPi * 50.0 * t);
        },
        1e-5, 2);
    EXPECT_NEAR(measure_crosstalk(sent, heard, rate, 1000.0).separation_db, 40.0, 0.1);
}

TEST_P(Separation, CrosstalkNeedsATone) {
    const auto noise = made(2.0, silence, 0.1), quiet = made(2.0, silence);
    EXPECT_THROW((void)measure_crosstalk(noise, quiet, rate), std::invalid_argument);
    EXPECT_THROW((void)measure_crosstalk(quiet, quiet, rate), std::invalid_argument);
    EXPECT_THROW((void)measure_crosstalk(made(2.0, tone(1000.0, 0.5)), quiet, rate, 2000.0), std::invalid_argument);
    EXPECT_THROW((void)measure_crosstalk(quiet, made(1.0, silence), rate), std::invalid_argument);
}

TEST_P(Separation, EraseDepthIsWhatIsLeftOfTheTone) {
    for (const double hz : {315.0, 1000.0, 1122.0, 7000.0}) { // 1122 Hz: between two bands of the scale
        const auto before = made(5.0, tone(hz, 0.9, 0.1), 1e-4, 1);
        const auto after = made(5.0, tone(hz, 0.9 * from_db(-65.0), 0.1), 1e-4, 2);
        const EraseDepth it = measure_erase_depth(before, after, rate, hz);
        EXPECT_FALSE(it.better_than) << hz;
        EXPECT_NEAR(it.depth_db, 65.0, 0.5) << hz;
        EXPECT_NEAR(it.before_dbfs, 20.0 * std::log10(0.9), 0.05);
        EXPECT_NEAR(it.to_hz / it.from_hz, std::pow(10.0, 0.1), 1e-9);
        EXPECT_NEAR(it.floor_dbfs, noise_dbfs(1e-4, it.to_hz - it.from_hz), 0.6) << hz;
    }
}

TEST_P(Separation, EraseDepthTakesTheNoiseOff) {
    // 8 dB over the noise of the band: with it the rest would seem 0.64 dB louder
    const double floor = noise_dbfs(1e-3, 1000.0 * (std::pow(10.0, 0.05) - std::pow(10.0, -0.05)));
    const auto after = made(20.0, tone(1000.0, from_db(floor + 8.0)), 1e-3, 2);
    const EraseDepth it = measure_erase_depth(made(5.0, tone(1000.0, 0.9)), after, rate, 1000.0);
    EXPECT_FALSE(it.better_than);
    EXPECT_NEAR(it.left_dbfs, floor + 8.0, 0.3); // 1 / sqrt(231 Hz x 20 s) of the noise is 0.01 dB of the rest
}

TEST_P(Separation, EraseDepthBelowTheNoiseIsBetterThan) {
    const auto before = made(10.0, tone(1000.0, 0.9), 1e-4, 1);
    const auto after = made(10.0, tone(1000.0, 0.9 * from_db(-85.0)), 1e-3, 2);
    const EraseDepth it = measure_erase_depth(before, after, rate, 1000.0);
    EXPECT_TRUE(it.better_than);
    const double floor = noise_dbfs(1e-3, 1000.0 * (std::pow(10.0, 0.05) - std::pow(10.0, -0.05)));
    EXPECT_NEAR(it.floor_dbfs, floor, 0.4);
    EXPECT_NEAR(it.depth_db, 20.0 * std::log10(0.9) - floor - 6.02, 0.4);
}

TEST_P(Separation, EraseDepthAllowsForNoiseThatFallsWithFrequency) {
    // noise through a one-pole low-pass of 100 Hz: density falls by 6 dB an octave at 1 kHz, so that the third octaves
    // to either side differ by 2 dB; their arithmetic mean would be 0.03 dB off, the lower one alone 1 dB
    std::mt19937 random(3);
    std::normal_distribution<double> normal(0.0, 0.01);
    const double keep = std::exp(-kTwoPi * 100.0 / rate);
    std::vector<float> after(static_cast<std::size_t>(20.0 * rate));
    double state = 0.0;
    for (float& x : after) {
        state = keep * state + (1.0 - keep) * normal(random);
        x = static_cast<float>(state);
    }
    const EraseDepth it = measure_erase_depth(made(5.0, tone(1000.0, 0.9)), after, rate, 1000.0);
    EXPECT_TRUE(it.better_than);
    EXPECT_NEAR(it.floor_dbfs, it.after_dbfs, 0.35); // all that is left is noise: 1 / sqrt(231 Hz x 20 s) is 0.06 dB
}

TEST_P(Separation, EraseDepthNeedsAToneAndRoom) {
    const auto with = made(1.0, tone(1000.0, 0.5)), without = made(1.0, silence, 0.1);
    EXPECT_THROW((void)measure_erase_depth(without, without, rate), std::invalid_argument);
    EXPECT_THROW((void)measure_erase_depth(with, made(0.2, silence), rate), std::invalid_argument);
    EXPECT_THROW((void)measure_erase_depth(with, without, rate, rate / 2.1), std::invalid_argument);
}

struct PrintThroughs : Separation {};
INSTANTIATE_TEST_SUITE_P(Rates, PrintThroughs, ::testing::Values(48000.0));

/// Bursts of 1 kHz, half a second each, with echoes a turn before and after.
struct Reel {
    std::vector<double> at_s;
    double turn_s = 1.65, before_db = -57.0, after_db = -52.0, burst_s = 0.5, flutter = 0.05;
    double operator()(double t) const {
        const auto sound = tone(1000.0, 0.7, flutter);
        double sum = 0.0;
        for (const double at : at_s) {
            const auto inside = [&](double shift) { return t >= at + shift && t < at + burst_s + shift; };
            sum += inside(0.0) ? sound(t) : 0.0;
            sum += inside(turn_s) ? from_db(after_db) * sound(t - turn_s) : 0.0;
            sum += inside(-turn_s) ? from_db(before_db) * sound(t + turn_s) : 0.0;
        }
        return sum;
    }
};

TEST_P(PrintThroughs, PrintThroughOfAKnownTurn) {
    EXPECT_NEAR(turn_time(0.1, 0.381), 1.6491, 1e-4);
    const Reel reel{.at_s = {3.0, 9.0}, .turn_s = turn_time(0.1, 0.381)};
    const auto channel = made(13.0, reel, 3e-4);
    const PrintThrough it =
        measure_print_through(channel, {.rate_hz = rate, .least_turn_s = reel.turn_s, .most_turn_s = reel.turn_s});
    ASSERT_EQ(it.bursts.size(), 2U);
    EXPECT_NEAR(it.bursts[0].begin_s, 3.0, 0.005);
    EXPECT_NEAR(it.bursts[1].end_s, 9.5, 0.005);
    EXPECT_NEAR(it.burst_dbfs, 20.0 * std::log10(0.7), 0.1);
    ASSERT_TRUE(it.before && it.after);
    EXPECT_FALSE(it.before->below_noise);
    EXPECT_FALSE(it.after->below_noise);
    EXPECT_NEAR(it.before->level_db, -57.0, 0.5);
    EXPECT_NEAR(it.after->level_db, -52.0, 0.5);
    // a Hann block of 50 ms is 1.5 / 50 ms = 30 Hz wide
    const double floor = noise_dbfs(3e-4, 30.0) - 20.0 * std::log10(0.7);
    EXPECT_NEAR(it.after->floor_db, floor, 1.5);
}

TEST_P(PrintThroughs, PrintThroughIsLookedForInARange) {
    for (const double turn_s : {0.9, 1.47, 2.05}) {
        const Reel reel{.at_s = {3.0}, .turn_s = turn_s, .before_db = -55.0, .after_db = -55.0};
        const PrintThrough it =
            measure_print_through(made(7.0, reel, 3e-4), {.rate_hz = rate, .least_turn_s = 0.7, .most_turn_s = 2.3});
        EXPECT_TRUE(it.turn_found);
        EXPECT_NEAR(it.turn_s, turn_s, 0.01);
        ASSERT_TRUE(it.before && it.after);
        EXPECT_NEAR(it.before->level_db, -55.0, 0.6);
        EXPECT_NEAR(it.after->level_db, -55.0, 0.6);
    }
}

TEST_P(PrintThroughs, PrintThroughTellsWhichSideIsStronger) {
    // stored tails out the echo comes after: before there is none
    const Reel reel{.at_s = {3.0}, .before_db = -300.0, .after_db = -50.0};
    const PrintThrough it =
        measure_print_through(made(7.0, reel, 3e-4), {.rate_hz = rate, .least_turn_s = 1.0, .most_turn_s = 2.0});
    EXPECT_TRUE(it.turn_found);
    EXPECT_NEAR(it.turn_s, 1.65, 0.015);
    ASSERT_TRUE(it.before && it.after);
    EXPECT_TRUE(it.before->below_noise);
    EXPECT_FALSE(it.after->below_noise);
    EXPECT_NEAR(it.after->level_db, -50.0, 0.3);
    EXPECT_NEAR(it.before->level_db, it.before->floor_db + 6.02, 0.05);
}

TEST_P(PrintThroughs, NoEchoIsBelowTheNoise) {
    for (unsigned seed = 1; seed <= 5; ++seed) {
        const Reel reel{.at_s = {3.0, 8.0}, .before_db = -300.0, .after_db = -300.0};
        const PrintThrough it = measure_print_through(made(12.0, reel, 1e-3, seed),
                                                      {.rate_hz = rate, .least_turn_s = 0.7, .most_turn_s = 2.3});
        EXPECT_FALSE(it.turn_found) << seed;
        ASSERT_TRUE(it.before && it.after);
        EXPECT_TRUE(it.before->below_noise);
        EXPECT_TRUE(it.after->below_noise);
    }
}

TEST_P(PrintThroughs, TheNoiseIsTakenOffAnEcho) {
    // echoes 8 dB over the noise in a block's 30 Hz: with it they would seem 0.64 dB louder. Mean of 40 places.
    const double echo_db = noise_dbfs(1e-3, 30.0) - 20.0 * std::log10(0.7) + 8.0;
    const Reel reel{.at_s = {2.5, 6.5, 10.5, 14.5}, .before_db = echo_db, .after_db = echo_db};
    double power = 0.0;
    for (unsigned seed = 1; seed <= 5; ++seed) {
        const PrintThrough it = measure_print_through(made(18.0, reel, 1e-3, seed),
                                                      {.rate_hz = rate, .least_turn_s = 1.65, .most_turn_s = 1.65});
        ASSERT_TRUE(it.before && it.after);
        power += (from_db(2.0 * it.before->level_db) + from_db(2.0 * it.after->level_db)) / 10.0;
    }
    EXPECT_NEAR(10.0 * std::log10(power), echo_db, 0.35);
}

TEST_P(PrintThroughs, PlacesOutsideTheStretchAreLeftOut) {
    const Reel reel{.at_s = {0.5}};
    const PrintThrough it =
        measure_print_through(made(4.0, reel, 3e-4), {.rate_hz = rate, .least_turn_s = 1.65, .most_turn_s = 1.65});
    EXPECT_FALSE(it.before);
    ASSERT_TRUE(it.after);
    EXPECT_NEAR(it.after->level_db, -52.0, 0.5);
}

TEST_P(PrintThroughs, PrintThroughNeedsABurst) {
    const PrintThroughConfig config{.rate_hz = rate, .least_turn_s = 1.0, .most_turn_s = 2.0};
    EXPECT_THROW((void)measure_print_through(made(4.0, tone(1000.0, 0.5)), config), std::invalid_argument);
    EXPECT_THROW((void)measure_print_through(made(4.0, silence), config), std::invalid_argument);
    PrintThroughConfig backwards = config;
    backwards.least_turn_s = 3.0;
    EXPECT_THROW((void)measure_print_through(made(4.0, silence), backwards), std::invalid_argument);
    EXPECT_THROW((void)turn_time(0.0, 0.381), std::invalid_argument);
}

} // namespace
} // namespace overbias::dsp::separation_test
