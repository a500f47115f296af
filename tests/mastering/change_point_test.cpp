// SPDX-License-Identifier: Apache-2.0
// The finder of changes against lanes with a step or a ramp at random places under noise with and without a memory.
#include "mastering/comparison/change_point.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>
#include <random>
#include <vector>

namespace overbias::mastering {
namespace {

constexpr double kStep_s = 0.005;
constexpr std::array<double, 4> kRamps_s{0.0, 0.02, 0.05, 0.1};
constexpr float kNothing = std::numeric_limits<float>::quiet_NaN();

struct Planted {
    std::size_t steps = 600;
    double at_s = 0.0, ramp_s = 0.0, change = 1.0;
    double noise = 0.2, memory = 0.0;
};

/// Each value is the mean of the step around its place.
TraceLane lane_of(const Planted& planted, std::mt19937& random) {
    std::normal_distribution<double> noise(0.0, planted.noise * std::sqrt(1.0 - planted.memory * planted.memory));
    constexpr int kParts = 50;
    TraceLane lane;
    double x = 0.0;
    for (std::size_t i = 0; i < planted.steps; ++i) {
        double sum = 0.0;
        for (int part = 0; part < kParts; ++part) {
            const double t = (static_cast<double>(i) + (part + 0.5) / kParts - 0.5) * kStep_s - planted.at_s;
            sum += t <= 0.0 ? 0.0 : planted.ramp_s > 0.0 ? std::min(1.0, t / planted.ramp_s) : 1.0;
        }
        x = planted.memory * x + noise(random);
        lane.push_back(static_cast<float>(planted.change * sum / kParts + x));
    }
    return lane;
}

std::optional<ChangePoint> found(const std::vector<TraceLane>& lanes) {
    return find_change(lanes, {kStep_s, 2.0 * kStep_s, kRamps_s});
}

double random_place(const Planted& planted, std::mt19937& random) {
    return std::uniform_real_distribution<double>(0.2, kStep_s * static_cast<double>(planted.steps) - 0.2 -
                                                           planted.ramp_s)(random);
}

TEST(ChangePoint, finds_steps_at_random_places) {
    std::mt19937 random(11);
    for (int n = 0; n < 50; ++n) {
        Planted planted;
        planted.at_s = random_place(planted, random);
        const auto change = found({lane_of(planted, random)});
        ASSERT_TRUE(change) << n;
        EXPECT_NEAR(change->begin_s, planted.at_s, 0.006) << n;
        EXPECT_NEAR(change->change.at(0), 1.0, 0.1) << n;
        EXPECT_LT(change->latest_s - change->earliest_s, 0.06) << n;
    }
}

/// Programme makes levels wander: neighbours are alike, and a step is as sharp as ever.
TEST(ChangePoint, finds_steps_under_noise_that_wanders) {
    std::mt19937 random(12);
    int held = 0;
    int near = 0;
    for (int n = 0; n < 50; ++n) {
        Planted planted;
        planted.noise = 0.5;
        planted.memory = 0.93;
        planted.at_s = random_place(planted, random);
        const auto change = found({lane_of(planted, random)});
        ASSERT_TRUE(change) << n;
        held += change->earliest_s <= planted.at_s && planted.at_s <= change->latest_s ? 1 : 0;
        near += std::abs(change->begin_s - planted.at_s) < 0.006 ? 1 : 0;
    }
    EXPECT_GE(held, 47);
    EXPECT_GE(near, 44);
}

TEST(ChangePoint, tells_where_a_ramp_begins) {
    std::mt19937 random(13);
    for (int n = 0; n < 30; ++n) {
        Planted planted;
        planted.ramp_s = n % 2 == 0 ? 0.02 : 0.1;
        planted.noise = 0.03;
        planted.at_s = random_place(planted, random);
        const auto change = found({lane_of(planted, random)});
        ASSERT_TRUE(change) << n;
        EXPECT_NEAR(change->begin_s, planted.at_s, 0.006) << n;
        EXPECT_EQ(change->ramp_s, planted.ramp_s) << n;
    }
}

/// The interval is told to hold the place 95 times in 100.
TEST(ChangePoint, interval_holds_the_place) {
    std::mt19937 random(14);
    int held = 0;
    constexpr int kTimes = 100;
    for (int n = 0; n < kTimes; ++n) {
        Planted planted;
        planted.noise = 0.8;
        planted.memory = n % 2 == 0 ? 0.0 : 0.6;
        planted.at_s = random_place(planted, random);
        const auto change = found({lane_of(planted, random)});
        held += change && change->earliest_s <= planted.at_s && planted.at_s <= change->latest_s ? 1 : 0;
    }
    EXPECT_GE(held, 93);
}

/// Where nothing is known the change may be anywhere.
TEST(ChangePoint, silence_at_the_place_is_an_interval) {
    std::mt19937 random(15);
    Planted planted;
    planted.at_s = 1.5;
    TraceLane lane = lane_of(planted, random);
    for (std::size_t i = 260; i < 360; ++i) {
        lane[i] = kNothing;
    }
    const auto change = found({lane});
    ASSERT_TRUE(change);
    EXPECT_LE(change->earliest_s, 1.31);
    EXPECT_GE(change->latest_s, 1.79);
}

TEST(ChangePoint, lanes_share_a_place) {
    std::mt19937 random(16);
    double alone = 0.0;
    double together = 0.0;
    for (int n = 0; n < 40; ++n) {
        Planted planted;
        planted.noise = 1.0;
        planted.at_s = random_place(planted, random);
        const std::vector<TraceLane> lanes{lane_of(planted, random), lane_of(planted, random),
                                           lane_of(planted, random)};
        const auto one = found({lanes[0]});
        const auto all = found(lanes);
        ASSERT_TRUE(one && all) << n;
        ASSERT_EQ(all->change.size(), 3U);
        alone += one->latest_s - one->earliest_s;
        together += all->latest_s - all->earliest_s;
    }
    EXPECT_LT(together, 0.7 * alone);
}

/// A loud passage is compressed by more than the step, wherever it stands.
TEST(ChangePoint, what_goes_with_the_drive_is_taken_out) {
    std::mt19937 random(18);
    std::uniform_real_distribution<float> loudness(0.0F, 1.0F);
    int near = 0;
    int near_without = 0;
    for (int n = 0; n < 40; ++n) {
        Planted planted;
        planted.at_s = random_place(planted, random);
        TraceLane lane = lane_of(planted, random);
        std::vector<float> drive;
        for (float& value : lane) {
            drive.push_back(loudness(random));
            value -= 6.0F * drive.back();
        }
        const ChangeSearch search{kStep_s, 2.0 * kStep_s, kRamps_s};
        ChangeSearch knowing = search;
        knowing.drive = drive;
        const auto off = [&](const std::optional<ChangePoint>& change) {
            return change ? std::abs(change->begin_s - planted.at_s) : 1.0;
        };
        near += off(find_change({&lane, 1}, knowing)) < 0.010 ? 1 : 0;
        near_without += off(find_change({&lane, 1}, search)) < 0.010 ? 1 : 0;
    }
    EXPECT_GE(near, 36);
    EXPECT_LE(near_without, 20);
}

TEST(ChangePoint, nothing_is_found_in_noise) {
    std::mt19937 random(17);
    int any = 0;
    for (int n = 0; n < 50; ++n) {
        Planted planted;
        planted.change = 0.0;
        planted.at_s = 1.0;
        any += found({lane_of(planted, random)}) ? 1 : 0;
    }
    EXPECT_LE(any, 6);
    EXPECT_FALSE(found({TraceLane(600, kNothing)}));
    EXPECT_FALSE(found({}));
}

} // namespace
} // namespace overbias::mastering
