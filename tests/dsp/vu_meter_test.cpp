// SPDX-License-Identifier: Apache-2.0
#include "dsp/meters/vu_meter.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <random>
#include <stdexcept>
#include <vector>

namespace overbias::dsp {

namespace {

constexpr double kReference = 0.1; // -20 dBFS

struct Needle : ::testing::TestWithParam<double> {
    double rate = GetParam();
    VuMeter meter{rate, kReference};
    std::size_t sample = 0;

    void run(double for_s, double peak, double frequency_hz) {
        std::vector<float> block(1);
        const auto end = sample + static_cast<std::size_t>(std::lround(for_s * rate));
        for (; sample < end; ++sample) {
            block[0] = static_cast<float>(
                peak * std::sin(2.0 * std::numbers::pi * frequency_hz * static_cast<double>(sample) / rate));
            meter.process(block);
        }
    }
    /// A direct voltage whose rectified mean is that of the sine that reads 0 VU: no ripple.
    void hold(double for_s, double part = 1.0) {
        const std::vector<float> block(static_cast<std::size_t>(std::lround(for_s * rate)),
                                       static_cast<float>(-part * kReference * 2.0 / std::numbers::pi));
        meter.process(block);
        sample += block.size();
    }
    [[nodiscard]] double deflection() const { return std::pow(10.0, meter.reading_vu() / 20.0); }
};

/// Step response of w^2 / (s^2 + 2 zeta w s + w^2), written out, for the published design of 1.25 % overshoot.
double step_response(double time_s) {
    const double zeta = 0.8127, w = 13.512;
    const double swing = w * std::sqrt(1.0 - zeta * zeta);
    return 1.0 -
           std::exp(-zeta * w * time_s) / std::sqrt(1.0 - zeta * zeta) * std::sin(swing * time_s + std::acos(zeta));
}

INSTANTIATE_TEST_SUITE_P(Rates, Needle, ::testing::Values(44100.0, 48000.0, 96000.0, 192000.0));

TEST_P(Needle, ReadsTheSteadySine) {
    // 1 kHz at 48 kHz falls on 24 places of the half wave: -0.012 dB
    run(2.0, kReference, 1000.0);
    EXPECT_NEAR(meter.reading_vu(), 0.0, 0.02);
    run(2.0, kReference * 1.41254, 1000.0); // +3 dB
    EXPECT_NEAR(meter.reading_vu(), 3.0, 0.02);
    run(4.0, kReference * 0.1, 1000.0);
    EXPECT_NEAR(meter.reading_vu(), -20.0, 0.02);
}

TEST_P(Needle, IsFlatFrom35HzTo10kHz) {
    for (const double frequency_hz : {35.0, 100.0, 997.0, 5011.0, 9973.0}) {
        run(2.0, kReference, frequency_hz);
        (void)meter.highest_vu();
        run(1.0 / 35.0, kReference, frequency_hz);
        EXPECT_NEAR(meter.highest_vu(), 0.0, 0.2) << frequency_hz << " Hz";
        EXPECT_NEAR(meter.reading_vu(), 0.0, 0.2) << frequency_hz << " Hz";
    }
}

TEST_P(Needle, Reaches99PercentIn300MsAndOvershootsBy1To1Point5Percent) {
    double at_99_s = 0.0, highest = 0.0;
    for (int ms = 1; ms <= 2000; ++ms) {
        run(0.001, kReference, 1000.0);
        highest = std::max(highest, deflection());
        if (at_99_s == 0.0 && deflection() >= 0.99) {
            at_99_s = ms * 0.001;
        }
    }
    EXPECT_NEAR(at_99_s, 0.300, 0.030);
    EXPECT_NEAR(at_99_s, 0.300, 0.005); // the design's own; 0.1 % of the reading is 1.8 ms here
    EXPECT_GE(highest, 1.010);
    EXPECT_LE(highest, 1.015);
}

TEST_P(Needle, FollowsTheClosedFormUpAndDown) {
    double error = 0.0;
    for (int i = 1; i <= 200; ++i) {
        hold(0.005);
        const double time_s = static_cast<double>(sample) / rate;
        error = std::max(error, std::abs(deflection() - std::max(0.001, step_response(time_s))));
    }
    EXPECT_LT(error, 2e-5);
    hold(4.0);
    const std::size_t start = sample;
    error = 0.0;
    for (int i = 1; i <= 60; ++i) {
        hold(0.005, 0.0);
        const double time_s = static_cast<double>(sample - start) / rate;
        error = std::max(error, std::abs(deflection() - (1.0 - step_response(time_s))));
    }
    EXPECT_LT(error, 2e-5);
    hold(2.0, 0.0);
    EXPECT_EQ(meter.reading_vu(), -60.0);
}

TEST_P(Needle, BurstsReadWhatThePublishedTableSays) {
    const double table[][2] = {{0.010, -24.9}, {0.030, -15.4}, {0.050, -11.1}, {0.100, -5.6}, {0.200, -1.3}};
    for (const auto& [burst_s, reads_vu] : table) {
        hold(3.0, 0.0);
        (void)meter.highest_vu();
        hold(burst_s);
        hold(1.0, 0.0);
        EXPECT_NEAR(meter.highest_vu(), reads_vu, 0.06) << burst_s * 1000.0 << " ms";
    }
}

TEST(VuMeter, AveragesAndDoesNotSquare) {
    VuMeter meter(48000.0, kReference);
    // a square wave of the sine's own rms reads the form factor more, white noise of that rms 1.05 dB less
    std::vector<float> square(96000), noise(48000 * 40);
    for (std::size_t i = 0; i < square.size(); ++i) {
        square[i] = static_cast<float>(kReference / std::numbers::sqrt2 * ((i / 24) % 2 == 0 ? 1.0 : -1.0));
    }
    meter.process(square);
    EXPECT_NEAR(meter.reading_vu(), 0.91, 0.02);
    std::mt19937 random(7);
    std::normal_distribution<double> normal(0.0, kReference / std::numbers::sqrt2);
    for (float& sample : noise) {
        sample = static_cast<float>(normal(random));
    }
    double sum_db = 0.0;
    const std::size_t piece = 4800;
    for (std::size_t at = 0; at < noise.size(); at += piece) {
        meter.process({noise.data() + at, piece});
        sum_db += at < 48000 ? 0.0 : meter.reading_vu();
    }
    EXPECT_NEAR(sum_db / static_cast<double>((noise.size() - 48000) / piece), -1.05, 0.1);
}

TEST(VuMeter, RestsAtItsLowestMark) {
    VuMeter meter(48000.0, 1.0);
    EXPECT_EQ(meter.reading_vu(), -60.0);
    EXPECT_EQ(meter.highest_vu(), -60.0);
    meter.process({});
    EXPECT_EQ(meter.reading_vu(), -60.0);
}

TEST(VuMeter, RefusesWhatIsNoRateOrNoReference) {
    EXPECT_THROW(VuMeter(0.0, 1.0), std::invalid_argument);
    EXPECT_THROW(VuMeter(48000.0, -1.0), std::invalid_argument);
    EXPECT_THROW(VuMeter(std::nan(""), 1.0), std::invalid_argument);
}

} // namespace

} // namespace overbias::dsp
