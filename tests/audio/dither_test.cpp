// SPDX-License-Identifier: Apache-2.0
#include "audio/dither.hpp"

#include <gtest/gtest.h>
#include <limits>
#include <vector>

namespace overbias::audio {
namespace {

constexpr int kDraws = 400000;

// A triangle of half width 1 has variance 1/6; the mean of its magnitude is 1/3.
TEST(Dither, IsTriangularBetweenMinusOneAndOneLsb) {
    DitheredQuantiser dither(24, 42, 0);
    double sum = 0;
    double squares = 0;
    double magnitudes = 0;
    double largest = 0;
    for (int i = 0; i < kDraws; ++i) {
        const double value = dither.triangular_lsb();
        sum += value;
        squares += value * value;
        magnitudes += std::abs(value);
        largest = std::max(largest, std::abs(value));
    }
    EXPECT_NEAR(sum / kDraws, 0.0, 0.003); // 4.6 standard errors
    EXPECT_NEAR(squares / kDraws, 1.0 / 6.0, 0.002);
    EXPECT_NEAR(magnitudes / kDraws, 1.0 / 3.0, 0.002);
    EXPECT_LT(largest, 1.0);
    EXPECT_GT(largest, 0.99);
}

// Triangular dither makes mean and power of the whole error independent of where between two codes the signal lies: 0
// and 1/4 LSB^2 (1/6 of dither and 1/12 of rounding). Without dither, or with a rectangular one, the power depends on
// it.
TEST(Dither, ErrorHasNoMeanAndConstantPowerAtEveryPlaceBetweenTwoCodes) {
    for (const int bits : {16, 24}) {
        const double lsb = std::ldexp(1.0, 1 - bits);
        for (const double place : {0.0, 0.1, 0.25, 0.5, 0.8}) {
            DitheredQuantiser quantiser(bits, 3, 1);
            double sum = 0;
            double squares = 0;
            for (int i = 0; i < kDraws; ++i) {
                const std::int32_t code = quantiser.quantise((1000.0 + place) * lsb);
                EXPECT_EQ(code % (1 << (32 - bits)), 0);
                const double error = std::ldexp(static_cast<double>(code), bits - 32) - (1000.0 + place);
                sum += error;
                squares += error * error;
            }
            EXPECT_NEAR(sum / kDraws, 0.0, 0.004) << bits << " bits, " << place;
            EXPECT_NEAR(squares / kDraws, 0.25, 0.003) << bits << " bits, " << place;
        }
    }
}

TEST(Dither, SameSeedRepeatsAndChannelsAndSeedsAreIndependent) {
    const auto draw = [](std::uint64_t seed, std::uint64_t channel) {
        DitheredQuantiser dither(24, seed, channel);
        std::vector<double> values(100000);
        for (double& value : values) {
            value = dither.triangular_lsb();
        }
        return values;
    };
    const auto left = draw(1, 0);
    EXPECT_EQ(left, draw(1, 0));
    for (const auto& other : {draw(1, 1), draw(2, 0), draw(2, 1)}) {
        for (const std::size_t lag : {0U, 1U, 2U}) {
            double product = 0;
            for (std::size_t i = 0; i + lag < left.size(); ++i) {
                product += left[i] * other[i + lag] + left[i + lag] * other[i];
            }
            // correlation of n independent pairs: standard error 1 / sqrt(n)
            EXPECT_LT(std::abs(product / 2.0 / static_cast<double>(left.size()) * 6.0), 0.015);
        }
    }
}

TEST(Dither, HoldsTheEndsOfTheRange) {
    DitheredQuantiser quantiser(24, 1, 0);
    const std::int32_t top = std::numeric_limits<std::int32_t>::max() & ~0xff;
    for (int i = 0; i < 1000; ++i) {
        EXPECT_GE(quantiser.quantise(1.0), top - 0x100);
        EXPECT_LE(quantiser.quantise(1.0), top);
        EXPECT_LE(quantiser.quantise(-1.0), std::numeric_limits<std::int32_t>::min() + 0x100);
    }
}

TEST(Dither, KeepsPolarityAndFullScaleAtEveryWordLength) {
    for (const int bits : {16, 20, 24, 32}) {
        DitheredQuantiser quantiser(bits, 1, 0);
        const double lsb = std::ldexp(1.0, 1 - bits);
        EXPECT_NEAR(std::ldexp(quantiser.quantise(0.5), -31), 0.5, 2.0 * lsb);
        EXPECT_NEAR(std::ldexp(quantiser.quantise(-0.25), -31), -0.25, 2.0 * lsb);
    }
}

} // namespace
} // namespace overbias::audio
