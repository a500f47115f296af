// SPDX-License-Identifier: Apache-2.0
#include "dsp/analysis/tone.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <random>
#include <vector>

namespace overbias::dsp::tone_accuracy_test {
namespace {

struct ToneAt : ::testing::TestWithParam<double> {
    double rate = GetParam();

    [[nodiscard]] std::vector<float> second(double hz, double peak, double phase_rad) const {
        std::vector<float> x(static_cast<std::size_t>(rate));
        for (std::size_t i = 0; i < x.size(); ++i) {
            x[i] = static_cast<float>(
                peak * std::cos(2.0 * std::numbers::pi * hz * static_cast<double>(i) / rate + phase_rad));
        }
        return x;
    }
};
INSTANTIATE_TEST_SUITE_P(Rates, ToneAt, ::testing::Values(44100.0, 48000.0, 96000.0, 192000.0));

TEST_P(ToneAt, LevelIsExactFrom0ToMinus60Dbfs) {
    for (double dbfs = 0.0; dbfs >= -60.0; dbfs -= 15.0) {
        for (const double hz : {1000.0, 999.77}) {
            const Tone tone = strongest_tone(second(hz, std::pow(10.0, dbfs / 20.0), 0.3));
            EXPECT_NEAR(20.0 * std::log10(tone.amplitude), dbfs, 0.001) << hz;
        }
    }
}

TEST_P(ToneAt, LevelStaysWithin0Point01DbInTapeNoiseAndDistortion) {
    // -60 dBFS with 24 bit noise beneath it, and a strong third harmonic: the fundamental is what is asked for
    std::mt19937 random(4);
    std::normal_distribution<double> normal(0.0, 1e-7);
    for (const double dbfs : {-60.0, -20.0}) {
        auto x = second(1000.0, std::pow(10.0, dbfs / 20.0), 0.0);
        const auto third = second(3000.0, 0.03 * std::pow(10.0, dbfs / 20.0), 0.0);
        for (std::size_t i = 0; i < x.size(); ++i) {
            x[i] += third[i] + static_cast<float>(normal(random));
        }
        EXPECT_NEAR(20.0 * std::log10(strongest_tone(x).amplitude), dbfs, 0.01);
    }
}

TEST_P(ToneAt, FrequencyIsAsGoodAsNoiseAllows) {
    const int trials = rate < 50000.0 ? 80 : 16;
    constexpr double kPeak = 0.5;
    const double noise = kPeak / std::numbers::sqrt2 * 1e-3; // 60 dB
    std::mt19937 random(21);
    std::normal_distribution<double> normal(0.0, noise);
    std::uniform_real_distribution<double> any(0.0, 1.0);
    double squares = 0.0;
    for (int trial = 0; trial < trials; ++trial) {
        const double hz = 900.0 + 200.0 * any(random);
        auto x = second(hz, kPeak, 6.28 * any(random));
        for (float& sample : x) {
            sample += static_cast<float>(normal(random));
        }
        const double off_hz = strongest_tone(x).cycles_per_sample * rate - hz;
        squares += off_hz * off_hz;
    }
    const double size = rate; // one second
    const double bound_hz =
        std::sqrt(24.0 * noise * noise / (kPeak * kPeak * size * size * size)) * rate / (2.0 * std::numbers::pi);
    const double ratio = std::sqrt(squares / trials) / bound_hz;
    EXPECT_LT(ratio, rate < 50000.0 ? 1.3 : 1.5); // 1.05 expected; one sigma of 80 trials is 0.08, of 16 0.18
    EXPECT_GT(ratio, 0.6);
    RecordProperty("times_cramer_rao_percent", static_cast<int>(100.0 * ratio));
}

TEST_P(ToneAt, HarmonicsAndHumDoNotPullTheFrequency) {
    auto x = second(1000.0, 0.5, 0.1);
    const auto hum = second(50.0, 0.005, 1.0), second_h = second(2000.0, 0.01, 2.0), third = second(3000.0, 0.015, 0.5);
    for (std::size_t i = 0; i < x.size(); ++i) {
        x[i] += hum[i] + second_h[i] + third[i];
    }
    EXPECT_NEAR(strongest_tone(x).cycles_per_sample * rate, 1000.0, 1e-5);
}

} // namespace
} // namespace overbias::dsp::tone_accuracy_test
