// SPDX-License-Identifier: Apache-2.0
// FlacStream: one FLAC stream for several listeners. Frames of the card's rate go in; a thread of its own brings them
// to 16 bit (TPDF dither) and, above 48 kHz, to a half or a quarter of the rate (libsoxr), and encodes them once for
// all. Each listener has a whole stream from its own frame 0 on, and a queue that is bounded: who does not fetch is cut
// off, and nobody waits for him. While nobody listens nothing is encoded.
//
// Threads: push() on one; open(), listeners(), wanted() and what a listener offers on any.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

namespace overbias::audio {

/// The rate that streams have: `rate_hz` itself up to 48 kHz, else a half or a quarter of it.
[[nodiscard]] unsigned flac_stream_rate_hz(double rate_hz) noexcept;

class FlacListener {
  public:
    FlacListener() = default;
    FlacListener(const FlacListener&) = delete;
    FlacListener& operator=(const FlacListener&) = delete;
    virtual ~FlacListener() = default; ///< it listens no more
    /// Everything that waits, from "fLaC" on; empty: nothing yet, and the next byte wakes.
    [[nodiscard]] virtual std::string take() = 0;
    /// It was cut off (too slow), or the stream has ended: why. Empty: it goes on.
    [[nodiscard]] virtual std::string ended() const = 0;
};

class FlacStream {
  public:
    struct Limits {
        std::size_t listeners = 4;
        std::size_t queue_bytes = 512 * 1024; ///< of one listener: some five seconds
    };
    /// Throws std::invalid_argument for a rate that is not whole or not 44100 to 192000 Hz.
    FlacStream(double rate_hz, Limits limits);
    /// Ends every listener's stream; they outlive it.
    ~FlacStream();
    FlacStream(const FlacStream&) = delete;
    FlacStream& operator=(const FlacStream&) = delete;

    /// Interleaved, left-justified. Never waits: what the thread cannot take in time is dropped and counted.
    void push(std::span<const std::int32_t> interleaved) noexcept;
    /// `wake` is called on the stream's thread, after take() had nothing, when there is something, or at the end.
    /// Null: there are as many listeners as there may be.
    [[nodiscard]] std::shared_ptr<FlacListener> open(std::function<void()> wake);
    [[nodiscard]] std::size_t listeners() const;
    [[nodiscard]] bool wanted() const noexcept; ///< anybody listens
    [[nodiscard]] std::uint64_t dropped_frames() const noexcept;
    [[nodiscard]] std::uint64_t cut_off() const noexcept; ///< listeners that were too slow

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace overbias::audio
