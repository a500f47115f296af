// SPDX-License-Identifier: Apache-2.0
// The loop measurement against a loop made by hand: any delay, two crystals, gains, swapped and inverted plugs.
#include "audio/loop_delay.hpp"

#include <algorithm>
#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <numbers>
#include <random>

namespace overbias::audio {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

/// What lies between output and input. Its own interpolation, by a windowed sinc.
struct Loop {
    double rate_hz = 48000.0;
    double delay_frames = 61.37;
    double play_ppm = 0.0, capture_ppm = 0.0;
    std::array<double, 2> gain{1.0, 1.0}; ///< per input; negative: inverted
    std::array<std::size_t, 2> source{0, 1};
    std::array<double, 2> extra_frames{0.0, 0.0};
    double noise = 1e-4;       ///< rms of full scale
    double drift_frames = 0.0; ///< that the delay grows by from the signal's beginning to its end, about delay_frames
    double latest_s = kLoopLatest_s;

    static constexpr std::int64_t kSentFrom = 123'457;
    static constexpr double kPlayStart_s = 3.25, kCaptureStart_s = 3.9; ///< deck time of each stream's frame 0

    std::vector<std::int32_t> sent{}, came{};

    [[nodiscard]] StreamTimestamp at(bool playback, std::int64_t frame) const {
        const double rate = rate_hz * (1.0 + (playback ? play_ppm : capture_ppm) * 1e-6);
        return {frame, DeckTime(deck_seconds((playback ? kPlayStart_s : kCaptureStart_s) +
                                             static_cast<double>(frame) / rate))};
    }

