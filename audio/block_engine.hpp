// SPDX-License-Identifier: Apache-2.0
// The block engine between the card and everybody else: full duplex, one block at a time, no lock, no allocation, no
// blocking call. It plays one queue of programme frames (while it is not playing silence, or an oscillator) and hands
// copies of what was played and what was captured to any number of taps, one ring each.
//
// Thread: rt_process() on the audio thread (in simulation: the timeline's); everything else on the thread that owns the
// engine, and taps are added before the first rt_process(). A tap is read by one thread.
#pragma once

#include "audio/ports/pcm.hpp"
#include "base/spsc_ring.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace overbias::audio {

class MonitorFeed;
class Oscillator;

/// A ring of frames (stereo, unless said otherwise) with their frame numbers; a full ring drops whole blocks and counts
/// them, and the reader sees the gap in the numbers.
class FrameTap {
  public:
    /// Capacity in frames.
    explicit FrameTap(std::size_t capacity_frames, std::size_t channels = 2);

    /// Writer: appends a block of interleaved samples.
    void rt_push(std::int64_t first_frame, std::span<const std::int32_t> interleaved) noexcept;

    struct Block {
        std::int64_t first_frame = 0;
        std::size_t frames = 0;
    };
    /// Reader: the next run of consecutive frames, up to out.size() / channels() of them, interleaved; frames == 0 when
    /// there is none.
    Block read(std::span<std::int32_t> out) noexcept;
    [[nodiscard]] std::uint64_t dropped_frames() const noexcept { return dropped_.load(std::memory_order_relaxed); }
    [[nodiscard]] std::size_t channels() const noexcept { return channels_; }

  private:
    struct Header {
        std::int64_t first_frame;
        std::uint32_t frames;
    };
    std::size_t channels_;
    SpscRing<Header> headers_;
    SpscRing<std::int32_t> samples_;
    Header current_{0, 0}; // reader's
    std::atomic<std::uint64_t> dropped_{0};
};

/// What the audio thread counts; any thread may read.
struct EngineCounters {
    std::atomic<std::uint64_t> blocks{0};
    std::atomic<std::uint64_t> capture_xruns{0};
    std::atomic<std::uint64_t> playback_xruns{0};
    std::atomic<std::uint64_t> queue_underruns{0}; ///< frames of silence played because the programme queue ran dry
    std::atomic<bool> lost{false};                 ///< the card is gone
};

struct EngineConfig {
    std::size_t block_frames = 480;
    std::size_t playback_latency_frames = 1920;
    std::size_t queue_frames = 1 << 18; ///< programme queue
};

/// An xrun as the taps see it: where frames are missing or were played as silence. When nobody takes the marks for
/// long, neighbouring ones grow together (and cover what is between them): none is ever lost.
struct XrunMark {
    bool playback = false;
    std::int64_t first_frame = 0;
    std::int64_t frames = 0;
    /// Not the card's xrun: the programme queue ran dry, these frames were silence and the rest of the programme comes
    /// this much later.
    bool queue_underrun = false;
};

class BlockEngine {
  public:
    /// Throws std::invalid_argument when the card lacks a programme output pair or a tape return pair, when it has half
    /// a pair of monitor outputs, or when the playback latency is shorter than a block (nothing could ever be written).
    BlockEngine(Pcm& pcm, EngineConfig config);
    ~BlockEngine();

    /// Both while no rt_process() runs. start() after the card was lost begins anew, with new frame numbers; stop()
    /// empties the queue.
    [[nodiscard]] Result<void> start();
    void stop() noexcept;

    /// One turn: reads what was captured, writes what is due, serves the taps. Called at least once a block time. Does
    /// nothing more once the card is lost. An xrun costs the card's frames only: no frame of the queue is skipped, the
    /// rest comes later.
    void rt_process() noexcept;

    // --- programme queue (one writer thread: the file reader)
    /// Interleaved left/right frames that follow each other without a gap. Returns how many frames were taken (none
    /// while a stop_playing() is still to be carried out by the audio thread).
    std::size_t queue_write(std::span<const std::int32_t> interleaved) noexcept;
    [[nodiscard]] std::size_t queue_writable_frames() const noexcept;
    /// The writer has no more frames: when the queue is empty from now on, that is the end of the programme and not an
    /// underrun.
    void queue_finish() noexcept;
    /// Starts playing the queue at the next block, or when the oscillator, which ends, has faded out (20 ms at most).
    /// Returns at once; played_from() tells the frame. While the queue has not had its first frame yet the engine waits
    /// in silence, which is no underrun.
    void start_playing() noexcept;
    /// Stops playing after the current block and empties the queue.
    void stop_playing() noexcept;
    /// Playback frame number of the queue's first frame, or -1 until it has been written to the card. Stays after
    /// stop_playing().
    [[nodiscard]] std::int64_t played_from() const noexcept;
    /// Playback frame number after the programme's last frame, once queue_finish() was called and all of it was
    /// written; else -1.
    [[nodiscard]] std::int64_t played_to() const noexcept;

    /// Taps; the engine keeps them until it is destroyed.
    FrameTap& add_played_tap(std::size_t capacity_frames);
    FrameTap& add_return_tap(std::size_t capacity_frames);
    /// Of any channels of the capture, by their numbers from 0, in this order. Throws std::invalid_argument for one
    /// that the card does not have.
    FrameTap& add_capture_tap(std::size_t capacity_frames, std::vector<std::size_t> channels);

    /// The signal that plays while no programme does; one, however often it is asked for. Before the first
    /// rt_process().
    Oscillator& add_oscillator();

    /// The card has a pair of monitor outputs.
    [[nodiscard]] bool has_monitor() const noexcept;
    /// What plays on them; one, however often it is asked for. Never disturbs the programme. Before the first
    /// rt_process(). Throws std::logic_error when there are none.
    MonitorFeed& add_monitor();

    [[nodiscard]] const EngineCounters& counters() const noexcept;
    /// Latest timestamps of both streams (for frame number to deck time). Any one reader thread.
    [[nodiscard]] StreamTimestamp played_timestamp() noexcept;
    [[nodiscard]] StreamTimestamp return_timestamp() noexcept;
    /// Xruns since the last call. One reader thread.
    std::size_t take_xruns(std::span<XrunMark> out) noexcept;
    [[nodiscard]] double sample_rate_hz() const noexcept; ///< of the playback stream

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace overbias::audio
