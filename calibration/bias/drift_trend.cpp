// SPDX-License-Identifier: Apache-2.0
#include "calibration/bias/drift_trend.hpp"

#include <algorithm>
#include <cmath>

namespace overbias::calibration {

bool DriftTrend::sure() const noexcept {
    return std::abs(per_hour) > 3.0 * error;
}

std::optional<DriftTrend> drift_trend(const std::deque<DriftPoint>& points, double over_s, double least_s) {
    if (points.empty()) {
        return std::nullopt;
    }
    const auto first =
        std::ranges::find_if(points, [&](const DriftPoint& each) { return each.at_s >= points.back().at_s - over_s; });
    const auto n = static_cast<double>(points.end() - first);
    const double span_s = points.back().at_s - first->at_s;
    if (n < static_cast<double>(kLeastTrendPoints) || span_s < least_s || span_s <= 0.0) {
        return std::nullopt;
    }
    double t = 0.0, d = 0.0;
    for (auto each = first; each != points.end(); ++each) {
        t += each->at_s / n;
        d += each->drift / n;
    }
    double tt = 0.0, td = 0.0, dd = 0.0;
    for (auto each = first; each != points.end(); ++each) {
        tt += (each->at_s - t) * (each->at_s - t);
        td += (each->at_s - t) * (each->drift - d);
        dd += (each->drift - d) * (each->drift - d);
    }
    const double slope = td / tt;
    const double error = std::sqrt(std::max(dd - slope * td, 0.0) / (n - 2.0) / tt);
    return DriftTrend{.per_hour = 3600.0 * slope, .error = 3600.0 * error};
}

} // namespace overbias::calibration
