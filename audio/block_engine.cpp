// SPDX-License-Identifier: Apache-2.0
#include "audio/block_engine.hpp"

#include "audio/capture_tap.hpp"
#include "audio/card_channels.hpp"
#include "audio/listening/monitor_feed.hpp"
#include "audio/oscillator.hpp"
#include "audio/queue_order.hpp"
#include "audio/rt_guard.hpp"
#include "audio/stream_side.hpp"
#include "base/latest_value.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

namespace overbias::audio {

namespace {

// A turn that finds more than this leaves the rest to the next one, so that a card that misreports cannot hold the
// thread for ever.
constexpr int kBlocksPerTurn = 64;
constexpr std::size_t kXrunMarks = 256;
constexpr double kMonitorFill_s = 0.06; ///< who feeds it is no real-time thread

} // namespace

struct BlockEngine::Impl {
    Impl(Pcm& pcm_used, EngineConfig config_used)
        : pcm(pcm_used), config(config_used),
          out_left(channel_with_role(pcm.playback().format(), ChannelRole::ProgrammeOutLeft, "playback",
                                     "programme_out_left", "the deck's left line input")),
          out_right(channel_with_role(pcm.playback().format(), ChannelRole::ProgrammeOutRight, "playback",
                                      "programme_out_right", "the deck's right line input")),
          return_left(channel_with_role(pcm.capture().format(), ChannelRole::TapeReturnLeft, "capture",
                                        "tape_return_left", "the deck's left line output")),
          return_right(channel_with_role(pcm.capture().format(), ChannelRole::TapeReturnRight, "capture",
                                         "tape_return_right", "the deck's right line output")),
          monitor_out(monitor_pair(pcm.playback().format())), queue(config.queue_frames * 2),
          captured(config.block_frames * pcm.capture().format().channels()), returned(config.block_frames * 2),
          staged(config.block_frames * pcm.playback().format().channels()), staged_pair(config.block_frames * 2),
          staged_monitor(config.block_frames * 2), staged_from(config.block_frames) {
        if (config.block_frames == 0 || config.queue_frames == 0 ||
            config.playback_latency_frames < config.block_frames) {
            throw std::invalid_argument(
                "block engine: a block of " + std::to_string(config.block_frames) +
                " frames with a playback latency of " + std::to_string(config.playback_latency_frames) +
                " and a queue of " + std::to_string(config.queue_frames) +
                " frames cannot run; blocks and queue need at least one frame, the latency at least one block");
        }
    }

    // --- control thread
    [[nodiscard]] QueueOrder order() const noexcept {
        return QueueOrder::unpacked(order_word.load(std::memory_order_acquire));
    }
    void give_order(QueueOrder order) noexcept { order_word.store(order.packed(), std::memory_order_release); }
    [[nodiscard]] bool flush_pending() const noexcept {
        return flushed_stops.load(std::memory_order_acquire) != order().stops;
    }

    // --- audio thread
    void rt_flush_queue(const QueueOrder& now) noexcept {
        if (flushed_stops.load(std::memory_order_relaxed) != now.stops) {
            queue.rt_clear();
            flushed_stops.store(now.stops, std::memory_order_release);
        }
    }

    void rt_capture() noexcept {
        CaptureStream& stream = pcm.capture();
        const std::size_t channels = stream.format().channels();
        for (int turn = 0; turn < kBlocksPerTurn && capture.rt_ready(stream, counters.lost); ++turn) {
            // Less than a block that does not grow from one turn to the next is what came before a loss: the card tells
            // the xrun only when that has been read.
            const std::size_t available = stream.rt_available();
            const bool stalled = turn == 0 && available > 0 && available == capture_waiting;
            capture_waiting = available < config.block_frames ? available : 0;
            if (available < config.block_frames && !stalled) {
                break;
            }
            std::int64_t first_frame = 0;
            const std::size_t frames = stream.rt_read(captured, first_frame);
            if (frames == 0) {
                break; // the next turn finds out why
            }
            for (std::size_t i = 0; i < frames; ++i) {
                returned[2 * i] = captured[i * channels + return_left];
                returned[2 * i + 1] = captured[i * channels + return_right];
            }
            capture.rt_frames(first_frame, frames);
            for (const auto& tap : return_taps) {
                tap->rt_push(first_frame, std::span<const std::int32_t>(returned).first(frames * 2));
            }
            for (CaptureTap& tap : capture_taps) {
                tap.rt_push(first_frame, std::span<const std::int32_t>(captured).first(frames * channels), channels);
            }
        }
    }

