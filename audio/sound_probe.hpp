// SPDX-License-Identifier: Apache-2.0
// What the header of a sound file says, for lists of files: read in passing, nothing decoded, nothing checked.
// inspect_sound_file() says whether the file is good. Thread: any.
#pragma once

#include "audio/sound_descriptor.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace overbias::audio {

struct SoundProbe {
    std::string container; ///< "WAV", "RF64", "FLAC"
    double sample_rate_hz = 0;
    int channels = 0;
    std::int64_t frames = 0; ///< 0: the header does not say it
    [[nodiscard]] double duration_s() const noexcept { return static_cast<double>(frames) / sample_rate_hz; }
};

/// Nothing when it is none of these.
[[nodiscard]] std::optional<SoundProbe> probe_sound(const SoundDescriptor& file);

} // namespace overbias::audio
