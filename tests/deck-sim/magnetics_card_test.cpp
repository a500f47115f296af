// SPDX-License-Identifier: Apache-2.0
// The simulated card against the contract of audio/ports/pcm.hpp.
#include "magnetics_rig.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace overbias::deck_sim {

using audio::ChannelRole;
using audio::StreamState;

TEST(SimulatedCard, SaysWhatItIs) {
    rig::TapeRig deck(Settings{});
    const audio::StreamFormat& playback = deck.path.pcm().playback().format();
    const audio::StreamFormat& capture = deck.path.pcm().capture().format();
    EXPECT_EQ(playback.roles, (std::vector{ChannelRole::ProgrammeOutLeft, ChannelRole::ProgrammeOutRight}));
    EXPECT_EQ(capture.roles, (std::vector{ChannelRole::TapeReturnLeft, ChannelRole::TapeReturnRight}));
    EXPECT_NE(playback.clock_domain, capture.clock_domain);
    EXPECT_EQ(playback.sample_rate_hz, 48000.0);
    EXPECT_EQ(deck.path.pcm().capture().rt_state(), StreamState::Stopped);
    EXPECT_EQ(deck.path.pcm().capture().rt_available(), 0U);
}

TEST(SimulatedCard, RefusesSettingsItCannotSimulate) {
    Settings settings;
    settings.round_trip_frames = 5.0;
    EXPECT_THROW(rig::TapeRig{settings}, std::invalid_argument);
    settings = {};
    settings.sample_rate_hz = 1000.0;
    EXPECT_THROW(rig::TapeRig{settings}, std::invalid_argument);
}

TEST(SimulatedCard, StartsBothStreamsTogetherBehindSilence) {
    rig::TapeRig deck(rig::ideal());
    deck.attended = false;
    deck.run(0.0125); // not at a round time
    audio::Pcm& pcm = deck.path.pcm();
    ASSERT_TRUE(pcm.start(1920).ok());
    EXPECT_FALSE(pcm.start(1920).ok()); // once is enough
    EXPECT_EQ(pcm.playback().rt_timestamp().frame, 0);
    EXPECT_EQ(pcm.capture().rt_timestamp().frame, 0);
    EXPECT_EQ(pcm.playback().rt_timestamp().at, pcm.capture().rt_timestamp().at);
    std::vector<std::int32_t> block(96, 1 << 20);
    std::int64_t first = -1;
    EXPECT_EQ(pcm.playback().rt_write(block, first), 48U);
    EXPECT_EQ(first, 1920); // frames before are silence
    deck.run(0.020);
    std::vector<std::int32_t> got(8192);
    const std::size_t frames = pcm.capture().rt_read(got, first);
    EXPECT_EQ(first, 0);
    EXPECT_GE(frames, 940U);
    EXPECT_LE(frames, 960U);
    pcm.stop();
    EXPECT_EQ(pcm.playback().rt_state(), StreamState::Stopped);
    EXPECT_TRUE(pcm.start(1920).ok());
}

TEST(SimulatedCard, TimestampsAreTrueToTheCrystalAndNotToTheBlocks) {
    Settings settings = rig::ideal();
    settings.play_clock_ppm = 100.0;
    settings.capture_clock_ppm = -50.0;
    rig::TapeRig deck(settings);
    ASSERT_TRUE(deck.start());
    deck.run(10.0);
    deck.now_s += 0.00037; // in the midst of a step
    const audio::StreamTimestamp played = deck.path.pcm().playback().rt_timestamp();
    const audio::StreamTimestamp caught = deck.path.pcm().capture().rt_timestamp();
    EXPECT_NEAR(static_cast<double>(played.frame) / seconds(played.at), 48004.8, 1e-4);
    EXPECT_NEAR(static_cast<double>(caught.frame) / seconds(caught.at), 47997.6, 1e-4);
    EXPECT_GT(seconds(played.at), deck.now_s - 1.0 / 48000.0);
    EXPECT_LE(seconds(played.at), deck.now_s + 1e-9);
    EXPECT_GT(seconds(caught.at), deck.now_s - 1.0 / 47000.0);
}

TEST(SimulatedCard, CaptureNumbersAreGaplessAndHeldBackUntilTheirTime) {
    rig::TapeRig deck(rig::ideal());
    ASSERT_TRUE(deck.start());
    deck.attended = false;
    std::vector<std::int32_t> block(2000);
    std::int64_t expected = 0;
    for (int i = 0; i < 200; ++i) {
        deck.run(0.003);
        deck.attended = false;
        std::int64_t first = 0;
        const std::size_t got = deck.path.pcm().capture().rt_read(block, first);
        if (got > 0) {
            EXPECT_EQ(first, expected);
            expected = first + static_cast<std::int64_t>(got);
        }
        EXPECT_LE(static_cast<double>(expected) / 48000.0, deck.now_s + 1e-9);
        EXPECT_GT(static_cast<double>(expected) / 48000.0, deck.now_s - 0.0011);
    }
}

