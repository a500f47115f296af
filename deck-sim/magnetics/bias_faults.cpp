// SPDX-License-Identifier: Apache-2.0
#include "deck-sim/magnetics/bias_faults.hpp"

#include "base/units.hpp"

#include <algorithm>
#include <cmath>

namespace overbias::deck_sim::magnetics {

namespace {
constexpr double kDriftStep_db = 0.02;
constexpr double kDriftStep = 1e-4; // of the frequency
} // namespace

BiasFaults::BiasFaults(const Settings& settings, std::span<const Fault> faults) : peak_ma_(settings.bias_peak_ma) {
    for (const Fault& fault : faults) {
        if (fault.kind == FaultKind::BiasDrift || fault.kind == FaultKind::BiasLoss) {
            events_.push_back({fault});
        }
        for (std::size_t track = 0; fault.kind == FaultKind::StuckBias && track < 2; ++track) {
            if (fault.touches(track)) {
                stuck_ma_[track] = peak_ma_[track] * amplitude_from_db(fault.level_db);
            }
        }
    }
}

bool BiasFaults::step(const MotionStep& step) noexcept {
    bool changed = false;
    for (Event& event : events_) {
        const FaultPlace& at = event.fault.at;
        if (!event.since_s) {
            const std::optional<double> time_s = at.time_s(programme_s_);
            if (at.scale == FaultPlace::Scale::Tape ? step.x1_m >= at.value : time_s && step.t1_s >= *time_s) {
                event.since_s = at.scale == FaultPlace::Scale::Tape ? step.t1_s : *time_s;
            }
        }
        if (!event.since_s || event.share >= 1.0) {
            continue;
        }
        double share = 1.0;
        if (event.fault.kind == FaultKind::BiasDrift && step.t1_s - *event.since_s < event.fault.over_s) {
            const double steps = std::max({std::abs(event.fault.level_db) / kDriftStep_db,
                                           std::abs(event.fault.frequency_share) / kDriftStep, 1.0});
            share = std::floor((step.t1_s - *event.since_s) / event.fault.over_s * steps) / steps;
        }
        changed = changed || share != event.share;
        event.share = share;
    }
    return changed;
}

double BiasFaults::current_ma(std::size_t track, double wanted_ma) const noexcept {
    double current_ma = stuck_ma_[track].value_or(wanted_ma);
    for (const Event& event : events_) {
        if (event.fault.touches(track)) {
            current_ma *= event.fault.kind == FaultKind::BiasLoss
                              ? 1.0 - event.share
                              : amplitude_from_db(event.fault.level_db * event.share);
        }
    }
    return current_ma;
}

double BiasFaults::frequency_ratio(std::size_t track) const noexcept {
    double ratio = 1.0;
    for (const Event& event : events_) {
        if (event.fault.touches(track)) {
            ratio *= 1.0 + event.fault.frequency_share * event.share;
        }
    }
    return ratio;
}

} // namespace overbias::deck_sim::magnetics
