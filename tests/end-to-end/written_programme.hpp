// SPDX-License-Identifier: Apache-2.0
// Sound files for the end-to-end tests, in a directory of their own that goes when the test program ends.
#pragma once

#include <span>
#include <string>

namespace overbias::test {

/// Writes interleaved floats as 24-bit WAV (`channels` 1 or 2) and returns the path.
std::string write_programme(const std::string& name, std::span<const float> samples, int channels = 2,
                            int sample_rate_hz = 48000);
/// The demo programme of `duration_s`, written once for each length.
const std::string& demo_file(int duration_s = 20);
/// The directory.
const std::string& programme_directory();

} // namespace overbias::test
