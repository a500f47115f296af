// SPDX-License-Identifier: Apache-2.0
#include "transport/position/crossing.hpp"

#include <algorithm>

namespace overbias::transport {

namespace {
constexpr auto kWindow = std::chrono::milliseconds(500);
constexpr auto kEnough = std::chrono::milliseconds(250);
} // namespace

void Crossing::note(DeckTime at, double position_m) noexcept {
    seen_[next_] = {at, position_m};
    next_ = (next_ + 1) % kMost;
    count_ = std::min(count_ + 1, kMost);
}

std::optional<DeckTime> Crossing::reaches(double place_m) const noexcept {
    if (count_ < 2) {
        return std::nullopt;
    }
    const Seen& newest = seen_[(next_ + kMost - 1) % kMost];
    double n = 0.0, sum_t = 0.0, sum_x = 0.0, sum_tt = 0.0, sum_tx = 0.0;
    DeckTime oldest = newest.at;
    for (std::size_t back = 0; back < count_; ++back) {
        const Seen& one = seen_[(next_ + kMost - 1 - back) % kMost];
        if (newest.at - one.at > kWindow) {
            break;
        }
        oldest = one.at;
        const double t = seconds(one.at - newest.at);
        const double x = one.position_m - newest.position_m;
        n += 1.0;
        sum_t += t;
        sum_x += x;
        sum_tt += t * t;
        sum_tx += t * x;
    }
    const double spread = sum_tt - sum_t * sum_t / n;
    if (newest.at - oldest < kEnough || !(spread > 0.0)) {
        return std::nullopt;
    }
    const double speed_m_s = (sum_tx - sum_t * sum_x / n) / spread;
    constexpr double kMoving_m_s = 0.01;
    if (speed_m_s < kMoving_m_s) {
        return std::nullopt;
    }
    const double now_m = newest.position_m + (sum_x - speed_m_s * sum_t) / n; // of the line, at the newest time
    return newest.at + deck_seconds((place_m - now_m) / speed_m_s);
}

} // namespace overbias::transport
