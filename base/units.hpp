// SPDX-License-Identifier: Apache-2.0
// Units of the trade and the conversions that need no tape knowledge. A quantity that crosses an interface carries its
// unit in its name (_ips, _hz, _dbfs, _dbu, _m, _s); these helpers convert between them.
#pragma once

#include <cmath>

namespace overbias {

inline constexpr double kMetresPerInch = 0.0254; // exact by definition of the inch

/// Tape speed in metres a second from inches a second.
[[nodiscard]] constexpr double metres_per_second(double speed_ips) noexcept {
    return speed_ips * kMetresPerInch;
}

/// Amplitude ratio to decibels: 20 log10(ratio). A ratio of 0 gives -infinity.
[[nodiscard]] inline double amplitude_db(double ratio) noexcept {
    return 20.0 * std::log10(ratio);
}
/// Power ratio to decibels: 10 log10(ratio).
[[nodiscard]] inline double power_db(double ratio) noexcept {
    return 10.0 * std::log10(ratio);
}
/// Decibels to amplitude ratio.
[[nodiscard]] inline double amplitude_from_db(double db) noexcept {
    return std::pow(10.0, db / 20.0);
}
/// Decibels to power ratio.
[[nodiscard]] inline double power_from_db(double db) noexcept {
    return std::pow(10.0, db / 10.0);
}

} // namespace overbias
