// SPDX-License-Identifier: Apache-2.0
// What the decoder gives up before it looks at a byte of a file: privileges, limits, every other descriptor, and by a
// seccomp filter every system call but those for reading its file, talking to its parent, memory and its own end.
// Anything else kills the process (SIGSYS).
#pragma once

namespace overbias::audio {

/// Of the child's only thread. False: something could not be given up; then nothing may be decoded.
/// In builds with sanitizers, whose runtime needs more, there is neither filter nor limit of memory.
[[nodiscard]] bool enter_sandbox();

} // namespace overbias::audio
