// SPDX-License-Identifier: Apache-2.0
#include "transport/position/stored_position.hpp"

#include <algorithm>
#include <cmath>

namespace overbias::transport {

TakenOverPosition take_over(const StoredPosition& stored, std::int64_t now_utc_s, double tape_length_m) noexcept {
    TakenOverPosition out{stored.position_m, stored.uncertainty_m};
    constexpr double kStood_m_s = 0.01; // as TapeCounterConfig::still_m_s
    if (std::abs(stored.speed_m_s) >= kStood_m_s) {
        const double away_s = static_cast<double>(now_utc_s - stored.utc_s);
        const double may_have_run_m = away_s >= 0.0 ? std::abs(stored.speed_m_s) * away_s : tape_length_m;
        out.uncertainty_m += std::min(may_have_run_m, tape_length_m);
    }
    return out;
}

} // namespace overbias::transport
