// SPDX-License-Identifier: Apache-2.0
// MonitorFeed: frames on their way to the card's monitor outputs. The reader is the audio thread: it takes what there
// is and never waits; what is missing is silence, and counted. After a hole it waits in silence until as much is there
// as at the start, so that one late writer is one hole.
//
// Thread: rt_ calls on the audio thread; open(), write() and close() on one other; the count on any.
#pragma once

#include "base/spsc_ring.hpp"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

namespace overbias::audio {

class MonitorFeed {
  public:
    /// `wanted_frames`: what shall wait in it; holds at least four times that.
    explicit MonitorFeed(std::size_t wanted_frames)
        : wanted_(std::max<std::size_t>(1, wanted_frames)), ring_(8 * wanted_) {}
    MonitorFeed(const MonitorFeed&) = delete;
    MonitorFeed& operator=(const MonitorFeed&) = delete;

    // --- writer
    void open() noexcept { open_.store(true, std::memory_order_release); }
    /// What still waits is not played.
    void close() noexcept { open_.store(false, std::memory_order_release); }
    /// Interleaved; returns how many frames it took.
    std::size_t write(std::span<const std::int32_t> interleaved) noexcept {
        const std::size_t frames = std::min(interleaved.size(), ring_.rt_writable()) / 2;
        return ring_.rt_write(interleaved.first(2 * frames)) / 2;
    }
    [[nodiscard]] std::size_t fill_frames() const noexcept { return ring_.rt_readable() / 2; }
    [[nodiscard]] std::size_t wanted_frames() const noexcept { return wanted_; }

    /// Frames of silence played because nothing was there in time. Any thread.
    [[nodiscard]] std::uint64_t underruns() const noexcept { return underruns_.load(std::memory_order_relaxed); }

    // --- audio thread
    /// Fills `pair`, interleaved, whatever happens.
    void rt_take(std::span<std::int32_t> pair) noexcept {
        std::size_t got = 0;
        if (!open_.load(std::memory_order_acquire)) {
            rt_restart();
        } else if (playing_ || ring_.rt_readable() >= 2 * wanted_) {
            got = ring_.rt_read(pair);
            playing_ = got == pair.size();
            if (!playing_) {
                underruns_.fetch_add((pair.size() - got) / 2, std::memory_order_relaxed);
            }
        }
        std::fill(pair.begin() + static_cast<std::ptrdiff_t>(got), pair.end(), 0);
    }
    /// The card begins anew.
    void rt_restart() noexcept {
        ring_.rt_clear();
        playing_ = false;
    }

  private:
    std::size_t wanted_;
    SpscRing<std::int32_t> ring_;
    std::atomic<bool> open_{false};
    std::atomic<std::uint64_t> underruns_{0};
    bool playing_ = false; // audio thread's
};

} // namespace overbias::audio
