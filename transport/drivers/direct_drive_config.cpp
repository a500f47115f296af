// SPDX-License-Identifier: Apache-2.0
#include "transport/drivers/direct_drive_config.hpp"

#include <cstdio>
#include <stdexcept>

namespace overbias::transport {

namespace {

[[noreturn]] void refuse(const std::string& what) {
    throw std::invalid_argument("direct drive: " + what);
}

std::string number(double value) {
    char text[40];
    std::snprintf(text, sizeof text, "%g", value);
    return text;
}

void in_range(const char* key, double value, double least, double most) {
    if (!(value >= least && value <= most)) {
        refuse(std::string(key) + " must lie between " + number(least) + " and " + number(most) + ", got " +
               number(value));
    }
}

void check_motor(const std::string& key, const DirectDriveMotor& motor, int links) {
    in_range((key + ".link").c_str(), motor.link, 0, links - 1);
    in_range((key + ".controller_id").c_str(), motor.controller_id, 0, 254);
    in_range((key + ".pole_pairs").c_str(), motor.pole_pairs, 1, 60);
    in_range((key + ".torque_n_m_per_a").c_str(), motor.torque_n_m_per_a, 0.001, 10.0);
    in_range((key + ".most_current_a").c_str(), motor.most_current_a, 0.1, 200.0);
}

void check_arm(const std::string& key, const DirectDriveArm& arm, int links) {
    in_range((key + ".link").c_str(), arm.link, 0, links - 1);
    in_range((key + ".input").c_str(), arm.input, 1, 2);
    if (arm.newtons_per_volt == 0.0) {
        refuse(key + ".newtons_per_volt must not be 0: measure the arm with a spring balance");
    }
}

void check_together(const DirectDriveConfig& config) {
    const DirectDriveMotor* const motors[] = {&config.supply, &config.take_up,
                                              config.capstan ? &*config.capstan : nullptr};
    for (int i = 0; i < 3; ++i) {
        for (int j = i + 1; j < 3; ++j) {
            if (motors[i] == nullptr || motors[j] == nullptr || motors[i]->link != motors[j]->link) {
                continue;
            }
            if (motors[i]->controller_id == motors[j]->controller_id) {
                refuse("two controllers of link " + std::to_string(motors[i]->link) + " have controller_id " +
                       std::to_string(motors[i]->controller_id) + ": give each its own in VESC Tool");
            }
            if (!motors[i]->over_can && !motors[j]->over_can) {
                refuse("two controllers can't both sit at link " + std::to_string(motors[i]->link) +
                       ": one of them is over_can");
            }
        }
    }
    if (config.capstan.has_value() == !config.capstan_line.empty()) {
        refuse("the capstan needs either a controller (capstan) or a line (capstan_line), and not both");
    }
    if (config.supply_arm.has_value() != config.take_up_arm.has_value()) {
        refuse("tension arms: give both supply_arm and take_up_arm, or none");
    }
}

} // namespace

void DirectDriveConfig::check(int links) const {
    if (links < 1 || links > 3 || static_cast<int>(baud.size()) != links) {
        refuse("1 to 3 serial links, each with its baud, got " + std::to_string(links) + " links and " +
               std::to_string(baud.size()) + " baud rates");
    }
    for (const int one : baud) {
        in_range("baud", one, 9600, 4000000);
    }
    check_motor("supply", supply, links);
    check_motor("take_up", take_up, links);
    if (capstan) {
        check_motor("capstan", *capstan, links);
        in_range("capstan_circumference_m", capstan_circumference_m, 0.005, 0.5);
    }
    if (supply_arm) {
        check_arm("supply_arm", *supply_arm, links);
    }
    if (take_up_arm) {
        check_arm("take_up_arm", *take_up_arm, links);
    }
    check_together(*this);
    // A dead daemon must not spill tape: these are properties of the machine, and the profile has to vouch for them.
    in_range("controller_timeout_s", controller_timeout_s, 0.1, 0.2);
    if (!(timeout_brake_current_a > 0.0)) {
        refuse("timeout_brake_current_a must be more than 0, got " + number(timeout_brake_current_a) +
               ": with the controllers' own default, 0 A, the reels run on when the link is dead");
    }
    if (!spring_differential_brakes) {
        refuse(
            "spring_differential_brakes must be true: without brakes that springs apply, the reel that pays out held "
            "harder, a power failure throws a loop or tears the tape");
    }
    if (!heartbeat_cuts_solenoids) {
        refuse(
            "heartbeat_cuts_solenoids must be true: the solenoids' current has to go through a relay that drops when "
            "the heartbeat line makes no edge for a quarter of a second; a stalled daemon leaves its lines as they "
            "are, the brakes released among them");
    }
    in_range("edges_per_metre", edges_per_metre, 1.0, 1e5);
    in_range("hub_radius_m", hub_radius_m, 0.01, 0.1);
    in_range("largest_radius_m", largest_radius_m, hub_radius_m + 0.005, 0.2);
    in_range("tape_thickness_m", tape_thickness_m, 5e-6, 1e-4);
    in_range("empty_inertia_kg_m2", empty_inertia_kg_m2, 1e-5, 0.5);
    in_range("tape_kg_per_m", tape_kg_per_m, 1e-5, 0.02);
    in_range("bearing_friction_n_m", bearing_friction_n_m, 0.0, 0.1);
    for (const auto& [key, value] : {std::pair("play_tension_n", play_tension_n),
                                     {"wind_tension_n", wind_tension_n},
                                     {"edit_tension_n", edit_tension_n},
                                     {"thread_tension_n", thread_tension_n}}) {
        in_range(key, value, 0.1, 4.9);
    }
    if (speeds_ips.empty()) {
        refuse("speeds_ips must name at least one speed");
    }
    for (const double ips : speeds_ips) {
        in_range("speeds_ips", ips, 0.9, 60.0);
    }
    in_range("wind_speed_m_s", wind_speed_m_s, 1.0, 20.0);
    in_range("library_wind_m_s", library_wind_m_s, 0.1, wind_speed_m_s);
    in_range("acceleration_m_s2", acceleration_m_s2, 0.2, 15.0);
    in_range("deceleration_m_s2", deceleration_m_s2, 0.2, 15.0);
    if (!supply_arm && (acceleration_m_s2 > 1.0 || deceleration_m_s2 > 1.0)) {
        refuse("acceleration_m_s2 and deceleration_m_s2 must be at most 1 without tension arms that are read, got " +
               number(acceleration_m_s2) + " and " + number(deceleration_m_s2) +
               ": nothing corrects the tension when a reel is heavier than worked out");
    }
    in_range("acceleration_time_s", acceleration_time_s, 0.02, 1.0);
    in_range("capstan_acceleration_m_s2", capstan_acceleration_m_s2, 0.2, 10.0);
    in_range("capstan_deceleration_m_s2", capstan_deceleration_m_s2, 0.1, 10.0);
    in_range("tick_s", tick_s, 0.005, 0.05);
    in_range("answer_timeout_s", answer_timeout_s, 2.0 * tick_s, 0.3);
    in_range("stall_s", stall_s, 2.0 * tick_s, controller_timeout_s);
}

} // namespace overbias::transport
