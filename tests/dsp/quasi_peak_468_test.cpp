// SPDX-License-Identifier: Apache-2.0
// Oracle: tables 2 and 3 of Rec. ITU-R BS.468-4; the code has time constants, which the Recommendation does not print.
#include "dsp/analysis/quasi_peak_468.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <stdexcept>
#include <vector>

namespace overbias::dsp::quasi_peak_468_test {
namespace {

struct Meter468 : ::testing::TestWithParam<double> {
    double rate = GetParam();

    /// Adds a burst of 5 kHz that begins at `at_s`, level below full scale.
    void burst(std::vector<float>& x, double at_s, double length_s, double peak, double hz = 5000.0) const {
        const auto first = static_cast<std::size_t>(std::lround(at_s * rate));
        const auto frames = static_cast<std::size_t>(std::lround(length_s * rate));
        for (std::size_t i = 0; i < frames && first + i < x.size(); ++i) {
            x[first + i] =
                static_cast<float>(peak * std::sin(2.0 * std::numbers::pi * hz * static_cast<double>(i) / rate));
        }
    }
    [[nodiscard]] std::vector<float> seconds(double s) const {
        return std::vector<float>(static_cast<std::size_t>(std::lround(s * rate)));
    }
    [[nodiscard]] double steady_db(double peak, double hz) const {
        QuasiPeak468 meter(rate, 1.0);
        auto x = seconds(3.0);
        burst(x, 0.0, 3.0, peak, hz);
        meter.process(x);
        return meter.reading_db();
    }
};
INSTANTIATE_TEST_SUITE_P(Rates, Meter468, ::testing::Values(44100.0, 48000.0, 96000.0, 192000.0));

TEST_P(Meter468, Steady1kHzReadsItself) {
    for (const double dbfs : {0.0, -20.0, -60.0}) {
        EXPECT_NEAR(steady_db(std::pow(10.0, dbfs / 20.0), 1000.0), dbfs, 0.02);
    }
    EXPECT_NEAR(steady_db(0.1, 6300.0), -20.0 + 12.2, 0.25);
    EXPECT_NEAR(steady_db(0.1, 100.0), -20.0 - 19.8, 1.0);
}

TEST_P(Meter468, EightSingleBurstsAreInTheirWindows) {
    const double table[][3] = {{1, 13.5, 21.4},  {2, 22.4, 31.6},  {5, 34.0, 46.0},   {10, 41.0, 55.0},
                               {20, 44.0, 60.0}, {50, 50.0, 68.0}, {100, 58.0, 78.0}, {200, 68.0, 92.0}};
    const double steady = steady_db(0.1, 5000.0);
    for (const auto& [ms, lower, upper] : table) {
        QuasiPeak468 meter(rate, 1.0);
        auto x = seconds(2.0);
        burst(x, 0.01, ms / 1000.0, 0.1);
        meter.process(x);
        const double percent = 100.0 * std::pow(10.0, (meter.highest_db() - steady) / 20.0);
        EXPECT_GE(percent, lower) << ms << " ms";
        EXPECT_LE(percent, upper) << ms << " ms";
    }
}

TEST_P(Meter468, ThreeRepetitionRatesAreInTheirWindows) {
    const double table[][3] = {{2, 43.0, 53.0}, {10, 72.0, 82.0}, {100, 94.0, 100.0}};
    const double steady = steady_db(0.1, 5000.0);
    for (const auto& [per_s, lower, upper] : table) {
        QuasiPeak468 meter(rate, 1.0);
        auto x = seconds(6.0);
        for (double at_s = 0.0; at_s < 6.0; at_s += 1.0 / per_s) {
            burst(x, at_s, 0.005, 0.1);
        }
        const auto half = static_cast<std::ptrdiff_t>(x.size() / 2);
        meter.process({x.begin(), x.begin() + half});
        (void)meter.highest_db();
        meter.process({x.begin() + half, x.end()});
        const double percent = 100.0 * std::pow(10.0, (meter.highest_db() - steady) / 20.0);
        EXPECT_GE(percent, lower) << per_s << " a second";
        EXPECT_LE(percent, upper) << per_s << " a second";
    }
}

TEST_P(Meter468, ToneComingOnDoesNotOverswing) {
    for (const double hz : {1000.0, 5000.0}) {
        QuasiPeak468 meter(rate, 1.0);
        auto x = seconds(4.0);
        burst(x, 0.0, 4.0, 0.1, hz);
        meter.process(x);
        EXPECT_LE(meter.highest_db() - meter.reading_db(), 0.3);
        EXPECT_NEAR(meter.reading_db(), steady_db(0.1, hz), 0.05);
    }
}

TEST_P(Meter468, TurnedPolarityReadsWithinHalfADb) {
    // single-sided pulses, 1 ms, 100 a second: the Recommendation's asymmetrical signal
    QuasiPeak468 up(rate, 1.0), down(rate, 1.0);
    auto x = seconds(4.0);
    for (std::size_t i = 0; i < x.size(); ++i) {
        x[i] = std::fmod(static_cast<double>(i) / rate, 0.01) < 0.001 ? 0.2F : 0.0F;
    }
    up.process(x);
    for (float& sample : x) {
        sample = -sample;
    }
    down.process(x);
    EXPECT_LE(std::abs(up.reading_db() - down.reading_db()), 0.5);
    EXPECT_GT(up.reading_db(), -40.0);
}

TEST(QuasiPeak468, RestsAtTheBottomAndForgetsWhatIsNoNumber) {
    QuasiPeak468 meter(48000.0, 1.0);
    EXPECT_NEAR(meter.reading_db(), -160.0, 1e-9);
    meter.process(std::vector<float>(10, std::nanf("")));
    EXPECT_NEAR(meter.reading_db(), -160.0, 1e-9);
    EXPECT_THROW(QuasiPeak468(48000.0, 0.0), std::invalid_argument);
    EXPECT_THROW(QuasiPeak468(8000.0, 1.0), std::invalid_argument);
}

} // namespace
} // namespace overbias::dsp::quasi_peak_468_test