TEST(SimulatedCard, ALateReaderLosesFramesButNotTheCount) {
    rig::TapeRig deck(rig::ideal());
    ASSERT_TRUE(deck.start());
    deck.run(0.1);
    deck.attended = false;
    deck.run(0.5); // 24000 frames into a buffer of 16384
    audio::CaptureStream& capture = deck.path.pcm().capture();
    EXPECT_EQ(capture.rt_state(), StreamState::Xrun);
    EXPECT_EQ(capture.rt_available(), 0U);
    EXPECT_TRUE(capture.rt_recover());
    deck.run(0.01);
    std::vector<std::int32_t> block(2000);
    std::int64_t first = 0;
    EXPECT_GT(capture.rt_read(block, first), 400U);
    EXPECT_NEAR(static_cast<double>(first) / 48000.0, 0.6, 0.001);
}

TEST(SimulatedCard, ADryQueueIsAnXrunAndGoesOnInItsPlace) {
    rig::TapeRig deck(rig::ideal());
    ASSERT_TRUE(deck.start(960));
    deck.run(0.1);
    deck.attended = false;
    deck.run(0.3);
    audio::PlaybackStream& playback = deck.path.pcm().playback();
    EXPECT_EQ(playback.rt_state(), StreamState::Xrun);
    EXPECT_EQ(playback.rt_writable(), 0U);
    std::vector<std::int32_t> block(96, 0);
    std::int64_t first = 0;
    EXPECT_EQ(playback.rt_write(block, first), 0U);
    EXPECT_TRUE(playback.rt_recover());
    EXPECT_EQ(playback.rt_write(block, first), 48U);
    EXPECT_EQ(first, 19200 + 960); // now and the latency
    EXPECT_EQ(playback.rt_state(), StreamState::Running);
}

TEST(SimulatedCard, XrunFaultLosesTheFramesAskedFor) {
    rig::TapeRig deck(rig::ideal(), {rig::fault("xrun:time_s=0.2,length_ms=30,direction=capture")});
    ASSERT_TRUE(deck.start());
    deck.run(0.25);
    audio::CaptureStream& capture = deck.path.pcm().capture();
    EXPECT_EQ(capture.rt_state(), StreamState::Xrun);
    const std::size_t before = deck.captured[0].size();
    EXPECT_NEAR(static_cast<double>(before), 0.2 * 48000.0, 100.0);
    EXPECT_TRUE(capture.rt_recover());
    std::vector<std::int32_t> block(4000);
    std::int64_t first = 0;
    EXPECT_GT(capture.rt_read(block, first), 0U);
    EXPECT_EQ(static_cast<std::size_t>(first), before + 1440);

    rig::TapeRig other(rig::ideal(), {rig::fault("xrun:time_s=0.2,length_ms=30,direction=playback")});
    ASSERT_TRUE(other.start());
    other.run(0.205);
    auto& playback = other.path.pcm().playback();
    EXPECT_EQ(playback.rt_state(), StreamState::Running); // it still plays what is queued, and takes nothing more
    EXPECT_EQ(playback.rt_writable(), 0U);
    const std::int64_t written = other.written;
    other.attended = false;
    while (playback.rt_state() == StreamState::Running) {
        other.run(0.001);
        ASSERT_LT(other.path.pcm().playback().rt_timestamp().frame, written + 1000);
    }
    EXPECT_FALSE(playback.rt_recover()); // the host is still stalled
    other.run(0.030);
    EXPECT_TRUE(playback.rt_recover());
    EXPECT_GT(playback.rt_write(block, first), 0U);
    EXPECT_GE(first, written + 1440);
}

TEST(SimulatedCard, CaptureHasTwentyFourBits) {
    Settings settings = rig::ideal();
    rig::TapeRig deck(settings);
    deck.path.select_monitor(Monitor::Input);
    deck.programme = rig::sine(997.0, -1.0);
    ASSERT_TRUE(deck.start());
    deck.run(0.2);
    deck.attended = false;
    deck.run(0.02);
    std::vector<std::int32_t> block(1000);
    std::int64_t first = 0;
    ASSERT_GT(deck.path.pcm().capture().rt_read(block, first), 100U);
    for (const std::int32_t value : block) {
        ASSERT_EQ(value & 0xff, 0);
    }
}

TEST(SimulatedCard, FullScaleClipsAndDoesNotWrap) {
    Settings settings = rig::ideal();
    settings.capture_dbfs_at_operating_level = -4.0; // 10 dB hotter than the output side
    rig::TapeRig deck(settings);
    deck.path.select_monitor(Monitor::Input);
    deck.programme = rig::sine(50.0, -0.1);
    ASSERT_TRUE(deck.start());
    deck.run(0.3);
    float previous = deck.captured[0].front();
    for (const float value : deck.last(0, 0.2)) {
        ASSERT_LE(std::abs(value), 1.0F);
        ASSERT_LT(std::abs(value - previous), 1.0F);
        previous = value;
    }
}

} // namespace overbias::deck_sim
