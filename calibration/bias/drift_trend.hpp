// SPDX-License-Identifier: Apache-2.0
// Where a drift goes: the straight line through its points by least squares, with the standard error of its slope,
// s^2 = (sum of squared residuals / (n - 2)) / sum (t - mean t)^2. Pure, any thread.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>

namespace overbias::calibration {

struct DriftPoint {
    double at_s = 0.0;
    double drift = 0.0;
};

/// In the drift's unit.
struct DriftTrend {
    double per_hour = 0.0;
    double error = 0.0; ///< standard error of per_hour
    /// More than three standard errors: it goes somewhere.
    [[nodiscard]] bool sure() const noexcept;
};

inline constexpr std::size_t kLeastTrendPoints = 8;

/// Of the last `over_s` of the points, which are in order of time. Empty for fewer than kLeastTrendPoints of them, or
/// when they span less than `least_s`.
[[nodiscard]] std::optional<DriftTrend> drift_trend(const std::deque<DriftPoint>& points, double over_s,
                                                    double least_s);

} // namespace overbias::calibration
