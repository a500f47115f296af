// SPDX-License-Identifier: Apache-2.0
#include "dsp/meters/correlation_meter.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <random>
#include <stdexcept>
#include <vector>

namespace overbias::dsp::correlation_meter_test {
namespace {

struct Correlation : ::testing::TestWithParam<double> {
    double rate = GetParam();
    CorrelationMeter meter{rate, 0.5};
    std::vector<float> left = std::vector<float>(static_cast<std::size_t>(4.0 * rate)), right = left;

    void sines(double phase_rad, double left_peak, double right_peak) {
        for (std::size_t i = 0; i < left.size(); ++i) {
            const double angle = 2.0 * std::numbers::pi * 1000.0 * static_cast<double>(i) / rate;
            left[i] = static_cast<float>(left_peak * std::sin(angle));
            right[i] = static_cast<float>(right_peak * std::sin(angle + phase_rad));
        }
        meter.process(left, right);
    }
};

INSTANTIATE_TEST_SUITE_P(Rates, Correlation, ::testing::Values(44100.0, 48000.0, 96000.0, 192000.0));

TEST_P(Correlation, OfSinesIsTheCosineOfTheirAngle) {
    for (int degrees = 0; degrees <= 180; degrees += 30) {
        const double phase_rad = degrees * std::numbers::pi / 180.0;
        sines(phase_rad, 0.5, 0.03); // levels do not matter
        EXPECT_NEAR(meter.reading(), std::cos(phase_rad), 5e-3) << degrees;
    }
}

TEST_P(Correlation, OfATurnedChannelIsMinusOneAndTheLowestIsKept) {
    sines(std::numbers::pi, 0.25, 0.25);
    EXPECT_NEAR(meter.reading(), -1.0, 1e-6);
    sines(0.0, 0.25, 0.25);
    EXPECT_NEAR(meter.reading(), 1.0, 2e-3);
    EXPECT_NEAR(meter.lowest(), -1.0, 1e-6);
    EXPECT_NEAR(meter.lowest(), meter.reading(), 1e-9);
}

TEST_P(Correlation, OfOneChannelAloneIsZero) {
    sines(0.0, 0.5, 0.0);
    EXPECT_EQ(meter.reading(), 0.0);
    sines(0.0, 0.5, 1e-7);
    EXPECT_EQ(meter.reading(), 0.0);
    sines(0.0, 0.0, 0.0);
    sines(0.0, 0.0, 0.0);
    sines(0.0, 0.0, 0.0);
    EXPECT_EQ(meter.reading(), 0.0);
}

TEST_P(Correlation, OfIndependentNoiseIsSmall) {
    std::mt19937 random(11);
    std::normal_distribution<double> normal(0.0, 0.1);
    for (std::size_t i = 0; i < left.size(); ++i) {
        left[i] = static_cast<float>(normal(random));
        right[i] = static_cast<float>(normal(random));
    }
    meter.process(left, right);
    // a first-order mean of 0.5 s is worth 2 * 0.5 s of independent samples: sigma = 1 / sqrt(rate)
    EXPECT_LT(std::abs(meter.reading()), 5.0 / std::sqrt(rate));
    EXPECT_LT(meter.lowest(), 0.0);
}

TEST_P(Correlation, FollowsWithItsTimeConstant) {
    sines(0.0, 0.5, 0.5);
    left.resize(static_cast<std::size_t>(std::lround(0.5 * rate)));
    right.resize(left.size());
    sines(std::numbers::pi, 0.5, 0.5);
    EXPECT_NEAR(meter.reading(), 2.0 * std::exp(-1.0) - 1.0, 2e-3);
}

TEST_P(Correlation, DoesNotDependOnHowTheSamplesCome) {
    std::mt19937 random(5);
    std::uniform_real_distribution<float> any(-0.5F, 0.5F);
    for (std::size_t i = 0; i < left.size(); ++i) {
        left[i] = any(random);
        right[i] = 0.5F * left[i] + any(random);
    }
    CorrelationMeter in_pieces(rate, 0.5);
    meter.process(left, right);
    for (std::size_t at = 0, size = 1; at < left.size(); at += size, size = size % 997 + 61) {
        const std::size_t now = std::min(size, left.size() - at);
        in_pieces.process({left.data() + at, now}, {right.data() + at, now});
        size = now;
    }
    EXPECT_EQ(meter.reading(), in_pieces.reading());
    EXPECT_EQ(meter.lowest(), in_pieces.lowest());
}

TEST(CorrelationMeter, ASampleThatIsNoNumberDoesNotStay) {
    CorrelationMeter meter(48000.0, 0.3);
    const std::vector<float> bad(16, std::nanf("")), good(48000, 0.25F);
    meter.process(bad, good);
    meter.process(good, good);
    EXPECT_NEAR(meter.reading(), 1.0, 1e-9);
}

TEST(CorrelationMeter, RefusesWhatIsNoRateOrNoTime) {
    EXPECT_THROW(CorrelationMeter(0.0, 0.3), std::invalid_argument);
    EXPECT_THROW(CorrelationMeter(48000.0, 0.0), std::invalid_argument);
    EXPECT_THROW(CorrelationMeter(48000.0, std::nan("")), std::invalid_argument);
}

} // namespace
} // namespace overbias::dsp::correlation_meter_test
