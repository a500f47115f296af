// SPDX-License-Identifier: Apache-2.0
// AlsaDevice: one direction of a card, opened without blocking and set to what the configuration asks: exactly its rate
// and channels, the best of the card's formats, the nearest of its periods. Of audio/alsa* only.
#pragma once

#include "audio/alsa_format.hpp"
#include "audio/alsa_pcm.hpp"

#include <alsa/asoundlib.h>
#include <cstddef>
#include <memory>
#include <string>

namespace overbias::audio {

struct PcmCloser {
    void operator()(snd_pcm_t* handle) const noexcept { snd_pcm_close(handle); }
};

struct AlsaDevice {
    std::unique_ptr<snd_pcm_t, PcmCloser> handle;
    bool playback = false;
    CardSample sample = CardSample::S32;
    bool interleaved = true;
    std::size_t channels = 0, period_frames = 0, buffer_frames = 0;
    unsigned rate_hz = 0;
    int card = -1; ///< the kernel's number; -1: no kernel card (a plug-in)

    /// "S32_LE, interleaved, 8 channels, 48000 Hz, 240 x 17"
    [[nodiscard]] std::string description() const;
};

/// Where a card can do both, interleaved is taken; a test takes the other.
enum class Interleaving { Preferred, Avoided };

/// The error names device, what was asked, what the card offers and what to do.
[[nodiscard]] Result<AlsaDevice> open_alsa_device(const AlsaStreamConfig& config, bool playback,
                                                  Interleaving interleaving = Interleaving::Preferred);

} // namespace overbias::audio