    /// Takes the next block from the queue, from the oscillator, or silence.
    void rt_stage(std::size_t channels) noexcept {
        const QueueOrder now = order();
        rt_flush_queue(now);
        const bool programme = now.playing && (!oscillator || oscillator->rt_give_way());
        if (programme && now.runs != run) {
            run = now.runs;
            run_has_begun = false;
            run_has_ended = false;
        }
        // asked before the queue is read: frames that come with the end are in the queue by then
        const bool finished = finished_stops.load(std::memory_order_acquire) == std::uint64_t{now.stops} + 1;
        staged_programme = programme ? queue.rt_read(staged_pair) / 2 : 0;
        std::fill(staged_pair.begin() + static_cast<std::ptrdiff_t>(staged_programme * 2), staged_pair.end(), 0);
        if (!programme && oscillator) {
            oscillator->rt_fill(staged_pair);
        }
        for (std::size_t i = 0; i < config.block_frames; ++i) {
            staged[i * channels + out_left] = staged_pair[2 * i];
            staged[i * channels + out_right] = staged_pair[2 * i + 1];
        }
        if (monitor) {
            monitor->rt_take(staged_monitor);
            for (std::size_t i = 0; i < config.block_frames; ++i) {
                staged[i * channels + (*monitor_out)[0]] = staged_monitor[2 * i];
                staged[i * channels + (*monitor_out)[1]] = staged_monitor[2 * i + 1];
            }
        }
        const bool dry = programme && staged_programme < config.block_frames;
        staged_begins = staged_programme > 0 && !run_has_begun;
        staged_ends = dry && finished && !run_has_ended;
        run_has_begun = run_has_begun || staged_programme > 0;
        run_has_ended = run_has_ended || staged_ends;
        staged_underrun = dry && !finished && run_has_begun;
        staged_from = 0;
    }

    /// `frames` of the staged block went to the card from `first_frame` on.
    void rt_written(std::int64_t first_frame, std::size_t frames) noexcept {
        playback.rt_frames(first_frame, frames);
        for (const auto& tap : played_taps) {
            tap->rt_push(first_frame, std::span<const std::int32_t>(staged_pair).subspan(staged_from * 2, frames * 2));
        }
        if (oscillator) {
            oscillator->rt_written(first_frame, staged_from, frames);
        }
        const std::size_t end = staged_from + frames;
        if (staged_begins && staged_from == 0) {
            from_frame.store(first_frame, std::memory_order_relaxed);
            from_run.store(run, std::memory_order_release);
        }
        if (staged_ends && end >= staged_programme) {
            staged_ends = false;
            const std::size_t to_end = staged_programme - std::min(staged_programme, staged_from);
            to_frame.store(first_frame + static_cast<std::int64_t>(to_end), std::memory_order_relaxed);
            to_run.store(run, std::memory_order_release);
        }
        if (staged_underrun && end > staged_programme) {
            const std::size_t silence_from = std::max(staged_programme, staged_from);
            counters.queue_underruns.fetch_add(end - silence_from, std::memory_order_relaxed);
            playback.marks.rt_add({true, first_frame + static_cast<std::int64_t>(silence_from - staged_from),
                                   static_cast<std::int64_t>(end - silence_from), true});
        }
        staged_from = end;
        if (staged_from == config.block_frames) {
            counters.blocks.fetch_add(1, std::memory_order_relaxed);
        }
    }

