// SPDX-License-Identifier: Apache-2.0
// The thread that turns the engine: it begins, turns whenever the card is ready, idles when the card is gone and ends.
#include "audio/audio_thread.hpp"

#include "scripted_pcm.hpp"

#include <atomic>
#include <condition_variable>
#include <gtest/gtest.h>
#include <mutex>
#include <pthread.h>
#include <sched.h>

namespace overbias::audio {
namespace {

using namespace testing;

constexpr EngineConfig kEngine{.block_frames = 48, .playback_latency_frames = 192, .queue_frames = 4096};

/// What the audio thread waits on: time passes for the card each time, and a test waits for the turns.
class Beat {
  public:
    explicit Beat(ScriptedPcm& card) : card_(card) {}
    bool operator()(std::chrono::milliseconds most) {
        {
            const std::lock_guard lock(mutex_);
            ++beats_;
            longest_ = std::max(longest_, most);
            if (beats_ == 1) {
                pthread_getname_np(pthread_self(), name_.data(), name_.size());
                int policy = 0;
                sched_param parameter{};
                pthread_getschedparam(pthread_self(), &policy, &parameter);
                fifo_ = policy == SCHED_FIFO;
                priority_ = parameter.sched_priority;
                pthread_attr_t attributes;
                pthread_getattr_np(pthread_self(), &attributes);
                pthread_attr_getstacksize(&attributes, &stack_bytes_);
                pthread_attr_destroy(&attributes);
            }
            if (gone_) {
                card_.capture_.state = card_.playback_.state = StreamState::Lost;
            } else if (beats_ <= 1000) { // a script is of limited length
                card_.advance(48);
            }
        }
        beaten_.notify_all();
        return true;
    }
    void wait_for(int beats) {
        std::unique_lock lock(mutex_);
        beaten_.wait(lock, [&] { return beats_ >= beats; });
    }
    void unplug() {
        const std::lock_guard lock(mutex_);
        gone_ = true;
    }
    [[nodiscard]] int beats() {
        const std::lock_guard lock(mutex_);
        return beats_;
    }

    std::array<char, 16> name_{};
    bool fifo_ = false;
    int priority_ = 0;
    std::size_t stack_bytes_ = 0;
    std::chrono::milliseconds longest_{0};

  private:
    ScriptedPcm& card_;
    std::mutex mutex_;
    std::condition_variable beaten_;
    int beats_ = 0;
    bool gone_ = false;
};

TEST(AudioThread, TurnsTheEngineUntilItIsStopped) {
    ScriptedPcm card;
    BlockEngine engine(card, kEngine);
    FrameTap& taken = engine.add_return_tap(48 * 2000);
    ASSERT_TRUE(engine.start());
    Beat beat(card);
    AudioThread thread(engine, std::ref(beat));
    EXPECT_EQ(thread.turns(), 0U);
    thread.start();
    beat.wait_for(500);
    thread.stop();
    const std::uint64_t turns = thread.turns();
    EXPECT_GE(turns, 500U);
    EXPECT_EQ(beat.name_.data(), std::string("audio"));
    EXPECT_EQ(beat.longest_, std::chrono::milliseconds(20));
    EXPECT_EQ(beat.fifo_, thread.real_time());
    EXPECT_EQ(beat.priority_, thread.real_time() ? 70 : 0);
    EXPECT_GE(beat.stack_bytes_, 240U * 1024U);
#ifndef OVERBIAS_SANITIZED
    EXPECT_LE(beat.stack_bytes_, 512U * 1024U);
#endif
    // all that was captured came through the engine
    std::vector<std::int32_t> frames(2 * 48);
    std::int64_t next = 0;
    for (FrameTap::Block block = taken.read(frames); block.frames > 0; block = taken.read(frames)) {
        ASSERT_EQ(block.first_frame, next);
        next += static_cast<std::int64_t>(block.frames);
    }
    EXPECT_GE(next, 48 * 500);
    EXPECT_EQ(thread.turns(), turns) << "it has ended";
    engine.stop();
}

TEST(AudioThread, IdlesButLivesWhenTheCardIsGoneAndGoesOnWithANewOne) {
    ScriptedPcm card;
    BlockEngine engine(card, kEngine);
    ASSERT_TRUE(engine.start());
    Beat beat(card);
    AudioThread thread(engine, std::ref(beat));
    thread.start();
    beat.wait_for(10);
    beat.unplug();
    while (!engine.counters().lost.load()) {
        sched_yield();
    }
    // the thread may be between its look at the card and its next wait
    const std::uint64_t turns = thread.turns();
    while (thread.turns() < turns + 2) {
        sched_yield();
    }
    const int beats = beat.beats();
    while (thread.turns() < turns + 5) {
        sched_yield();
    }
    EXPECT_EQ(beat.beats(), beats) << "nobody waits for a card that is gone";
    thread.stop();
    engine.stop();

    Beat again(card);
    ASSERT_TRUE(engine.start());
    AudioThread next(engine, std::ref(again));
    next.start();
    again.wait_for(10);
    next.stop();
    EXPECT_FALSE(engine.counters().lost.load());
    engine.stop();
}

TEST(AudioThread, StartsAndStopsAgainAndTwice) {
    ScriptedPcm card;
    BlockEngine engine(card, kEngine);
    ASSERT_TRUE(engine.start());
    Beat beat(card);
    AudioThread thread(engine, std::ref(beat));
    thread.stop();
    for (int run = 1; run <= 5; ++run) {
        thread.start();
        thread.start();
        beat.wait_for(run * 20);
        thread.stop();
        thread.stop();
    }
    EXPECT_THROW(AudioThread(engine, nullptr), std::invalid_argument);
    engine.stop();
}

} // namespace
} // namespace overbias::audio
