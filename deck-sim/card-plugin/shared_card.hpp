// SPDX-License-Identifier: Apache-2.0
// What a simulated sound card's process and its clients (the ALSA plug-ins) share: one mapped file with a header and,
// for each direction, a ring of frames. A slot carries the number of the frame that was written into it, so that what
// nobody wrote reads as silence and nothing old is ever played again.
//
// Frames are counted from the card's own start; frame n of a direction passes its converter's digital side at
// zero_ns + n / true_rate_hz on CLOCK_MONOTONIC. Playback slots below `frontier` have been taken (writing them is too
// late), capture slots below it can be read.
//
// Who is there is told by open file description locks on the file, which the kernel drops when a process dies, however
// it dies: byte 0 is held by the card, byte 1 + plug_number by whoever has playback open.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace overbias::deck_sim {

/// Frames a ring holds; a client's buffer is half of it at most.
inline constexpr std::size_t kCardRingFrames = 65536;
inline constexpr std::uint64_t kCardMagic = 0x4f42'6465'636b'0001; ///< the last digits number the layout

struct SharedDirection {
    std::uint32_t channels = 0;
    std::uint32_t rate_hz = 0;     ///< nominal
    double true_rate_hz = 0;       ///< by its crystal
    std::int64_t zero_ns = 0;      ///< when frame 0 passed, CLOCK_MONOTONIC
    std::uint64_t fifo_frames = 0; ///< playback: the pointer runs ahead of the sound by as much
    std::atomic<std::int64_t> frontier{0};
    std::atomic<std::uint64_t> xruns{0};      ///< the card lost frames: clients see each new number as one xrun
    std::atomic<std::uint64_t> xruns_told{0}; ///< xruns of all kinds that clients were told of

    /// Frames that have passed at a time, with the fraction.
    [[nodiscard]] double frames_at(std::int64_t now_ns) const noexcept {
        return static_cast<double>(now_ns - zero_ns) * (true_rate_hz * 1e-9);
    }
    [[nodiscard]] std::int64_t time_of_ns(std::int64_t frame) const noexcept {
        return zero_ns + static_cast<std::int64_t>(static_cast<double>(frame) / (true_rate_hz * 1e-9)) + 1;
    }
};

enum class CardControl : std::size_t { LinePlaybackVolume, LineCaptureVolume, LineCaptureSwitch, ClockSource };
inline constexpr std::size_t kCardControls = 4;
inline constexpr std::int32_t kUnityVolume = 80; ///< of 0 to 100, half a decibel a step

struct SharedCard {
    std::atomic<std::uint64_t> magic{0}; ///< kCardMagic once the card runs and all below is valid
    std::atomic<std::int64_t> turned_ns{0};
    std::atomic<std::uint32_t> plugged{0};
    std::atomic<std::uint32_t> plug_number{0}; ///< counts how often the cable was pulled
    std::atomic<std::int32_t> playback_pid{0};
    std::atomic<std::uint32_t> playback_run{0};   ///< changes with each start and stop: slots of other runs are silent
    std::atomic<std::uint64_t> playback_final{0}; ///< tag of the run that ended last and the frame its pointer had
                                                  ///< reached: slots before that are still to be played
    std::array<std::atomic<std::int32_t>, kCardControls> controls{};
    SharedDirection playback, capture;
};
static_assert(std::atomic<std::uint64_t>::is_always_lock_free && std::atomic<std::uint32_t>::is_always_lock_free);

/// A ring inside the mapping.
struct CardSlots {
    std::atomic<std::uint64_t>* tags = nullptr;
    std::int32_t* samples = nullptr; ///< interleaved
    std::size_t channels = 0;

    [[nodiscard]] static std::size_t place(std::int64_t frame) noexcept {
        return static_cast<std::size_t>(frame) % kCardRingFrames;
    }
    [[nodiscard]] static std::uint64_t tag(std::int64_t frame, std::uint32_t run) noexcept {
        return (static_cast<std::uint64_t>(run) << 48U) | ((static_cast<std::uint64_t>(frame) + 1) & 0xffff'ffff'ffffU);
    }
    [[nodiscard]] std::int32_t* at(std::int64_t frame) const noexcept { return samples + place(frame) * channels; }
    /// The slot's frame lay behind the pointer when its run ended, as `final` says: it is still played.
    [[nodiscard]] static bool behind(std::uint64_t tag, std::uint64_t final) noexcept {
        return (tag >> 48U) == (final >> 48U) && tag < final;
    }
    [[nodiscard]] bool holds(std::int64_t frame, std::uint32_t run) const noexcept {
        return tags[place(frame)].load(std::memory_order_acquire) == tag(frame, run);
    }
    void publish(std::int64_t frame, std::uint32_t run) const noexcept {
        tags[place(frame)].store(tag(frame, run), std::memory_order_release);
    }
};

} // namespace overbias::deck_sim
