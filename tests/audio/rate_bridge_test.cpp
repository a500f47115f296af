// SPDX-License-Identifier: Apache-2.0
// A capture at another rate, on the playback's frames: against the signal itself, which is known at every instant.
#include "audio/rate_bridge.hpp"

#include <cmath>
#include <gtest/gtest.h>
#include <numbers>
#include <random>

namespace overbias::audio {
namespace {

/// Two tones in each channel, of any time.
double tone(double time_s, std::size_t channel) {
    const double turn = 2.0 * std::numbers::pi * time_s;
    return channel == 0 ? 0.3 * std::sin(997.0 * turn) + 0.2 * std::cos(15013.0 * turn)
                        : 0.25 * std::cos(441.0 * turn) + 0.1 * std::sin(9001.0 * turn);
}

struct Bridged {
    double worst = 0.0; ///< error of a full scale, away from the edges of each run
    std::vector<FrameTap::Block> runs;
};

/// Runs of input: first frame and frames.
Bridged bridge(double from_hz, double to_hz, const std::vector<FrameTap::Block>& input) {
    RateBridge converter(from_hz, to_hz);
    Bridged result;
    std::vector<std::pair<std::int64_t, std::array<std::int32_t, 2>>> frames;
    std::vector<std::int32_t> out(2 * 333);
    const auto drain = [&] {
        for (auto block = converter.read(out); block.frames > 0; block = converter.read(out)) {
            if (result.runs.empty() ||
                result.runs.back().first_frame + static_cast<std::int64_t>(result.runs.back().frames) !=
                    block.first_frame) {
                result.runs.push_back({block.first_frame, 0});
            }
            result.runs.back().frames += block.frames;
            for (std::size_t i = 0; i < block.frames; ++i) {
                frames.push_back({block.first_frame + static_cast<std::int64_t>(i), {out[2 * i], out[2 * i + 1]}});
            }
        }
    };
    std::mt19937 random(3);
    for (const FrameTap::Block& run : input) {
        for (std::size_t at = 0; at < run.frames;) {
            const std::size_t count = std::min<std::size_t>(1 + random() % 700, run.frames - at);
            std::vector<std::int32_t> block;
            for (std::size_t i = 0; i < count; ++i) {
                const double time_s =
                    static_cast<double>(run.first_frame + static_cast<std::int64_t>(at + i)) / from_hz;
                for (std::size_t c = 0; c < 2; ++c) {
                    block.push_back(static_cast<std::int32_t>(std::lround(tone(time_s, c) * 0x1p31)));
                }
            }
            converter.push(run.first_frame + static_cast<std::int64_t>(at), block);
            at += count;
            drain();
        }
    }
    const auto edge = static_cast<std::int64_t>(0.02 * to_hz);
    for (const auto& [number, samples] : frames) {
        for (const FrameTap::Block& run : result.runs) {
            const std::int64_t end = run.first_frame + static_cast<std::int64_t>(run.frames);
            if (number >= run.first_frame + edge && number < end - edge) {
                for (std::size_t c = 0; c < 2; ++c) {
                    const double expected = tone(static_cast<double>(number) / to_hz, c);
                    result.worst =
                        std::max(result.worst, std::abs(static_cast<double>(samples[c]) / 0x1p31 - expected));
                }
            }
        }
    }
    return result;
}

TEST(RateBridge, EachFrameIsWhatTheSignalWasAtItsTime) {
    for (const auto& [from_hz, to_hz] :
         {std::pair{44100.0, 48000.0}, {96000.0, 48000.0}, {48000.0, 96000.0}, {48000.0, 44100.0}}) {
        const Bridged bridged = bridge(from_hz, to_hz, {{0, 60'000}});
        EXPECT_LT(bridged.worst, 3e-6) << from_hz << " to " << to_hz; // -110 dB
        ASSERT_EQ(bridged.runs.size(), 1U);
        EXPECT_EQ(bridged.runs[0].first_frame, 0);
        EXPECT_GT(static_cast<double>(bridged.runs[0].frames), 60'000.0 * to_hz / from_hz - 0.1 * to_hz);
    }
}

TEST(RateBridge, WhereverItBeginsAndAcrossAGapTheNumbersAreTheTimes) {
    // neither begins on a frame that the two rates have in common
    const Bridged bridged = bridge(44100.0, 48000.0, {{100'003, 30'000}, {131'234, 30'000}});
    EXPECT_LT(bridged.worst, 3e-6);
    ASSERT_EQ(bridged.runs.size(), 2U);
    // frames inside a run and none outside: first = ceil(100003 * 160 / 147), end = ceil(130003 * 160 / 147)
    EXPECT_EQ(bridged.runs[0].first_frame, 108'847);
    EXPECT_EQ(bridged.runs[0].first_frame + static_cast<std::int64_t>(bridged.runs[0].frames), 141'500);
    EXPECT_EQ(bridged.runs[1].first_frame, 142'840);
}

TEST(RateBridge, TheClockGoesWithTheFrames) {
    const RateBridge bridge(44100.0, 48000.0);
    for (const std::int64_t frame : {std::int64_t{0}, std::int64_t{1}, std::int64_t{4'410'001}, std::int64_t{-7}}) {
        const DeckTime at = DeckTime(std::chrono::seconds(100)) + deck_seconds(static_cast<double>(frame) / 44100.0);
        const StreamTimestamp converted = bridge.convert({frame, at});
        EXPECT_NEAR(seconds(converted.at), 100.0 + static_cast<double>(converted.frame) / 48000.0, 2e-9) << frame;
        EXPECT_NEAR(static_cast<double>(converted.frame), static_cast<double>(frame) * 48000.0 / 44100.0, 1.0);
    }
}

TEST(RateBridge, RatesThatAreNoneAreRefused) {
    EXPECT_THROW(RateBridge(0.0, 48000.0), std::invalid_argument);
    EXPECT_THROW(RateBridge(48000.0, 44100.5), std::invalid_argument);
}

} // namespace
} // namespace overbias::audio
