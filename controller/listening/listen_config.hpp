// SPDX-License-Identifier: Apache-2.0
// The configuration's section [listening], and the monitor outputs among the card's playback channels. Plain data.
#pragma once

#include "audio/ports/pcm.hpp"

#include <vector>

namespace overbias {
class TomlSection;
}

namespace overbias::controller {

struct ListenConfig {
    std::vector<int> monitor_channels; ///< playback channels from 1, left and right; empty: none
    bool browser = false;              ///< FLAC to paired browsers
    int browser_listeners = 4;         ///< of each stream, at most
    double dim_db = 20.0;
};

/// Reads [listening] and audio.monitor_channels of `root`, after audio.playback_roles: `roles` gets theirs.
void read_listening(TomlSection& root, ListenConfig& listening, std::vector<audio::ChannelRole>& roles);

} // namespace overbias::controller
