// SPDX-License-Identifier: Apache-2.0
// AlsaPcm against the simulated card: the card's process in a thread (tests/deck-sim/card_rig.hpp), our side turned by
// the test.
#pragma once

#include "audio/alsa_pcm.hpp"
#include "audio/block_engine.hpp"
#include "card_rig.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <gtest/gtest.h>
#include <optional>
#include <pthread.h>
#include <sched.h>
#include <vector>

namespace overbias::audio::testing {

using deck_sim::CardBridge;
using deck_sim::test::CardRig;
using Clock = std::chrono::steady_clock;

inline constexpr std::size_t kChannels = 4;

/// Long buffers: a test's thread is no audio thread, and other tests run beside it.
inline constexpr std::size_t kCaptureBuffer = 16320, kPlaybackBuffer = 8160;
inline void for_a_busy_machine(AlsaConfig& config) {
    config.capture.buffer_frames = kCaptureBuffer;
    config.playback.buffer_frames = kPlaybackBuffer;
}

/// The rig's wired card: deck input on playback channels 3 and 1, deck output on capture channels 2 and 0.
inline AlsaConfig wired_config(double rate_hz = 48000.0) {
    using enum ChannelRole;
    AlsaConfig config;
    config.capture = {"hw:CARD=Deck,DEV=0", rate_hz, {TapeReturnRight, Unused, TapeReturnLeft, Unused}};
    config.playback = {"hw:CARD=Deck,DEV=0", rate_hz, {Unused, ProgrammeOutRight, Unused, ProgrammeOutLeft}};
    for_a_busy_machine(config);
    return config;
}
/// The rig's simulated deck behind a patch cable: channels 0 and 1 each way.
inline AlsaConfig patched_config(double rate_hz = 48000.0) {
    using enum ChannelRole;
    AlsaConfig config;
    config.capture = {"hw:Deck", rate_hz, {TapeReturnLeft, TapeReturnRight, SourceInLeft, SourceInRight}};
    config.playback = {"hw:Deck", rate_hz, {ProgrammeOutLeft, ProgrammeOutRight, Unused, Unused}};
    config.shared_clock = false;
    for_a_busy_machine(config);
    return config;
}

/// 24-bit words that don't repeat.
inline std::vector<std::int32_t> marked_programme(std::size_t frames, std::uint32_t seed = 1) {
    std::vector<std::int32_t> words;
    for (std::size_t i = 0; i < 2 * frames; ++i) {
        seed = seed * 1664525U + 1013904223U;
        words.push_back(static_cast<std::int32_t>(seed | 1U << 30U) & ~0xff);
    }
    return words;
}

/// Where `wanted` (interleaved stereo) lies in `heard`, in frames.
inline std::optional<std::size_t> place_of(const std::vector<std::int32_t>& wanted,
                                           const std::vector<std::int32_t>& heard) {
    const auto found = std::search(heard.begin(), heard.end(), wanted.begin(), wanted.end());
    return found == heard.end() ? std::nullopt : std::optional(static_cast<std::size_t>(found - heard.begin()) / 2);
}

/// A session in real time. Where it is permitted, the test's thread and the card's, which it makes, are not kept
/// waiting by whatever else the machine does.
class AlsaSession : public ::testing::Test {
  protected:
    AlsaSession() {
        pthread_getschedparam(pthread_self(), &policy_, &priority_);
        sched_param real_time{};
        real_time.sched_priority = 40;
        pthread_setschedparam(pthread_self(), SCHED_FIFO, &real_time);
    }
    ~AlsaSession() override { pthread_setschedparam(pthread_self(), policy_, &priority_); }

  private:
    int policy_ = SCHED_OTHER;
    sched_param priority_{};
};

/// An engine on a card, turned by the test's thread, with all that came back.
class Turned {
  public:
    Turned(const SteadyTimeline& timeline, AlsaConfig config)
        : pcm(timeline, std::move(config)), engine(pcm, {480, 1920, 1 << 18}),
          returned_(engine.add_return_tap(1 << 17)) {}

    /// Turns until `done`; false when that takes more than ten seconds.
    bool until(const std::function<bool()>& done) {
        const auto give_up = Clock::now() + std::chrono::seconds(10);
        while (!done()) {
            if (Clock::now() > give_up) {
                return false;
            }
            pcm.rt_wait(std::chrono::milliseconds(20));
            engine.rt_process();
            drain();
        }
        return true;
    }
    /// Frame number of heard frame `place`.
    [[nodiscard]] std::int64_t number_of(std::size_t place) const {
        std::int64_t number = -1;
        for (const auto& [from, first_frame] : runs_) {
            number = from <= place ? first_frame + static_cast<std::int64_t>(place - from) : number;
        }
        return number;
    }
    /// Frames between what was played as `played` and what came back as `captured`, by the timestamps.
    [[nodiscard]] double round_trip(std::int64_t played, std::int64_t captured) {
        const StreamTimestamp out = engine.played_timestamp();
        const StreamTimestamp in = engine.return_timestamp();
        const double rate_hz = engine.sample_rate_hz();
        const double left_s = seconds(out.at) + static_cast<double>(played - out.frame) / rate_hz;
        const double came_s = seconds(in.at) + static_cast<double>(captured - in.frame) / rate_hz;
        return (came_s - left_s) * rate_hz;
    }

    AlsaPcm pcm;
    BlockEngine engine;
    std::vector<std::int32_t> heard; ///< interleaved stereo, runs after each other
    [[nodiscard]] std::size_t runs() const { return runs_.size(); }
    [[nodiscard]] std::uint64_t xruns() const {
        return engine.counters().playback_xruns.load() + engine.counters().capture_xruns.load();
    }

  private:
    void drain() {
        std::vector<std::int32_t> block(4096);
        for (FrameTap::Block got = returned_.read(block); got.frames > 0; got = returned_.read(block)) {
            if (got.first_frame != next_) {
                runs_.emplace_back(heard.size() / 2, got.first_frame);
            }
            next_ = got.first_frame + static_cast<std::int64_t>(got.frames);
            heard.insert(heard.end(), block.begin(), block.begin() + static_cast<std::ptrdiff_t>(2 * got.frames));
        }
    }
    FrameTap& returned_;
    std::int64_t next_ = -1;
    std::vector<std::pair<std::size_t, std::int64_t>> runs_;
};

} // namespace overbias::audio::testing
