// SPDX-License-Identifier: Apache-2.0
#include "deck-sim/mechanics/mechanics.hpp"

#include <algorithm>

namespace overbias::deck_sim {

namespace {
constexpr double kGripTime_s = 0.020;
}

Mechanics::Mechanics(const Settings& settings, std::span<const Fault> faults)
    : drive_(settings), logic_(settings), flutter_(settings), roller_(settings), faults_(faults, kTallyNames),
      tape_length_m_(settings.tape_length_m), near_end_m_(settings.near_end_m),
      edges_per_metre_(settings.roller_edges_per_metre), speeds_ips_(settings.speeds_ips),
      selected_ips_(settings.play_speed_ips), shown_(logic_.tallies()) {
    if (std::find(speeds_ips_.begin(), speeds_ips_.end(), selected_ips_) == speeds_ips_.end()) {
        speeds_ips_.push_back(selected_ips_);
    }
    std::sort(speeds_ips_.begin(), speeds_ips_.end());
}

bool Mechanics::select_speed(double speed_ips) {
    if (std::find(speeds_ips_.begin(), speeds_ips_.end(), speed_ips) == speeds_ips_.end()) {
        return false;
    }
    selected_ips_ = speed_ips;
    drive_.select_speed(speed_ips);
    return true;
}

double Mechanics::counter_m() const noexcept {
    return static_cast<double>(roller_.edges()) / edges_per_metre_ + counter_from_m_;
}

MotionStep Mechanics::step(double t0_s, double t1_s) {
    const double dt_s = t1_s - t0_s;
    MotionStep motion;
    motion.t0_s = t0_s;
    motion.t1_s = t1_s;
    motion.x0_m = drive_.place_m();
    motion.v0_m_s = drive_.taut() ? speed_m_s_ : 0.0;
    const double drive_speed_before = drive_.speed_m_s();
    const double grip_before = grip_;

    drive_.step(logic_.step(drive_, dt_s, counter_m()), dt_s);
    const double speed_m_s = drive_.speed_m_s();
    grip_ += ((drive_.pinch_closed() ? 1.0 : 0.0) - grip_) * dt_s / kGripTime_s;
    const Flutter::Step flutter = flutter_.step(drive_.supply_turn_rad_s(), speed_m_s);
    if (drive_.taut()) {
        const double mean_m_s = 0.5 * (drive_speed_before + speed_m_s);
        drive_.add_travel(mean_m_s * (1.0 + 0.5 * (grip_before + grip_) * flutter.mean) * dt_s);
    }
    speed_m_s_ = drive_.taut() ? speed_m_s * (1.0 + grip_ * flutter.at_end) : 0.0;
    motion.x1_m = drive_.place_m();
    motion.v1_m_s = speed_m_s_;
    if (drive_.taut()) {
        roller_.travel(motion.x1_m - motion.x0_m, t0_s, t1_s);
    } else {
        roller_.let_go();
    }
    faults_.step(t1_s, motion.x0_m, motion.x1_m, *this);
    shown_ = logic_.tallies();
    faults_.stick(t1_s, shown_);
    motion.contact = drive_.taut() && !drive_.lifted();
    motion.recording = logic_.recording(drive_);
    motion.tracks = logic_.record_tracks();
    return motion;
}

} // namespace overbias::deck_sim
