// SPDX-License-Identifier: Apache-2.0
// Mixer controls that have to stand where the alignment left them: read, set when they stand elsewhere, read back and
// compared. Of audio/alsa* only.
#pragma once

#include "audio/alsa_pcm.hpp"

#include <string>
#include <vector>

namespace overbias::audio {

/// The error names card, control, the value wanted and read; for an unknown control or item the nearest names.
[[nodiscard]] Result<void> apply_mixer(const std::string& card, const std::vector<MixerSetting>& settings);

} // namespace overbias::audio
