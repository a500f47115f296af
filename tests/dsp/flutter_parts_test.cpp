// SPDX-License-Identifier: Apache-2.0
// Weighting network, needle and demodulator of the flutter meter by themselves.
#include "dsp/analysis/flutter_detectors.hpp"
#include "dsp/analysis/flutter_filters.hpp"
#include "dsp/analysis/flutter_gaps.hpp"
#include "dsp/analysis/fm_demodulator.hpp"
#include "flutter_signals.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <random>
#include <span>
#include <vector>

namespace {
using namespace overbias::dsp;
using namespace overbias::dsp::test;

TEST(FlutterWeighting, meets_the_17_points_at_every_rate_of_the_demodulator) {
    for (const double rate : {2000.0, 2087.0, 2100.0, 3200.0, 4363.0, 10000.0}) {
        const auto sections = flutter_band_sections(kWeighted, rate);
        double worst = 0.0, worst_hz = 0.0;
        for (const auto& [hz, db] : kFlutterWeights) {
            double gain = 1.0;
            for (const auto& section : sections) {
                gain *= magnitude(section, hz, rate);
            }
            const double error = 20.0 * std::log10(gain) - db;
            EXPECT_LT(std::abs(error), hz < 0.15 ? 0.25 : 0.19) << hz << " Hz at " << rate;
            if (std::abs(error) > std::abs(worst)) {
                worst = error;
                worst_hz = hz;
            }
        }
        std::printf("weighting at %.0f Hz: worst %+.3f dB, at %g Hz\n", rate, worst, worst_hz);
    }
}

TEST(FlutterWeighting, refuses_a_rate_that_cannot_hold_200_hz) {
    EXPECT_THROW((void)flutter_band_sections(kWeighted, 500.0), std::invalid_argument);
}

struct Needle {
    double highest, lowest;
};
/// Pulses of one direction, `length_s` each second, of the peak-to-peak value of the reference sine (peak 1).
Needle pulses(double length_s, double rate) {
    QuasiPeakFlutter needle(rate);
    Needle seen{0.0, 1e9};
    for (int n = 0; n < static_cast<int>(12.0 * rate); ++n) {
        const double in_second = std::fmod(n / rate, 1.0);
        const double reading = needle.rt_process(in_second < length_s ? 2.0 : 0.0);
        if (n > 6.0 * rate) {
            seen.highest = std::max(seen.highest, reading);
            seen.lowest = std::min(seen.lowest, reading);
        }
    }
    return seen;
}

TEST(FlutterNeedle, a_pulse_of_60_ms_reads_90_percent_and_100_ms_fall_to_40) {
    for (const double rate : {2000.0, 2087.0, 4363.0}) {
        EXPECT_NEAR(pulses(0.060, rate).highest, 0.90, 0.01) << rate;
        EXPECT_NEAR(pulses(0.100, rate).lowest, 0.40, 0.01) << rate;
    }
    const double ten = pulses(0.010, 2000.0).highest, thirty = pulses(0.030, 2000.0).highest;
    const double hundred = pulses(0.100, 2000.0).highest;
    RecordProperty("10_30_100_ms", std::to_string(ten) + " " + std::to_string(thirty) + " " + std::to_string(hundred));
    EXPECT_LT(ten, thirty); // their windows have no source that could be a limit; their order has
    EXPECT_LT(thirty, 0.90);
    EXPECT_GT(hundred, 0.95);
}

TEST(FlutterNeedle, reads_half_of_peak_to_peak_at_any_frequency_of_flutter) {
    for (const double hz : {4.0, 10.0, 30.0, 100.0}) {
        QuasiPeakFlutter needle(2087.0);
        double highest = 0.0;
        for (int n = 0; n < 8 * 2087; ++n) {
            const double reading = needle.rt_process(0.7 * std::sin(kTwoPi * hz * n / 2087.0));
            highest = n > 4 * 2087 ? std::max(highest, reading) : 0.0;
        }
        EXPECT_NEAR(highest / 0.7, 1.0, 0.015) << hz;
    }
}

TEST(FlutterNeedle, is_as_high_for_swings_to_either_side) {
    QuasiPeakFlutter up(2000.0), down(2000.0);
    for (int n = 0; n < 4000; ++n) {
        const double x = n % 700 < 80 ? 1.0 : 0.0;
        EXPECT_DOUBLE_EQ(up.rt_process(x), down.rt_process(-x));
    }
}

TEST(SwingMemory, tells_what_a_share_exceeds_of_the_last_values_only) {
    SwingMemory memory(100);
    for (int n = 0; n < 500; ++n) {
        memory.rt_push(1000.0F, true);
    }
    for (int n = 1; n <= 100; ++n) {
        memory.rt_push(n % 2 == 0 ? static_cast<float>(n) : static_cast<float>(-n), true);
    }
    EXPECT_EQ(memory.exceeded_by(0.05), 95.0);
    EXPECT_EQ(memory.exceeded_by(0.0), 100.0);
    for (int n = 0; n < 50; ++n) {
        memory.rt_push(1e6F, false);
    }
    EXPECT_EQ(memory.exceeded_by(0.0), 100.0); // 51 ... 100 are left
    EXPECT_NEAR(memory.rms(), std::sqrt((338350.0 - 42925.0) / 50.0), 1e-6);
}

TEST(SwingMemory, two_sigma_of_normal_noise_is_1_96_times_its_rms) {
    std::mt19937 random(8);
    std::normal_distribution<float> normal(0.0F, 0.3F);
    SwingMemory memory(200000);
    for (int n = 0; n < 200000; ++n) {
        memory.rt_push(normal(random), true);
    }
    EXPECT_NEAR(memory.exceeded_by(0.05), 1.960 * 0.3, 0.006);
}

std::vector<FmSample> demodulated(std::span<const float> samples, const FmDemodulatorConfig& config) {
    FmDemodulator demodulator(config);
    std::vector<FmSample> out(demodulator.most_outputs(samples.size()));
    out.resize(demodulator.process(samples, out));
    return out;
}

TEST(FmDemodulator, tells_frequency_and_level_at_once_and_from_block_to_block) {
    const auto samples = flutter_tone({.duration_s = 1.0, .percent = 0.0, .speed = 1.05, .amplitude = 0.4});
    FmDemodulator demodulator({});
    std::vector<FmSample> out(demodulator.most_outputs(samples.size()));
    std::size_t count = 0;
    for (std::size_t at = 0; at < samples.size(); at += 100) {
        count += demodulator.process(std::span<const float>(samples).subspan(at, 100),
                                     std::span<FmSample>(out).subspan(count));
    }
    EXPECT_NEAR(static_cast<double>(count) / demodulator.output_rate_hz(), 1.0, 0.01);
    for (std::size_t n = 0; n < 3; ++n) {
        EXPECT_EQ(out[n].level, 0.0F); // nothing to tell yet
    }
    for (std::size_t n = 3; n < count; ++n) {
        ASSERT_NEAR(out[n].deviation, 0.05, 1e-6);
        ASSERT_NEAR(out[n].level, 0.4, 0.0005);
    }
    EXPECT_NEAR(demodulator.carrier_power() / demodulator.whole_power(), 1.0, 0.01);
}

TEST(FmDemodulator, holds_the_third_harmonic_of_the_tape_out) {
    auto samples = flutter_tone({.duration_s = 2.0, .percent = 0.0});
    for (std::size_t n = 0; n < samples.size(); ++n) { // 3 % third harmonic, hum 20 dB below
        const double t = static_cast<double>(n) / 48000.0;
        samples[n] += static_cast<float>(0.0075 * std::sin(kTwoPi * 9450.0 * t) + 0.025 * std::sin(kTwoPi * 50.0 * t));
    }
    const std::vector<FmSample> out = demodulated(samples, {});
    for (std::size_t n = 3; n < out.size(); ++n) {
        ASSERT_NEAR(out[n].deviation, 0.0, 5e-6);
    }
}

TEST(FmDemodulator, refuses_what_does_not_go_together) {
    EXPECT_THROW(FmDemodulator({.carrier_hz = 0.0}), std::invalid_argument);
    EXPECT_THROW(FmDemodulator({.rate_hz = 44100.0, .carrier_hz = 21000.0}), std::invalid_argument);
    EXPECT_THROW(FmDemodulator({.carrier_hz = 3150.0, .widest_hz = 2000.0}), std::invalid_argument);
}

TEST(FmDemodulator, scrape_of_several_kilohertz_shows_on_a_high_carrier) {
    const auto samples = flutter_tone(
        {.rate_hz = 96000.0, .duration_s = 2.0, .carrier_hz = 12500.0, .flutter_hz = 3500.0, .percent = 0.2});
    const std::vector<FmSample> out =
        demodulated(samples, {.rate_hz = 96000.0, .carrier_hz = 12500.0, .widest_hz = 5000.0});
    double power = 0.0;
    for (std::size_t n = 1; n < out.size(); ++n) {
        power += static_cast<double>(out[n].deviation) * static_cast<double>(out[n].deviation);
    }
    EXPECT_NEAR(std::sqrt(2.0 * power / static_cast<double>(out.size())), 0.002, 0.002 * 0.005);
}

TEST(FlutterGaps, bridges_a_gap_by_a_straight_line_and_marks_it) {
    FlutterGaps gaps({.rate_hz = 2000.0, .guard_s = 0.002});
    std::vector<FlutterGaps::Out> out;
    for (int n = 0; n < 3000; ++n) {
        const bool gone = n >= 1000 && n < 1040;
        out.push_back(gaps.rt_process(gone ? FmSample{-0.09F, 0.001F} : FmSample{static_cast<float>(n) * 1e-5F, 0.5F}));
    }
    const std::size_t delay = gaps.delay();
    for (std::size_t n = delay; n < out.size(); ++n) {
        const std::size_t in = n - delay;
        EXPECT_EQ(out[n].good, in < 996 || in >= 1044) << in;
        EXPECT_NEAR(out[n].deviation, static_cast<double>(in) * 1e-5, 2.5e-5) << in;
    }
}

} // namespace
