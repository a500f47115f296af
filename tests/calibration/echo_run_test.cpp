// SPDX-License-Identifier: Apache-2.0
// EchoRun and TapeListener's frames, through the simulated card: with its deck on INPUT a cable, in record a tape.
#include "alignment_rig.hpp"
#include "calibration/procedure/echo_run.hpp"
#include "calibration/procedure/tape_listener.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace overbias::calibration {

using test::AlignmentRig;
using testing::HasSubstr;

namespace {

/// Hands the listener's frames to a run, and turns it, until all seconds are there or the time is up.
std::vector<Result<audio::LoopMeasurement>> all_of(AlignmentRig& rig, TapeListener& listener, EchoRun& run,
                                                   double limit_s = 20.0) {
    listener.on_frames([&run](std::int64_t first_frame, std::span<const std::int32_t> interleaved) {
        run.take(first_frame, interleaved);
    });
    std::vector<Result<audio::LoopMeasurement>> found;
    const DeckTime end = rig.timeline.now() + deck_seconds(limit_s);
    while (!run.done() && rig.timeline.now() < end && (found.empty() || found.back())) {
        rig.timeline.run_for(std::chrono::milliseconds(10));
        listener.drain();
        run.turn(listener.timestamp());
        if (auto one = run.next()) {
            found.push_back(std::move(*one));
        }
    }
    listener.on_frames({});
    return found;
}

} // namespace

TEST(EchoRun, FindsEachSecondOfALongNoiseThroughACable) {
    for (const double capture_hz : {48000.0, 44100.0}) {
        SCOPED_TRACE(capture_hz);
        deck_sim::Settings settings;
        settings.capture_sample_rate_hz = capture_hz;
        settings.play_clock_ppm = 40.0;
        settings.capture_clock_ppm = -60.0;
        AlignmentRig rig(settings, {"monitor_input"});
        rig.timeline.run_for(std::chrono::seconds(5)); // EchoRun::kClocksSettle_s
        const auto context = rig.context();
        TapeListener listener(*rig.engine, context.tape_return, context.installation.return_rate_hz);
        EchoRun run(*rig.engine, {.level_dbfs = -20.0, .seconds = 4});
        EXPECT_FALSE(run.began());
        const auto found = all_of(rig, listener, run);
        ASSERT_EQ(found.size(), 4U);
        for (const auto& second : found) {
            ASSERT_TRUE(second) << second.error().message;
            EXPECT_EQ(second->problem, "");
            EXPECT_NEAR(second->delay_frames, settings.round_trip_frames, 0.1);
            EXPECT_NEAR(second->channels[0].level_difference_db, 0.0, 0.05);
        }
        EXPECT_TRUE(run.began());
        // frames of the playback's nominal rate, counted by the capture's crystal
        EXPECT_NEAR(1e6 * (run.returned_rate_hz() / 48000.0 - 1.0), -60.0, 2.0);
    }
}

TEST(EchoRun, HearsATapesHeadsAndGivesItsWorkAway) {
    deck_sim::Settings settings;
    settings.wow_peak = 0.0006; // 25 us of 92 ms either way, each second
    AlignmentRig rig(settings);
    rig.transport->play();
    rig.timeline.run_for(std::chrono::seconds(3));
    rig.transport->arm();
    rig.transport->record();
    rig.timeline.run_for(std::chrono::seconds(2));
    const auto context = rig.context();
    TapeListener listener(*rig.engine, context.tape_return, context.installation.return_rate_hz);
    EchoRun run(*rig.engine, {.level_dbfs = -24.0, .seconds = 3, .latest_s = 0.3});
    std::vector<EchoRun::Work> work;
    listener.on_frames([&run](std::int64_t first_frame, std::span<const std::int32_t> interleaved) {
        run.take(first_frame, interleaved);
    });
    while (!run.done()) {
        rig.timeline.run_for(std::chrono::milliseconds(10));
        listener.drain();
        run.turn(listener.timestamp());
        if (auto one = run.next_work()) {
            ASSERT_TRUE(*one) << one->error().message;
            work.push_back(**one);
        }
    }
    listener.on_frames({});
    ASSERT_EQ(work.size(), 3U);
    // of the heads' distance at the deck's speed; wow moves a second's by 37 us at most
    const double delay_s = settings.record_to_reproduce_m / (0.381 * (1.0 + settings.speed_error));
    for (const auto& one : work) { // any time later
        const auto second = one();
        ASSERT_TRUE(second) << second.error().message;
        for (const audio::LoopChannel& channel : second->channels) {
            EXPECT_TRUE(channel.heard);
            EXPECT_GT(channel.confidence, 0.97); // wow that the search had lost would take from it
            EXPECT_NEAR(channel.delay_frames / 48000.0 - settings.round_trip_frames / 48000.0, delay_s, 60e-6);
        }
    }
}

