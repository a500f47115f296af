// SPDX-License-Identifier: Apache-2.0
// The child's side of decoder_protocol.hpp, after it has locked itself in. Thread: its only one.
#pragma once

#include <cstddef>
#include <cstdint>

namespace overbias::audio {

/// Serves its parent until that is gone or has heard everything. `memory`: kDecoderMemoryBytes, shared. `file_bytes`:
/// length of the file.
void serve_decoding(std::byte* memory, std::uint64_t file_bytes);

} // namespace overbias::audio