    void rt_playback() noexcept {
        PlaybackStream& stream = pcm.playback();
        const std::size_t channels = stream.format().channels();
        for (int turn = 0; turn < kBlocksPerTurn && playback.rt_ready(stream, counters.lost); ++turn) {
            // a card that took only part of a block gets the rest first: no frame of the programme is skipped
            const bool rest = staged_from < config.block_frames;
            const std::size_t wanted = rest ? config.block_frames - staged_from : config.block_frames;
            if (stream.rt_writable() < wanted) {
                break;
            }
            if (!rest) {
                rt_stage(channels);
            }
            std::int64_t first_frame = 0;
            const auto block = std::span<const std::int32_t>(staged).subspan(staged_from * channels);
            const std::size_t frames = std::min(stream.rt_write(block, first_frame), wanted);
            if (frames == 0) {
                break;
            }
            rt_written(first_frame, frames);
        }
    }

    Pcm& pcm;
    EngineConfig config;
    std::size_t out_left, out_right, return_left, return_right;
    std::optional<std::array<std::size_t, 2>> monitor_out; ///< channels; null: there are none
    EngineCounters counters;
    std::vector<std::unique_ptr<FrameTap>> played_taps, return_taps;
    std::vector<CaptureTap> capture_taps;
    std::unique_ptr<Oscillator> oscillator; ///< null: nobody asked for one
    std::unique_ptr<MonitorFeed> monitor;   ///< null: nobody asked for one

    SpscRing<std::int32_t> queue;
    std::atomic<std::uint64_t> order_word{0};
    std::atomic<std::uint32_t> flushed_stops{0};
    std::atomic<std::uint64_t> finished_stops{0}; ///< stops + 1 of the programme that queue_finish() was for
    std::atomic<std::uint32_t> from_run{0}, to_run{0};
    std::atomic<std::int64_t> from_frame{0}, to_frame{0};

    SpscRing<XrunMark> marks{kXrunMarks};
    StreamSide capture{false, counters.capture_xruns, MarkWriter(marks)};
    StreamSide playback{true, counters.playback_xruns, MarkWriter(marks)};
    LatestValue<StreamTimestamp> played_at, returned_at;

