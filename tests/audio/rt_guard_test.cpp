// SPDX-License-Identifier: Apache-2.0
// Nothing in the audio path allocates, and the trap that watches over it does spring.
#include "audio/rt_guard.hpp"

#include "audio/block_engine.hpp"
#include "scripted_pcm.hpp"

#include <cstdlib>
#include <gtest/gtest.h>
#include <thread>

namespace overbias::audio {
namespace {

using namespace testing;

#ifdef OVERBIAS_SANITIZED
#define OVERBIAS_NEEDS_TRAP() GTEST_SKIP() << "sanitizers have a malloc of their own, the trap is left out"
#else
#define OVERBIAS_NEEDS_TRAP() static_cast<void>(0)
#endif

void* volatile keep_allocation = nullptr; // or the compiler removes the pair

TEST(RtTrapDeathTest, NewInTheAudioPathAborts) {
    OVERBIAS_NEEDS_TRAP();
    EXPECT_DEATH(
        {
            const RtScope scope;
            keep_allocation = new int[64];
        },
        "memory allocated in the audio path \\(malloc");
}

TEST(RtTrapDeathTest, MallocAndItsRelativesAbort) {
    OVERBIAS_NEEDS_TRAP();
    keep_allocation = std::malloc(64);
    EXPECT_DEATH(
        {
            const RtScope scope;
            keep_allocation = std::realloc(keep_allocation, 128);
        },
        "realloc inside");
    EXPECT_DEATH(
        {
            const RtScope scope;
            keep_allocation = std::calloc(2, 64);
        },
        "calloc inside");
    EXPECT_DEATH(
        {
            const RtScope scope;
            keep_allocation = ::operator new (256, std::align_val_t{64});
        },
        "aligned_alloc|posix_memalign");
    EXPECT_DEATH(
        {
            const RtScope scope;
            std::free(keep_allocation);
        },
        "memory freed in the audio path");
    std::free(keep_allocation);
}

/// A tap whose samples pass through a vector made on the spot: what the trap is there to find.
class AllocatingCard final : public Pcm {
  public:
    class Stream final : public CaptureStream {
      public:
        const StreamFormat& format() const noexcept override { return inner.format(); }
        StreamState rt_state() noexcept override { return StreamState::Running; }
        std::size_t rt_available() noexcept override { return 32; }
        std::size_t rt_read(std::span<std::int32_t> out, std::int64_t&) noexcept override {
            std::vector<std::int32_t> copy(out.size());
            keep_allocation = copy.data();
            return 0;
        }
        bool rt_recover() noexcept override { return true; }
        StreamTimestamp rt_timestamp() noexcept override { return {}; }
        ScriptedCapture inner;
    };
    CaptureStream& capture() noexcept override { return stream; }
    PlaybackStream& playback() noexcept override { return playback_; }
    Result<void> start(std::size_t) override { return {}; }
    void stop() noexcept override {}
    Stream stream;
    ScriptedPlayback playback_;
};

TEST(RtTrapDeathTest, TheEnginesTurnIsWatched) {
    OVERBIAS_NEEDS_TRAP();
    AllocatingCard card;
    BlockEngine engine(card, {.block_frames = 32, .playback_latency_frames = 128, .queue_frames = 64});
    EXPECT_DEATH(engine.rt_process(), "audio path");
}

TEST(RtScope, IsOfItsThreadAndEnds) {
    EXPECT_FALSE(rt_in_scope());
    {
        const RtScope outer;
        { const RtScope inner; }
        EXPECT_TRUE(rt_in_scope());
    }
    EXPECT_FALSE(rt_in_scope());
    bool elsewhere = true;
    std::thread other;
    {
        // started outside, a thread allocates; looked at while this one is inside
        std::atomic<int> step{0};
        other = std::thread([&] {
            while (step.load() == 0) {
            }
            elsewhere = rt_in_scope();
            step = 2;
        });
        const RtScope scope;
        step = 1;
        while (step.load() != 2) {
        }
    }
    other.join();
    EXPECT_FALSE(elsewhere);
}

// Everything the engine can do, under the trap: taps (one of them full), playing, the end, a dry queue, xruns, marks
// that nobody takes, a stop, a lost card.
TEST(RtTrap, TheEnginesWholeTurnDoesNotAllocate) {
    ScriptedPcm card;
    BlockEngine engine(card, {.block_frames = 32, .playback_latency_frames = 128, .queue_frames = 4096});
    FrameTap& full = engine.add_played_tap(64);
    engine.add_return_tap(65536);
    ASSERT_TRUE(engine.start());
    const auto run = [&](std::int64_t frames) {
        for (std::int64_t done = 0; done < frames; done += 32) {
            card.advance(32);
            engine.rt_process();
        }
    };
    run(320);
    engine.queue_write(programme(1, 1000));
    engine.start_playing();
    run(32 * 400); // dry long enough to fill the marks
    card.capture_.capacity = 100;
    card.advance(500);
    run(320);
    engine.queue_write(programme(1, 1000));
    engine.queue_finish();
    run(2000);
    engine.stop_playing();
    run(320);
    card.playback_.state = StreamState::Lost;
    run(320);
    EXPECT_GT(full.dropped_frames(), 0U);
    EXPECT_GT(engine.counters().queue_underruns.load(), 8192U);
    EXPECT_EQ(engine.counters().playback_xruns.load(), 1U);
    EXPECT_EQ(engine.counters().capture_xruns.load(), 1U);
    EXPECT_GT(engine.played_to(), engine.played_from());
    EXPECT_TRUE(engine.counters().lost.load());
}

} // namespace
} // namespace overbias::audio
