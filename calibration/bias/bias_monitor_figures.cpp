// SPDX-License-Identifier: Apache-2.0
// What the bias monitor shows of itself.
#include "calibration/bias/bias_monitor.hpp"
#include "calibration/bias/bias_quantity.hpp"

#include <algorithm>
#include <utility>

namespace overbias::calibration {

std::vector<BiasFigure> BiasMonitor::figures() const {
    std::vector<BiasFigure> all;
    for (const Watch& watch : watches_) {
        BiasFigure one;
        one.source = watch.source;
        one.track = sources_[watch.source].track;
        one.quantity = watch.quantity;
        one.state = watch.state;
        one.now = mean(watch);
        one.set_up = watch.set_up;
        one.drift = drift(watch);
        if (one.drift && is_ratio(watch.quantity)) {
            one.drift_percent = 100.0 * (*one.now / *watch.set_up - 1.0);
        }
        if (!watch.window.empty()) {
            one.newest_s = watch.window.back().at_s;
            if (from_tape(watch) || watch.window.back().at_s >= watch.whole_s) {
                const auto [least, most] = std::ranges::minmax(watch.window, {}, &Reading::value);
                one.spread = drift_of(watch.quantity, most.value, least.value);
            }
        }
        one.trend = drift_trend(watch.history, settings_.trend_over_s, settings_.trend_least_s);
        const auto& fail_figure = limit_of(watch).fail;
        const auto fail = fail_figure ? tape::as_limit(*fail_figure) : std::nullopt;
        if (fail && one.drift && one.trend && one.trend->sure()) {
            const double limit = one.trend->per_hour > 0.0 ? *fail : -*fail;
            const double hours = (limit - *one.drift) / one.trend->per_hour;
            if (hours >= 0.0 && (limit > 0.0 || !rises_only(watch.quantity))) {
                one.hours_to_fail = hours;
            }
        }
        all.push_back(std::move(one));
    }
    return all;
}

std::vector<DriftPoint> BiasMonitor::history(std::size_t source, BiasQuantity quantity) const {
    const Watch* watch = find(source, quantity);
    return watch == nullptr ? std::vector<DriftPoint>() : std::vector(watch->history.begin(), watch->history.end());
}

bool BiasMonitor::waits_for_readings(const Watch& watch) const noexcept {
    const tape::BiasLimit& limit = limit_of(watch);
    const bool judgeable =
        watch.set_up && ((limit.warn && tape::as_limit(*limit.warn)) || (limit.fail && tape::as_limit(*limit.fail)));
    return !from_tape(watch) && judgeable && watch.state == BiasState::NotJudged;
}

BiasState BiasMonitor::worst() const noexcept {
    BiasState worst = BiasState::NotJudged;
    bool waits = false;
    for (const Watch& watch : watches_) {
        worst = std::max(worst, watch.state);
        waits = waits || waits_for_readings(watch);
    }
    return worst == BiasState::Good && waits ? BiasState::NotJudged : worst;
}

} // namespace overbias::calibration
