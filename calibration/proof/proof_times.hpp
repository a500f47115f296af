// SPDX-License-Identifier: Apache-2.0
// The bursts of a proof's print-through. Pure functions. Private to calibration/.
#pragma once

namespace overbias::calibration {

/// The bursts of the print-through: shorter than a turn of the reel, and so far apart that no echo of one falls onto
/// another.
struct PrintTimes {
    static constexpr double kBurst_hz = 1000.0; ///< at 15 ips about where print-through is strongest
    static constexpr double kBursts = 4.0;
    double least_turn_s = 0.0, most_turn_s = 0.0;
    double burst_s = 0.0, apart_s = 0.0; ///< apart: from one beginning to the next
};
[[nodiscard]] PrintTimes print_times(double speed_ips);

} // namespace overbias::calibration
