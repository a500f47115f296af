// SPDX-License-Identifier: Apache-2.0
// A card whose time the test moves by hand. It keeps all it played, frame by frame, and captures numbers that tell
// frame and channel.
#pragma once

#include "audio/ports/pcm.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <vector>

namespace overbias::audio::testing {

inline constexpr std::int64_t kScriptedFrames = 1 << 16; ///< as long as a script may run

/// What the card captures: the frame number, with the channel in the lowest three bits.
inline std::int32_t captured_sample(std::int64_t frame, std::size_t channel) {
    return static_cast<std::int32_t>(frame * 8 + static_cast<std::int64_t>(channel));
}

class ScriptedCapture final : public CaptureStream {
  public:
    ScriptedCapture() {
        format_.roles = {ChannelRole::Bias, ChannelRole::TapeReturnRight, ChannelRole::TapeReturnLeft,
                         ChannelRole::Unused};
    }
    const StreamFormat& format() const noexcept override { return format_; }
    StreamState rt_state() noexcept override {
        ++calls;
        return state;
    }
    std::size_t rt_available() noexcept override {
        ++calls;
        return static_cast<std::size_t>(std::min(clock, hole_at) - read_to);
    }
    std::size_t rt_read(std::span<std::int32_t> out, std::int64_t& first_frame) noexcept override {
        ++calls;
        const std::size_t frames = std::min(rt_available(), out.size() / format_.channels());
        first_frame = read_to;
        for (std::size_t i = 0; i < frames * format_.channels(); ++i) {
            out[i] =
                captured_sample(read_to + static_cast<std::int64_t>(i / format_.channels()), i % format_.channels());
        }
        read_to += static_cast<std::int64_t>(frames);
        if (read_to == hole_at) {
            state = StreamState::Xrun;
        }
        return frames;
    }
    bool rt_recover() noexcept override {
        ++calls;
        if (failing_recoveries > 0) {
            --failing_recoveries;
            return false;
        }
        read_to = clock;
        hole_at = std::numeric_limits<std::int64_t>::max();
        state = StreamState::Running;
        return true;
    }
    StreamTimestamp rt_timestamp() noexcept override { return {clock, DeckTime(std::chrono::microseconds(clock))}; }

    StreamFormat format_;
    StreamState state = StreamState::Stopped;
    std::int64_t clock = 0, read_to = 0;
    std::int64_t capacity = 4096;
    /// Frames from here on are lost; the card says so once all before them was read.
    std::int64_t hole_at = std::numeric_limits<std::int64_t>::max();
    int failing_recoveries = 0;
    int calls = 0;
};

class ScriptedPlayback final : public PlaybackStream {
  public:
    ScriptedPlayback() {
        format_.roles = {ChannelRole::Unused, ChannelRole::ProgrammeOutRight,
                         ChannelRole::Unused, ChannelRole::ProgrammeOutLeft,
                         ChannelRole::Unused, ChannelRole::Unused};
        played.resize(static_cast<std::size_t>(kScriptedFrames) * format_.channels());
    }
    const StreamFormat& format() const noexcept override { return format_; }
    StreamState rt_state() noexcept override {
        ++calls;
        return state;
    }
    std::size_t rt_writable() noexcept override {
        ++calls;
        return static_cast<std::size_t>(clock + latency - written_to);
    }
    std::size_t rt_write(std::span<const std::int32_t> in, std::int64_t& first_frame) noexcept override {
        ++calls;
        const std::size_t frames = std::min({rt_writable(), in.size() / format_.channels(), largest_write});
        first_frame = written_to;
        std::copy_n(in.begin(), frames * format_.channels(),
                    played.begin() + written_to * static_cast<std::int64_t>(format_.channels()));
        written_to += static_cast<std::int64_t>(frames);
        return frames;
    }
    bool rt_recover() noexcept override {
        ++calls;
        written_to = clock + latency; // the buffer is filled with silence again
        state = StreamState::Running;
        return true;
    }
    StreamTimestamp rt_timestamp() noexcept override { return {clock, DeckTime(std::chrono::microseconds(clock + 7))}; }
    [[nodiscard]] std::int32_t played_sample(std::int64_t frame, std::size_t channel) const {
        return played[static_cast<std::size_t>(frame) * format_.channels() + channel];
    }

    StreamFormat format_;
    StreamState state = StreamState::Stopped;
    std::int64_t clock = 0, written_to = 0, latency = 0;
    std::size_t largest_write = std::numeric_limits<std::size_t>::max();
    std::vector<std::int32_t> played;
    int calls = 0;
};

class ScriptedPcm final : public Pcm {
  public:
    CaptureStream& capture() noexcept override { return capture_; }
    PlaybackStream& playback() noexcept override { return playback_; }
    Result<void> start(std::size_t playback_latency_frames) override {
        if (absent) {
            return Error{"scripted card: not there"};
        }
        playback_.latency = playback_.written_to = static_cast<std::int64_t>(playback_latency_frames);
        playback_.clock = capture_.clock = capture_.read_to = 0;
        playback_.state = capture_.state = StreamState::Running;
        return {};
    }
    void stop() noexcept override { playback_.state = capture_.state = StreamState::Stopped; }

    /// Time passes; too little in the playback buffer or too much in the capture buffer is an xrun.
    void advance(std::int64_t frames) {
        playback_.clock += frames;
        capture_.clock += frames;
        if (playback_.state == StreamState::Running && playback_.clock > playback_.written_to) {
            playback_.state = StreamState::Xrun;
        }
        if (capture_.state == StreamState::Running && capture_.clock - capture_.read_to > capture_.capacity) {
            capture_.state = StreamState::Xrun;
        }
    }

    ScriptedCapture capture_;
    ScriptedPlayback playback_;
    bool absent = false;
};

inline constexpr std::size_t kLeftOut = 3, kRightOut = 1, kLeftReturn = 2, kRightReturn = 1; ///< of the roles above

/// Programme frame `number` (from 1, so that silence is told apart).
inline std::int32_t programme_left(std::int64_t number) {
    return static_cast<std::int32_t>(number << 8);
}
inline std::int32_t programme_right(std::int64_t number) {
    return -programme_left(number);
}
/// Frames first .. first + count - 1.
inline std::vector<std::int32_t> programme(std::int64_t first, std::int64_t count) {
    std::vector<std::int32_t> frames;
    for (std::int64_t i = 0; i < count; ++i) {
        frames.push_back(programme_left(first + i));
        frames.push_back(programme_right(first + i));
    }
    return frames;
}

} // namespace overbias::audio::testing
