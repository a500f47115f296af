// SPDX-License-Identifier: Apache-2.0
// What has to be done about a stream, by its PCM state first and the error number second (as MPD does it): an error
// number alone says different things in different states. Of audio/alsa* only.
#pragma once

#include <alsa/asoundlib.h>
#include <cerrno>

namespace overbias::audio {

enum class Remedy {
    None,    ///< it runs
    Wait,    ///< try again later
    Unpause, ///< somebody paused it
    Resume,  ///< the machine slept
    Restart, ///< prepare, fill, start
    GiveUp,  ///< the card is gone
};

/// `error`: 0, or the negative number the last call gave.
[[nodiscard]] constexpr Remedy remedy(snd_pcm_state_t state, int error) noexcept {
    if (error == -ENODEV || error == -ENXIO || error == -ENOTTY) {
        return Remedy::GiveUp;
    }
    switch (state) {
    case SND_PCM_STATE_RUNNING:
        return error == 0 || error == -EAGAIN || error == -EINTR ? Remedy::None : Remedy::Restart;
    case SND_PCM_STATE_PAUSED:
        return Remedy::Unpause;
    case SND_PCM_STATE_SUSPENDED:
        return Remedy::Resume;
    case SND_PCM_STATE_SETUP:
    case SND_PCM_STATE_PREPARED:
    case SND_PCM_STATE_XRUN:
    case SND_PCM_STATE_DRAINING:
        return Remedy::Restart;
    case SND_PCM_STATE_OPEN:
    case SND_PCM_STATE_DISCONNECTED:
    default:
        return Remedy::GiveUp;
    }
}

} // namespace overbias::audio
