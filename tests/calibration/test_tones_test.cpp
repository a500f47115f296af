// SPDX-License-Identifier: Apache-2.0
// Files of test tones written here: crosstalk, intermodulation, response and MOL must be what the formulas of the
// signals say: leaks and levels as put in; y = x + c x^2 + d x^3 of two tones; 3 % of y = x - x^3 / 3 at A = 0.574696.
#include "calibration/measure/file_measurement.hpp"
#include "measured_file.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <gtest/gtest.h>
#include <random>
#include <vector>

namespace overbias::calibration {
namespace {

using TestTones = MeasuredFile;

double sine(double hz, double t) {
    return std::sin(kTwoPi * hz * t);
}

TEST_F(TestTones, crosstalk_both_ways) {
    // 1 kHz in the first channel, then 10 kHz in the second; each leaks
    std::mt19937_64 random(1);
    std::normal_distribution<double> noise(0.0, 1e-5);
    const auto m = measured(2, 9.0, [&](std::size_t channel, double t) {
        const double first = t < 4.0 ? 0.5 * sine(1000.0, t) : 0.0, second = t > 5.0 ? 0.4 * sine(10000.0, t) : 0.0;
        return noise(random) + (channel == 0 ? first + from_db(-38.0) * second : second + from_db(-52.0) * first);
    });
    const auto& found = m.test_tones.crosstalk;
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].from, 0U);
    EXPECT_EQ(found[0].to, 1U);
    EXPECT_NEAR(found[0].crosstalk.frequency_hz, 1000.0, 0.5);
    EXPECT_NEAR(found[0].crosstalk.separation_db, 52.0, 0.1);
    EXPECT_EQ(found[1].from, 1U);
    EXPECT_NEAR(found[1].crosstalk.separation_db, 38.0, 0.1);
    EXPECT_FALSE(found[1].crosstalk.better_than);
    ASSERT_TRUE(m.tone);
    EXPECT_NEAR(m.tone->level_dbfs.at(0).value_or(0), -6.02, 0.05);
}

TEST_F(TestTones, a_tone_in_both_channels_is_no_crosstalk_and_neither_is_digital_silence) {
    const auto both = measured(2, 3.0, [](std::size_t, double t) { return 0.5 * sine(1000.0, t); });
    EXPECT_TRUE(both.test_tones.crosstalk.empty());
    const auto one =
        measured(2, 3.0, [](std::size_t channel, double t) { return channel == 0 ? 0.5 * sine(1000.0, t) : 0.0; });
    EXPECT_TRUE(one.test_tones.crosstalk.empty());
    ASSERT_TRUE(one.tone);
    EXPECT_FALSE(one.tone->level_dbfs.at(1));
}

TEST_F(TestTones, a_channel_of_noise_carries_no_tone_and_bounds_the_crosstalk) {
    std::mt19937_64 random(2);
    std::normal_distribution<double> noise(0.0, 1e-3);
    const auto m = measured(
        2, 6.0, [&](std::size_t channel, double t) { return channel == 0 ? 0.5 * sine(1000.0, t) : noise(random); });
    ASSERT_TRUE(m.tone);
    EXPECT_TRUE(m.tone->level_dbfs.at(0));
    EXPECT_FALSE(m.tone->level_dbfs.at(1)) << "what noise holds about 1 kHz is no tone";
    ASSERT_EQ(m.test_tones.crosstalk.size(), 1U);
    EXPECT_TRUE(m.test_tones.crosstalk[0].crosstalk.better_than);
}

TEST_F(TestTones, tones_are_measured_at_their_own_frequency) {
    // beside a leak of 1 kHz the second channel has hum that is stronger: its tone is 1 kHz all the same
    const auto m = measured(2, 6.0, [](std::size_t channel, double t) {
        return channel == 0 ? 0.5 * sine(1000.0, t) : 0.05 * sine(1000.0, t) + 0.06 * sine(50.0, t);
    });
    ASSERT_TRUE(m.tone);
    EXPECT_NEAR(m.tone->frequency_hz.at(1).value_or(0), 1000.0, 0.1);
    EXPECT_NEAR(m.tone->level_dbfs.at(1).value_or(0), 20.0 * std::log10(0.05), 0.02);
}

TEST_F(TestTones, smpte_intermodulation) {
    // sidebands c A1 A2 each re A2: d2 = 2 c A1, smpte = sqrt 2 c A1
    constexpr double kC = 0.02, kA1 = 0.6, kA2 = 0.15;
    const auto m = measured(1, 8.0, [](std::size_t, double t) {
        const double x = t < 1.0 ? 0.0 : kA1 * sine(60.0, t) + kA2 * sine(7000.0, t);
        return x + kC * x * x;
    });
    ASSERT_EQ(m.test_tones.intermodulation.size(), 1U);
    ASSERT_TRUE(m.test_tones.intermodulation[0].modulation);
    EXPECT_NEAR(m.test_tones.intermodulation[0].modulation->smpte_percent, 100.0 * std::sqrt(2.0) * kC * kA1, 0.01);
    EXPECT_NEAR(m.test_tones.intermodulation[0].modulation->d2_percent, 100.0 * 2.0 * kC * kA1, 0.01);
    ASSERT_TRUE(m.tone);
    EXPECT_FALSE(m.tone->thd_n_percent.at(0)) << "the other tone is no noise";
}

