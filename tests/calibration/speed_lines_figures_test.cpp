// SPDX-License-Identifier: Apache-2.0
// The arithmetic beneath the lines and speed procedures: entries from voltmeters, means, the head delay.
#include "calibration/lines/lines_entry.hpp"
#include "calibration/procedure/steady_mean.hpp"
#include "calibration/speed/head_delay.hpp"
#include "calibration/speed/speed_carrier.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <limits>
#include <numbers>
#include <random>
#include <span>
#include <string>
#include <vector>

namespace overbias::calibration {

using testing::HasSubstr;

namespace {

constexpr double kTwoPi = 2.0 * std::numbers::pi;

std::string complaint(double entered, LineUnit unit, double dbfs = -14.0) {
    const auto line = line_dbu(entered, unit, dbfs);
    return line ? "" : line.error().message;
}

} // namespace

TEST(HeadDelay, IsWhatItWouldBeAtTheTrueSpeed) {
    // 35 mm at 0.381 m/s are 91.8635 ms; a deck 0.2 % fast takes less
    const HeadDelay measured{.delay_s = 0.035 / (0.381 * 1.002), .uncertainty_s = 1e-7};
    const HeadDelay stored = at_true_speed(measured, {.error_ppm = 2000.0, .uncertainty_ppm = 3.0});
    EXPECT_NEAR(stored.delay_s, 0.0918635, 1e-7);
    // 0.1 us of 91.8 ms are 1.09 ppm; with 3 ppm they are 3.19 ppm
    EXPECT_NEAR(1e6 * stored.uncertainty_s / stored.delay_s, 3.19, 0.01);
}

TEST(HeadDelay, TellsTheSpeedAgain) {
    const HeadDelay stored{.delay_s = 0.0918635, .uncertainty_s = 3e-7};
    const HeadDelay now{.delay_s = 0.0918635 / 0.9985, .uncertainty_s = 4e-7};
    const SpeedError told = speed_from_head_delay(now, stored);
    EXPECT_NEAR(told.error_ppm, -1500.0, 0.01); // longer: slower
    EXPECT_NEAR(told.uncertainty_ppm, 5.44, 0.02);
    EXPECT_NEAR(speed_from_head_delay(stored, stored).error_ppm, 0.0, 1e-9);
}

TEST(LinesEntry, TakesDbuAndVolts) {
    // measured in 600 ohm: 0 dBu is 0.7746 V, +4 dBu 1.228 V
    EXPECT_NEAR(*line_dbu(4.0, LineUnit::Dbu, -14.0), 4.0, 1e-12);
    EXPECT_NEAR(*line_dbu(1.228, LineUnit::Volts, -14.0), 4.0, 0.01);
    EXPECT_NEAR(*line_dbu(0.7746, LineUnit::Volts, -18.0), 0.0, 0.001);
    EXPECT_EQ(line_text(4.0), "+4.00 dBu (1.228 V)");
    EXPECT_EQ(line_text(-30.0), "-30.00 dBu (24.5 mV)");
}

TEST(LinesEntry, SaysWhatCantBeAndWhatMayHaveBeenMeant) {
    EXPECT_EQ(complaint(1.228, LineUnit::Volts), "");
    EXPECT_THAT(complaint(1228.0, LineUnit::Volts), HasSubstr("1228 mV, enter 1.228"));
    EXPECT_THAT(complaint(-10.0, LineUnit::Volts), HasSubstr("shows -10.00 dBu, enter 0.245"));
    EXPECT_THAT(complaint(0.0, LineUnit::Volts), HasSubstr("a voltage is above 0 V"));
    EXPECT_THAT(complaint(1228.0, LineUnit::Dbu), HasSubstr("1228 mV, enter +4.00"));
    EXPECT_THAT(complaint(25.0, LineUnit::Dbu), HasSubstr("full-scale sine would be +39.0 dBu, expected -3 to +31"));
    EXPECT_THAT(complaint(1e9, LineUnit::Volts), HasSubstr("check what the voltmeter is connected to"));
    EXPECT_THAT(complaint(std::numeric_limits<double>::quiet_NaN(), LineUnit::Dbu), HasSubstr("a number in dBu"));
    EXPECT_THAT(complaint(std::numeric_limits<double>::infinity(), LineUnit::Volts), HasSubstr("a number in V"));
}

TEST(LinesEntry, DoubtsChannelsThatAreFarApart) {
    EXPECT_EQ(apart_complaint(18.0, 18.9), "");
    EXPECT_EQ(apart_complaint(18.0, 17.1), "");
    EXPECT_THAT(apart_complaint(18.0, 24.0), HasSubstr("6.00 dB above the left")); // a plug that is unbalanced
    EXPECT_THAT(apart_complaint(18.0, 12.0), HasSubstr("6.00 dB below the left"));
}

TEST(LinesEntry, FindsTheLevelOfZeroVu) {
    EXPECT_NEAR(*dbu_at_0_vu(0.0, 4.0), 4.0, 1e-12);
    EXPECT_NEAR(*dbu_at_0_vu(-2.0, 4.0), 6.0, 1e-12);
    EXPECT_FALSE(dbu_at_0_vu(4.0, 4.0));
    EXPECT_FALSE(dbu_at_0_vu(-25.0, 4.0));
    EXPECT_FALSE(dbu_at_0_vu(std::numeric_limits<double>::quiet_NaN(), 4.0));
}

TEST(SteadyMean, IsNotMovedBySwings) {
    // thirty seconds of means of a second; wow of 0.47 Hz and 37 units, in any phase
    for (double phase = 0.0; phase < kTwoPi; phase += 0.3) {
        std::vector<double> readings;
        for (int n = 0; n < 30; ++n) {
            readings.push_back(100.0 + 37.0 * std::sin(kTwoPi * 0.47 * n + phase));
        }
        const auto mean = steady_mean(readings);
        ASSERT_TRUE(mean);
        EXPECT_NEAR(mean->mean, 100.0, 0.1);
        EXPECT_LT(mean->uncertainty, 0.3);
    }
}

TEST(SteadyMean, IsAsSureAsItSays) {
    std::mt19937 random(7); // NOLINT: the same each time
    std::normal_distribution<double> noise(0.0, 1.0);
    double squares = 0.0, told = 0.0;
    constexpr int kTimes = 2000;
    for (int n = 0; n < kTimes; ++n) {
        std::vector<double> readings(30);
        for (double& one : readings) {
            one = noise(random);
        }
        const auto mean = steady_mean(readings);
        squares += mean->mean * mean->mean / kTimes;
        told += mean->uncertainty * mean->uncertainty / kTimes;
    }
    EXPECT_NEAR(std::sqrt(told / squares), 1.0, 0.15);
    EXPECT_LT(std::sqrt(squares), 1.3 / std::sqrt(30.0));
}

TEST(SteadyMean, LeavesOutWhatCouldNotBeTaken) {
    constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
    std::vector<double> readings(30, 5.0);
    readings[3] = readings[4] = readings[17] = kNone;
    ASSERT_TRUE(steady_mean(readings));
    EXPECT_NEAR(steady_mean(readings)->mean, 5.0, 1e-12);
    for (std::size_t n = 10; n < 20; ++n) {
        readings[n] = kNone;
    }
    EXPECT_FALSE(steady_mean(readings));
    EXPECT_FALSE(steady_mean(std::vector<double>(5, 1.0)));
}

TEST(SpeedCarrier, ReadsTheSpeedRoundDropOuts) {
    constexpr double kRate = 48000.0;
    std::vector<float> samples;
    double phase = 0.0;
    for (int n = 0; n < 12 * 48000; ++n) {
        const double t = n / kRate;
        phase += kTwoPi * 3150.0 * (1.0 + 850e-6 + 3e-4 * std::sin(kTwoPi * 0.6 * t)) / kRate;
        const bool out = std::fmod(t, 3.0) > 1.0 && std::fmod(t, 3.0) < 1.02; // 20 ms, 40 dB
        samples.push_back(static_cast<float>(0.2 * (out ? 0.01 : 1.0) * std::sin(phase)));
    }
    SpeedCarrier carrier(kRate, 3150.0);
    EXPECT_FALSE(carrier.deviation(2.0));
    for (std::size_t n = 0; n < samples.size(); n += 480) { // as they come
        carrier.process(std::span<const float>(samples).subspan(n, 480));
    }
    const auto mean = carrier.mean(2.0);
    ASSERT_TRUE(mean);
    EXPECT_NEAR(1e6 * mean->mean, 850.0, 8.0); // of two periods a stretch
    ASSERT_TRUE(carrier.deviation(5.0));
    EXPECT_NEAR(1e6 * *carrier.deviation(5.0), 850.0, 3.0); // of three whole periods
    // silence is nothing
    carrier.process(std::vector<float>(3 * 48000, 0.0F));
    EXPECT_FALSE(carrier.deviation(2.0));
}

} // namespace overbias::calibration
