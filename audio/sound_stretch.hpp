// SPDX-License-Identifier: Apache-2.0
// A stretch of a sound file at another rate, for looking at it, not for playing it: no dither, no check of levels, and
// only what is asked for is read. Thread: any; may block on the disk.
#pragma once

#include "base/result.hpp"

#include <filesystem>
#include <span>
#include <vector>

namespace overbias::audio {

/// `duration_s` of a file from `from_s` on, as interleaved stereo, full scale 1.0, at `rate_hz` (mono is put on both
/// channels). What lies before its beginning (`from_s` may be negative) or after its end is silence. The error names
/// the file and what to do.
[[nodiscard]] Result<std::vector<float>> read_sound_stretch(const std::filesystem::path& path, double from_s,
                                                            double duration_s, double rate_hz);

/// How long the file is, by its header. The error names the file and what to do.
[[nodiscard]] Result<double> sound_duration_s(const std::filesystem::path& path);

/// Interleaved stereo at another rate: frame 0 is at the same time in both.
[[nodiscard]] std::vector<float> at_other_rate(std::span<const float> stereo, double from_rate_hz, double to_rate_hz);

} // namespace overbias::audio
