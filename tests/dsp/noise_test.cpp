// SPDX-License-Identifier: Apache-2.0
// Oracles: single tones against the printed tables; white noise against the printed tables integrated over frequency
// (the code works from poles); form factors of sine and Gaussian noise.
#include "dsp/analysis/aes17_band.hpp"
#include "dsp/analysis/noise.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <random>
#include <stdexcept>
#include <utility>
#include <vector>

namespace overbias::dsp::noise_test {
namespace {

using Curve = std::vector<std::pair<double, double>>; // Hz, dB

Curve a_curve() { // IEC 61672-1 table 3
    const std::vector<double> db{-70.4, -63.4, -56.7, -50.5, -44.7, -39.4, -34.6, -30.2, -26.2, -22.5, -19.1, -16.1,
                                 -13.4, -10.9, -8.6,  -6.6,  -4.8,  -3.2,  -1.9,  -0.8,  0.0,   0.6,   1.0,   1.2,
                                 1.3,   1.2,   1.0,   0.5,   -0.1,  -1.1,  -2.5,  -4.3,  -6.6,  -9.3};
    Curve curve;
    for (std::size_t n = 0; n < db.size(); ++n) {
        curve.emplace_back(1000.0 * std::pow(10.0, (static_cast<double>(n) - 20.0) / 10.0), db[n]);
    }
    return curve;
}
const Curve k468{{31.5, -29.9},  {63, -23.9},    {100, -19.8},  {200, -13.8}, {400, -7.8},  {800, -1.9},
                 {1000, 0.0},    {2000, 5.6},    {3150, 9.0},   {4000, 10.5}, {5000, 11.7}, {6300, 12.2},
                 {7100, 12.0},   {8000, 11.4},   {9000, 10.1},  {10000, 8.1}, {12500, 0.0}, {14000, -5.3},
                 {16000, -11.7}, {20000, -22.2}, {31500, -42.7}};

/// Power of noise of density 1 / Hz behind the curve up to half the rate, straight lines in dB over log f.
double power_behind(const Curve& curve, double top_hz) {
    double sum = 0.0;
    for (double hz = curve.front().first; hz < top_hz; hz += 2.0) {
        std::size_t i = 1;
        while (i + 1 < curve.size() && curve[i].first < hz) {
            ++i;
        }
        const auto& [f1, db1] = curve[i - 1];
        const auto& [f2, db2] = curve[i];
        const double db = db1 + (db2 - db1) * std::log(hz / f1) / std::log(f2 / f1);
        sum += 2.0 * std::pow(10.0, db / 10.0);
    }
    return sum;
}

struct Noise : ::testing::TestWithParam<double> {
    double rate = GetParam();

