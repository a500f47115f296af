// SPDX-License-Identifier: Apache-2.0
#include "dsp/analysis/hum.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <random>
#include <stdexcept>
#include <vector>

namespace overbias::dsp::hum_test {
namespace {

struct HumIn : ::testing::TestWithParam<double> {
    double rate = GetParam();
    std::mt19937 random{17};

    /// Tape-like hiss: white, at this rms, so many seconds.
    std::vector<float> hiss(double seconds, double rms) {
        std::normal_distribution<double> normal(0.0, rms);
        std::vector<float> x(static_cast<std::size_t>(seconds * rate));
        for (float& sample : x) {
            sample = static_cast<float>(normal(random));
        }
        return x;
    }
    void add(std::vector<float>& x, double hz, double dbfs) {
        std::uniform_real_distribution<double> any(0.0, 6.28);
        const double phase = any(random), peak = std::pow(10.0, dbfs / 20.0);
        for (std::size_t i = 0; i < x.size(); ++i) {
            x[i] += static_cast<float>(peak *
                                       std::sin(2.0 * std::numbers::pi * hz * static_cast<double>(i) / rate + phase));
        }
    }
};
INSTANTIATE_TEST_SUITE_P(Rates, HumIn, ::testing::Values(44100.0, 48000.0, 96000.0, 192000.0));

TEST_P(HumIn, LinesAreFoundNamedAndMeasured) {
    auto x = hiss(8.0, 1e-4);
    add(x, 50.02, -60.0);
    add(x, 150.06, -70.0);
    add(x, 250.1, -75.0);
    add(x, 950.38, -80.0);
    const Hum hum = find_hum(x, rate);
    ASSERT_EQ(hum.lines.size(), 4U);
    EXPECT_EQ(hum.lines[0].name(), "50 Hz (1 x 50 Hz)");
    EXPECT_EQ(hum.lines[1].name(), "150 Hz (3 x 50 Hz)");
    EXPECT_EQ(hum.lines[2].name(), "250 Hz (5 x 50 Hz)");
    EXPECT_EQ(hum.lines[3].name(), "950 Hz (19 x 50 Hz)");
    const double expected_db[] = {-60.0, -70.0, -75.0, -80.0}, expected_hz[] = {50.02, 150.06, 250.1, 950.38};
    for (std::size_t i = 0; i < 4; ++i) {
        EXPECT_NEAR(hum.lines[i].level_dbfs, expected_db[i], 0.3) << i;
        EXPECT_NEAR(hum.lines[i].frequency_hz, expected_hz[i], 0.05) << i;
    }
    EXPECT_NEAR(hum.sum_dbfs, 10.0 * std::log10(1e-6 + 1e-7 + std::pow(10.0, -7.5) + 1e-8), 0.1);
}

TEST_P(HumIn, SixtyHertzAndATapeThatRunsFast) {
    auto x = hiss(8.0, 1e-4);
    for (const int k : {1, 2, 3, 5}) {
        add(x, 60.0 * 1.008 * k, -70.0);
    }
    const Hum hum = find_hum(x, rate);
    ASSERT_EQ(hum.lines.size(), 4U);
    for (const HumLine& line : hum.lines) {
        EXPECT_EQ(line.mains_hz, 60);
        EXPECT_NEAR(line.level_dbfs, -70.0, 0.3);
    }
    EXPECT_EQ(hum.lines.back().name(), "300 Hz (5 x 60 Hz)");
    EXPECT_NEAR(hum.sum_dbfs, -70.0 + 6.02, 0.2);
}

TEST_P(HumIn, OneLineBelongsToOneFamily) {
    auto x = hiss(8.0, 1e-4);
    add(x, 100.0, -60.0);
    add(x, 300.0, -65.0);
    const Hum hum = find_hum(x, rate);
    ASSERT_EQ(hum.lines.size(), 2U);
    EXPECT_EQ(hum.lines[1].name(), "300 Hz (6 x 50 Hz)");
    add(x, 60.0, -75.0);
    EXPECT_EQ(find_hum(x, rate).lines.size(), 3U);
}

TEST_P(HumIn, HissAloneHasNone) {
    int lines = 0;
    for (int trial = 0; trial < 8; ++trial) {
        lines += static_cast<int>(find_hum(hiss(trial % 2 == 0 ? 3.0 : 6.0, 1e-3), rate).lines.size());
    }
    EXPECT_EQ(lines, 0);
    EXPECT_EQ(find_hum(hiss(1.0, 1e-3), rate).sum_dbfs, -200.0);
    EXPECT_TRUE(find_hum(std::vector<float>(static_cast<std::size_t>(rate)), rate).lines.empty());
}

TEST_P(HumIn, ALoneHighLineIsNotHum) {
    auto x = hiss(6.0, 1e-4);
    add(x, 997.0, -40.0);
    add(x, 450.0, -50.0);
    EXPECT_TRUE(find_hum(x, rate).lines.empty());
}

TEST(HumLines, RefuseAStretchTooShort) {
    const std::vector<float> x(10000);
    EXPECT_THROW((void)find_hum(x, 48000.0), std::invalid_argument);
}

} // namespace
} // namespace overbias::dsp::hum_test
