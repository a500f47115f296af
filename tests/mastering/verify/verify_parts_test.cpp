// SPDX-License-Identifier: Apache-2.0
// The parts of the follower: values between frames, the smoothed map, the slate's onset, where the sections of a report
// lie.
#include "mastering/verify/frame_store.hpp"
#include "mastering/verify/replay_figures.hpp"
#include "mastering/verify/return_map.hpp"
#include "mastering/verify/slate_watch.hpp"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <numbers>
#include <random>
#include <vector>

namespace verify_test {

using namespace overbias::mastering;

namespace {

constexpr double kTurn = 2.0 * std::numbers::pi;
constexpr double kRate = 48000.0;

FrameStore sine(double hz, std::int64_t first, std::size_t frames) {
    FrameStore out;
    out.begin(first);
    std::vector<float> samples(2 * frames);
    for (std::size_t n = 0; n < frames; ++n) {
        const double at = kTurn * hz / kRate * static_cast<double>(first + static_cast<std::int64_t>(n));
        samples[2 * n] = static_cast<float>(std::sin(at));
        samples[2 * n + 1] = static_cast<float>(std::cos(at));
    }
    out.push(first, samples);
    return out;
}

/// Largest deviation from the sine, over places that are no round fractions.
double worst_between(double hz) {
    const FrameStore store = sine(hz, 1000, 4000);
    double worst = 0.0;
    for (int n = 0; n < 900; ++n) {
        const double place = 1100.0 + 3.3371 * n;
        const auto pair = store.between(place);
        worst = std::max({worst, std::abs(static_cast<double>(pair[0]) - std::sin(kTurn * hz / kRate * place)),
                          std::abs(static_cast<double>(pair[1]) - std::cos(kTurn * hz / kRate * place))});
    }
    return worst;
}

} // namespace

TEST(FrameStore, ReadsBetweenFrames) {
    EXPECT_LT(worst_between(100.0), 1e-4);
    EXPECT_LT(worst_between(5000.0), 1e-4);
    EXPECT_LT(worst_between(16000.0), 1e-4);
    EXPECT_LT(worst_between(18000.0), 1e-3);
}

TEST(FrameStore, KeepsNumbersThroughGapsAndForgetting) {
    FrameStore store;
    store.begin(500);
    std::vector<float> block(2 * 200000, 1.0F);
    store.push(500, block);
    store.push(200400, block); // the first hundred are there already
    EXPECT_EQ(store.end(), 400400);
    std::vector<float> few(2 * 10, 2.0F);
    store.push(400410, few); // ten frames are missing
    std::vector<float> out(2 * 20);
    store.copy(400400, out);
    EXPECT_EQ(out[0], 0.0F);
    EXPECT_EQ(out[19], 0.0F);
    EXPECT_EQ(out[20], 2.0F);
    store.forget_before(300000);
    EXPECT_GT(store.first(), 100000);
    store.copy(400395, out);
    EXPECT_EQ(out[0], 1.0F);
    EXPECT_EQ(store.between(100.0)[0], 0.0F) << "outside there is silence";
}

TEST(ReturnMap, SmoothsBridgesAndKeepsBranchesApart) {
    ReturnMap map;
    map.begin(10);
    std::mt19937 random(3);
    std::normal_distribution<double> noise(0.0, 1.0);
    const auto place = [](std::int64_t k) {
        return 2048.0 * static_cast<double>(k) + 20.0 * std::sin(0.05 * static_cast<double>(k));
    };
    for (std::int64_t k = 10; k < 200; ++k) {
        const bool lost = k >= 100 && k < 110;
        const bool second = k >= 150; // the tape was cut there
        map.add({.return_frame = place(k) + noise(random) + (second ? 50000.0 : 0.0),
                 .weight = lost ? 0.0 : 1.0,
                 .channel = {},
                 .branch = second ? 1 : 0,
                 .heard = true});
    }
    double before = 0.0, after = 0.0;
    for (std::int64_t k = 20; k < 95; ++k) {
        before += std::pow(map.at(k).return_frame - place(k), 2);
        after += std::pow(map.smooth(k) - place(k), 2);
    }
    EXPECT_LT(after, 0.55 * before); // a parabola through seven leaves a third of the variance
    EXPECT_NEAR(map.smooth(105), place(105), 6.0);
    EXPECT_NEAR(map.smooth(149), place(149), 4.0) << "across the cut";
    EXPECT_NEAR(map.smooth(150), place(150) + 50000.0, 4.0);
    const auto line = map.line(200, 50);
    ASSERT_TRUE(line);
    EXPECT_NEAR(line->slope, (place(199) - place(150)) / 49.0, 0.3);
    EXPECT_NEAR(line->at, place(200) + 50000.0, 15.0);
    map.rewind(120);
    EXPECT_EQ(map.end(), 120);
    map.forget_before(50);
    EXPECT_EQ(map.first(), 50);
    EXPECT_NEAR(map.smooth(60), place(60), 4.0);
}

TEST(SlateWatch, TellsOnsetAndSpeed) {
    for (const double speed : {1.0, 1.004, 0.993}) { // of the tape
        const double onset_s = 2.3457;
        std::vector<float> stereo(2 * static_cast<std::size_t>(6.0 * kRate));
        std::mt19937 random(7);
        std::normal_distribution<double> hiss(0.0, 3e-4);
        for (std::size_t n = 0; n < stereo.size() / 2; ++n) {
            const double at_s = (static_cast<double>(n) / kRate - onset_s) * speed;
            const double edge = std::clamp(at_s / 0.005, 0.0, 1.0);
            const double tone = 0.2 * (0.5 - 0.5 * std::cos(std::numbers::pi * edge)) * std::sin(kTurn * 1000.0 * at_s);
            stereo[2 * n] = static_cast<float>(tone + hiss(random));
            stereo[2 * n + 1] = static_cast<float>(-tone + hiss(random)); // a channel may be inverted
        }
        SlateWatch watch(kRate, 1000.0);
        for (std::size_t at = 0; at < stereo.size(); at += 9600) {
            watch.push(static_cast<std::int64_t>(at / 2),
                       std::span<const float>(stereo).subspan(at, std::min<std::size_t>(9600, stereo.size() - at)));
        }
        ASSERT_TRUE(watch.found()) << speed;
        EXPECT_TRUE(watch.found()->onset_seen);
        EXPECT_NEAR(watch.found()->return_frame / kRate, onset_s, 0.0003) << speed;
        EXPECT_NEAR(watch.found()->speed, 1.0 / speed, 2e-5) << speed;
    }
}

TEST(SlateWatch, TakesNeitherMusicNorAnotherToneForIt) {
    std::vector<float> stereo(2 * static_cast<std::size_t>(8.0 * kRate));
    for (std::size_t n = 0; n < stereo.size() / 2; ++n) {
        const double t = static_cast<double>(n) / kRate;
        const double hz = t < 4.0 ? 440.0 : 1100.0;
        stereo[2 * n] = stereo[2 * n + 1] =
            static_cast<float>(0.2 * std::sin(kTurn * hz * t) + (t < 4.0 ? 0.1 * std::sin(kTurn * 1000.0 * t) : 0.0));
    }
    SlateWatch watch(kRate, 1000.0);
    watch.push(0, stereo);
    EXPECT_FALSE(watch.found());
}

TEST(ReplayFigures, ReadWowAndSpeedFromTheMap) {
    // 0.08 % peak at 4 Hz: a frame of 85 ms makes 0.94 of it, which is undone
    std::vector<TapeFollower::Point> points;
    constexpr std::int64_t kHop = 2048, kFrame = 4096;
    constexpr double kWow_hz = 4.0, kPeak = 0.0008;
    const double t_frame = static_cast<double>(kFrame) / kRate;
    const double x = kWow_hz * t_frame;
    const double seen = std::sin(std::numbers::pi * x) / (std::numbers::pi * x) / (1.0 - x * x);
    for (std::int64_t k = 0; k < 600; ++k) {
        const double t = static_cast<double>(k * kHop) / kRate;
        const double sway = -kPeak * seen / (kTurn * kWow_hz) * std::cos(kTurn * kWow_hz * t);
        points.push_back(
            {k * kHop, (t * (1.0 - 0.001) + sway) * kRate + (k >= 300 ? 9000.0 : 0.0), 0.5F, true, k >= 300 ? 1 : 0});
    }
    const ReplayFigures figures = replay_figures(points, kHop, kFrame, kRate, 600 * kHop, 12.0);
    ASSERT_TRUE(figures.speed_error_ppm && figures.wow_percent && figures.azimuth_us);
    EXPECT_NEAR(*figures.speed_error_ppm, (1.0 / 0.999 - 1.0) * 1e6 + 12.0, 3.0);
    EXPECT_NEAR(*figures.wow_percent, 100.0 * 2.0 * kPeak / std::numbers::sqrt2, 0.002);
    EXPECT_NEAR(*figures.wow_peak_percent, 100.0 * kPeak, 0.004);
    EXPECT_NEAR(*figures.azimuth_us, 0.5 / kRate * 1e6, 0.01);
    EXPECT_NEAR(*figures.followed_share, 1.0, 1e-9);
}

} // namespace verify_test
