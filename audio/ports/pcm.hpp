// SPDX-License-Identifier: Apache-2.0
// Pcm: the sound card. Samples are signed 32 bit, left-justified (a 24-bit converter uses the upper 24), interleaved,
// so that what a 16, 24 or 32-bit file holds reaches the converter bit for bit. Full scale is 2^31.
//
// Capture and playback are two streams with their own rate and their own clock domain; they start together (prepare,
// start) and each counts its own frames from that moment: playback frame 0 leaves for the converter when capture frame
// 0 arrives. Buffering therefore never shows in a delay computed from frame numbers and timestamps; the converters' own
// round trip does.
//
// Thread: rt_ calls on the audio thread, the rest on the thread that owns the object while the stream is stopped.
#pragma once

#include "base/async/timeline.hpp"
#include "base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace overbias::audio {

/// What a channel of the card is wired to.
enum class ChannelRole {
    Unused,
    ProgrammeOutLeft, ///< playback: to the deck's line input
    ProgrammeOutRight,
    MonitorOutLeft, ///< playback: to the room's loudspeakers (audio/listening)
    MonitorOutRight,
    TapeReturnLeft, ///< capture: from the deck's line output
    TapeReturnRight,
    SourceInLeft, ///< capture: a pair on the deck's input, for masters played elsewhere
    SourceInRight,
    Bias, ///< capture: rectified or heterodyned bias
};

struct StreamFormat {
    double sample_rate_hz = 48000.0; ///< nominal
    std::vector<ChannelRole> roles;  ///< one a channel, in interleaving order
    std::string clock_domain;        ///< streams with equal domains share one crystal
    [[nodiscard]] std::size_t channels() const noexcept { return roles.size(); }
};

enum class StreamState {
    Stopped,
    Running,
    Xrun, ///< frames were lost; rt_recover() goes on, with the frame counter still true to time
    Lost, ///< the card is gone
};

/// Ties the stream's frame counter to deck time: frame number `frame` passed the converter's digital side at `at`.
struct StreamTimestamp {
    std::int64_t frame = 0;
    DeckTime at{};
};

class CaptureStream {
  public:
    virtual ~CaptureStream() = default;
    [[nodiscard]] virtual const StreamFormat& format() const noexcept = 0;
    [[nodiscard]] virtual StreamState rt_state() noexcept = 0;
    /// Frames that can be read now.
    [[nodiscard]] virtual std::size_t rt_available() noexcept = 0;
    /// Reads up to out.size() / channels frames and returns how many. `first_frame` gets the number of the first one:
    /// it jumps over frames lost in an xrun.
    virtual std::size_t rt_read(std::span<std::int32_t> out, std::int64_t& first_frame) noexcept = 0;
    virtual bool rt_recover() noexcept = 0;
    [[nodiscard]] virtual StreamTimestamp rt_timestamp() noexcept = 0;
};

class PlaybackStream {
  public:
    virtual ~PlaybackStream() = default;
    [[nodiscard]] virtual const StreamFormat& format() const noexcept = 0;
    [[nodiscard]] virtual StreamState rt_state() noexcept = 0;
    /// Frames that can be written now.
    [[nodiscard]] virtual std::size_t rt_writable() noexcept = 0;
    /// Writes up to in.size() / channels frames and returns how many. `first_frame` gets the number of the first one:
    /// it jumps over frames the card played as silence in an xrun.
    virtual std::size_t rt_write(std::span<const std::int32_t> in, std::int64_t& first_frame) noexcept = 0;
    virtual bool rt_recover() noexcept = 0;
    [[nodiscard]] virtual StreamTimestamp rt_timestamp() noexcept = 0;
};

class Pcm {
  public:
    Pcm() = default;
    Pcm(const Pcm&) = delete;
    Pcm& operator=(const Pcm&) = delete;
    virtual ~Pcm() = default;
    [[nodiscard]] virtual CaptureStream& capture() noexcept = 0;
    [[nodiscard]] virtual PlaybackStream& playback() noexcept = 0;
    /// Starts both streams together. The playback buffer is first filled with silence up to `playback_latency_frames`.
    [[nodiscard]] virtual Result<void> start(std::size_t playback_latency_frames) = 0;
    virtual void stop() noexcept = 0;
};

} // namespace overbias::audio
