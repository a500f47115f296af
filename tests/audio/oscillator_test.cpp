// SPDX-License-Identifier: Apache-2.0
// The oscillator at the card's output. The allocation trap is linked: whatever is played and changed here, the engine's
// turn allocates nothing.
#include "audio/oscillator.hpp"

#include "audio/block_engine.hpp"
#include "audio/rt_guard.hpp"
#include "scripted_pcm.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <numbers>
#include <utility>
#include <vector>

namespace overbias::audio {
namespace {

using namespace testing;
using Kind = dsp::Signal::Kind;

constexpr double kRate = 48000.0;
constexpr double kFullScale = 2147483648.0;
constexpr std::int64_t kFade = 480; ///< 10 ms

double amplitude(double dbfs) {
    return std::pow(10.0, dbfs / 20.0);
}

class OscillatorOnCard : public ::testing::Test {
  protected:
    OscillatorOnCard() { EXPECT_TRUE(engine.start()); }
    void run(std::int64_t frames, std::int64_t step = 32) {
        for (std::int64_t done = 0; done < frames; done += step) {
            card.advance(step);
            engine.rt_process();
        }
    }
    /// Until the last play() or stop() is through, and then some.
    void settle(std::int64_t more = 0) {
        for (int turns = 0; turns < 100 && oscillator.last_change().from_frame < 0; ++turns) {
            run(32);
        }
        ASSERT_GE(oscillator.last_change().from_frame, 0);
        while (card.playback_.written_to < oscillator.last_change().settled_frame + more) {
            run(32);
        }
    }
    [[nodiscard]] double at(std::int64_t frame, std::size_t channel) const {
        return static_cast<double>(card.playback_.played_sample(frame, channel)) / kFullScale;
    }
    /// Peak of a sine, by its mean square over whole milliseconds.
    [[nodiscard]] double level_dbfs(std::int64_t from, std::int64_t frames, std::size_t channel) const {
        double sum = 0.0;
        for (std::int64_t n = from; n < from + frames; ++n) {
            sum += at(n, channel) * at(n, channel);
        }
        return 10.0 * std::log10(2.0 * sum / static_cast<double>(frames) + 1e-30);
    }
    [[nodiscard]] bool silent(std::int64_t from, std::int64_t to, std::size_t channel) const {
        for (std::int64_t n = from; n < to; ++n) {
            if (card.playback_.played_sample(n, channel) != 0) {
                return false;
            }
        }
        return true;
    }
    /// Largest second difference: a sine of amplitude A has A w^2, a jump of its value or slope far more.
    [[nodiscard]] double roughest(std::int64_t from, std::size_t channel) const {
        double most = 0.0;
        for (std::int64_t n = from + 2; n < card.playback_.written_to; ++n) {
            most = std::max(most, std::abs(at(n, channel) - 2.0 * at(n - 1, channel) + at(n - 2, channel)));
        }
        return most;
    }
    [[nodiscard]] static double smooth_limit(double dbfs, double hz) {
        const double w = 2.0 * std::numbers::pi * hz / kRate;
        return amplitude(dbfs) * w * w;
    }

