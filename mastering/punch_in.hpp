// SPDX-License-Identifier: Apache-2.0
// From when on a tape that goes into record while it plays is erased as it passes the record head: the erase head lies
// before it, and what was between the two when record came on passes the record head unerased. Pure; any thread.
#pragma once

#include "base/units.hpp"

namespace overbias::mastering {

/// Seconds, on the scale of `record_on_s`.
[[nodiscard]] inline double erased_from_s(double record_on_s, double erase_to_record_m, double speed_ips) {
    return record_on_s + erase_to_record_m / metres_per_second(speed_ips);
}

/// Nothing of a track may be recorded before that.
[[nodiscard]] inline bool begins_on_erased_tape(double track_at_s, double record_on_s, double erase_to_record_m,
                                                double speed_ips) {
    return track_at_s >= erased_from_s(record_on_s, erase_to_record_m, speed_ips);
}

} // namespace overbias::mastering
