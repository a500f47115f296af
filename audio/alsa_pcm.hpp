// SPDX-License-Identifier: Apache-2.0
// AlsaPcm: a card (or two) through ALSA's `hw:` devices. `default`, `plughw:` and the like are refused: behind a
// conversion or a mixer nothing that is measured would be the converter's, and a lost card would go unseen.
//
// Capture and playback have their own device, rate, channels and clock domain. Where both are one card's, the streams
// are linked and start together; else each has frame 0 at its own start and the timestamps tie them. A frame's time is
// the card's own (htimestamp together with the delay, which counts what lies between buffer and converter) where the
// driver gives it, else the clock read beside the delay; StreamClock (stream_clock.hpp) makes one line of the readings.
//
// An xrun, a suspend and a lost card are states (audio/ports/pcm.hpp), found as MPD does by snd_pcm_state and the error
// of the call, never an exit. After Lost: stop(), then open() again, with back-off by whoever owns it.
//
// Thread: open(), close(), start(), stop() while no rt_ call runs; rt_ calls and rt_wait() on the audio thread.
#pragma once

#include "audio/ports/pcm.hpp"
#include "base/async/steady_timeline.hpp"
#include "base/result.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace overbias::audio {

struct AlsaStreamConfig {
    std::string device; ///< "hw:CARD=Deck,DEV=0"
    double sample_rate_hz = 48000.0;
    std::vector<ChannelRole> roles;   ///< one a channel of the device, in order
    std::size_t period_frames = 240;  ///< wished for; the card's nearest is taken
    std::size_t buffer_frames = 4096; ///< wished for; at least four periods
};

/// A mixer control that has to stand at a value: gain, input switch, phantom power ...
struct MixerSetting {
    std::string control; ///< the control's name, as `amixer controls` lists it
    unsigned index = 0;
    std::variant<bool, long, std::string> value; ///< a switch, an integer in the control's own steps, an item's name
};

struct AlsaConfig {
    AlsaStreamConfig capture, playback;
    bool shared_clock = true; ///< both run on one crystal (one card, or word clock)
    std::string mixer_card;   ///< "hw:CARD=Deck"; empty: no control is touched
    std::vector<MixerSetting> mixer;
};

class AlsaPcm final : public Pcm {
  public:
    /// Opens nothing yet. Throws std::invalid_argument for a configuration that can't be meant: a device that is not
    /// `hw:`, no channel, a rate that is not positive. `timeline` gives deck time to the timestamps.
    AlsaPcm(const SteadyTimeline& timeline, AlsaConfig config);
    ~AlsaPcm() override;

    /// Opens both devices, sets mixer controls and reads them back. The error names device, what was asked, what the
    /// card offers and what to do; EBUSY names the process that holds it.
    [[nodiscard]] Result<void> open();
    void close() noexcept;
    /// Some card is there again under the configured name (open() may be worth a try); does not open it.
    [[nodiscard]] bool present() const;

    [[nodiscard]] CaptureStream& capture() noexcept override;
    [[nodiscard]] PlaybackStream& playback() noexcept override;
    [[nodiscard]] Result<void> start(std::size_t playback_latency_frames) override;
    void stop() noexcept override;

    /// Waits until a period can be read or written, the card is gone, or `most` has passed; false: nothing came.
    bool rt_wait(std::chrono::milliseconds most) noexcept;

    struct Report {
        std::string capture_device, playback_device;
        std::string capture_format, playback_format; ///< "S32_LE, interleaved, 8 channels, 48000 Hz, 240 x 17"
        bool capture_card_timestamps = false, playback_card_timestamps = false;
        bool linked = false;
        /// Clock of each card against the system's monotonic clock, parts per million, as far as known: never a tape
        /// speed. Null until a line of 10 s is there.
        std::optional<double> capture_drift_ppm, playback_drift_ppm;
    };
    [[nodiscard]] Report report() const; ///< any thread

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace overbias::audio
