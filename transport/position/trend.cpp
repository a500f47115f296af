// SPDX-License-Identifier: Apache-2.0
#include "transport/position/trend.hpp"

#include <algorithm>

namespace overbias::transport {

void Trend::add(DeckTime at, double value) noexcept {
    if (count_ > 0 && at - point(count_ - 1).at < every_) {
        return;
    }
    points_[next_] = {at, value};
    next_ = (next_ + 1) % kPoints;
    count_ = std::min(count_ + 1, kPoints);
}

std::optional<double> Trend::slope_per_s() const noexcept {
    if (count_ < kPoints / 4) {
        return std::nullopt;
    }
    const DeckTime origin = point(0).at;
    double mean_t = 0.0, mean_value = 0.0;
    for (std::size_t n = 0; n < count_; ++n) {
        mean_t += seconds(point(n).at - origin);
        mean_value += point(n).value;
    }
    mean_t /= static_cast<double>(count_);
    mean_value /= static_cast<double>(count_);
    double above = 0.0, below = 0.0;
    for (std::size_t n = 0; n < count_; ++n) {
        const double t = seconds(point(n).at - origin) - mean_t;
        above += t * (point(n).value - mean_value);
        below += t * t;
    }
    return below > 0.0 ? std::optional(above / below) : std::nullopt;
}

} // namespace overbias::transport
