// SPDX-License-Identifier: Apache-2.0
// The live stereo meters by the standards' own cases, not only by their twins: what a display shows is StereoMeters.
// EBU Tech 3341 v2023 cases 1, 3, 9, 10, 12, 13, 15-19, Tech 3342 cases 1 and 4, at rates whose hundredth is no
// multiple of the pass's group (44.1 and 88.2 kHz) and others.
#include "dsp/meters/stereo_meters.hpp"
#include "meter_signals.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace overbias::dsp {
namespace {

using Frames = signals::Programme;

struct LiveStereo : ::testing::TestWithParam<double> {
    double rate = GetParam();
    StereoMeters meters{{.sample_rate_hz = rate}};
    std::size_t display = meters.add_reader();

    StereoReading play(const Frames& frames) {
        meters.process(frames.samples);
        return meters.read(display);
    }
};
INSTANTIATE_TEST_SUITE_P(Rates, LiveStereo, ::testing::Values(44100.0, 88200.0, 96000.0));

TEST_P(LiveStereo, SteadyToneAndGate) {
    const StereoReading steady = play(Frames(rate).tone(20.0, -23.0));
    EXPECT_NEAR(steady.momentary_now_lufs, -23.0, 0.1);
    EXPECT_NEAR(steady.short_term_now_lufs, -23.0, 0.1);
    EXPECT_NEAR(meters.loudness().integrated_lufs().value_or(0.0), -23.0, 0.1);
    meters.restart_loudness();
    (void)play(Frames(rate).tone(10, -36).tone(60, -23).tone(10, -36));
    EXPECT_NEAR(meters.loudness().integrated_lufs().value_or(0.0), -23.0, 0.1);
}

TEST_P(LiveStereo, WindowsStayConstant) {
    Frames slow(rate), fast(rate);
    for (int i = 0; i < 5; ++i) {
        slow.tone(1.34, -20).tone(1.66, -30);
    }
    for (int i = 0; i < 25; ++i) {
        fast.tone(0.18, -20).tone(0.22, -30);
    }
    for (const auto& [programme, from_s] : {std::pair(&slow, 3.05), std::pair(&fast, 1.05)}) {
        StereoMeters own({.sample_rate_hz = rate});
        const auto block = 2 * static_cast<std::size_t>(rate / 100.0);
        double worst = 0.0;
        for (std::size_t at = 0; at + block <= programme->samples.size(); at += block) {
            own.process({programme->samples.data() + at, block});
            const double lufs = programme == &slow ? own.loudness().short_term_lufs() : own.loudness().momentary_lufs();
            const bool settled = static_cast<double>(at / 2) / rate > from_s;
            worst = std::max(worst, settled ? std::abs(lufs + 23.0) : 0.0);
        }
        EXPECT_LE(worst, 0.1) << (programme == &slow ? "S" : "M");
    }
}

TEST_P(LiveStereo, FindsTheToneWhereverItLies) {
    for (int i = 0; i < 20; ++i) {
        StereoMeters for_s({.sample_rate_hz = rate}), for_m({.sample_rate_hz = rate});
        const std::size_t reader_s = for_s.add_reader(), reader_m = for_m.add_reader();
        for_s.process(Frames(rate).silence(i * 0.15).tone(3.0, -23).silence(1.0).samples);
        EXPECT_NEAR(for_s.read(reader_s).short_term_lufs, -23.0, 0.1) << "case 10, " << i;
        for_m.process(Frames(rate).silence(i * 0.02).tone(0.4, -23).silence(1.0).samples);
        EXPECT_NEAR(for_m.read(reader_m).momentary_lufs, -23.0, 0.1) << "case 13, " << i;
    }
}

TEST_P(LiveStereo, Range) {
    (void)play(Frames(rate).tone(20, -20).tone(20, -30));
    EXPECT_NEAR(meters.loudness().range().value_or(LoudnessRange{}).lu, 10.0, 1.0);
    meters.restart_loudness();
    (void)play(Frames(rate).silence(4).tone(20, -50).tone(20, -35).tone(20, -20).tone(20, -35).tone(20, -50));
    EXPECT_NEAR(meters.loudness().range().value_or(LoudnessRange{}).lu, 15.0, 1.0);
}

TEST_P(LiveStereo, TruePeak) {
    const double cases[][4] = {{4, 0.50, 0.0, -6.0},
                               {4, 0.50, 45.0, -6.0},
                               {6, 0.50, 60.0, -6.0},
                               {8, 0.50, 67.5, -6.0},
                               {4, 1.41, 45.0, 3.0}};
    for (const auto& [samples_a_period, peak, degrees, dbtp] : cases) {
        std::vector<float> frames(2 * static_cast<std::size_t>(rate / 5.0));
        for (std::size_t i = 0; i < frames.size(); i += 2) {
            const double edge = static_cast<double>(std::min(i, frames.size() - 1 - i)) / (rate / 50.0);
            const double phase =
                2.0 * std::numbers::pi * (static_cast<double>(i / 2) / samples_a_period + degrees / 360.0);
            frames[i + 1] = static_cast<float>(peak * std::min(1.0, edge) * std::sin(phase));
        }
        meters.process(frames);
        const StereoReading reading = meters.read(display);
        EXPECT_LE(reading.true_peak_dbtp[1], dbtp + 0.05);
        EXPECT_GE(reading.true_peak_dbtp[1], dbtp - 0.15);
        EXPECT_EQ(reading.true_peak_dbtp[0], -200.0); // the other channel is silent
        meters.process(std::vector<float>(2 * 64));   // what is between samples comes 12 late
        (void)meters.read(display);
    }
}

} // namespace
} // namespace overbias::dsp
