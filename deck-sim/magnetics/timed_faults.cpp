// SPDX-License-Identifier: Apache-2.0
#include "deck-sim/magnetics/timed_faults.hpp"

#include "base/units.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace overbias::deck_sim::magnetics {

namespace {

constexpr double kTilts_rad_s = 0.05; // a head that comes loose: 10 us in 20 ms

bool happens_here(FaultKind kind) noexcept {
    switch (kind) {
    case FaultKind::MonitorInput:
    case FaultKind::MonitorSync:
    case FaultKind::LostRecord:
    case FaultKind::Azimuth:
    case FaultKind::Hiss:
    case FaultKind::Hum:
        return true;
    default:
        return false;
    }
}

} // namespace

TimedFaults::TimedFaults(const Settings& settings, std::span<const Fault> faults)
    : speed_m_s_(metres_per_second(settings.play_speed_ips)), track_spacing_m_(settings.track_spacing_m),
      rate_hz_(settings.capture_rate_hz()) {
    for (const Fault& fault : faults) {
        if (happens_here(fault.kind)) {
            events_.push_back({fault});
        }
    }
}

bool TimedFaults::begins(const Event& event, const MotionStep& step) const noexcept {
    const FaultPlace& at = event.fault.at;
    if (at.scale == FaultPlace::Scale::Tape) {
        return step.x1_m >= at.value;
    }
    const std::optional<double> time_s = at.time_s(programme_s_);
    return time_s && step.t1_s > *time_s;
}

void TimedFaults::step(const MotionStep& step) noexcept {
    dead_ = {};
    noise_power_ = {1.0, 1.0};
    double wanted_rad = 0.0;
    for (Event& event : events_) {
        if (!event.since_s && begins(event, step)) {
            event.since_s = step.t0_s;
        }
        if (!event.since_s) {
            continue;
        }
        const Fault& fault = event.fault;
        switch (fault.kind) {
        case FaultKind::MonitorInput:
            input_held_ = true;
            break;
        case FaultKind::MonitorSync:
            sync_held_ = true;
            break;
        case FaultKind::Azimuth: // a head that leans forward reads the right track first
            wanted_rad -= std::atan(fault.azimuth_us * 1e-6 * speed_m_s_ / track_spacing_m_);
            break;
        default:
            for (std::size_t c = 0; c < 2; ++c) {
                if (fault.touches(c) && fault.kind == FaultKind::LostRecord) {
                    dead_[c] = dead_[c] || step.t0_s - *event.since_s < fault.length_ms * 1e-3 - 1e-9;
                } else if (fault.touches(c) && fault.kind == FaultKind::Hiss) {
                    noise_power_[c] *= power_from_db(fault.level_db);
                }
            }
            break;
        }
    }
    const double most_rad = kTilts_rad_s * (step.t1_s - step.t0_s);
    tilt0_rad_ = tilt1_rad_;
    tilt1_rad_ += std::clamp(wanted_rad - tilt1_rad_, -most_rad, most_rad);
}

float TimedFaults::noise(std::size_t channel, float usual) const noexcept {
    // the erased tape has half of the usual noise's power, and recording brings the rest
    const double all = 0.5 + 0.5 * static_cast<double>(usual) * static_cast<double>(usual);
    return noise_power_[channel] == 1.0
               ? usual
               : static_cast<float>(std::sqrt(std::max(2.0 * all * noise_power_[channel] - 1.0, 0.0)));
}

void TimedFaults::add_hum(float* left, float* right, std::size_t frames) noexcept {
    for (Event& event : events_) {
        if (event.fault.kind != FaultKind::Hum || !event.since_s) {
            continue;
        }
        const double peak = amplitude_from_db(event.fault.level_db);
        for (std::size_t i = 0; i < frames; ++i) {
            const auto hum = static_cast<float>(peak * std::sin(2.0 * std::numbers::pi * event.turns));
            left[i] += event.fault.touches(0) ? hum : 0.0F;
            right[i] += event.fault.touches(1) ? hum : 0.0F;
            event.turns += event.fault.hz / rate_hz_;
            event.turns -= std::floor(event.turns);
        }
    }
}

} // namespace overbias::deck_sim::magnetics
