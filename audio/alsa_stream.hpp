// SPDX-License-Identifier: Apache-2.0
// AlsaStream: one direction of a running card: its state, its frame numbers, its clock. Of audio/alsa* only. Parts:
// alsa_stream.cpp (state and clock), alsa_stream_recovery.cpp, alsa_stream_transfer.cpp.
//
// Frame numbers. alsa-lib counts from each prepare; `base_` is the number of that count's frame 0, so frame = base +
// count. After a restart the base is where the stream's clock says the card is by now: frames that went by in between
// keep their numbers. The converter is at count + delay (capture) or count - delay (playback): the delay knows of what
// lies between buffer and converter, the buffer's own level doesn't.
#pragma once

#include "audio/alsa_device.hpp"
#include "audio/alsa_recovery.hpp"
#include "audio/ports/pcm.hpp"
#include "audio/stream_clock.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <limits>
#include <poll.h>
#include <span>
#include <vector>

namespace overbias::audio {

/// CLOCK_MONOTONIC.
[[nodiscard]] std::int64_t rt_monotonic_ns() noexcept;

class AlsaStream {
  public:
    AlsaStream(const SteadyTimeline& timeline, StreamFormat format, bool playback);

    [[nodiscard]] const StreamFormat& format() const noexcept { return format_; }

    // --- while no rt_ call runs
    void take(AlsaDevice device); ///< state: stopped
    void close() noexcept;
    [[nodiscard]] bool is_open() const noexcept { return device_.handle != nullptr; }
    [[nodiscard]] const AlsaDevice& device() const noexcept { return device_; }
    /// Prepares; playback is filled with silence up to `fill_frames`. 0, or a negative error.
    int prepare(std::size_t fill_frames) noexcept;
    int start() noexcept;
    /// The stream was started (by start(), or by the stream it is linked to).
    void started() noexcept;
    void stop() noexcept;

    // --- audio thread
    /// Asks the card, and takes what it says for this stream's state.
    StreamState rt_check() noexcept;
    [[nodiscard]] StreamState rt_state() const noexcept { return state_; }
    /// Frames to be read or written, as of the last rt_check().
    [[nodiscard]] std::size_t rt_ready() const noexcept { return state_ == StreamState::Running ? ready_ : 0; }
    std::size_t rt_read(std::span<std::int32_t> out, std::int64_t& first_frame) noexcept;
    std::size_t rt_write(std::span<const std::int32_t> in, std::int64_t& first_frame) noexcept;
    bool rt_recover() noexcept;
    StreamTimestamp rt_timestamp() noexcept;
    /// Appends what is to be polled; 0 when there is nothing.
    std::size_t rt_poll_descriptors(std::span<pollfd> out) noexcept;
    bool rt_poll_answer(std::span<pollfd> descriptors) noexcept; ///< true: something has happened

    // --- any thread
    [[nodiscard]] bool card_timestamps() const noexcept { return card_timestamps_.load(std::memory_order_relaxed); }
    /// NaN: not known.
    [[nodiscard]] double drift_ppm() const noexcept { return drift_ppm_.load(std::memory_order_relaxed); }

    static constexpr std::size_t kMostDescriptors = 8;

  private:
    static constexpr std::size_t kChunkFrames = 1024;
    static constexpr std::int64_t kStill_ns = 250'000'000;
    static constexpr std::int64_t kStillAtStart_ns = 1'000'000'000; ///< a USB card takes its time to begin
    struct Reading {
        std::int64_t count = 0; ///< at the converter, in frames since the prepare
        std::int64_t at_ns = 0;
        bool tight = false; ///< the clock and the count can't be apart
    };
    bool rt_reading(Reading& reading) noexcept;
    void rt_trouble(int error) noexcept;
    void rt_progress(std::int64_t count) noexcept;
    bool rt_restart(Remedy what) noexcept;
    bool rt_number_frames() noexcept;
    bool rt_pad() noexcept;
    int rt_fill_silence(std::size_t frames) noexcept;
    snd_pcm_sframes_t rt_transfer_in(std::int32_t* out, std::size_t frames) noexcept;
    snd_pcm_sframes_t rt_transfer_out(const std::int32_t* in, std::size_t frames) noexcept;
    /// Moves as many frames as the card takes or has; `transfer` gets the sample to begin with and the frames left.
    template <typename Transfer>
    std::size_t rt_move(std::size_t samples, std::int64_t& first_frame, Transfer transfer) noexcept;

    const SteadyTimeline& timeline_;
    StreamFormat format_;
    bool playback_;
    AlsaDevice device_;
    struct StatusFree {
        void operator()(snd_pcm_status_t* status) const noexcept { snd_pcm_status_free(status); }
    };
    std::unique_ptr<snd_pcm_status_t, StatusFree> status_;
    std::vector<std::byte> scratch_; ///< one chunk in the card's format
    std::vector<void*> planes_;      ///< into it, for non-interleaved cards
    std::vector<std::int32_t> silence_;

    StreamState state_ = StreamState::Stopped;
    StreamClock clock_;
    StreamTimestamp last_stamp_;
    std::int64_t base_ = 0;  ///< frame number of alsa-lib's frame 0
    std::int64_t count_ = 0; ///< frames read or written since the prepare
    std::int64_t next_frame_ = 0;
    std::size_t ready_ = 0;
    std::size_t fill_frames_ = 0;

    // does the card's clock move?
    std::int64_t moved_count_ = 0, moved_delay_count_ = 0, asked_ns_ = 0, still_ns_ = 0, still_limit_ns_ = 0;
    // after a start, until the first readings are to be trusted
    std::int64_t started_ns_ = 0, started_count_ = 0;
    bool has_started_count_ = false, moved_since_start_ = false, settled_ = false;
    // recovery
    enum class Recovery { None, Numbering, Padding } recovery_ = Recovery::None;
    std::int64_t recovering_since_ns_ = 0;
    int last_error_ = 0;
    int base_estimates_ = 0;
    int base_readings_ = 0; ///< the tight ones among them
    double base_estimate_ = 0.0;

    std::atomic<bool> card_timestamps_{false};
    std::atomic<double> drift_ppm_{std::numeric_limits<double>::quiet_NaN()};
};

} // namespace overbias::audio
