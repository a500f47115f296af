// SPDX-License-Identifier: Apache-2.0
// The simulated sound card: a stereo output (with a pair for monitors beside it, if wanted) and a stereo input, each
// with its own crystal (audio/ports/pcm.hpp is the contract).
//
// Frame n of the playback leaves the digital side at start + n / play rate and is at the line output `dac_s` later;
// frame m of the capture arrives at start + m / capture rate and carries what was at the line input `adc_s` earlier.
// The round trip of the settings is the sum of the two. Buffers: capture 16384 frames, playback its latency + 4096.
// Thread: the timeline's.
#pragma once

#include "audio/ports/pcm.hpp"
#include "deck-sim/magnetics/noise.hpp"
#include "deck-sim/settings.hpp"

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace overbias::deck_sim::magnetics {

class Card final : public audio::Pcm {
  public:
    Card(const Settings& settings, std::function<double()> now_s, std::function<void()> advance);

    // --- audio::Pcm
    [[nodiscard]] audio::CaptureStream& capture() noexcept override { return capture_; }
    [[nodiscard]] audio::PlaybackStream& playback() noexcept override { return playback_; }
    [[nodiscard]] Result<void> start(std::size_t playback_latency_frames) override;
    void stop() noexcept override;

    // --- the analog side
    [[nodiscard]] bool running() const noexcept { return running_; }
    /// Counts the starts, so that the other side notices a new one.
    [[nodiscard]] std::uint64_t starts() const noexcept { return starts_; }
    [[nodiscard]] double play_rate_hz() const noexcept { return playback_.rate_hz; }
    [[nodiscard]] double capture_rate_hz() const noexcept { return capture_.rate_hz; }
    [[nodiscard]] double start_s() const noexcept { return start_s_; }
    /// Playback frame (with its fraction) that is at the line output at a time.
    [[nodiscard]] double frame_at_output(double time_s) const noexcept {
        return (time_s - start_s_ - dac_s_) * playback_.rate_hz;
    }
    /// Time at which the sound of a capture frame was at the line input.
    [[nodiscard]] double time_of_input(std::int64_t frame) const noexcept {
        return start_s_ - adc_s_ + static_cast<double>(frame) / capture_.rate_hz;
    }
    /// Frames that leave the queue before `time_s` and were not taken yet.
    [[nodiscard]] std::size_t due(double time_s) const noexcept;
    /// Takes `frames` frames, full scale 1, converter noise in.
    void take(std::size_t frames, float* left, float* right) noexcept;
    [[nodiscard]] std::int64_t taken() const noexcept { return playback_.taken; }
    /// Number of the next capture frame to be given.
    [[nodiscard]] std::int64_t given() const noexcept { return capture_.given; }
    /// `more`: the channels after the tape return, as many as capture_channels() says.
    void give(std::size_t frames, const float* left, const float* right,
              std::span<const std::vector<float>> more = {}) noexcept;
    [[nodiscard]] std::size_t capture_channels() const noexcept { return capture_.format_.channels(); }
    /// Fault: frames are lost from now on (capture), or once what is queued has been played (playback).
    void lose_capture(std::size_t frames) noexcept;
    void lose_playback(std::size_t frames) noexcept;

    /// Least converter time on the playback side: the line output is interpolated from 12 frames on either side.
    static constexpr double kLeastDacFrames = 14.0;
    static constexpr std::size_t kCaptureBuffer = 16384;
    static constexpr std::size_t kPlaybackMargin = 4096;

  private:
    struct Capture final : audio::CaptureStream {
        [[nodiscard]] const audio::StreamFormat& format() const noexcept override { return format_; }
        [[nodiscard]] audio::StreamState rt_state() noexcept override;
        [[nodiscard]] std::size_t rt_available() noexcept override;
        std::size_t rt_read(std::span<std::int32_t> out, std::int64_t& first_frame) noexcept override;
        bool rt_recover() noexcept override;
        [[nodiscard]] audio::StreamTimestamp rt_timestamp() noexcept override;
        void update() noexcept;

        Card* card = nullptr;
        audio::StreamFormat format_;
        double rate_hz = 0;
        audio::StreamState state = audio::StreamState::Stopped;
        std::vector<std::int32_t> ring;
        std::int64_t given = 0; ///< frames made
        std::int64_t read = 0;  ///< next frame to be read
        std::int64_t limit = 0; ///< frames before this one have arrived
        std::int64_t hole_begin = -1, hole_end = -1;
    };
    struct Playback final : audio::PlaybackStream {
        [[nodiscard]] const audio::StreamFormat& format() const noexcept override { return format_; }
        [[nodiscard]] audio::StreamState rt_state() noexcept override;
        [[nodiscard]] std::size_t rt_writable() noexcept override;
        std::size_t rt_write(std::span<const std::int32_t> in, std::int64_t& first_frame) noexcept override;
        bool rt_recover() noexcept override;
        [[nodiscard]] audio::StreamTimestamp rt_timestamp() noexcept override;

        Card* card = nullptr;
        audio::StreamFormat format_;
        double rate_hz = 0;
        audio::StreamState state = audio::StreamState::Stopped;
        std::vector<std::int32_t> ring;
        std::function<void(std::int64_t, std::int32_t, std::int32_t)> monitor_heard;
        std::size_t latency = 0;
        std::int64_t taken = 0;   ///< next frame to leave
        std::int64_t silent = 0;  ///< frames before this one are silence
        std::int64_t written = 0; ///< next frame to be written
        std::int64_t resume = 0;  ///< nothing is accepted before this frame has left (a stalled host)
    };
    [[nodiscard]] audio::StreamTimestamp timestamp(double rate_hz) const noexcept;
    void advance() noexcept { advance_(); }

    std::function<double()> now_s_;
    std::function<void()> advance_;
    Capture capture_;
    Playback playback_;
    double dac_s_ = 0, adc_s_ = 0;
    double start_s_ = 0;
    bool running_ = false;
    std::uint64_t starts_ = 0;
    Noise noise_;
    float noise_rms_ = 0.0F; ///< of one converter, full scale 1
};

} // namespace overbias::deck_sim::magnetics