    ScriptedPcm card;
    BlockEngine engine{card, {.block_frames = 32, .playback_latency_frames = 128, .queue_frames = 4096}};
    FrameTap& played = engine.add_played_tap(65536);
    Oscillator& oscillator = engine.add_oscillator();
};

TEST_F(OscillatorOnCard, PlaysFromTheFrameItTellsOnTheProgrammeOutputsAndTheTapSeesIt) {
    run(320);
    EXPECT_FALSE(oscillator.playing());
    EXPECT_EQ(oscillator.last_change().from_frame, -1);
    ASSERT_TRUE(oscillator.play(dsp::sine_signal(1000.0, -14.0)));
    EXPECT_TRUE(oscillator.playing());
    EXPECT_EQ(oscillator.last_change().from_frame, -1) << "not at the card yet";
    const std::int64_t next = card.playback_.written_to;
    settle(4800);
    const auto change = oscillator.last_change();
    EXPECT_EQ(change.from_frame, next);
    EXPECT_EQ(change.settled_frame, next + kFade);
    for (const std::size_t channel : {kLeftOut, kRightOut}) {
        EXPECT_TRUE(silent(0, change.from_frame, channel));
        EXPECT_FALSE(silent(change.from_frame, change.from_frame + 32, channel));
        EXPECT_NEAR(level_dbfs(change.settled_frame, 4800, channel), -14.0, 0.001);
        EXPECT_LT(roughest(0, channel), 1.05 * smooth_limit(-14.0, 1000.0)) << "faded in";
    }
    for (const std::size_t other : {0U, 2U, 4U, 5U}) {
        EXPECT_TRUE(silent(0, card.playback_.written_to, other));
    }
    std::vector<std::int32_t> frames(2 * 32768);
    const auto block = played.read(frames);
    ASSERT_GT(block.first_frame + static_cast<std::int64_t>(block.frames), change.settled_frame + 4000);
    for (std::size_t i = 0; i < block.frames; ++i) {
        const std::int64_t frame = block.first_frame + static_cast<std::int64_t>(i);
        ASSERT_EQ(frames[2 * i], card.playback_.played_sample(frame, kLeftOut));
        ASSERT_EQ(frames[2 * i + 1], card.playback_.played_sample(frame, kRightOut));
    }
}

TEST_F(OscillatorOnCard, FrequencyAndLevelChangeWithoutAClick) {
    ASSERT_TRUE(oscillator.play(dsp::sine_signal(1000.0, -6.0)));
    settle(1003);
    const std::int64_t from = oscillator.last_change().settled_frame;
    for (const auto& [hz, level] : {std::pair{1500.0, -6.0}, {400.0, -6.0}, {400.0, -40.0}, {1400.0, -6.0}}) {
        ASSERT_TRUE(oscillator.play(dsp::sine_signal(hz, level)));
        settle(2400);
        EXPECT_NEAR(level_dbfs(oscillator.last_change().settled_frame, 2400, kLeftOut), level, 0.003) << hz;
    }
    // a sine that goes on in its phase with another frequency changes its slope by A (w2 - w1) at the most
    const double slope = amplitude(-6.0) * 2.0 * std::numbers::pi * 1100.0 / kRate;
    EXPECT_LT(roughest(from, kLeftOut), smooth_limit(-6.0, 1500.0) + slope);
    EXPECT_LT(roughest(from, kRightOut), smooth_limit(-6.0, 1500.0) + slope);
}

TEST_F(OscillatorOnCard, KindsAndChannelsChangeWithoutAClick) {
    const std::array<dsp::SignalTone, 2> tones{{{300.0, -12.0, 0.2, 0.0}, {700.0, -12.0, 0.2, 0.0}}};
    using Channels = OscillatorChannels;
    for (const auto& [signal, channels] : {std::pair{dsp::sine_signal(800.0, -6.0), Channels::Both},
                                           {dsp::sine_signal(600.0, -6.0), Channels::Left},
                                           {dsp::multitone_signal(tones), Channels::Right},
                                           {dsp::sine_signal(800.0, -6.0), Channels::Left},
                                           {dsp::sine_signal(800.0, -6.0), Channels::Right},
                                           {dsp::sequence_signal(tones, true), Channels::Both}}) {
        ASSERT_TRUE(oscillator.play(signal, channels));
        settle(1000);
    }
    oscillator.stop();
    settle(1000);
    // the corners of the fades, and the slope of a sine that goes on in its phase with 200 Hz less
    const double corners = amplitude(-6.0) * (2.0 / kFade + 2.0 * std::numbers::pi * 200.0 / kRate);
    for (const std::size_t channel : {kLeftOut, kRightOut}) {
        EXPECT_LT(roughest(0, channel), smooth_limit(-6.0, 800.0) + corners) << channel;
        EXPECT_TRUE(silent(oscillator.last_change().settled_frame, card.playback_.written_to, channel));
    }
}

TEST_F(OscillatorOnCard, TheOtherChannelIsSilentToTheLastBit) {
    ASSERT_TRUE(oscillator.play(dsp::sine_signal(1000.0, -14.0), OscillatorChannels::Left));
    settle(4800);
    EXPECT_NEAR(level_dbfs(oscillator.last_change().settled_frame, 4800, kLeftOut), -14.0, 0.001);
    EXPECT_TRUE(silent(0, card.playback_.written_to, kRightOut));
    ASSERT_TRUE(oscillator.play(dsp::sine_signal(1000.0, -14.0), OscillatorChannels::Right));
    settle(4800);
    EXPECT_TRUE(silent(oscillator.last_change().settled_frame, card.playback_.written_to, kLeftOut));
    EXPECT_NEAR(level_dbfs(oscillator.last_change().settled_frame, 4800, kRightOut), -14.0, 0.001);
}

TEST_F(OscillatorOnCard, ASoftToneIsDitheredToTheConvertersBits) {
    ASSERT_TRUE(oscillator.play(dsp::sine_signal(1000.0, -140.0))); // 0.8 LSB: gone or distorted without dither
    settle(24000);
    const std::int64_t from = oscillator.last_change().settled_frame;
    double sine = 0.0;
    double power = 0.0;
    for (std::int64_t n = 0; n < 24000; ++n) {
        const std::int32_t sample = card.playback_.played_sample(from + n, kLeftOut);
        ASSERT_EQ(sample & 0xff, 0) << "24 bits";
        const double angle = 2.0 * std::numbers::pi * 1000.0 / kRate * static_cast<double>(n + kFade);
        sine += static_cast<double>(sample / 256) * std::sin(angle) * 2.0 / 24000.0;
        power += static_cast<double>(sample / 256) * static_cast<double>(sample / 256) / 24000.0;
    }
    const double lsb = amplitude(-140.0) * 8388608.0;
    EXPECT_NEAR(sine, lsb, 0.03);
    EXPECT_NEAR(power - 0.5 * lsb * lsb, 0.25, 0.02) << "LSB^2 / 4, whatever the signal";
}

TEST_F(OscillatorOnCard, ChangesThatComeTooFastAreTakenInTheirTurnAndTheLastTellsItsFrame) {
    ASSERT_TRUE(oscillator.play(dsp::sine_signal(700.0, -6.0)));
    run(32);
    ASSERT_TRUE(oscillator.play(dsp::noise_signal(Kind::PinkNoise, -20.0)));
    run(32);
    oscillator.stop();
    EXPECT_FALSE(oscillator.playing());
    settle(1000);
    const auto change = oscillator.last_change();
    EXPECT_GT(change.from_frame, 128 + 32) << "after the fade that was going on";
    EXPECT_FALSE(silent(change.from_frame - 32, change.from_frame, kLeftOut));
    EXPECT_TRUE(silent(change.settled_frame, card.playback_.written_to, kLeftOut));
    EXPECT_LT(roughest(0, kLeftOut), 2.0 * smooth_limit(-6.0, 700.0));
}

TEST_F(OscillatorOnCard, WhatCanNotBePlayedIsRefusedAndWhatPlaysGoesOn) {
    ASSERT_TRUE(oscillator.play(dsp::sine_signal(1000.0, -14.0)));
    settle();
    for (const auto& [signal, words] : {std::pair{dsp::sine_signal(1000.0, 0.1), "expected levels of 0 dBFS or less"},
                                        {dsp::sine_signal(23000.0, -10.0), "up to 0.45 of the sample rate"},
                                        {dsp::square_signal(1000.0, -1.0), "-2 dBFS or less"}}) {
        const auto refused = oscillator.play(signal);
        ASSERT_FALSE(refused);
        EXPECT_THAT(refused.error().message, HasSubstr(words));
    }
    run(2000);
    EXPECT_TRUE(oscillator.playing());
    EXPECT_NEAR(level_dbfs(card.playback_.written_to - 960, 960, kLeftOut), -14.0, 0.001);
}

TEST_F(OscillatorOnCard, ASequenceThatIsOverEndsInSilence) {
    const std::array<dsp::SignalTone, 2> tones{{{1000.0, -12.0, 0.1, 0.01}, {3000.0, -12.0, 0.1, 0.0}}};
    ASSERT_TRUE(oscillator.play(dsp::sequence_signal(tones)));
    settle(9000);
    EXPECT_TRUE(oscillator.playing());
    run(2000);
    EXPECT_FALSE(oscillator.playing());
    EXPECT_TRUE(silent(card.playback_.written_to - 480, card.playback_.written_to, kLeftOut)) << "no dither either";
    ASSERT_TRUE(oscillator.play(dsp::sine_signal(1000.0, -14.0)));
    settle(960);
    EXPECT_TRUE(oscillator.playing());
    EXPECT_NEAR(level_dbfs(oscillator.last_change().settled_frame, 960, kLeftOut), -14.0, 0.001);
}

TEST_F(OscillatorOnCard, AProgrammeTakesTheOutputsAfterAFadeBitForBitAndNothingComesBack) {
    ASSERT_TRUE(oscillator.play(dsp::sine_signal(1000.0, -6.0)));
    settle(2011);
    const std::int64_t before = card.playback_.written_to;
    engine.queue_write(programme(1, 2000));
    engine.queue_finish();
    engine.start_playing();
    run(4000);
    const std::int64_t from = engine.played_from();
    ASSERT_GE(from, before + kFade);
    EXPECT_LE(from, before + 2 * kFade);
    EXPECT_FALSE(oscillator.playing());
    for (std::int64_t n = 0; n < 2000; ++n) {
        ASSERT_EQ(card.playback_.played_sample(from + n, kLeftOut), programme_left(n + 1)) << n;
        ASSERT_EQ(card.playback_.played_sample(from + n, kRightOut), programme_right(n + 1)) << n;
    }
    EXPECT_EQ(engine.played_to(), from + 2000);
    EXPECT_EQ(engine.counters().queue_underruns.load(), 0U);
    // faded, not cut: up to where the programme begins
    double most = 0.0;
    for (std::int64_t n = before - 500; n < from; ++n) {
        most = std::max(most, std::abs(at(n, kLeftOut) - 2.0 * at(n - 1, kLeftOut) + at(n - 2, kLeftOut)));
    }
    EXPECT_LT(most, 1.2 * smooth_limit(-6.0, 1000.0));
    engine.stop_playing();
    const std::int64_t stopped = card.playback_.written_to + 32;
    run(4000);
    EXPECT_TRUE(silent(stopped, card.playback_.written_to, kLeftOut)) << "it does not resume";
    EXPECT_FALSE(oscillator.playing());
    ASSERT_TRUE(oscillator.play(dsp::sine_signal(1000.0, -6.0)));
    settle(960);
    EXPECT_TRUE(oscillator.playing()) << "it can be asked for again";
}

TEST_F(OscillatorOnCard, AProgrammeWaitsAlsoForAFadeThatWasGoingOn) {
    ASSERT_TRUE(oscillator.play(dsp::sine_signal(1000.0, -6.0)));
    run(64);
    ASSERT_TRUE(oscillator.play(dsp::noise_signal(Kind::WhiteNoise, -20.0))); // waits, and is never heard
    engine.queue_write(programme(1, 2000));
    engine.start_playing();
    const std::int64_t asked = card.playback_.written_to;
    run(2500);
    ASSERT_GT(engine.played_from(), asked);
    EXPECT_LE(engine.played_from(), asked + 2 * kFade + 32);
    EXPECT_EQ(oscillator.last_change().from_frame, -1);
    EXPECT_LT(roughest(0, kLeftOut), amplitude(-6.0) * 0.1);
}

TEST_F(OscillatorOnCard, WhatIsAskedForWhileAProgrammePlaysIsNeverHeard) {
    engine.queue_write(programme(1, 3000));
    engine.queue_finish();
    engine.start_playing();
    run(640);
    ASSERT_TRUE(oscillator.play(dsp::sine_signal(1000.0, -6.0)));
    run(4000);
    EXPECT_FALSE(oscillator.playing());
    const std::int64_t from = engine.played_from();
    for (std::int64_t n = 0; n < 3000; ++n) {
        ASSERT_EQ(card.playback_.played_sample(from + n, kLeftOut), programme_left(n + 1)) << n;
    }
    engine.stop_playing();
    run(1000);
    EXPECT_TRUE(silent(from + 3000, card.playback_.written_to, kLeftOut));
}

TEST_F(OscillatorOnCard, TheEnginesStopEndsItAndAStartIsSilent) {
    ASSERT_TRUE(oscillator.play(dsp::sine_signal(1000.0, -6.0)));
    settle();
    card.playback_.state = StreamState::Lost;
    run(64);
    ASSERT_TRUE(oscillator.play(dsp::sine_signal(2000.0, -6.0))); // while the card is away
    engine.stop();
    EXPECT_FALSE(oscillator.playing());
    std::fill(card.playback_.played.begin(), card.playback_.played.end(), 0);
    ASSERT_TRUE(engine.start());
    run(2000);
    EXPECT_TRUE(silent(0, card.playback_.written_to, kLeftOut)) << "nothing resumes by itself";
    EXPECT_FALSE(oscillator.playing());
}

TEST(OscillatorOnAnOddCard, AChangeInTheMiddleOfABlockTellsItsOwnFrame) {
    ScriptedPcm card;
    card.playback_.format_.sample_rate_hz = 44100.0; // a fade has 441 frames: not a whole number of blocks
    BlockEngine engine(card, {.block_frames = 32, .playback_latency_frames = 128, .queue_frames = 64});
    Oscillator& oscillator = engine.add_oscillator();
    ASSERT_TRUE(engine.start());
    const auto run = [&](std::int64_t frames) {
        for (std::int64_t done = 0; done < frames; done += 32) {
            card.advance(32);
            engine.rt_process();
        }
    };
    const auto is_zero = [&](std::int64_t frame) { return card.playback_.played_sample(frame, kLeftOut) == 0; };
    ASSERT_TRUE(oscillator.play(dsp::noise_signal(Kind::PinkNoise, -20.0)));
    run(32);
    const std::int64_t began = oscillator.last_change().from_frame;
    ASSERT_EQ(began, 128);
    EXPECT_EQ(oscillator.last_change().settled_frame, began + 441);
    oscillator.stop();                 // begins when that fade is over
    card.playback_.largest_write = 20; // and no block goes to the card as one
    run(2000);
    const auto change = oscillator.last_change();
    EXPECT_EQ(change.from_frame, began + 441);
    EXPECT_EQ(change.settled_frame, began + 2 * 441);
    EXPECT_FALSE(is_zero(change.settled_frame - 8));
    for (std::int64_t n = change.settled_frame; n < card.playback_.written_to; ++n) {
        ASSERT_TRUE(is_zero(n)) << n;
    }
}

// Every kind of signal, under the trap.
TEST_F(OscillatorOnCard, NoSignalAllocatesOnTheAudioThread) {
    const std::array<dsp::SignalTone, 2> tones{{{300.0, -12.0, 0.02, 0.003}, {701.0, -12.0, 0.03, 0.0}}};
    for (const dsp::Signal& signal :
         {dsp::sine_signal(997.0, -6.0), dsp::square_signal(997.0, -6.0), dsp::multitone_signal(tones),
          dsp::sequence_signal(tones, true), dsp::sweep_signal(50.0, 5000.0, 0.1, -6.0),
          dsp::burst_signal(3000.0, -6.0, 0.002, 0.005), dsp::noise_signal(Kind::PinkNoise, -20.0),
          dsp::noise_signal(Kind::WhiteNoise, -20.0)}) {
        ASSERT_TRUE(oscillator.play(signal));
        settle(1500);
        const std::int64_t from = oscillator.last_change().settled_frame;
        EXPECT_FALSE(silent(from, from + 480, kLeftOut)) << static_cast<int>(signal.kind);
    }
    EXPECT_FALSE(rt_in_scope());
}

} // namespace
} // namespace overbias::audio
