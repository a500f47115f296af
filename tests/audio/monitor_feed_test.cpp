// SPDX-License-Identifier: Apache-2.0
// The card's monitor outputs through the block engine, with a card that is moved by hand.
#include "audio/block_engine.hpp"
#include "audio/listening/monitor_feed.hpp"
#include "scripted_pcm.hpp"

#include <cstdint>
#include <gtest/gtest.h>
#include <stdexcept>
#include <vector>

namespace overbias::audio {
namespace {

using testing::kLeftOut;
using testing::kRightOut;
using testing::programme;
using testing::ScriptedPcm;

constexpr std::size_t kLeftMonitor = 5, kRightMonitor = 2;
constexpr std::int64_t kBlock = 64, kLatency = 256;

class MonitorOutputs : public ::testing::Test {
  protected:
    MonitorOutputs() {
        pcm_.playback_.format_.roles[kLeftMonitor] = ChannelRole::MonitorOutLeft;
        pcm_.playback_.format_.roles[kRightMonitor] = ChannelRole::MonitorOutRight;
        engine_ = std::make_unique<BlockEngine>(
            pcm_, EngineConfig{.block_frames = kBlock, .playback_latency_frames = kLatency, .queue_frames = 1 << 15});
        feed_ = &engine_->add_monitor();
        EXPECT_TRUE(engine_->start().ok());
    }
    void turns(int count) {
        for (int i = 0; i < count; ++i) {
            pcm_.advance(kBlock);
            engine_->rt_process();
        }
    }
    [[nodiscard]] std::int32_t left(std::int64_t frame) const {
        return pcm_.playback_.played_sample(frame, kLeftMonitor);
    }
    [[nodiscard]] std::int32_t right(std::int64_t frame) const {
        return pcm_.playback_.played_sample(frame, kRightMonitor);
    }

    ScriptedPcm pcm_;
    std::unique_ptr<BlockEngine> engine_;
    MonitorFeed* feed_ = nullptr;
};

TEST_F(MonitorOutputs, PlayWhatIsFedInOrderOnceEnoughWaits) {
    const auto wanted = static_cast<std::int64_t>(feed_->wanted_frames());
    EXPECT_EQ(wanted, 2880); // 60 ms at 48 kHz
    feed_->open();
    EXPECT_EQ(feed_->write(programme(1, wanted - 1)), static_cast<std::size_t>(wanted - 1));
    turns(4);
    EXPECT_EQ(left(pcm_.playback_.written_to - 1), 0);
    EXPECT_EQ(feed_->underruns(), 0U); // it has not begun
    feed_->write(programme(wanted, 1));
    const std::int64_t from = pcm_.playback_.written_to;
    turns(45);
    for (std::int64_t i = 0; i < wanted; ++i) {
        ASSERT_EQ(left(from + i), testing::programme_left(1 + i)) << i;
        ASSERT_EQ(right(from + i), testing::programme_right(1 + i)) << i;
    }
    EXPECT_EQ(feed_->underruns(), 0U);
}

TEST_F(MonitorOutputs, RunDryInSilenceThatIsCountedAndTheProgrammeGoesOn) {
    feed_->open();
    const auto wanted = static_cast<std::int64_t>(feed_->wanted_frames());
    feed_->write(programme(1, wanted + 10)); // 45 blocks and 10 frames
    engine_->queue_write(programme(5000, 100 * kBlock));
    engine_->start_playing();
    const std::int64_t from = pcm_.playback_.written_to;
    turns(80);
    EXPECT_EQ(left(from + wanted + 9), testing::programme_left(wanted + 10));
    EXPECT_EQ(left(from + wanted + 10), 0);
    EXPECT_EQ(feed_->underruns(), static_cast<std::uint64_t>(kBlock - 10)); // of the block that it broke off in
    for (std::int64_t i = 0; i < 80 * kBlock; ++i) {
        ASSERT_EQ(pcm_.playback_.played_sample(from + i, kLeftOut), testing::programme_left(5000 + i)) << i;
        ASSERT_EQ(pcm_.playback_.played_sample(from + i, kRightOut), testing::programme_right(5000 + i)) << i;
    }
    EXPECT_EQ(engine_->counters().queue_underruns.load(), 0U);
    // one hole: it begins again only when enough waits
    feed_->write(programme(1, 100));
    turns(4);
    EXPECT_EQ(feed_->underruns(), static_cast<std::uint64_t>(kBlock - 10));
    EXPECT_EQ(left(pcm_.playback_.written_to - 1), 0);
}

TEST_F(MonitorOutputs, AreSilentWhenClosedAndForgetWhatWaited) {
    feed_->open();
    feed_->write(programme(1, 4000));
    turns(2);
    feed_->close();
    turns(2);
    EXPECT_EQ(left(pcm_.playback_.written_to - 1), 0);
    EXPECT_EQ(feed_->fill_frames(), 0U);
    feed_->open();
    turns(2);
    EXPECT_EQ(left(pcm_.playback_.written_to - 1), 0);
    EXPECT_EQ(feed_->underruns(), 0U);
}

TEST_F(MonitorOutputs, TakeOnlyWholeFramesWhenFull) {
    feed_->open();
    std::size_t taken = 0;
    for (int i = 0; i < 100; ++i) {
        taken += feed_->write(programme(1, 1001));
    }
    EXPECT_GE(taken, 4 * feed_->wanted_frames());
    EXPECT_LT(taken, 100100U);
    EXPECT_EQ(feed_->fill_frames(), taken);
}

TEST(MonitorPair, IsWholeOrNotThere) {
    ScriptedPcm none;
    BlockEngine engine(none, {});
    EXPECT_FALSE(engine.has_monitor());
    EXPECT_THROW(engine.add_monitor(), std::logic_error);
    ScriptedPcm half;
    half.playback_.format_.roles[kLeftMonitor] = ChannelRole::MonitorOutLeft;
    EXPECT_THROW(BlockEngine(half, {}), std::invalid_argument);
}

} // namespace
} // namespace overbias::audio