TEST(EchoRun, SaysThatFramesWereLost) {
    AlignmentRig rig(deck_sim::Settings{}, {"monitor_input", "xrun:time_s=8,length_ms=30,direction=capture"});
    rig.timeline.run_for(std::chrono::seconds(6));
    const auto context = rig.context();
    TapeListener listener(*rig.engine, context.tape_return, context.installation.return_rate_hz);
    EchoRun run(*rig.engine, {.level_dbfs = -20.0, .seconds = 4});
    const auto found = all_of(rig, listener, run);
    ASSERT_FALSE(found.empty());
    ASSERT_FALSE(found.back());
    EXPECT_THAT(found.back().error().message, HasSubstr("frames were lost"));
}

TEST(EchoRun, StopsPlayingHoweverItEnds) {
    AlignmentRig rig(deck_sim::Settings{}, {"monitor_input"});
    rig.timeline.run_for(std::chrono::seconds(5));
    const auto context = rig.context();
    TapeListener listener(*rig.engine, context.tape_return, context.installation.return_rate_hz);
    {
        EchoRun run(*rig.engine, {.level_dbfs = -20.0, .seconds = 20});
        (void)all_of(rig, listener, run, 2.0);
        ASSERT_TRUE(run.began());
    }
    rig.timeline.run_for(std::chrono::seconds(1));
    double peak = 0.0;
    listener.on_frames([&peak](std::int64_t, std::span<const std::int32_t> interleaved) {
        for (const std::int32_t sample : interleaved) {
            peak = std::max(peak, std::abs(sample / 2147483648.0));
        }
    });
    listener.drain(); // what waited, the noise's end in it
    peak = 0.0;
    rig.timeline.run_for(std::chrono::milliseconds(500));
    listener.drain();
    EXPECT_LT(peak, 0.001);
    EXPECT_GT(peak, 0.0); // the converters' own noise: something was listened to
}

TEST(TapeListener, HandsOnEveryFrameInOrderAndSaysWhen) {
    for (const double capture_hz : {48000.0, 96000.0}) {
        SCOPED_TRACE(capture_hz);
        deck_sim::Settings settings;
        settings.capture_sample_rate_hz = capture_hz;
        settings.capture_clock_ppm = 35.0;
        AlignmentRig rig(settings);
        const auto context = rig.context();
        TapeListener listener(*rig.engine, context.tape_return, context.installation.return_rate_hz);
        std::int64_t next = -1, frames = 0;
        bool in_order = true;
        listener.on_frames([&](std::int64_t first_frame, std::span<const std::int32_t> interleaved) {
            in_order = in_order && (next < 0 || first_frame == next);
            next = first_frame + static_cast<std::int64_t>(interleaved.size() / 2);
            frames += static_cast<std::int64_t>(interleaved.size() / 2);
        });
        const auto from = listener.timestamp();
        for (int n = 0; n < 200; ++n) {
            rig.timeline.run_for(std::chrono::milliseconds(10));
            listener.drain();
        }
        const auto to = listener.timestamp();
        EXPECT_TRUE(in_order);
        EXPECT_NEAR(static_cast<double>(frames), 2.0 * 48000.0, 0.1 * 48000.0);
        const double rate_hz = static_cast<double>(to.frame - from.frame) / seconds(to.at - from.at);
        EXPECT_NEAR(1e6 * (rate_hz / 48000.0 - 1.0), 35.0, 15.0); // to half a frame in two seconds
        // the newest frame that came is no newer than the newest timestamp allows
        const double newest_s = seconds(rig.timeline.now() - to.at) + static_cast<double>(to.frame - next) / rate_hz;
        EXPECT_GE(newest_s, -0.001);
        EXPECT_LT(newest_s, 0.2);
        listener.on_frames({});
        const std::int64_t before = frames;
        rig.timeline.run_for(std::chrono::milliseconds(100));
        listener.drain();
        EXPECT_EQ(frames, before);
    }
}

} // namespace overbias::calibration
