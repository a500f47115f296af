// SPDX-License-Identifier: Apache-2.0
#include "audio/rt_guard.hpp"

namespace overbias::audio {

namespace {
// constinit: reading it from inside malloc must not run an initialiser.
constinit thread_local int rt_depth = 0;
} // namespace

RtScope::RtScope() noexcept {
    ++rt_depth;
}

RtScope::~RtScope() {
    --rt_depth;
}

bool rt_in_scope() noexcept {
    return rt_depth > 0;
}

} // namespace overbias::audio
