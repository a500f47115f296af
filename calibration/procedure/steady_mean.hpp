// SPDX-License-Identifier: Apache-2.0
// The mean of readings that swing to and fro (wow) or drift, and how sure it is. Readings come evenly in time; those
// that could not be taken are no numbers (NaN). The mean is that of five stretches, each a third of the whole, half
// over each other and weighted by a Hann window (w = 1 - cos), which a swing of two periods a stretch and more does not
// move. Its standard deviation is that of the five divided by the square root of three, as many of them have nothing in
// common: the standard deviation of single readings over the square root of their number would take wow, which comes
// back, for noise, and say too much of it by a factor of ten. Pure function, any thread.
#pragma once

#include <optional>
#include <span>

namespace overbias::calibration {

struct SteadyMean {
    double mean = 0.0;
    double uncertainty = 0.0; ///< standard deviation
};

/// Empty with fewer than six readings, or when less than half of a stretch could be taken.
[[nodiscard]] std::optional<SteadyMean> steady_mean(std::span<const double> readings);

} // namespace overbias::calibration
