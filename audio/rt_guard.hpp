// SPDX-License-Identifier: Apache-2.0
// Marks the audio path. While an RtScope lives, its thread must not allocate or free memory; a program that links
// overbias_rt_trap (debug builds of the daemon, tests) aborts with a message when it does. The mark itself costs one
// thread-local increment.
#pragma once

namespace overbias::audio {

class RtScope {
  public:
    RtScope() noexcept;
    ~RtScope();
    RtScope(const RtScope&) = delete;
    RtScope& operator=(const RtScope&) = delete;
};

/// True inside an RtScope of this thread.
[[nodiscard]] bool rt_in_scope() noexcept;

} // namespace overbias::audio
