// SPDX-License-Identifier: Apache-2.0
// A card whose capture runs at another rate than its playback: the same tones, levels and delay as ever.
#include "magnetics_rig.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace overbias::deck_sim::rig {
namespace {

class CaptureRate : public testing::TestWithParam<std::pair<double, double>> {};
INSTANTIATE_TEST_SUITE_P(PlaybackAndCapture, CaptureRate,
                         testing::Values(std::pair{96000.0, 48000.0}, std::pair{48000.0, 96000.0},
                                         std::pair{44100.0, 48000.0}));

TEST_P(CaptureRate, InputComesBackAtItsLevelAndAfterTheConvertersRoundTrip) {
    const auto [play_hz, capture_hz] = GetParam();
    Settings settings = ideal();
    settings.sample_rate_hz = play_hz;
    settings.capture_sample_rate_hz = capture_hz;
    TapeRig rig(settings);
    rig.programme = sine(1000.0, -14.0, play_hz);
    rig.path.select_monitor(Monitor::Input);
    ASSERT_TRUE(rig.start());
    EXPECT_EQ(rig.path.pcm().capture().format().sample_rate_hz, capture_hz);
    rig.run(1.0);
    const std::vector<float>& heard = rig.captured[0];
    EXPECT_NEAR(static_cast<double>(heard.size()), capture_hz, 2.0);
    const auto half = static_cast<std::size_t>(capture_hz / 2.0);
    const auto first = static_cast<double>(heard.size() - half);
    const std::complex<double> there = tone(std::span(heard).last(half), 1000.0, capture_hz);
    EXPECT_NEAR(db(std::abs(there)), -14.0, 0.02);
    const double frame = first * play_hz / capture_hz - settings.round_trip_frames;
    const std::complex<double> expected =
        std::polar(1.0, 2.0 * std::numbers::pi * 1000.0 / play_hz * frame - std::numbers::pi / 2.0);
    EXPECT_NEAR(std::arg(there / expected), 0.0, 2.0 * std::numbers::pi * 1000.0 / play_hz * 0.01); // a hundredth
}

TEST_P(CaptureRate, TapeComesBackAtItsLevel) {
    const auto [play_hz, capture_hz] = GetParam();
    for (const double tone_hz : {1000.0, 10000.0}) {
        Settings settings = ideal();
        settings.sample_rate_hz = play_hz;
        settings.capture_sample_rate_hz = capture_hz;
        TapeRig rig(settings);
        rig.programme = sine(tone_hz, -34.0, play_hz);
        rig.recording = true;
        ASSERT_TRUE(rig.start());
        rig.run(1.0);
        const auto half = static_cast<std::size_t>(capture_hz / 2.0);
        const std::complex<double> there = tone(std::span(rig.captured[1]).last(half), tone_hz, capture_hz);
        EXPECT_NEAR(db(std::abs(there)), -34.0, 0.5) << tone_hz << " Hz";
    }
}

TEST(CaptureRateFaults, LoseAsMuchTimeOfEither) {
    Settings settings = ideal();
    settings.sample_rate_hz = 96000.0;
    settings.capture_sample_rate_hz = 48000.0;
    TapeRig rig(settings, {fault("xrun:time_s=0.5,length_ms=20,direction=capture")});
    ASSERT_TRUE(rig.start());
    rig.run(0.49);
    rig.attended = false;
    rig.run(0.1);
    audio::CaptureStream& capture = rig.path.pcm().capture();
    std::vector<std::int32_t> block(2 * 16384);
    std::int64_t first = 0;
    const std::size_t before = capture.rt_read(block, first);
    const std::int64_t hole = first + static_cast<std::int64_t>(before);
    ASSERT_EQ(capture.rt_state(), audio::StreamState::Xrun);
    ASSERT_TRUE(capture.rt_recover());
    ASSERT_GT(capture.rt_read(block, first), 0U);
    EXPECT_EQ(first - hole, 960); // 20 ms
}

TEST(CaptureRateSetting, IsRefusedOutOfReach) {
    Settings settings;
    settings.capture_sample_rate_hz = 400000.0;
    EXPECT_THROW(TapeRig{settings}, std::invalid_argument);
}

} // namespace
} // namespace overbias::deck_sim::rig
