// SPDX-License-Identifier: Apache-2.0
// Host time: for the log, logins, the watchdog and fsync; never for driving the deck (that is deck time,
// base/async/timeline.hpp).
#pragma once

#include <cstdint>
#include <string>

namespace overbias {

struct HostStamp {
    std::int64_t utc_ns = 0;       ///< nanoseconds since 1970 UTC (CLOCK_REALTIME)
    std::int64_t monotonic_ns = 0; ///< CLOCK_MONOTONIC; comparable only within one boot
    std::string boot_id;           ///< the kernel's boot UUID, so that monotonic times can be told apart
};

/// The host's clocks now. Any thread; reads no file after the first call.
[[nodiscard]] HostStamp host_now();
/// ISO 8601 with milliseconds and Z, from nanoseconds since 1970 UTC.
[[nodiscard]] std::string utc_text(std::int64_t utc_ns);

} // namespace overbias