    [[nodiscard]] std::vector<float> sine(double seconds, double hz, double peak) const {
        std::vector<float> x(static_cast<std::size_t>(seconds * rate));
        for (std::size_t i = 0; i < x.size(); ++i) {
            x[i] = static_cast<float>(peak * std::sin(2.0 * std::numbers::pi * hz * static_cast<double>(i) / rate));
        }
        return x;
    }
    [[nodiscard]] std::vector<float> white(double seconds, double rms) const {
        std::mt19937 random(8);
        std::normal_distribution<double> normal(0.0, rms);
        std::vector<float> x(static_cast<std::size_t>(seconds * rate));
        for (float& sample : x) {
            sample = static_cast<float>(normal(random));
        }
        return x;
    }
};
INSTANTIATE_TEST_SUITE_P(Rates, Noise, ::testing::Values(44100.0, 48000.0, 96000.0, 192000.0));

TEST_P(Noise, ATone1kHzReadsItselfByEveryWeighting) {
    const NoiseLevels levels = measure_noise(sine(2.0, 1000.0, 0.01), rate);
    EXPECT_NEAR(levels.rms_dbfs, -40.0, 0.01);
    EXPECT_NEAR(levels.band_dbfs, -40.0, 0.02);
    EXPECT_NEAR(levels.a_dbfs, -40.0, 0.02);
    EXPECT_NEAR(levels.c_dbfs, -40.0, 0.02);
    EXPECT_NEAR(levels.itu468_dbfs, -40.0, 0.05);
    EXPECT_NEAR(levels.itu468_highest_dbfs, -40.0, 0.05);
    EXPECT_NEAR(levels.ccir_arm_dbfs, -45.63, 0.05);
    EXPECT_NEAR(measure_noise(sine(2.0, 2000.0, 0.01), rate).ccir_arm_dbfs, -40.0, 0.1);
}

TEST_P(Noise, ATone100HzAndATone10kHzReadWhatTheTablesSay) {
    const NoiseLevels low = measure_noise(sine(2.0, 100.0, 0.1), rate);
    EXPECT_NEAR(low.a_dbfs, -20.0 - 19.1, 0.1);
    EXPECT_NEAR(low.c_dbfs, -20.0 - 0.3, 0.1);
    EXPECT_NEAR(low.itu468_dbfs, -20.0 - 19.8, 0.3);
    EXPECT_NEAR(low.band_dbfs, -20.0, 0.02);
    const NoiseLevels high = measure_noise(sine(2.0, 10000.0, 0.1), rate);
    EXPECT_NEAR(high.a_dbfs, -20.0 - 2.5, 0.15);
    EXPECT_NEAR(high.c_dbfs, -20.0 - 4.4, 0.15);
    EXPECT_NEAR(high.itu468_dbfs, -20.0 + 8.1, 0.3);
}

TEST_P(Noise, WhiteNoiseReadsItsDensityBehindTheTables) {
    constexpr double kRms = 0.001;
    const NoiseLevels levels = measure_noise(white(10.0, kRms), rate);
    const double top_hz = rate / 2.0;
    const double density_db = 10.0 * std::log10(2.0 * kRms * kRms / top_hz);
    const double behind_a = density_db + 10.0 * std::log10(power_behind(a_curve(), std::min(top_hz, 31500.0)));
    const double behind_468 = density_db + 10.0 * std::log10(power_behind(k468, std::min(top_hz, 31500.0)));
    EXPECT_NEAR(levels.rms_dbfs, -60.0 + 3.0103, 0.05);
    EXPECT_NEAR(levels.band_dbfs, density_db + 10.0 * std::log10(20000.0 + (std::min(top_hz, 24000.0) - 20000.0) / 2.0),
                0.15);
    EXPECT_NEAR(levels.a_dbfs, behind_a, rate > 50000.0 ? 0.35 : 0.15); // the table ends at 20 kHz, noise does not
    // average detector calibrated on a sine: 1.05 dB less on Gaussian noise
    EXPECT_NEAR(levels.ccir_arm_dbfs, behind_468 - 5.63 - 1.05, 0.2);
    // a quasi-peak needle stands between the rms and the peaks
    EXPECT_GT(levels.itu468_dbfs, behind_468 + 2.0);
    EXPECT_LT(levels.itu468_dbfs, behind_468 + 6.0);
    EXPECT_GE(levels.itu468_highest_dbfs, levels.itu468_dbfs);
    EXPECT_LT(levels.itu468_highest_dbfs, levels.itu468_dbfs + 1.5);
}

TEST_P(Noise, SteadyNoiseReadsTheSameFromAShortStretch) {
    const auto x = white(10.0, 0.001);
    const NoiseLevels whole = measure_noise(x, rate);
    const NoiseLevels part = measure_noise({x.data(), static_cast<std::size_t>(0.5 * rate)}, rate);
    EXPECT_NEAR(part.a_dbfs, whole.a_dbfs, 0.4);
    EXPECT_NEAR(part.itu468_dbfs, whole.itu468_dbfs, 0.6);
    EXPECT_NEAR(part.ccir_arm_dbfs, whole.ccir_arm_dbfs, 0.4);
}

TEST_P(Noise, DirectCurrentCountsNowhere) {
    auto x = white(3.0, 1e-5);
    const NoiseLevels without = measure_noise(x, rate);
    for (float& sample : x) {
        sample += 0.01F;
    }
    const NoiseLevels with = measure_noise(x, rate);
    EXPECT_NEAR(with.rms_dbfs, without.rms_dbfs, 0.01);
    EXPECT_NEAR(with.a_dbfs, without.a_dbfs, 0.1);
    EXPECT_NEAR(with.itu468_dbfs, without.itu468_dbfs, 0.1);
}

TEST_P(Noise, TheBandPasses20HzTo20kHzAndStops24kHz) {
    const auto through_db = [this](double hz) {
        Aes17Band band(rate);
        double squares = 0.0;
        const auto settle = static_cast<std::size_t>(0.5 * rate), end = 2 * settle;
        for (std::size_t i = 0; i < end; ++i) {
            const double y = band.rt_process(std::sin(2.0 * std::numbers::pi * hz * static_cast<double>(i) / rate));
            squares += i < settle ? 0.0 : y * y;
        }
        return 10.0 * std::log10(2.0 * squares / static_cast<double>(end - settle) + 1e-30);
    };
    for (const double hz : {100.0, 1000.0, 10000.0, 15000.0, 19000.0, 20000.0}) {
        EXPECT_NEAR(through_db(hz), 0.0, 0.1) << hz;
    }
    EXPECT_NEAR(through_db(20.0), 0.0, 1.0);
    EXPECT_LT(through_db(2.0), -30.0);
    if (rate > 50000.0) {
        for (const double hz : {24000.0, 27000.0, 40000.0}) {
            EXPECT_LT(through_db(hz), -60.0) << hz;
        }
    }
}

TEST_P(Noise, SilenceIsTheFloorAndChannelsAreKeptApart) {
    const std::vector<float> silence(static_cast<std::size_t>(rate));
    const NoiseLevels none = measure_noise(silence, rate);
    for (const double db : {none.rms_dbfs, none.band_dbfs, none.a_dbfs, none.c_dbfs, none.itu468_dbfs,
                            none.itu468_highest_dbfs, none.ccir_arm_dbfs}) {
        EXPECT_LE(db, -160.0);
    }
    const auto tone = sine(1.0, 1000.0, 0.1);
    std::vector<float> both(2 * tone.size());
    for (std::size_t i = 0; i < tone.size(); ++i) {
        both[2 * i] = tone[i];
        both[2 * i + 1] = 0.1F * tone[i];
    }
    const auto levels = measure_noise(both, 2, rate);
    ASSERT_EQ(levels.size(), 2U);
    EXPECT_NEAR(levels[0].a_dbfs, -20.0, 0.02);
    EXPECT_NEAR(levels[1].a_dbfs, -40.0, 0.02);
}

TEST(NoiseOfAStretch, RefusesWhatIsTooShortOrTooSlow) {
    const std::vector<float> x(1000);
    EXPECT_THROW((void)measure_noise(x, 48000.0), std::invalid_argument);
    EXPECT_THROW((void)measure_noise(x, 8000.0), std::invalid_argument);
    EXPECT_THROW((void)measure_noise(x, 0, 8000.0), std::invalid_argument);
}

} // namespace
} // namespace overbias::dsp::noise_test
