// SPDX-License-Identifier: Apache-2.0
#include "deck-sim/magnetics/fault_schedule.hpp"

#include "base/units.hpp"
#include "deck-sim/magnetics/card.hpp"
#include "deck-sim/magnetics/motion_curve.hpp"
#include "deck-sim/magnetics/record_chain.hpp"
#include "deck-sim/magnetics/tape_defects.hpp"

#include <algorithm>

namespace overbias::deck_sim::magnetics {

namespace {

bool happens_here(FaultKind kind) noexcept {
    return kind == FaultKind::Dropout || kind == FaultKind::Spacing || kind == FaultKind::Xrun ||
           kind == FaultKind::Droop;
}

TapeDefect defect_of(const Fault& fault, double begin_m, double speed_m_s) noexcept {
    TapeDefect defect;
    defect.spacing = fault.kind == FaultKind::Spacing;
    defect.begin_m = begin_m;
    defect.end_m = begin_m + fault.length_ms * 1e-3 * speed_m_s;
    defect.depth_db = fault.depth_db;
    defect.channels = {fault.touches(0), fault.touches(1)};
    return defect;
}

} // namespace

FaultSchedule::FaultSchedule(const Settings& settings, std::span<const Fault> faults)
    : speed_m_s_(metres_per_second(settings.play_speed_ips)), sample_rate_hz_(settings.sample_rate_hz),
      capture_rate_hz_(settings.capture_rate_hz()), faults_(faults.begin(), faults.end()), done_(faults.size(), 0) {
    for (std::size_t i = 0; i < faults_.size(); ++i) {
        done_[i] = happens_here(faults_[i].kind) ? 0 : 1;
    }
}

void FaultSchedule::prepare(TapeDefects& defects) {
    for (std::size_t i = 0; i < faults_.size(); ++i) {
        const Fault& fault = faults_[i];
        if (fault.kind == FaultKind::Spacing) {
            defects.prepare(fault.depth_db);
        }
        if ((fault.kind == FaultKind::Spacing || fault.kind == FaultKind::Dropout) &&
            fault.at.scale == FaultPlace::Scale::Tape) {
            defects.add(defect_of(fault, fault.at.value, speed_m_s_));
            done_[i] = 1;
        }
    }
}

void FaultSchedule::programme_starts(double time_s) noexcept {
    programme_s_ = time_s;
    for (std::size_t i = 0; i < faults_.size(); ++i) {
        if (happens_here(faults_[i].kind) && faults_[i].at.scale == FaultPlace::Scale::Programme) {
            done_[i] = 0;
        }
    }
    all_done_ = false;
}

std::optional<double> FaultSchedule::place_at(double time_s) const noexcept {
    for (std::size_t back = 1; back <= std::min(steps_, kSteps); ++back) {
        const MotionStep& step = past_[(steps_ - back) % kSteps];
        if (time_s >= step.t0_s) {
            return place_of_time(step).at((time_s - step.t0_s) / (step.t1_s - step.t0_s));
        }
    }
    return std::nullopt;
}

void FaultSchedule::process(const MotionStep& step, Card& card, RecordChain& record, TapeDefects& defects) noexcept {
    past_[steps_ % kSteps] = step;
    ++steps_;
    if (all_done_) {
        return;
    }
    all_done_ = true;
    for (std::size_t i = 0; i < faults_.size(); ++i) {
        if (done_[i] != 0) {
            continue;
        }
        const Fault& fault = faults_[i];
        const std::optional<double> time = fault.at.time_s(programme_s_);
        const bool by_place = fault.at.scale == FaultPlace::Scale::Tape;
        if (by_place ? step.x1_m < fault.at.value : !time || *time >= step.t1_s) {
            all_done_ = false; // still to come
            continue;
        }
        done_[i] = 1;
        switch (fault.kind) {
        case FaultKind::Droop:
            record.start_droop(i);
            break;
        case FaultKind::Xrun: {
            const bool capture = fault.direction == Fault::Direction::Capture;
            const double rate_hz = capture ? capture_rate_hz_ : sample_rate_hz_;
            const auto frames = static_cast<std::size_t>(fault.length_ms * 1e-3 * rate_hz + 0.5);
            if (capture) {
                card.lose_capture(frames);
            } else {
                card.lose_playback(frames);
            }
            break;
        }
        default:
            if (const std::optional<double> place = time ? place_at(*time) : std::nullopt) {
                defects.add(defect_of(fault, *place, speed_m_s_));
            }
            break;
        }
    }
}

} // namespace overbias::deck_sim::magnetics
