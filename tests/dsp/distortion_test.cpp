// SPDX-License-Identifier: Apache-2.0
// Oracles: closed forms of polynomial bends (a1 = A (1 - A^2 / 4), a3 = A^3 / 12 for y = x - x^3 / 3; products of two
// tones), and the shape of a notch.
#include "dsp/analysis/distortion.hpp"
#include "dsp/analysis/intermodulation.hpp"
#include "dsp/analysis/window.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <numbers>
#include <random>
#include <stdexcept>
#include <vector>

namespace overbias::dsp::distortion_test {
namespace {

using Bend = std::function<double(double)>;

struct Bent : ::testing::TestWithParam<double> {
    double rate = GetParam();

    [[nodiscard]] std::vector<float> tone(double seconds, double hz, double peak, const Bend& bend,
                                          double noise = 0.0) const {
        return tones(seconds, hz, peak, 1.0, 0.0, bend, noise);
    }
    [[nodiscard]] std::vector<float> tones(double seconds, double hz1, double peak1, double hz2, double peak2,
                                           const Bend& bend, double noise = 0.0) const {
        std::mt19937 random(2);
        std::normal_distribution<double> normal(0.0, 1.0);
        std::vector<float> x(static_cast<std::size_t>(seconds * rate));
        for (std::size_t i = 0; i < x.size(); ++i) {
            const double t = 2.0 * std::numbers::pi * static_cast<double>(i) / rate;
            const double in = peak1 * std::sin(hz1 * t) + peak2 * std::sin(hz2 * t + 0.4);
            x[i] = static_cast<float>(bend(in) + (noise > 0.0 ? noise * normal(random) : 0.0));
        }
        return x;
    }
};
INSTANTIATE_TEST_SUITE_P(Rates, Bent, ::testing::Values(44100.0, 48000.0, 96000.0, 192000.0));

double cubic(double x) {
    return x - x * x * x / 3.0;
}

TEST_P(Bent, ThirdHarmonicIsExactDownToAHundredthOfAPercent) {
    for (const double hz : rate < 50000.0 ? std::vector<double>{1000.0, 315.0, 997.3} : std::vector<double>{1000.0}) {
        // 3 % (the MOL), 1 %, 0.3 %, 0.1 %, 0.03 %, 0.01 %: a3 / a1 = (A^2 / 12) / (1 - A^2 / 4)
        for (const double percent : {3.0, 1.0, 0.3, 0.1, 0.03, 0.01}) {
            const double r = percent / 100.0;
            const double peak = std::sqrt(12.0 * r / (1.0 + 3.0 * r));
            const Distortion d = measure_distortion(tone(2.0, hz, peak, cubic), rate);
            EXPECT_NEAR(20.0 * std::log10(d.third_percent() / percent), 0.0, 0.05) << percent << " % at " << hz;
            EXPECT_NEAR(20.0 * std::log10(d.thd_f_percent / percent), 0.0, 0.05) << percent << " % at " << hz;
            EXPECT_NEAR(d.fundamental_dbfs, 20.0 * std::log10(peak * (1.0 - peak * peak / 4.0)), 0.01);
            EXPECT_NEAR(d.fundamental_hz, hz, 1e-3);
        }
    }
    // the level the facts give for 3 %
    EXPECT_NEAR(measure_distortion(tone(2.0, 1000.0, 0.574696, cubic), rate).third_percent(), 3.0, 0.003);
}

TEST_P(Bent, ThirdHarmonicIsExactUnderNoiseAndFlutter) {
    // 0.3 % of third under hiss 54 dB below the tone (wide band), and a flutter of 0.2 % at 6 Hz that leaves no bin
    // of the harmonic alone
    std::mt19937 random(5);
    std::normal_distribution<double> normal(0.0, 0.0005);
    std::vector<float> x(static_cast<std::size_t>(6.0 * rate));
    const double r = 0.003, peak = std::sqrt(12.0 * r / (1.0 + 3.0 * r));
    for (std::size_t i = 0; i < x.size(); ++i) {
        const double t = static_cast<double>(i) / rate;
        const double phase =
            2.0 * std::numbers::pi * 1000.0 * t + 0.002 * 1000.0 / 6.0 * std::sin(2.0 * std::numbers::pi * 6.0 * t);
        x[i] = static_cast<float>(cubic(peak * std::sin(phase)) + normal(random));
    }
    const Distortion d = measure_distortion(x, rate);
    EXPECT_NEAR(20.0 * std::log10(d.third_percent() / 0.3), 0.0, 0.2);
    EXPECT_LT(d.third_noise_percent, 0.1);
    EXPECT_GT(d.third_noise_percent, 0.0);
    EXPECT_LT(d.harmonic_percent[0], 0.06); // no second: what the noise left
}

TEST_P(Bent, NoiseBeneathAHarmonicIsTakenOff) {
    // 0.1 % of third, and in its band of 27 Hz either way about 0.4 times its power of noise: 1.5 dB if it stayed
    const double r = 0.001, peak = std::sqrt(12.0 * r / (1.0 + 3.0 * r));
    const Distortion d = measure_distortion(tone(8.0, 1000.0, peak, cubic, 0.001 * std::sqrt(rate / 48000.0)), rate);
    EXPECT_NEAR(20.0 * std::log10(d.third_percent() / 0.1), 0.0, 0.8); // one sigma is 0.3
    EXPECT_NEAR(d.third_noise_percent, 0.064, 0.01);
}

TEST_P(Bent, SecondHarmonicAndTheTwoDefinitionsOfThd) {
    const auto square = [](double x) { return x + 0.1 * x * x; };
    EXPECT_NEAR(measure_distortion(tone(2.0, 1000.0, 0.5, square), rate).harmonic_percent[0], 2.5, 0.003); // c A / 2
    std::vector<float> x(static_cast<std::size_t>(2.0 * rate));
    for (std::size_t i = 0; i < x.size(); ++i) {
        const double t = 2.0 * std::numbers::pi * 1000.0 * static_cast<double>(i) / rate;
        x[i] = static_cast<float>(0.4 * std::sin(t) + 0.3 * std::sin(2.0 * t + 1.0));
    }
    const Distortion d = measure_distortion(x, rate);
    EXPECT_NEAR(d.thd_f_percent, 75.0, 0.01);
    EXPECT_NEAR(d.thd_r_percent, 60.0, 0.01);
}

TEST_P(Bent, ThdPlusNoiseIsWhatTheNotchLeaves) {
    // third harmonic through a notch of Q 2 at a third of it: (1 - 1/9)^2 / ((1 - 1/9)^2 + (1/3 / 2)^2), bilinear
    for (const double percent : {3.0, 0.1}) {
        const double r = percent / 100.0, peak = std::sqrt(12.0 * r / (1.0 + 3.0 * r));
        const Distortion d = measure_distortion(tone(2.0, 1000.0, peak, cubic), rate);
        const double w1 = std::tan(std::numbers::pi * 1000.0 / rate), w3 = std::tan(std::numbers::pi * 3000.0 / rate);
        const double ratio = w1 / w3, off = 1.0 - ratio * ratio;
        const double left = off / std::hypot(off, ratio / 2.0);
        EXPECT_NEAR(d.thd_n_percent / (percent * left), 1.0, 0.003);
    }
    // noise alone: rms of the noise in 20 Hz ... 20 kHz over that of the tone
    const auto noisy = tone(
        5.0, 1000.0, 0.5, [](double x) { return x; }, 0.001);
    const double in_band =
        0.001 * std::sqrt((20000.0 + (std::min(rate / 2.0, 24000.0) - 20000.0) / 2.0) / (rate / 2.0));
    // the notch of Q 2 takes pi / 2 * 500 Hz of noise away
    EXPECT_NEAR(measure_distortion(noisy, rate).thd_n_percent / (100.0 * in_band / (0.5 / std::numbers::sqrt2)),
                std::sqrt(1.0 - 785.0 / 20000.0), 0.015);
    EXPECT_LT(measure_distortion(tone(2.0, 1000.0, 0.5, [](double x) { return x; }), rate).thd_n_percent, 2e-4);
}

TEST_P(Bent, HarmonicsAboveTheBandDoNotCount) {
    const auto cube = [](double x) { return x + 0.1 * x * x * x; };
    EXPECT_TRUE(std::isnan(measure_distortion(tone(1.0, 10000.0, 0.5, cube), rate).third_percent()));
    EXPECT_FALSE(std::isnan(measure_distortion(tone(1.0, 6000.0, 0.5, cube), rate).third_percent()));
}

TEST_P(Bent, SmpteAndModulationDistortion) {
    constexpr double kC = 0.02, kA1 = 0.4, kA2 = 0.1;
    const auto second = [](double x) { return x + kC * x * x; };
    const auto d2 = measure_modulation_distortion(tones(3.0, 60.0, kA1, 7000.0, kA2, second), rate, 60.0, 7000.0);
    EXPECT_NEAR(d2.d2_percent, 100.0 * 2.0 * kC * kA1, 0.002); // sidebands c A1 A2 each
    EXPECT_NEAR(d2.smpte_percent, 100.0 * std::numbers::sqrt2 * kC * kA1, 0.002);
    EXPECT_LT(d2.d3_percent, 1e-3);
    const auto third = [](double x) { return x + kC * x * x * x; };
    const auto d3 = measure_modulation_distortion(tones(3.0, 60.0, kA1, 7000.0, kA2, third), rate, 60.0, 7000.0);
    // sidebands (3/4) c A1^2 A2 each; the carrier itself grows by c (3/4 A2^2 + 3/2 A1^2)
    const double carrier = 1.0 + kC * (0.75 * kA2 * kA2 + 1.5 * kA1 * kA1);
    EXPECT_NEAR(d3.d3_percent, 100.0 * 1.5 * kC * kA1 * kA1 / carrier, 0.002);
    EXPECT_LT(d3.d2_percent, 1e-3);
    EXPECT_NEAR(d3.high_hz, 7000.0, 0.2);
    // a tape one percent fast
    const auto fast = measure_modulation_distortion(tones(3.0, 60.6, kA1, 7070.0, kA2, second), rate, 60.0, 7000.0);
    EXPECT_NEAR(fast.d2_percent, 100.0 * 2.0 * kC * kA1, 0.002);
}

TEST_P(Bent, DifferenceFrequencyDistortion) {
    constexpr double kC = 0.02, kA = 0.3;
    const std::vector<std::pair<double, double>> pairs{{10000.0, 11000.0}, {14000.0, 15000.0}};
    for (const auto& [low_hz, high_hz] : pairs) {
        const auto second = [](double x) { return x + kC * x * x; };
        const auto d2 =
            measure_difference_distortion(tones(2.0, low_hz, kA, high_hz, kA, second, 1e-5), rate, low_hz, high_hz);
        EXPECT_NEAR(d2.d2_percent, 100.0 * kC * kA / 2.0, 0.002); // c A A over 2 A
        if (rate < 48000.0 && low_hz < 14000.0) {
            continue; // 2 f2 + f1 of a bend made at 44.1 kHz folds over to 100 Hz beside 2 f2 - f1
        }
        const auto third = [](double x) { return x + kC * x * x * x; };
        const auto d3 =
            measure_difference_distortion(tones(2.0, low_hz, kA, high_hz, kA, third), rate, low_hz, high_hz);
        const double each = 0.75 * kC * kA * kA * kA, primary = kA * (1.0 + kC * 2.25 * kA * kA);
        EXPECT_NEAR(d3.d3_percent, 100.0 * 2.0 * each / (2.0 * primary), 0.002);
        EXPECT_LT(d3.d2_percent, 2e-3);
    }
}

TEST(BlackmanHarrisWindow, LeavesNothingAboveMinus92DbBeyondFourBins) {
    constexpr std::size_t kSize = 512;
    const std::vector<float> window = blackman_harris_window(kSize);
    EXPECT_NEAR(window[kSize / 2], 1.0F, 1e-6F);
    EXPECT_NEAR(window[0], 0.0F, 1e-4F);
    double sum = 0.0, highest = 0.0;
    for (const float w : window) {
        sum += static_cast<double>(w);
    }
    for (double bin = 4.0; bin < 200.0; bin += 0.05) {
        double re = 0.0, im = 0.0;
        for (std::size_t n = 0; n < kSize; ++n) {
            const double angle = 2.0 * std::numbers::pi * bin * static_cast<double>(n) / kSize;
            re += static_cast<double>(window[n]) * std::cos(angle);
            im += static_cast<double>(window[n]) * std::sin(angle);
        }
        highest = std::max(highest, std::hypot(re, im) / sum);
    }
    EXPECT_LT(20.0 * std::log10(highest), -91.9); // -92.0 in Harris's table
}

TEST(Distortions, RefuseWhatHoldsNoTone) {
    const std::vector<float> silence(48000), brief(1000);
    EXPECT_THROW((void)measure_distortion(silence, 48000.0), std::invalid_argument);
    EXPECT_THROW((void)measure_distortion(brief, 48000.0), std::invalid_argument);
    EXPECT_THROW((void)measure_modulation_distortion(silence, 48000.0, 60.0, 7000.0), std::invalid_argument);
    EXPECT_THROW((void)measure_difference_distortion(silence, 48000.0, 11000.0, 10000.0), std::invalid_argument);
}

} // namespace
} // namespace overbias::dsp::distortion_test
