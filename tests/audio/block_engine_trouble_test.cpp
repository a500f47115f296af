// SPDX-License-Identifier: Apache-2.0
// The engine when something goes wrong: full taps, a dry queue, xruns, a card that goes away.
#include "audio/block_engine.hpp"

#include "scripted_pcm.hpp"

#include <atomic>
#include <gtest/gtest.h>
#include <thread>

namespace overbias::audio {
namespace {

using namespace testing;

struct EngineInTrouble : ::testing::Test {
    EngineInTrouble() { EXPECT_TRUE(engine.start()); }
    void run(std::int64_t frames, std::int64_t step = 32) {
        for (std::int64_t done = 0; done < frames; done += step) {
            card.advance(step);
            engine.rt_process();
        }
    }
    std::vector<XrunMark> marks() {
        std::vector<XrunMark> all(1024);
        all.resize(engine.take_xruns(all));
        return all;
    }
    /// Programme numbers the card played, in order, silence left out.
    std::vector<std::int64_t> numbers_played() {
        std::vector<std::int64_t> numbers;
        for (std::int64_t frame = 0; frame < card.playback_.written_to; ++frame) {
            if (const auto sample = card.playback_.played_sample(frame, kLeftOut); sample != 0) {
                numbers.push_back(sample >> 8);
            }
        }
        return numbers;
    }
    void expect_whole_programme(std::int64_t count) {
        const auto numbers = numbers_played();
        ASSERT_EQ(numbers.size(), static_cast<std::size_t>(count));
        for (std::int64_t i = 0; i < count; ++i) {
            ASSERT_EQ(numbers[static_cast<std::size_t>(i)], i + 1);
        }
    }
    ScriptedPcm card;
    BlockEngine engine{card, {.block_frames = 32, .playback_latency_frames = 128, .queue_frames = 4096}};
};

TEST_F(EngineInTrouble, FullTapDropsWholeBlocksAndTheReaderSeesTheGap) {
    FrameTap& tap = engine.add_return_tap(128);
    run(320);
    EXPECT_EQ(tap.dropped_frames(), 320U - 128U);
    std::vector<std::int32_t> frames(2 * 512);
    auto block = tap.read(frames);
    EXPECT_EQ(block.first_frame, 0);
    EXPECT_EQ(block.frames, 128U);
    run(64);
    block = tap.read(frames);
    EXPECT_EQ(block.first_frame, 320);
    EXPECT_EQ(block.frames, 64U);
    EXPECT_EQ(frames[0], captured_sample(320, kLeftReturn));
}

TEST_F(EngineInTrouble, ReaderNeverGetsARunAcrossAGap) {
    FrameTap& tap = engine.add_return_tap(64);
    run(128);
    std::vector<std::int32_t> few(2 * 40);
    EXPECT_EQ(tap.read(few).frames, 40U);
    run(32); // fits again: 24 waiting and 32 new ones
    std::vector<std::int32_t> frames(2 * 512);
    auto block = tap.read(frames);
    EXPECT_EQ(block.first_frame, 40);
    EXPECT_EQ(block.frames, 24U);
    block = tap.read(frames);
    EXPECT_EQ(block.first_frame, 128);
    EXPECT_EQ(block.frames, 32U);
    EXPECT_EQ(frames[0], captured_sample(128, kLeftReturn));
}

TEST_F(EngineInTrouble, DryQueuePlaysSilenceMarksItAndSkipsNothing) {
    engine.queue_write(programme(1, 100)); // three blocks and four frames
    engine.start_playing();
    run(224);
    const std::int64_t from = engine.played_from();
    const std::int64_t dry_from = from + 100;
    const std::int64_t dry_to = card.playback_.written_to;
    engine.queue_write(programme(101, 100));
    engine.queue_finish();
    run(320);
    expect_whole_programme(200);
    EXPECT_EQ(card.playback_.played_sample(dry_to, kLeftOut), programme_left(101));
    EXPECT_EQ(engine.counters().queue_underruns.load(), static_cast<std::uint64_t>(dry_to - dry_from));
    std::int64_t at = dry_from;
    for (const XrunMark& mark : marks()) {
        EXPECT_TRUE(mark.playback);
        EXPECT_TRUE(mark.queue_underrun);
        EXPECT_EQ(mark.first_frame, at);
        at += mark.frames;
    }
    EXPECT_EQ(at, dry_to);
    EXPECT_EQ(engine.counters().playback_xruns.load(), 0U);
}

TEST_F(EngineInTrouble, PlaybackXrunIsMarkedAndNoFrameOfTheProgrammeIsLost) {
    FrameTap& tap = engine.add_played_tap(4096);
    engine.queue_write(programme(1, 1000));
    engine.queue_finish();
    engine.start_playing();
    run(320);
    const std::int64_t lost_from = card.playback_.written_to;
    card.advance(200); // more than the latency
    run(1200);
    expect_whole_programme(1000);
    EXPECT_EQ(engine.counters().playback_xruns.load(), 1U);
    EXPECT_EQ(engine.counters().capture_xruns.load(), 0U);
    const auto seen = marks();
    ASSERT_EQ(seen.size(), 1U);
    EXPECT_TRUE(seen[0].playback);
    EXPECT_FALSE(seen[0].queue_underrun);
    EXPECT_EQ(seen[0].first_frame, lost_from);
    // the card's clock stands at 552 when the engine finds the xrun, its buffer is filled with silence again
    EXPECT_EQ(seen[0].frames, 320 + 200 + 32 + 128 - lost_from);
    std::vector<std::int32_t> frames(2 * 4096);
    EXPECT_EQ(tap.read(frames).frames, static_cast<std::size_t>(lost_from - 128));
    EXPECT_EQ(tap.read(frames).first_frame, lost_from + seen[0].frames);
    EXPECT_EQ(engine.played_to(), engine.played_from() + 1000 + seen[0].frames);
}

TEST_F(EngineInTrouble, CaptureXrunIsMarkedAndTheNumbersStayTrue) {
    FrameTap& tap = engine.add_return_tap(8192);
    card.capture_.capacity = 256;
    card.playback_.latency = 4096; // only the capture suffers
    run(320);
    card.advance(300);
    run(320);
    EXPECT_EQ(engine.counters().capture_xruns.load(), 1U);
    const auto seen = marks();
    ASSERT_EQ(seen.size(), 1U);
    EXPECT_FALSE(seen[0].playback);
    EXPECT_EQ(seen[0].first_frame, 320);
    EXPECT_EQ(seen[0].frames, 332);
    std::vector<std::int32_t> frames(2 * 4096);
    EXPECT_EQ(tap.read(frames).frames, 320U);
    const auto block = tap.read(frames);
    EXPECT_EQ(block.first_frame, 652);
    EXPECT_EQ(frames[0], captured_sample(652, kLeftReturn));
}

TEST_F(EngineInTrouble, CaptureXrunBehindLessThanABlockIsReached) {
    FrameTap& tap = engine.add_return_tap(8192);
    card.capture_.hole_at = 330; // ten blocks and ten frames
    run(640);
    EXPECT_EQ(engine.counters().capture_xruns.load(), 1U);
    std::vector<std::int32_t> frames(2 * 4096);
    EXPECT_EQ(tap.read(frames).frames, 330U);
    const auto seen = marks();
    ASSERT_EQ(seen.size(), 1U);
    EXPECT_EQ(seen[0].first_frame, 330);
    EXPECT_EQ(tap.read(frames).first_frame, 330 + seen[0].frames);
    run(640);
    EXPECT_EQ(engine.counters().capture_xruns.load(), 1U);
}

TEST_F(EngineInTrouble, AnXrunThatIsSlowToRecoverCountsOnce) {
    card.capture_.state = StreamState::Xrun;
    card.capture_.failing_recoveries = 5;
    run(320);
    EXPECT_EQ(card.capture_.state, StreamState::Running);
    EXPECT_EQ(engine.counters().capture_xruns.load(), 1U);
}

TEST_F(EngineInTrouble, AJumpOfTheNumbersWithoutAStateIsAnXrunToo) {
    run(320);
    card.playback_.written_to += 10;
    run(64);
    EXPECT_EQ(engine.counters().playback_xruns.load(), 1U);
    const auto seen = marks();
    ASSERT_EQ(seen.size(), 1U);
    EXPECT_EQ(seen[0].frames, 10);
}

TEST_F(EngineInTrouble, ACardThatTakesPartsOfBlocksGetsEveryFrame) {
    card.playback_.largest_write = 13;
    FrameTap& tap = engine.add_played_tap(4096);
    engine.queue_write(programme(1, 500));
    engine.queue_finish();
    engine.start_playing();
    run(1000);
    expect_whole_programme(500);
    EXPECT_EQ(engine.played_to(), engine.played_from() + 500);
    EXPECT_EQ(engine.counters().queue_underruns.load(), 0U);
    std::vector<std::int32_t> frames(2 * 4096);
    EXPECT_EQ(tap.read(frames).frames, static_cast<std::size_t>(card.playback_.written_to - 128));
}

TEST_F(EngineInTrouble, MarksThatNobodyTakesGrowInsteadOfGettingLost) {
    engine.queue_write(programme(1, 32));
    engine.start_playing();
    run(32);
    const std::int64_t dry_from = engine.played_from() + 32;
    run(32 * 600); // far more blocks than the marks' ring holds
    std::vector<XrunMark> all = marks();
    EXPECT_LT(all.size(), 600U);
    run(32);
    const auto rest = marks();
    all.insert(all.end(), rest.begin(), rest.end());
    std::int64_t at = dry_from;
    for (const XrunMark& mark : all) {
        ASSERT_EQ(mark.first_frame, at);
        at += mark.frames;
    }
    EXPECT_EQ(at, card.playback_.written_to);
}

TEST_F(EngineInTrouble, ALostCardIsLeftAlone) {
    run(320);
    card.capture_.state = StreamState::Lost;
    run(32);
    EXPECT_TRUE(engine.counters().lost.load());
    const int capture_calls = card.capture_.calls;
    const int playback_calls = card.playback_.calls;
    run(320);
    EXPECT_EQ(card.capture_.calls, capture_calls);
    EXPECT_EQ(card.playback_.calls, playback_calls);
    ASSERT_TRUE(engine.start()) << "plugged in again";
    EXPECT_FALSE(engine.counters().lost.load());
}

TEST_F(EngineInTrouble, ALostPlaybackIsALostCard) {
    card.playback_.state = StreamState::Lost;
    run(32);
    EXPECT_TRUE(engine.counters().lost.load());
}

// Three threads as in the daemon: the file's, the audio thread, a tap's reader. Thread sanitizer watches this one.
TEST_F(EngineInTrouble, ThreadsPassFramesWithoutLosingAny) {
    constexpr std::int64_t kFrames = 40000;
    FrameTap& tap = engine.add_played_tap(1 << 17);
    std::atomic<bool> written{false};
    std::atomic<bool> done{false};
    engine.start_playing();
    std::thread file([&] {
        const auto frames = programme(1, kFrames);
        for (std::size_t at = 0; at < frames.size();) {
            at += 2 *
                  engine.queue_write(std::span(frames).subspan(at, std::min<std::size_t>(frames.size() - at, 2 * 700)));
            std::this_thread::yield();
        }
        engine.queue_finish();
        written = true;
    });
    std::int64_t next = 1;
    std::int64_t wrong = 0;
    std::thread reader([&] {
        std::vector<std::int32_t> frames(2 * 512);
        for (bool last = false;;) {
            const auto block = tap.read(frames);
            for (std::size_t i = 0; i < block.frames; ++i) {
                if (frames[2 * i] != 0) {
                    wrong +=
                        frames[2 * i] == programme_left(next) && frames[2 * i + 1] == programme_right(next) ? 0 : 1;
                    ++next;
                }
            }
            if (block.frames == 0) {
                if (last) {
                    return;
                }
                last = done.load();
                std::this_thread::yield();
            }
        }
    });
    for (std::int64_t i = 0; i < kScriptedFrames - 512 && engine.played_to() < 0; i += 32) {
        while (!written.load() && engine.queue_writable_frames() > 3000) {
            std::this_thread::yield(); // the card's script is only so long: the file is kept ahead of it
        }
        card.advance(32);
        engine.rt_process();
    }
    file.join();
    done = true;
    reader.join();
    EXPECT_EQ(wrong, 0);
    EXPECT_EQ(tap.dropped_frames(), 0U);
    EXPECT_EQ(next, kFrames + 1);
}

} // namespace
} // namespace overbias::audio
