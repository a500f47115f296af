// SPDX-License-Identifier: Apache-2.0
// The whole meter on tones with known answers.
#include "dsp/analysis/wow_flutter.hpp"
#include "flutter_signals.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

namespace {
using namespace overbias::dsp;
using namespace overbias::dsp::test;

/// 95th percentile of |sin|: sin(0.95 pi / 2).
const double kSineTwoSigma = std::sin(0.95 * std::numbers::pi / 2.0);

WowFlutterReading measured(const FlutterTone& tone) {
    return measure_wow_flutter(flutter_tone(tone), {.rate_hz = tone.rate_hz, .nominal_carrier_hz = tone.carrier_hz})
        .reading;
}

TEST(WowFlutter, every_row_of_the_standard_reads_as_its_weight_says) {
    for (const FlutterWeight& row : kFlutterWeights) {
        // whole periods after the four seconds of settling, as nearly as the bridge's delay lets it be
        const double periods = std::ceil((row.flutter_hz < 1.0 ? 30.0 : 10.0) * row.flutter_hz);
        const auto got = measured({.duration_s = 4.2 + periods / row.flutter_hz, .flutter_hz = row.flutter_hz});
        const double expected = 0.1 * kSineTwoSigma * std::pow(10.0, row.db / 20.0);
        ASSERT_TRUE(got.weighted_two_sigma_percent) << row.flutter_hz;
        EXPECT_NEAR(*got.weighted_two_sigma_percent / expected, 1.0, 0.03) << row.flutter_hz << " Hz";
    }
}

TEST(WowFlutter, flutter_locked_to_the_samples_reads_the_same_in_every_phase) {
    for (const double flutter_hz : {100.0, 200.0}) {
        double least = 1e9, most = 0.0;
        for (const double phase : {0.0, 0.1, 0.2, 0.3}) {
            const auto got = measured({.duration_s = 6.2, .flutter_hz = flutter_hz, .flutter_phase_rad = phase});
            least = std::min(least, *got.weighted_two_sigma_percent);
            most = std::max(most, *got.weighted_two_sigma_percent);
        }
        EXPECT_LT(most / least, 1.005) << flutter_hz;
    }
}

TEST(WowFlutter, is_linear_from_a_hundredth_to_ten_percent) {
    for (const double percent : {0.01, 0.1, 1.0, 10.0}) {
        const auto got = measured({.percent = percent});
        EXPECT_NEAR(*got.weighted_two_sigma_percent / (percent * kSineTwoSigma), 1.0, 0.005) << percent;
        EXPECT_NEAR(*got.weighted_quasi_peak_percent / percent, 1.0, 0.005) << percent;
        EXPECT_EQ(got.excluded_share, 0.0) << percent;
    }
}

TEST(WowFlutter, any_carrier_at_any_rate_reads_the_same) {
    for (const auto& [rate, carrier] : {std::pair{44100.0, 1000.0},
                                        {44100.0, 13000.0},
                                        {48000.0, 3000.0},
                                        {48000.0, 12500.0},
                                        {88200.0, 10000.0},
                                        {96000.0, 3150.0},
                                        {192000.0, 1000.0},
                                        {192000.0, 13000.0}}) {
        const auto got = measured({.rate_hz = rate, .duration_s = 9.2, .carrier_hz = carrier});
        EXPECT_NEAR(*got.weighted_two_sigma_percent / (0.1 * kSineTwoSigma), 1.0, 0.005) << rate << ' ' << carrier;
        EXPECT_NEAR(*got.carrier_hz / carrier, 1.0, 1e-5) << rate << ' ' << carrier;
    }
}

TEST(WowFlutter, unweighted_is_flat_inside_its_band_and_the_bands_part_at_6_hz) {
    for (const double flutter_hz : {1.0, 2.0, 4.0, 10.0, 20.0, 63.0, 100.0}) {
        const auto got = measured({.duration_s = 14.2, .flutter_hz = flutter_hz});
        EXPECT_NEAR(*got.unweighted_percent / (0.1 * kSineTwoSigma), 1.0, 0.01) << flutter_hz;
    }
    const auto wow = measured({.flutter_hz = 1.0});
    EXPECT_NEAR(*wow.wow_percent, 0.1, 0.002);
    EXPECT_LT(*wow.flutter_percent, 0.001);
    const auto flutter = measured({.flutter_hz = 30.0});
    EXPECT_NEAR(*flutter.flutter_percent, 0.1, 0.002);
    EXPECT_LT(*flutter.wow_percent, 0.001);
}

TEST(WowFlutter, no_modulation_reads_nothing_and_level_flutter_is_not_flutter) {
    for (const double modulation : {0.0, 0.5}) {
        for (const double speed : {1.0, 0.97}) {
            const auto got = measured({.percent = 0.0, .speed = speed, .level_modulation = modulation});
            const double limit = modulation == 0.0 ? 0.00005 : 0.001;
            EXPECT_LT(*got.weighted_two_sigma_percent, limit);
            EXPECT_LT(*got.unweighted_percent, limit);
            EXPECT_LT(*got.weighted_quasi_peak_percent, limit);
            EXPECT_EQ(got.excluded_share, 0.0);
        }
    }
}

TEST(WowFlutter, speed_error_is_exact) {
    for (const double error : {0.3, -0.3, 4.0}) {
        const auto got = measured({.percent = 0.05, .speed = 1.0 + error / 100.0});
        EXPECT_NEAR(*got.speed_error_percent, error, 0.001);
        EXPECT_NEAR(*got.carrier_hz, 3150.0 * (1.0 + error / 100.0), 0.03);
        EXPECT_NEAR(*got.drift_percent, 0.0, 0.001);
    }
}

TEST(WowFlutter, drift_is_the_change_of_the_mean_speed) {
    // speed rises by 0.05 % in 60 s: phase = 2 pi fc (t + 0.0005 t^2 / (2 * 60))
    std::vector<float> samples(48000 * 60);
    for (std::size_t n = 0; n < samples.size(); ++n) {
        const double t = static_cast<double>(n) / 48000.0;
        samples[n] = static_cast<float>(0.25 * std::sin(kTwoPi * 3150.0 * (t + 0.0005 * t * t / 120.0)));
    }
    const auto got = measure_wow_flutter(samples, {}).reading;
    EXPECT_NEAR(*got.drift_percent / got.drift_over_s, 0.05 / 60.0, 0.05 / 60.0 * 0.01);
    EXPECT_GT(got.drift_over_s, 55.0);
}

TEST(WowFlutter, a_drop_out_is_left_out_and_does_not_move_the_reading) {
    for (const double flutter_hz : {4.0, 40.0}) {
        auto samples = flutter_tone({.flutter_hz = flutter_hz});
        const auto without = measure_wow_flutter(samples, {}).reading;
        std::mt19937 random(5);
        std::normal_distribution<float> hiss(0.0F, 0.001F);
        for (const double at_s : {7.3, 12.11, 12.3, 19.87}) {
            for (std::size_t n = 0; n < 960; ++n) {
                float& x = samples[static_cast<std::size_t>(at_s * 48000.0) + n];
                x = at_s < 15.0 ? hiss(random) : 0.03F * x;
            }
        }
        const auto with = measure_wow_flutter(samples, {}).reading;
        EXPECT_NEAR(*with.weighted_two_sigma_percent / *without.weighted_two_sigma_percent, 1.0, 0.02);
        EXPECT_NEAR(*with.weighted_quasi_peak_percent / *without.weighted_quasi_peak_percent, 1.0, 0.02);
        EXPECT_NEAR(*with.unweighted_percent / *without.unweighted_percent, 1.0, 0.02);
        EXPECT_GT(with.excluded_share, 0.08 / 30.0);
        EXPECT_LT(with.excluded_share, 0.16 / 30.0);
    }
}

TEST(WowFlutter, live_in_blocks_of_any_length_reads_as_offline) {
    const auto samples = flutter_tone({.duration_s = 14.0, .percent = 0.2, .speed = 1.002});
    WowFlutterMeter meter({.memory_s = 14.0});
    std::size_t at = 0;
    for (std::size_t block = 1; at < samples.size(); block = block * 3 % 1000 + 1) {
        const auto rest = std::span<const float>(samples).subspan(at);
        meter.process(rest.first(std::min(block, rest.size())));
        at += block;
    }
    const auto live = meter.reading();
    const auto offline = measure_wow_flutter(samples, {}).reading;
    EXPECT_DOUBLE_EQ(*live.weighted_two_sigma_percent, *offline.weighted_two_sigma_percent);
    EXPECT_DOUBLE_EQ(*live.speed_error_percent, *offline.speed_error_percent);
}

TEST(WowFlutter, the_memory_forgets) {
    WowFlutterMeter meter({.memory_s = 6.0});
    meter.process(flutter_tone({.duration_s = 12.0, .percent = 1.0}));
    EXPECT_NEAR(*meter.reading().weighted_two_sigma_percent, 1.0, 0.01);
    meter.process(flutter_tone({.duration_s = 12.0, .percent = 0.1}));
    EXPECT_NEAR(*meter.reading().weighted_two_sigma_percent, 0.1, 0.002);
}

TEST(WowFlutter, says_nothing_where_there_is_no_tone_and_nothing_of_flutter_before_it_has_settled) {
    std::mt19937 random(9);
    std::normal_distribution<float> noise(0.0F, 0.1F);
    std::vector<float> samples(48000 * 8);
    for (float& x : samples) {
        x = noise(random);
    }
    for (const auto& input : {samples, std::vector<float>(48000 * 8)}) {
        const auto got = measure_wow_flutter(input, {}).reading;
        EXPECT_FALSE(got.carrier_present);
        EXPECT_FALSE(got.carrier_hz);
        EXPECT_FALSE(got.weighted_two_sigma_percent);
    }
    const auto fresh = measured({.duration_s = 3.0});
    EXPECT_NEAR(*fresh.carrier_hz, 3150.0, 1.0);
    EXPECT_FALSE(fresh.weighted_two_sigma_percent);
    EXPECT_FALSE(fresh.weighted_quasi_peak_percent);
}

TEST(WowFlutter, a_tone_after_silence_and_another_level_later_are_read) {
    std::vector<float> samples(48000 * 5);
    for (const double amplitude : {0.25, 0.02}) { // 22 dB down: a drop-out for a second, then the new level
        const auto tone = flutter_tone({.duration_s = 20.0, .amplitude = amplitude});
        samples.insert(samples.end(), tone.begin(), tone.end());
    }
    WowFlutterMeter meter({});
    meter.process(samples);
    const auto got = meter.reading();
    EXPECT_NEAR(*got.weighted_two_sigma_percent, 0.0997, 0.001);
    EXPECT_EQ(got.excluded_share, 0.0);
}

TEST(WowFlutter, a_tone_after_music_is_read_as_if_there_had_been_none) {
    std::mt19937 random(9);
    std::normal_distribution<float> music(0.0F, 0.3F);
    std::vector<float> samples(48000 * 20);
    for (float& x : samples) {
        x = music(random);
    }
    samples[1000] = std::numeric_limits<float>::quiet_NaN(); // and what a broken file may hold
    WowFlutterMeter meter({});
    meter.process(samples);
    EXPECT_FALSE(meter.reading().carrier_present);
    meter.process(flutter_tone({.duration_s = 30.0, .amplitude = 0.3}));
    const auto got = meter.reading();
    EXPECT_TRUE(got.carrier_present);
    EXPECT_NEAR(*got.weighted_two_sigma_percent, 0.0997, 0.0005);
    EXPECT_EQ(got.excluded_share, 0.0);
}

TEST(WowFlutter, finds_a_carrier_it_was_not_told) {
    for (const double carrier : {3000.0, 3150.0}) {
        const auto report = measure_wow_flutter(
            flutter_tone({.duration_s = 12.0, .carrier_hz = carrier, .speed = 1.01}), {.nominal_carrier_hz = 0.0});
        EXPECT_EQ(report.nominal_carrier_hz, carrier);
        EXPECT_NEAR(*report.reading.speed_error_percent, 1.0, 0.001);
    }
    const auto other =
        measure_wow_flutter(flutter_tone({.duration_s = 12.0, .carrier_hz = 8000.0}), {.nominal_carrier_hz = 0.0});
    EXPECT_FALSE(other.reading.speed_error_percent);
    EXPECT_NEAR(*other.reading.carrier_hz, 8000.0, 0.1);
    EXPECT_NEAR(*other.reading.weighted_two_sigma_percent, 0.0997, 0.0005);
}

TEST(WowFlutter, each_line_is_named_by_the_part_that_turns_so) {
    // three sines of speed: phase modulation (df / fm) sin
    std::vector<float> samples(48000 * 40);
    std::mt19937 random(2);
    std::normal_distribution<double> hiss(0.0, 0.0005);
    for (std::size_t n = 0; n < samples.size(); ++n) {
        const double t = static_cast<double>(n) / 48000.0;
        double phase = kTwoPi * 3150.0 * t;
        for (const auto& [hz, percent] : {std::pair{12.4, 0.05}, {3.0, 0.02}, {24.8, 0.01}, {55.0, 0.03}}) {
            phase += 3150.0 * percent / 100.0 / hz * std::sin(kTwoPi * hz * t);
        }
        samples[n] = static_cast<float>(0.25 * std::sin(phase) + hiss(random));
    }
    const std::vector<RotatingPart> parts{{"supply reel", 0.9}, {"pinch roller", 3.0}, {"capstan", 12.4}};
    const auto report = measure_wow_flutter(samples, {}, parts);
    ASSERT_GE(report.lines.size(), 4U);
    const auto expect_line = [&](std::size_t at, double hz, double percent, std::size_t part, unsigned harmonic) {
        EXPECT_NEAR(report.lines[at].frequency_hz, hz, 0.02);
        EXPECT_NEAR(report.lines[at].peak_percent / percent, 1.0, 0.02);
        EXPECT_EQ(report.lines[at].part, part);
        EXPECT_EQ(report.lines[at].harmonic, harmonic);
    };
    expect_line(0, 12.4, 0.05, 2, 1);
    expect_line(1, 55.0, 0.03, FlutterLine::kNoPart, 0);
    expect_line(2, 3.0, 0.02, 1, 1);
    expect_line(3, 24.8, 0.01, 2, 2);
    for (std::size_t n = 4; n < report.lines.size(); ++n) {
        EXPECT_LT(report.lines[n].peak_percent, 0.002);
    }
}

} // namespace
