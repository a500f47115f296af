// SPDX-License-Identifier: Apache-2.0
// One open PCM of the simulated card, as ALSA's external I/O plug-in calls it. The card runs for ever; a stream that is
// started lies somewhere on the card's own count of frames, and its pointer is nothing but the clock.
//
// Playback: the pointer runs ahead of the sound by the card's FIFO, so that a slot behind the pointer is final, and the
// delay tells the rest. Capture: frames can be read once the card has published them, and the delay counts from the
// clock. Poll: a timer for the next instant at which there is something to do, and a watch on the card's file, which
// the card touches when its cable is pulled; no thread.
#pragma once

#include "deck-sim/card-plugin/card_client.hpp"

#include <alsa/asoundlib.h>
#include <alsa/pcm_external.h>

#include <cstdint>
#include <string>
#include <vector>

namespace overbias::deck_sim {

class PcmStream {
  public:
    PcmStream() = default;
    ~PcmStream();
    PcmStream(const PcmStream&) = delete;
    PcmStream& operator=(const PcmStream&) = delete;

    /// Opens the card and makes the PCM; 0 or a negative errno. -EBUSY: playback belongs to somebody else.
    [[nodiscard]] int open(const CardArguments& arguments, const char* name, snd_pcm_stream_t stream, int mode);
    [[nodiscard]] snd_pcm_t* pcm() const noexcept { return io_.pcm; }

    // --- callbacks of the plug-in
    int start() noexcept;
    int stop() noexcept;
    int prepare() noexcept;
    [[nodiscard]] snd_pcm_sframes_t pointer() noexcept;
    snd_pcm_sframes_t transfer(const snd_pcm_channel_area_t* areas, snd_pcm_uframes_t offset,
                               snd_pcm_uframes_t frames) noexcept;
    int sw_params(snd_pcm_sw_params_t* parameters) noexcept;
    int delay(snd_pcm_sframes_t& frames) noexcept;
    int descriptors(struct pollfd* places, unsigned space) const noexcept;
    int ready(const struct pollfd* descriptors, unsigned count, unsigned short& events) noexcept;

  private:
    [[nodiscard]] bool playing() const noexcept { return io_.stream == SND_PCM_STREAM_PLAYBACK; }
    [[nodiscard]] SharedDirection& direction() const noexcept;
    [[nodiscard]] const CardSlots& slots() const noexcept;
    [[nodiscard]] std::int64_t application() const noexcept { return static_cast<std::int64_t>(io_.appl_ptr); }
    [[nodiscard]] std::int64_t hardware(std::int64_t now_ns) const noexcept;
    [[nodiscard]] std::int64_t available(std::int64_t now_ns) const noexcept;
    [[nodiscard]] bool lost_frames(std::int64_t now_ns) const noexcept;
    [[nodiscard]] int set_constraints();
    void place_staged() noexcept;
    void arm(std::int64_t now_ns) noexcept;
    void arm_at(std::int64_t when_ns) noexcept;

    CardClient client_;
    snd_pcm_ioplug_t io_{};
    int timer_ = -1;     ///< CLOCK_MONOTONIC
    int watch_ = -1;     ///< inotify on the card's file
    bool owner_ = false; ///< of playback
    bool running_ = false;
    std::int64_t start_ = 0;       ///< the card's frame that is the stream's frame 0
    std::uint64_t xruns_seen_ = 0; ///< of the card
    bool late_ = false;            ///< a slot was written after it had been taken
    std::uint32_t run_ = 0;        ///< tag of this run's slots
    std::int64_t least_available_ = 1;
    std::int64_t stop_threshold_ = 0; ///< frames available at which it is an xrun
    std::int64_t boundary_ = 0;
    std::vector<std::int32_t> staged_; ///< playback before its start, interleaved
};

} // namespace overbias::deck_sim
