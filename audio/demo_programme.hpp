// SPDX-License-Identifier: Apache-2.0
// A programme of our own for those who bring none: a small band (plucked chords, bass, pad, shaker, brushed snare) in
// stereo, with energy to 16 kHz, peaks at -3 dBFS and an rms level around -18 dBFS. The same seed gives the same music.
// Thread: any; takes about a second of computing for half a minute.
#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <filesystem>

namespace overbias::audio {

/// Writes a 24-bit 48 kHz stereo WAV of `seconds` (1 to 3600). The error names the file and what to do.
[[nodiscard]] Result<void> write_demo_programme(const std::filesystem::path& path, double seconds, std::uint64_t seed);

} // namespace overbias::audio
