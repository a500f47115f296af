// SPDX-License-Identifier: Apache-2.0
// Where sound files are decoded: in a sandboxed child (the daemon), or in this process (programs that a user runs on
// his own files). Process-wide; said once at start-up, before the first file is opened.
#pragma once

#include "base/result.hpp"

#include <chrono>
#include <filesystem>

namespace overbias::audio {

struct DecoderSettings {
    /// overbias-decoder; empty: this process decodes.
    std::filesystem::path program;
    /// A child that has work and says nothing for so long is ended, and its file is an error. As long as what it
    /// decodes ahead lasts (decoder_protocol.hpp), so that who plays in real time hardly waits.
    std::chrono::milliseconds patience{6000};
    /// The same until its first word.
    std::chrono::milliseconds start_patience{20000};
};

/// From now on every file is decoded so. The error names a program that cannot be run and what to do.
[[nodiscard]] Result<void> decode_in_child(DecoderSettings settings);
/// Back to this process (tests).
void decode_in_process();
[[nodiscard]] DecoderSettings decoder_settings();

/// "overbias-decoder" beside the running program; empty when that is not known.
[[nodiscard]] std::filesystem::path installed_decoder();

} // namespace overbias::audio