    Result<LoopMeasurement> measure(double kept_s = 1.5) {
        const auto frames_kept = static_cast<std::size_t>(kept_s * rate_hz);
        const auto came_from = static_cast<std::int64_t>(
            std::floor((kPlayStart_s + static_cast<double>(kSentFrom) / rate_hz - 0.2 - kCaptureStart_s) * rate_hz));
        sent = loop_signal(rate_hz);
        const double play_hz = rate_hz * (1.0 + play_ppm * 1e-6);
        const double capture_hz = rate_hz * (1.0 + capture_ppm * 1e-6);
        const auto length = static_cast<std::int64_t>(sent.size() / 2);
        came.assign(2 * frames_kept, 0);
        std::mt19937_64 random(4);
        std::normal_distribution<double> hiss(0.0, noise);
        for (std::size_t i = 0; i < frames_kept; ++i) {
            const double time_s =
                kCaptureStart_s + static_cast<double>(came_from + static_cast<std::int64_t>(i)) / capture_hz;
            for (std::size_t c = 0; c < 2; ++c) {
                // the delay is in capture frames
                const double fixed_s = time_s - (delay_frames + extra_frames[c]) / capture_hz;
                const double through = (fixed_s - kPlayStart_s) * play_hz - static_cast<double>(kSentFrom);
                const double heard_s =
                    fixed_s - drift_frames * (through / static_cast<double>(length) - 0.5) / capture_hz;
                const double place = (heard_s - kPlayStart_s) * play_hz - static_cast<double>(kSentFrom);
                const auto whole = static_cast<std::int64_t>(std::floor(place));
                const double side = std::sin(std::numbers::pi * (place - static_cast<double>(whole)));
                double value = 0.0;
                for (std::int64_t k = std::max<std::int64_t>(whole - 31, 0); k <= std::min(whole + 32, length - 1);
                     ++k) {
                    const double x = place - static_cast<double>(k);
                    const double sine = (whole - k) % 2 == 0 ? side : -side; // sin(pi x)
                    const double sinc = x == 0.0 ? 1.0 : sine / (std::numbers::pi * x);
                    const double taper = 1.0 - x * x / (33.0 * 33.0);
                    value += static_cast<double>(sent[2 * static_cast<std::size_t>(k) + source[c]]) * sinc * taper;
                }
                came[2 * i + c] = static_cast<std::int32_t>(
                    std::clamp(value * gain[c] + hiss(random) * 0x1p31, -2147483648.0, 2147483647.0));
            }
        }
        LoopRecording recording;
        recording.sample_rate_hz = rate_hz;
        recording.sent = sent;
        recording.sent_from = kSentFrom;
        recording.came_back = came;
        recording.came_back_from = came_from;
        recording.played = {at(true, kSentFrom - 1000), at(true, kSentFrom + length)};
        recording.captured = {at(false, came_from + 10), at(false, came_from + static_cast<std::int64_t>(frames_kept))};
        recording.latest_s = latest_s;
        return measure_loop(recording);
    }
};

TEST(LoopDelay, IsFoundToASmallFractionOfAFrame) {
    for (const double delay_frames : {61.37, -3.5, 4800.25}) {
        Loop loop{.delay_frames = delay_frames, .gain = {0.5, 0.49}};
        const auto found = loop.measure();
        ASSERT_TRUE(found) << found.error().message;
        EXPECT_EQ(found->problem, "");
        EXPECT_NEAR(found->delay_frames, delay_frames, 0.01);
        EXPECT_NEAR(found->channels[0].level_difference_db, -6.02, 0.05);
        EXPECT_NEAR(found->channels[1].level_difference_db, -6.20, 0.05);
        EXPECT_GT(found->channels[0].confidence, 0.99);
    }
}

TEST(LoopDelay, TwoCrystalsDoNotBendIt) {
    Loop loop{.play_ppm = 87.0, .capture_ppm = -43.0};
    const auto found = loop.measure();
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_EQ(found->problem, "");
    EXPECT_NEAR(found->delay_frames, 61.37, 0.05);
}

TEST(LoopDelay, AtNinetySixKilohertzAsWell) {
    Loop loop{.rate_hz = 96000.0, .delay_frames = 75.5};
    const auto found = loop.measure();
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_NEAR(found->delay_frames, 75.5, 0.01);
}

TEST(LoopDelay, ATapesHeadsComeLaterThanACable) {
    Loop heads{.delay_frames = 17'640.5, .latest_s = 0.5}; // 7.5 ips, 70 mm
    const auto found = heads.measure(1.9);
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_EQ(found->problem, "");
    EXPECT_NEAR(found->delay_frames, 17'640.5, 0.01);
    heads.latest_s = 0.3; // it is not looked for so late
    const auto missed = heads.measure(1.9);
    ASSERT_TRUE(missed) << missed.error().message;
    EXPECT_FALSE(missed->channels[0].heard || missed->channels[1].heard);
    heads.latest_s = 0.8; // more of the recording is needed
    EXPECT_FALSE(heads.measure(1.9));
}

TEST(LoopDelay, WowIsFollowedThroughTheSecond) {
    for (const double drift_frames : {7.0, -7.0}) { // 150 us, two periods of the highest frequency
        Loop loop{.drift_frames = drift_frames};
        const auto found = loop.measure();
        ASSERT_TRUE(found) << found.error().message;
        EXPECT_NEAR(found->delay_frames, 61.37, 0.05);
        EXPECT_GT(found->channels[0].confidence, 0.97);
        EXPECT_NEAR(found->channels[0].level_difference_db, 0.0, 0.1);
    }
}

TEST(LoopDelay, WrongWiringIsNamed) {
    const auto problem = [](Loop loop) {
        const auto found = loop.measure();
        return found ? found->problem : found.error().message;
    };
    EXPECT_THAT(problem({.source = {1, 0}}), HasSubstr("left and right are swapped"));
    EXPECT_THAT(problem({.gain = {1.0, -1.0}}),
                AllOf(HasSubstr("the right channel comes back inverted"), ::testing::Not(HasSubstr("left"))));
    EXPECT_THAT(problem({.gain = {0.0, 1.0}}),
                AllOf(HasSubstr("nothing of the signal came back on the left channel (-7"), HasSubstr("cable")));
    EXPECT_THAT(problem({.source = {0, 0}}), HasSubstr("the right input hears the left output"));
    EXPECT_THAT(problem({.extra_frames = {0.0, 40.0}}), HasSubstr("the right channel comes +40.00 frames after"));
    EXPECT_THAT(problem({.gain = {1.0, 0.5}}), HasSubstr("-6.0 dB"));
}

TEST(LoopDelay, ARecordingThatIsTooShortOrHasNoClockIsRefused) {
    Loop loop;
    const auto found = loop.measure(1.2);
    ASSERT_FALSE(found);
    EXPECT_THAT(found.error().message, AllOf(HasSubstr("are needed"), HasSubstr("0.2 s after")));
    LoopRecording recording;
    const auto sent = loop_signal(48000.0);
    recording.sent = recording.came_back = sent;
    recording.played = {{0, DeckTime{}}, {48000, DeckTime(std::chrono::milliseconds(900))}};
    const auto clockless = measure_loop(recording);
    ASSERT_FALSE(clockless);
    EXPECT_THAT(clockless.error().message, HasSubstr("another rate"));
}

TEST(LoopDelay, TheSignalHasItsLevelAndEndsInSilence) {
    for (const double level_dbfs : {-20.0, -30.0}) {
        const auto signal = loop_signal(48000.0, level_dbfs);
        ASSERT_EQ(signal.size(), 2 * 48000U);
        for (std::size_t c = 0; c < 2; ++c) {
            double sum = 0.0;
            std::int64_t peak = 0;
            for (std::size_t i = c; i < signal.size(); i += 2) {
                sum += std::pow(static_cast<double>(signal[i]) / 0x1p31, 2.0);
                peak = std::max(peak, std::abs(static_cast<std::int64_t>(signal[i])));
                ASSERT_EQ(signal[i] & 0xff, 0) << "24-bit words";
            }
            EXPECT_NEAR(10.0 * std::log10(2.0 * sum / 48000.0), level_dbfs, 0.2);
            EXPECT_LT(static_cast<double>(peak), 0.5 * 0x1p31);
        }
        EXPECT_EQ(signal.front(), 0);
        EXPECT_EQ(signal.back(), 0);
    }
}

} // namespace
} // namespace overbias::audio
