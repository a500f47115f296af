// SPDX-License-Identifier: Apache-2.0
// What kind of file it is, by its content and not by its name, and whether it is as long as its header says. libsndfile
// forgives a WAV that was cut short (it plays what is there); a master may not be printed that way.
#pragma once

#include "audio/sound_descriptor.hpp"
#include "base/result.hpp"

#include <filesystem>
#include <string>

namespace overbias::audio {

enum class SoundContainer { Wav, Rf64, Flac };

/// "WAV", "RF64", "FLAC"
[[nodiscard]] std::string container_name(SoundContainer container);

/// Errors are one line that names the file and what to do: no file, directory, unreadable, empty, another or a lossy
/// format, no audio, a length that contradicts the header.
[[nodiscard]] Result<SoundContainer> check_sound_container(const std::filesystem::path& path);
[[nodiscard]] Result<SoundContainer> check_sound_container(const SoundDescriptor& file);

} // namespace overbias::audio