TEST_F(TestTones, difference_frequency_intermodulation) {
    // d2 = c A A / 2 A; on each of two channels
    constexpr double kC = 0.02, kA = 0.3;
    const auto m = measured(2, 6.0, [](std::size_t channel, double t) {
        const double x = t > 5.0 ? 0.0 : kA * sine(10000.0, t) + kA * sine(11000.0, t);
        return x + (channel == 0 ? kC : 2.0 * kC) * x * x;
    });
    ASSERT_EQ(m.test_tones.intermodulation.size(), 2U);
    ASSERT_TRUE(m.test_tones.intermodulation[0].difference && m.test_tones.intermodulation[1].difference);
    EXPECT_NEAR(m.test_tones.intermodulation[0].difference->d2_percent, 100.0 * kC * kA / 2.0, 0.01);
    EXPECT_NEAR(m.test_tones.intermodulation[1].difference->d2_percent, 100.0 * kC * kA, 0.01);
}

TEST_F(TestTones, one_tone_or_programme_has_no_intermodulation) {
    EXPECT_TRUE(
        measured(1, 3.0, [](std::size_t, double t) { return 0.5 * sine(60.0, t); }).test_tones.intermodulation.empty());
    EXPECT_TRUE(measured(1, 3.0, [](std::size_t, double t) {
                    return 0.15 * sine(440.0, t) + 0.2 * sine(10000.0, t) + 0.2 * sine(11000.0, t);
                }).test_tones.intermodulation.empty());
    std::mt19937_64 random(3);
    std::normal_distribution<double> noise(0.0, 0.1);
    EXPECT_TRUE(
        measured(1, 3.0, [&](std::size_t, double) { return noise(random); }).test_tones.intermodulation.empty());
}

TEST_F(TestTones, response_of_a_tone_series_re_1_khz) {
    // a tape's order: 1 kHz 10 dB louder for the level, then the series at the usual level
    struct Step {
        double hz, level_db;
    };
    const std::vector<Step> steps{{1000.0, -6.0},  {10000.0, -17.5}, {100.0, -15.2},
                                  {1000.0, -16.0}, {4000.0, -16.3},  {15000.0, -19.0}};
    const auto m = measured(2, 1.5 * static_cast<double>(steps.size()), [&](std::size_t channel, double t) {
        const auto at = std::min(static_cast<std::size_t>(t / 1.5), steps.size() - 1);
        const bool gap = t - 1.5 * static_cast<double>(at) > 1.2;
        // the second channel: 1 dB down everywhere, 15 kHz 2 dB more
        const double more = channel == 0 ? 0.0 : steps[at].hz > 12000.0 ? -3.0 : -1.0;
        return gap ? 0.0 : from_db(steps[at].level_db + more) * sine(steps[at].hz, t);
    });
    ASSERT_EQ(m.test_tones.response.size(), 2U);
    const std::array<double, 5> hz{100.0, 1000.0, 4000.0, 10000.0, 15000.0}, first_db{0.8, 0.0, -0.3, -1.5, -3.0};
    for (const auto& response : m.test_tones.response) {
        ASSERT_EQ(response.points.size(), 5U);
        for (std::size_t i = 0; i < hz.size(); ++i) {
            EXPECT_NEAR(response.points[i].frequency_hz, hz[i], 0.02 * hz[i]);
            const double wanted = first_db[i] - (response.channel == 1 && hz[i] > 12000.0 ? 2.0 : 0.0);
            EXPECT_NEAR(response.points[i].level_db, wanted, 0.03) << hz[i];
        }
    }
    EXPECT_NEAR(m.test_tones.response[0].reference_dbfs, -16.0, 0.03);
    EXPECT_TRUE(m.test_tones.mol.empty()) << "two levels of 1 kHz are no staircase";
}

double bent(double x) {
    return x - x * x * x / 3.0;
}

TEST_F(TestTones, mol_of_a_staircase) {
    // -14 to -2 dB in steps of 2 dB, 2 s each, with a gap and without: 3 % at a1 = A (1 - A^2 / 4) of A = 0.574696
    const double mol_dbfs = 20.0 * std::log10(0.574696 * (1.0 - 0.574696 * 0.574696 / 4.0));
    for (const double gap_s : {0.3, 0.0}) {
        const auto m = measured(1, 14.0, [&](std::size_t, double t) {
            const double step = std::floor(t / 2.0);
            return t - 2.0 * step > 2.0 - gap_s ? 0.0 : bent(from_db(-14.0 + 2.0 * step) * sine(1000.0, t));
        });
        ASSERT_EQ(m.test_tones.mol.size(), 1U) << gap_s;
        const auto& found = m.test_tones.mol[0];
        EXPECT_EQ(found.result.verdict, dsp::MolResult::Verdict::Found) << gap_s;
        // without gaps the steps' ends are not known that well
        EXPECT_NEAR(found.result.output_db, mol_dbfs, gap_s > 0.0 ? 0.05 : 0.2) << gap_s;
        EXPECT_LT(found.result.error_db, 0.2);
        EXPECT_NEAR(found.frequency_hz, 1000.0, 0.1);
        EXPECT_TRUE(m.test_tones.response.empty());
    }
}

TEST_F(TestTones, a_staircase_that_ends_too_low_is_more_than_its_last) {
    const auto m = measured(1, 8.0, [&](std::size_t, double t) {
        const double step = std::floor(t / 2.0);
        return t - 2.0 * step > 1.7 ? 0.0 : bent(from_db(-30.0 + 4.0 * step) * sine(315.0, t));
    });
    ASSERT_EQ(m.test_tones.mol.size(), 1U);
    EXPECT_EQ(m.test_tones.mol[0].result.verdict, dsp::MolResult::Verdict::MoreThan);
    EXPECT_NEAR(m.test_tones.mol[0].result.bound_db.value_or(0), -18.0, 0.1);
    EXPECT_NEAR(m.test_tones.mol[0].frequency_hz, 315.0, 0.1);
}

} // namespace
} // namespace overbias::calibration
