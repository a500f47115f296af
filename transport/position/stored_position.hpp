// SPDX-License-Identifier: Apache-2.0
// The position as it is kept over a restart. Who writes it where is the controller's matter; here is what it holds and
// what may be believed of it afterwards. Pure. Thread: any.
#pragma once

#include <cstdint>

namespace overbias::transport {

struct StoredPosition {
    double position_m = 0.0;
    double uncertainty_m = 0.0;
    double speed_m_s = 0.0; ///< signed; 0 when the tape stood
    std::int64_t utc_s = 0; ///< when it was written, seconds since 1970 UTC
    bool operator==(const StoredPosition&) const = default;
};

struct TakenOverPosition {
    double position_m = 0.0;
    double uncertainty_m = 0.0; ///< if nobody has touched the tape meanwhile; so the position is Doubtful in any case
};

/// What to start the counter at (TapeCounter::start_at), marked Doubtful: nobody has counted meanwhile.
/// The place stays, and so does the uncertainty when the tape stood. When it moved it may have gone on at that speed
/// until now, or have stopped at once, but not have left the tape: the uncertainty grows by speed x time, at most the
/// tape's length. A clock that stands before the stored time says nothing of how long: then by the tape's length too.
[[nodiscard]] TakenOverPosition take_over(const StoredPosition& stored, std::int64_t now_utc_s,
                                          double tape_length_m) noexcept;

} // namespace overbias::transport
