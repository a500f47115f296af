// SPDX-License-Identifier: Apache-2.0
// ListenPath: from two taps of the engine to ears. Source and tape return are brought together (SourceTapeMixer) in
// frames of the playback's nominal rate, and go to the card's monitor outputs and to who takes streams of them.
//
// Which source frame belongs to which tape frame: with the streams' timestamps (P at tp, C at tc, C in frames of the
// playback's rate) and the delay D between them, the sound of tape frame c left the converter as source frame
//   s = P + (tc - tp) rate - D rate + (c - C).
// Two crystals therefore only make the delay slide. Where the monitor outputs run on another crystal than the capture,
// RateServo keeps their queue.
//
// Threads: turn() on one (ListenThread), not the audio thread; set() and clocks() on one other; counts on any.
#pragma once

#include "audio/block_engine.hpp"
#include "audio/listening/monitor_feed.hpp"
#include "audio/rate_bridge.hpp"
#include "base/latest_value.hpp"
#include "dsp/listening/rate_servo.hpp"
#include "dsp/listening/source_tape_mixer.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace overbias::audio {

/// What streams carry: off tape, the source as it fits the tape, or what the monitor hears.
enum class ListenStream { Tape, Source, Monitor };

/// How the tape stands to the source.
struct ListenMatch {
    double delay_s = 0.0; ///< heads and converters
    /// Frames of a sine at the same level on tape: what comes back over what was sent, left and right.
    std::array<double, 2> level_difference_db{};
};

struct ListenWanted {
    dsp::Heard heard = dsp::Heard::Nothing;
    bool dim = false, mono = false, mute = false;
    double dim_db = 20.0;
    ListenMatch match{};
};

class ListenPath {
  public:
    struct Config {
        double play_rate_hz = 48000.0;
        double capture_rate_hz = 48000.0;
        bool one_crystal = false;       ///< of capture and playback
        MonitorFeed* monitor = nullptr; ///< null: the card has no monitor outputs
    };
    /// Gets frames of the playback's rate, interleaved, on turn()'s thread.
    using Stream = std::function<void(std::span<const std::int32_t> interleaved)>;

    /// Both taps are this path's alone. Throws as RateBridge does.
    ListenPath(FrameTap& played, FrameTap& tape_return, Config config);

    /// Before the first turn. `wanted`: does anybody listen to it now; any thread.
    void add_stream(ListenStream which, std::function<bool()> wanted, Stream stream);

    void set(const ListenWanted& wanted) noexcept { wanted_.rt_publish(wanted); }
    void clocks(StreamTimestamp played, StreamTimestamp returned) noexcept { clocks_.rt_publish({played, returned}); }

    /// Takes everything that waits in the taps; false: nobody listens, and it was thrown away.
    bool turn();
    /// Crystals apart, as the monitor's queue shows it; any thread.
    [[nodiscard]] double servo_ppm() const noexcept { return servo_ppm_.load(std::memory_order_relaxed); }

    static constexpr double kLongestDelay_s = 4.0; ///< with what the source is ahead

  private:
    struct Clocks {
        StreamTimestamp played{}, returned{};
    };
    struct Out {
        ListenStream which;
        std::function<bool()> wanted;
        Stream stream;
    };
    [[nodiscard]] double delay_frames(const ListenMatch& match) noexcept;
    [[nodiscard]] bool wanted(ListenStream which) const;
    [[nodiscard]] bool monitor_wanted() const noexcept;
    void take_source();
    bool take_tape(std::int64_t& first_frame, std::size_t& frames);
    void hear(std::int64_t first_frame, std::size_t frames);
    void give(ListenStream which, std::span<const std::int32_t> frames);
    void feed_monitor(std::span<const float> heard);
    void begin();

    FrameTap& played_;
    FrameTap& tape_;
    Config config_;
    std::vector<Out> outs_;
    LatestValue<ListenWanted> wanted_;
    LatestValue<Clocks> clocks_;

    // turn()'s thread
    dsp::SourceTapeMixer switched_, source_;
    std::optional<dsp::RateServo> servo_; ///< null: one crystal
    std::unique_ptr<RateBridge> bridge_;  ///< null: equal rates
    bool running_ = false;
    bool monitor_open_ = false;
    std::size_t still_ = 0; ///< frames since the monitor fell silent
    std::int64_t next_tape_ = -1;
    std::vector<std::int32_t> taken_, given_;
    std::vector<float> tape_frames_, heard_, served_;
    std::atomic<double> servo_ppm_{0.0};
};

} // namespace overbias::audio
