// SPDX-License-Identifier: Apache-2.0
// A sound file of a known signal, written here, is measured; what must come out is computed from the signal's formula
// or taken from a standard's table, never from the analysers.
#include "calibration/measure/file_measurement.hpp"
#include "measured_file.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <numbers>
#include <random>

namespace overbias::calibration {
namespace {

using FileMeasurementTest = MeasuredFile;

TEST_F(FileMeasurementTest, flutter_of_4_hz_reads_what_aes6_says) {
    // 0.1 % at 4 Hz, where the weighting is 0 dB: two sigma of a sine is 0.99692 of its peak
    const auto m = measured(1, 20.0, [](std::size_t, double t) {
        return 0.5 * std::sin(kTwoPi * 3150.0 * t + 3.15 / 4.0 * std::sin(kTwoPi * 4.0 * t));
    });
    ASSERT_TRUE(m.wow_flutter);
    const auto& it = m.wow_flutter->reading;
    EXPECT_NEAR(it.carrier_hz.value_or(0), 3150.0, 0.03);
    EXPECT_NEAR(it.speed_error_percent.value_or(1), 0.0, 0.001);
    EXPECT_NEAR(it.weighted_two_sigma_percent.value_or(0), 0.0997, 0.003 * 0.997);
    EXPECT_NEAR(it.unweighted_percent.value_or(0), 0.0997, 0.003 * 0.997);
    ASSERT_TRUE(m.tone);
    EXPECT_NEAR(m.tone->level_dbfs.at(0).value_or(0), 20.0 * std::log10(0.5), 0.05);
    EXPECT_FALSE(m.stereo);
}

TEST_F(FileMeasurementTest, a_tone_off_speed_says_by_how_much) {
    const auto m = measured(
        1, 12.0, [](std::size_t, double t) { return 0.3 * std::sin(kTwoPi * 3150.0 * 1.003 * t); }, 96000);
    ASSERT_TRUE(m.wow_flutter);
    EXPECT_NEAR(m.wow_flutter->reading.speed_error_percent.value_or(0), 0.3, 0.001);
    EXPECT_LT(m.wow_flutter->reading.weighted_two_sigma_percent.value_or(1), 0.0005);
}

TEST_F(FileMeasurementTest, flutter_of_ten_percent_is_still_a_carrier) {
    const auto m = measured(1, 20.0, [](std::size_t, double t) {
        return 0.5 * std::sin(kTwoPi * 3150.0 * t + 315.0 / 4.0 * std::sin(kTwoPi * 4.0 * t));
    });
    ASSERT_TRUE(m.wow_flutter);
    EXPECT_NEAR(m.wow_flutter->reading.weighted_two_sigma_percent.value_or(0), 9.97, 0.05);
}

TEST_F(FileMeasurementTest, the_third_harmonic_of_a_cubic_bend_is_three_percent) {
    // y = x - x^3 / 3, x = A sin: a1 = A (1 - A^2 / 4), a3 = A^3 / 12; 3 % exactly at A = 0.574696
    constexpr double a = 0.574696;
    const auto m = measured(1, 5.0, [](std::size_t, double t) {
        const double x = a * std::sin(kTwoPi * 1000.0 * t);
        return x - x * x * x / 3.0;
    });
    ASSERT_TRUE(m.tone);
    EXPECT_NEAR(m.tone->h3_percent.at(0).value_or(0), 3.0, 0.0173); // 0.05 dB
    EXPECT_NEAR(m.tone->thd_percent.at(0).value_or(0), 3.0, 0.0173);
    EXPECT_NEAR(m.tone->frequency_hz.at(0).value_or(0), 1000.0, 0.001);
    EXPECT_NEAR(m.tone->level_dbfs.at(0).value_or(0), 20.0 * std::log10(a * (1.0 - a * a / 4.0)), 0.01);
    EXPECT_FALSE(m.wow_flutter) << "5 s are too short for it";
}

TEST_F(FileMeasurementTest, a_stereo_tone_has_its_loudness_levels_and_azimuth) {
    // Tech 3341: stereo 1 kHz of -23 dBFS reads -23.0 LUFS; the second channel is 1 dB down and 10 us late
    const auto m = measured(2, 20.0, [](std::size_t channel, double t) {
        return channel == 0 ? from_db(-23.0) * std::sin(kTwoPi * 1000.0 * t)
                            : from_db(-24.0) * std::sin(kTwoPi * 1000.0 * (t - 10e-6));
    });
    const double both = 10.0 * std::log10((from_db(-23.0) * from_db(-23.0) + from_db(-24.0) * from_db(-24.0)) / 2.0);
    EXPECT_NEAR(m.loudness.integrated_lufs.value_or(0), both, 0.1);
    EXPECT_NEAR(m.loudness.short_term_max_lufs.value_or(0), both, 0.1);
    EXPECT_NEAR(m.loudness.true_peak_dbtp.at(0).value_or(0), -23.0, 0.05);
    ASSERT_TRUE(m.stereo);
    EXPECT_NEAR(m.stereo->level_difference_db.value_or(0), -1.0, 0.01);
    EXPECT_EQ(m.stereo->azimuth_from, AzimuthFrom::Tones);
    EXPECT_NEAR(m.stereo->azimuth_us.value_or(0), 10.0, 0.1);
    EXPECT_NEAR(m.stereo->phase_deg_at_carrier.value_or(0), -3.6, 0.02);
    EXPECT_NEAR(m.stereo->correlation.value_or(0), std::cos(kTwoPi * 1000.0 * 10e-6), 0.0005);
    ASSERT_TRUE(m.noise); // levels by weighting: all are 0 dB at 1 kHz
    EXPECT_NEAR(m.noise->rms_dbfs.at(0), -23.0, 0.01);
    EXPECT_NEAR(m.noise->a_weighted_dbfs.at(0), -23.0, 0.05);
    EXPECT_NEAR(m.noise->itu468_dbqps.at(0), -23.0, 0.1);
}

TEST_F(FileMeasurementTest, tones_in_a_row_are_told_apart_and_resolve_the_azimuth) {
    // the order of a calibration tape, with something else before and between; 5 us late
    const auto m = measured(2, 16.0, [](std::size_t channel, double t) {
        const double late = t - (channel == 1 ? 5e-6 : 0.0);
        const double noise = 0.01 * std::sin(1e5 * t * t); // a fast sweep: no tone
        return t < 1.0    ? noise
               : t < 5.0  ? 0.3 * std::sin(kTwoPi * 1000.0 * late)
               : t < 6.0  ? noise
               : t < 11.0 ? 0.3 * std::sin(kTwoPi * 10000.0 * late)
                          : 0.1 * std::sin(kTwoPi * 100.0 * late);
    });
    std::vector<double> found;
    for (const FoundTone& tone : m.tones) {
        if (tone.channel == 0) {
            found.push_back(tone.tone.frequency_hz);
        }
    }
    ASSERT_EQ(found.size(), 3U);
    EXPECT_NEAR(found[0], 1000.0, 5.0);
    EXPECT_NEAR(found[1], 10000.0, 50.0);
    EXPECT_NEAR(found[2], 100.0, 3.0);
    EXPECT_NEAR(m.tones.front().tone.begin_s, 1.0, 0.02);
    EXPECT_NEAR(m.tones.front().duration_s(), 4.0, 0.03);
    ASSERT_TRUE(m.stereo);
    EXPECT_EQ(m.stereo->azimuth_from, AzimuthFrom::Tones);
    EXPECT_NEAR(m.stereo->azimuth_us.value_or(0), 5.0, 0.05);
}

TEST_F(FileMeasurementTest, one_high_tone_leaves_whole_periods_open) {
    const auto m = measured(2, 4.0, [](std::size_t channel, double t) {
        return 0.1 * std::sin(kTwoPi * 10000.0 * (t - (channel == 1 ? 3e-6 : 0.0)));
    });
    ASSERT_TRUE(m.stereo);
    EXPECT_EQ(m.stereo->azimuth_from, AzimuthFrom::AmbiguousTone);
    EXPECT_NEAR(m.stereo->azimuth_us.value_or(0), 3.0, 0.05);
    EXPECT_NEAR(m.stereo->azimuth_period_us.value_or(0), 100.0, 0.1);
}

TEST_F(FileMeasurementTest, noise_is_no_tone_and_its_hum_is_named) {
    double loud = 0.3;
    std::mt19937_64 random(7);
    std::normal_distribution<double> noise(0.0, 1e-4);
    const Sample sample = [&](std::size_t channel, double t) {
        const double hum =
            channel == 0 ? loud * (2e-4 * std::sin(kTwoPi * 50.0 * t) + 1e-4 * std::sin(kTwoPi * 150.0 * t)) : 0;
        return noise(random) + hum;
    };
    const auto m = measured(2, 10.0, sample);
    EXPECT_FALSE(m.tone);
    EXPECT_FALSE(m.wow_flutter);
    ASSERT_TRUE(m.stereo);
    EXPECT_FALSE(m.stereo->azimuth_us) << "two noises have no delay in common";
    ASSERT_TRUE(m.noise);
    EXPECT_NEAR(m.noise->rms_dbfs.at(1), -80.0 + 3.01, 0.1); // full-scale sine 0 dBFS: its rms is 0.7071
    ASSERT_EQ(m.hum.size(), 2U);
    ASSERT_EQ(m.hum[0].lines.size(), 2U);
    EXPECT_EQ(m.hum[0].lines[0].name(), "50 Hz (1 x 50 Hz)");
    EXPECT_NEAR(m.hum[0].lines[1].level_dbfs, -80.0 + 20.0 * std::log10(0.3), 0.5);
    EXPECT_TRUE(m.hum[1].lines.empty());
    loud = 3.0; // hum that drowns the noise is a tone, and still hum
    const auto humming = measured(2, 10.0, sample);
    ASSERT_EQ(humming.hum.size(), 2U);
    EXPECT_NEAR(humming.hum[0].lines.at(0).level_dbfs, 20.0 * std::log10(6e-4), 0.1);
}

TEST_F(FileMeasurementTest, peaks_beyond_full_scale_of_a_float_file_are_kept) {
    // Tech 3341 case 19: fs/4 of 1.41 at 45 degrees, +3.0 dBTP, +0.2 / -0.4; its samples reach 0 dBFS only
    const auto m = measured(1, 1.0, [](std::size_t, double t) {
        const double fade = std::min({1.0, t / 0.01, (1.0 - t) / 0.01});
        return fade * 1.41 * std::sin(kTwoPi * kRate / 4.0 * t + std::numbers::pi / 4.0);
    });
    EXPECT_GT(m.loudness.true_peak_dbtp.at(0).value_or(0), 2.6);
    EXPECT_LT(m.loudness.true_peak_dbtp.at(0).value_or(9), 3.2);
    EXPECT_NEAR(m.loudness.sample_peak_dbfs.at(0).value_or(9), 20.0 * std::log10(1.41 * std::sqrt(0.5)), 0.01);
}

TEST_F(FileMeasurementTest, six_channels_count_as_bs_1770_says) {
    // Tech 3341 case 6 with something loud on the LFE, which must not count: -23.0 LUFS +-0.1
    const auto m = measured(6, 20.0, [](std::size_t channel, double t) {
        constexpr double kLevels_db[] = {-28.0, -28.0, -24.0, -3.0, -30.0, -30.0};
        return from_db(kLevels_db[channel]) * std::sin(kTwoPi * 1000.0 * t);
    });
    EXPECT_NEAR(m.loudness.integrated_lufs.value_or(0), -23.0, 0.1);
    EXPECT_FALSE(m.stereo);
}

TEST_F(FileMeasurementTest, silence_gives_nothing_but_its_length) {
    const auto m = measured(2, 2.0, [](std::size_t, double) { return 0.0; });
    EXPECT_DOUBLE_EQ(m.duration_s, 2.0);
    EXPECT_FALSE(m.loudness.integrated_lufs);
    EXPECT_FALSE(m.loudness.true_peak_dbtp.at(0));
    EXPECT_FALSE(m.tone);
    ASSERT_TRUE(m.stereo);
    EXPECT_FALSE(m.stereo->correlation);
    EXPECT_FALSE(m.stereo->level_difference_db);
}

TEST_F(FileMeasurementTest, a_few_frames_are_measured_as_far_as_they_go) {
    const auto m = measured(1, 0.01, [](std::size_t, double t) { return 0.5 * std::sin(kTwoPi * 1000.0 * t); });
    EXPECT_FALSE(m.noise);
    EXPECT_FALSE(m.tone);
    EXPECT_FALSE(m.loudness.momentary_max_lufs);
    EXPECT_NEAR(m.loudness.sample_peak_dbfs.at(0).value_or(0), 20.0 * std::log10(0.5), 0.1);
}

TEST_F(FileMeasurementTest, what_cannot_be_measured_is_named) {
    const auto refused = [](const std::filesystem::path& path, const char* words) {
        const auto result = measure_file(path);
        ASSERT_FALSE(result);
        EXPECT_NE(result.error().message.find(path.string()), std::string::npos) << result.error().message;
        EXPECT_NE(result.error().message.find(words), std::string::npos) << result.error().message;
    };
    refused(folder_ / "not-there.wav", "not-there.wav");
    std::ofstream(folder_ / "words.wav") << "these are words, not sound";
    refused(folder_ / "words.wav", "words.wav");
    refused(write(1, 0.0, [](std::size_t, double) { return 0.0; }), "no audio");
    refused(write(
                1, 1.0, [](std::size_t, double) { return 0.1; }, 22050),
            "22050 Hz");
}

} // namespace
} // namespace overbias::calibration
