// SPDX-License-Identifier: Apache-2.0
// The engine on a healthy card.
#include "audio/block_engine.hpp"

#include "scripted_pcm.hpp"

#include <gmock/gmock.h>
#include <stdexcept>

namespace overbias::audio {
namespace {

using namespace testing;
using ::testing::HasSubstr;

constexpr EngineConfig kSmallBlocks{.block_frames = 32, .playback_latency_frames = 128, .queue_frames = 4096};

struct EngineOnCard : ::testing::Test {
    EngineOnCard() { EXPECT_TRUE(engine.start()); }
    void run(std::int64_t frames, std::int64_t step = 32) {
        for (std::int64_t done = 0; done < frames; done += step) {
            card.advance(step);
            engine.rt_process();
        }
    }
    ScriptedPcm card;
    BlockEngine engine{card, kSmallBlocks};
    FrameTap& played = engine.add_played_tap(4096);
    FrameTap& returned = engine.add_return_tap(4096);
};

TEST_F(EngineOnCard, PlaysTheQueueWithoutAGapFromTheFrameItTells) {
    run(320);
    ASSERT_EQ(engine.queue_write(programme(1, 1000)), 1000U);
    run(32);
    EXPECT_EQ(engine.played_from(), -1) << "not started yet";
    engine.start_playing();
    EXPECT_EQ(engine.played_from(), -1) << "not at the card yet";
    run(1500);
    const std::int64_t from = engine.played_from();
    ASSERT_GT(from, 0);
    for (std::int64_t frame = 0; frame < card.playback_.written_to; ++frame) {
        const std::int64_t number = frame - from + 1;
        const bool programme_here = number >= 1 && number <= 1000;
        ASSERT_EQ(card.playback_.played_sample(frame, kLeftOut), programme_here ? programme_left(number) : 0) << frame;
        ASSERT_EQ(card.playback_.played_sample(frame, kRightOut), programme_here ? programme_right(number) : 0)
            << frame;
        for (const std::size_t silent : {0U, 2U, 4U, 5U}) {
            ASSERT_EQ(card.playback_.played_sample(frame, silent), 0) << frame;
        }
    }
}

TEST_F(EngineOnCard, StartsAtTheNextBlock) {
    run(320);
    engine.queue_write(programme(1, 64));
    engine.start_playing();
    const std::int64_t next = card.playback_.written_to;
    run(32);
    EXPECT_EQ(engine.played_from(), next);
}

TEST_F(EngineOnCard, PlayedTapHasWhatTheCardPlayedUnderTheCardsNumbers) {
    engine.queue_write(programme(1, 700));
    run(64);
    engine.start_playing();
    run(1000, 50); // not in step with the block
    std::vector<std::int32_t> frames(2 * 4096);
    const auto block = played.read(frames);
    EXPECT_EQ(block.first_frame, 128); // the card's own silence comes first
    EXPECT_EQ(block.first_frame + static_cast<std::int64_t>(block.frames), card.playback_.written_to);
    EXPECT_GT(block.frames, 700U);
    for (std::size_t i = 0; i < block.frames; ++i) {
        const std::int64_t frame = block.first_frame + static_cast<std::int64_t>(i);
        ASSERT_EQ(frames[2 * i], card.playback_.played_sample(frame, kLeftOut));
        ASSERT_EQ(frames[2 * i + 1], card.playback_.played_sample(frame, kRightOut));
    }
    EXPECT_EQ(played.read(frames).frames, 0U);
}

TEST_F(EngineOnCard, ReturnTapHasThePairWiredToTheDeckFromFrameZero) {
    run(1000, 50);
    std::vector<std::int32_t> frames(2 * 300);
    std::int64_t expected = 0;
    for (;;) {
        const auto block = returned.read(frames);
        if (block.frames == 0) {
            break;
        }
        ASSERT_EQ(block.first_frame, expected);
        for (std::size_t i = 0; i < block.frames; ++i) {
            ASSERT_EQ(frames[2 * i], captured_sample(expected, kLeftReturn));
            ASSERT_EQ(frames[2 * i + 1], captured_sample(expected, kRightReturn));
            ++expected;
        }
    }
    EXPECT_EQ(expected, 1000 / 32 * 32);
}

TEST_F(EngineOnCard, EveryTapGetsItsOwnCopy) {
    FrameTap& second = engine.add_return_tap(4096);
    run(320);
    std::vector<std::int32_t> one(640);
    std::vector<std::int32_t> two(640);
    EXPECT_EQ(returned.read(one).frames, 320U);
    EXPECT_EQ(second.read(two).frames, 320U);
    EXPECT_EQ(one, two);
}

TEST_F(EngineOnCard, TheEndOfTheProgrammeIsNoUnderrunAndItsFrameIsKnown) {
    engine.queue_write(programme(1, 500)); // not a whole number of blocks
    engine.start_playing();
    run(128);
    EXPECT_EQ(engine.played_to(), -1);
    engine.queue_finish();
    run(1000);
    EXPECT_EQ(engine.played_to(), engine.played_from() + 500);
    EXPECT_EQ(engine.counters().queue_underruns.load(), 0U);
    std::array<XrunMark, 4> marks;
    EXPECT_EQ(engine.take_xruns(marks), 0U);
}

TEST_F(EngineOnCard, WaitsForTheFirstFrameWithoutCallingItAnUnderrun) {
    engine.start_playing();
    run(320);
    EXPECT_EQ(engine.played_from(), -1);
    engine.queue_write(programme(1, 320));
    run(64);
    const std::int64_t from = engine.played_from();
    ASSERT_GT(from, 320);
    EXPECT_EQ(card.playback_.played_sample(from, kLeftOut), programme_left(1));
    EXPECT_EQ(engine.counters().queue_underruns.load(), 0U);
}

TEST_F(EngineOnCard, StoppingEmptiesTheQueueAndTheNextProgrammeBeginsWithItself) {
    engine.queue_write(programme(1, 2000));
    engine.start_playing();
    run(320);
    const std::int64_t first_run = engine.played_from();
    engine.stop_playing();
    EXPECT_EQ(engine.queue_write(programme(9001, 10)), 0U)
        << "what is written now would be thrown away with the old frames";
    engine.start_playing(); // before the audio thread has seen the stop
    EXPECT_EQ(engine.played_from(), -1);
    run(64);
    EXPECT_EQ(engine.played_from(), -1);
    ASSERT_EQ(engine.queue_write(programme(5001, 100)), 100U);
    run(320);
    const std::int64_t second_run = engine.played_from();
    ASSERT_GT(second_run, first_run);
    EXPECT_EQ(card.playback_.played_sample(second_run - 1, kLeftOut), 0);
    EXPECT_EQ(card.playback_.played_sample(second_run, kLeftOut), programme_left(5001));
}

TEST_F(EngineOnCard, QueueTakesNoMoreThanItHolds) {
    EXPECT_EQ(engine.queue_writable_frames(), 4096U);
    EXPECT_EQ(engine.queue_write(programme(1, 5000)), 4096U);
    EXPECT_EQ(engine.queue_writable_frames(), 0U);
}

TEST_F(EngineOnCard, PublishesBothTimestamps) {
    run(320);
    EXPECT_EQ(engine.played_timestamp().frame, 320);
    EXPECT_EQ(engine.played_timestamp().at, DeckTime(std::chrono::microseconds(327)));
    EXPECT_EQ(engine.return_timestamp().frame, 320);
    EXPECT_EQ(engine.return_timestamp().at, DeckTime(std::chrono::microseconds(320)));
}

TEST_F(EngineOnCard, StopsAndStartsAnew) {
    engine.queue_write(programme(1, 2000));
    engine.start_playing();
    run(320);
    engine.stop();
    const int calls = card.playback_.calls;
    run(32);
    EXPECT_LE(card.playback_.calls, calls + 1) << "a stopped card is only asked for its state";
    EXPECT_EQ(engine.queue_writable_frames(), 4096U);
    ASSERT_TRUE(engine.start());
    std::vector<std::int32_t> frames(2 * 4096);
    while (played.read(frames).frames > 0) {
    }
    run(320);
    EXPECT_EQ(played.read(frames).first_frame, 128);
    std::array<XrunMark, 4> marks;
    EXPECT_EQ(engine.take_xruns(marks), 0U);
}

std::string refusal_of(ScriptedPcm& card, EngineConfig config = kSmallBlocks) {
    try {
        const BlockEngine engine(card, config);
    } catch (const std::invalid_argument& error) {
        return error.what();
    }
    return "accepted";
}

TEST(EngineSetUp, RefusesACardWithoutTheFourChannels) {
    ScriptedPcm no_left;
    no_left.playback_.format_.roles[kLeftOut] = ChannelRole::Unused;
    EXPECT_THAT(refusal_of(no_left),
                HasSubstr("playback needs exactly one channel with the role programme_out_left, 0 of its 6"));
    ScriptedPcm twice;
    twice.capture_.format_.roles[0] = ChannelRole::TapeReturnRight;
    EXPECT_THAT(refusal_of(twice),
                HasSubstr("capture needs exactly one channel with the role tape_return_right, 2 of its 4"));
    ScriptedPcm good;
    EXPECT_EQ(refusal_of(good), "accepted");
    EXPECT_THAT(refusal_of(good, {.block_frames = 32, .playback_latency_frames = 31, .queue_frames = 64}),
                HasSubstr("latency"));
}

TEST(EngineSetUp, HandsOnWhatTheCardSaysWhenItDoesNotStart) {
    ScriptedPcm card;
    BlockEngine engine(card, kSmallBlocks);
    card.absent = true;
    const auto started = engine.start();
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error().message, "scripted card: not there");
}

} // namespace
} // namespace overbias::audio