    // the audio thread's own
    std::size_t capture_waiting = 0;              ///< less than a block, left by the last turn
    std::vector<std::int32_t> captured, returned; ///< one block: all channels, the pair
    std::vector<std::int32_t> staged, staged_pair,
        staged_monitor;               ///< one block for the card; channels without a role stay 0
    std::size_t staged_from;          ///< frames of it already written
    std::size_t staged_programme = 0; ///< leading frames of it that came from the queue
    bool staged_begins = false, staged_ends = false, staged_underrun = false;
    std::uint32_t run = 0;
    bool run_has_begun = false, run_has_ended = false;
};

BlockEngine::BlockEngine(Pcm& pcm, EngineConfig config) : impl_(std::make_unique<Impl>(pcm, config)) {
}

BlockEngine::~BlockEngine() = default;

Result<void> BlockEngine::start() {
    impl_->rt_flush_queue(impl_->order());
    if (impl_->oscillator) {
        impl_->oscillator->rt_end();
    }
    if (impl_->monitor) {
        impl_->monitor->rt_restart();
    }
    impl_->capture.restart();
    impl_->capture_waiting = 0;
    impl_->playback.restart();
    impl_->staged_from = impl_->config.block_frames;
    Result<void> started = impl_->pcm.start(impl_->config.playback_latency_frames);
    if (started) {
        impl_->counters.lost.store(false, std::memory_order_relaxed);
    }
    return started;
}

void BlockEngine::stop() noexcept {
    impl_->pcm.stop();
    stop_playing();
    impl_->rt_flush_queue(impl_->order());
    if (impl_->oscillator) {
        impl_->oscillator->rt_end();
    }
}

void BlockEngine::rt_process() noexcept {
    const RtScope scope;
    Impl& self = *impl_;
    if (self.counters.lost.load(std::memory_order_relaxed)) {
        return;
    }
    self.rt_capture();
    if (!self.counters.lost.load(std::memory_order_relaxed)) {
        self.rt_playback();
    }
    self.capture.marks.rt_flush();
    self.playback.marks.rt_flush();
    if (!self.counters.lost.load(std::memory_order_relaxed)) {
        self.returned_at.rt_publish(self.pcm.capture().rt_timestamp());
        self.played_at.rt_publish(self.pcm.playback().rt_timestamp());
    }
}

std::size_t BlockEngine::queue_write(std::span<const std::int32_t> interleaved) noexcept {
    const std::size_t frames = std::min(queue_writable_frames(), interleaved.size() / 2);
    return impl_->queue.rt_write(interleaved.first(frames * 2)) / 2;
}

std::size_t BlockEngine::queue_writable_frames() const noexcept {
    return impl_->flush_pending() ? 0 : impl_->queue.rt_writable() / 2;
}

void BlockEngine::queue_finish() noexcept {
    impl_->finished_stops.store(std::uint64_t{impl_->order().stops} + 1, std::memory_order_release);
}

void BlockEngine::start_playing() noexcept {
    QueueOrder order = impl_->order();
    if (!order.playing) {
        order.playing = true;
        ++order.runs;
        impl_->give_order(order);
    }
}

void BlockEngine::stop_playing() noexcept {
    QueueOrder order = impl_->order();
    order.playing = false;
    order.stops = (order.stops + 1) & 0x7fffffffU;
    impl_->give_order(order);
}

std::int64_t BlockEngine::played_from() const noexcept {
    const bool known =
        impl_->from_run.load(std::memory_order_acquire) == impl_->order().runs && impl_->order().runs != 0;
    return known ? impl_->from_frame.load(std::memory_order_relaxed) : -1;
}

std::int64_t BlockEngine::played_to() const noexcept {
    const bool known = impl_->to_run.load(std::memory_order_acquire) == impl_->order().runs && impl_->order().runs != 0;
    return known ? impl_->to_frame.load(std::memory_order_relaxed) : -1;
}

FrameTap& BlockEngine::add_played_tap(std::size_t capacity_frames) {
    return *impl_->played_taps.emplace_back(std::make_unique<FrameTap>(capacity_frames));
}

FrameTap& BlockEngine::add_return_tap(std::size_t capacity_frames) {
    return *impl_->return_taps.emplace_back(std::make_unique<FrameTap>(capacity_frames));
}

FrameTap& BlockEngine::add_capture_tap(std::size_t capacity_frames, std::vector<std::size_t> channels) {
    const std::size_t there = impl_->pcm.capture().format().channels();
    for (const std::size_t channel : channels) {
        if (channel >= there) {
            throw std::invalid_argument("sound card: capture channel " + std::to_string(channel + 1) +
                                        " is wanted; expected 1 to " + std::to_string(there) +
                                        "; open more channels of the card");
        }
    }
    return impl_->capture_taps.emplace_back(capacity_frames, std::move(channels), impl_->config.block_frames).tap();
}

Oscillator& BlockEngine::add_oscillator() {
    if (!impl_->oscillator) {
        impl_->oscillator = std::make_unique<Oscillator>(sample_rate_hz());
    }
    return *impl_->oscillator;
}

bool BlockEngine::has_monitor() const noexcept {
    return impl_->monitor_out.has_value();
}

MonitorFeed& BlockEngine::add_monitor() {
    if (!impl_->monitor_out) {
        throw std::logic_error("sound card: it has no monitor outputs to feed; ask has_monitor() before");
    }
    if (!impl_->monitor) {
        impl_->monitor =
            std::make_unique<MonitorFeed>(static_cast<std::size_t>(std::lround(sample_rate_hz() * kMonitorFill_s)));
    }
    return *impl_->monitor;
}

const EngineCounters& BlockEngine::counters() const noexcept {
    return impl_->counters;
}

StreamTimestamp BlockEngine::played_timestamp() noexcept {
    return impl_->played_at.rt_latest();
}

StreamTimestamp BlockEngine::return_timestamp() noexcept {
    return impl_->returned_at.rt_latest();
}

std::size_t BlockEngine::take_xruns(std::span<XrunMark> out) noexcept {
    return impl_->marks.rt_read(out);
}

double BlockEngine::sample_rate_hz() const noexcept {
    return impl_->pcm.playback().format().sample_rate_hz;
}

} // namespace overbias::audio
