// SPDX-License-Identifier: Apache-2.0
#include "tape/deck_profile_read.hpp"

#include <array>

namespace overbias::tape {

namespace {

struct FigureKey {
    const char* key;
    TomlBounds bounds;
    bool required = false; ///< nobody but the builder of the machine knows it, and safety rests on it
};
// named as the driver's configuration names them; radii of the reels are in [reels]
constexpr std::array<FigureKey, 33> kFigures{{{"controller_timeout_s", {.min = 0.05, .max = 1.0}, true},
                                              {"timeout_brake_current_a", {.min = 0.0, .max = 100.0}, true},
                                              {"capstan_circumference_m", {.min = 0.001, .max = 1.0}},
                                              {"tape_thickness_m", {.min = 5e-6, .max = 100e-6}},
                                              {"empty_inertia_kg_m2", {.min = 1e-5, .max = 1.0}},
                                              {"tape_kg_per_m", {.min = 1e-5, .max = 0.1}},
                                              {"bearing_friction_n_m", {.min = 0.0, .max = 1.0}},
                                              {"play_tension_n", {.min = 0.05, .max = 10.0}},
                                              {"wind_tension_n", {.min = 0.05, .max = 10.0}},
                                              {"edit_tension_n", {.min = 0.0, .max = 10.0}},
                                              {"thread_tension_n", {.min = 0.0, .max = 10.0}},
                                              {"wind_speed_m_s", {.min = 0.1, .max = 20.0}},
                                              {"library_wind_m_s", {.min = 0.1, .max = 20.0}},
                                              {"slowest_shuttle_m_s", {.min = 0.001, .max = 5.0}},
                                              {"acceleration_m_s2", {.min = 0.1, .max = 50.0}},
                                              {"deceleration_m_s2", {.min = 0.1, .max = 50.0}},
                                              {"acceleration_time_s", {.min = 0.0, .max = 5.0}},
                                              {"capstan_acceleration_m_s2", {.min = 0.2, .max = 10.0}},
                                              {"capstan_deceleration_m_s2", {.min = 0.1, .max = 10.0}},
                                              {"speed_gain_per_s", {.min = 0.0, .max = 50.0}},
                                              {"tension_gain", {.min = 0.0, .max = 20.0}},
                                              {"tension_damping_s", {.min = 0.0, .max = 10.0}},
                                              {"speed_damping_per_s", {.min = 0.0, .max = 50.0}},
                                              {"tension_trim_s", {.min = 0.1, .max = 100.0}},
                                              {"end_slow_m", {.min = 0.0, .max = 200.0}},
                                              {"end_speed_m_s", {.min = 0.05, .max = 10.0}},
                                              {"brake_travel_s", {.min = 0.0, .max = 2.0}},
                                              {"brake_stagger_s", {.min = 0.0, .max = 1.0}},
                                              {"pinch_travel_s", {.min = 0.0, .max = 2.0}},
                                              {"lifter_settle_s", {.min = 0.0, .max = 5.0}},
                                              {"tick_s", {.min = 0.002, .max = 0.1}},
                                              {"answer_timeout_s", {.min = 0.01, .max = 1.0}},
                                              {"stall_s", {.min = 0.01, .max = 1.0}}}};
constexpr int kMostLinks = 3;

DriveMotor read_motor(TomlSection table) {
    return {.link = static_cast<int>(table.integer("link", 0, {.min = 0, .max = kMostLinks - 1})),
            .over_can = table.boolean("over_can", false),
            .controller_id = static_cast<int>(table.required_integer("controller_id", {.min = 0, .max = 254})),
            .pole_pairs = static_cast<int>(table.required_integer("pole_pairs", {.min = 1, .max = 100})),
            .torque_n_m_per_a = required_figure(table, "torque_n_m_per_a", {.min = 0.001, .max = 10.0}),
            .most_current_a = required_figure(table, "most_current_a", {.min = 0.1, .max = 200.0}),
            .reversed = table.boolean("reversed", false)};
}

std::optional<DriveArm> read_arm(TomlSection table) {
    if (!table.present()) {
        return std::nullopt;
    }
    return DriveArm{.link = static_cast<int>(table.integer("link", 0, {.min = 0, .max = kMostLinks - 1})),
                    .input = static_cast<int>(table.integer("input", 1, {.min = 1, .max = 2})),
                    .zero_v = required_figure(table, "zero_v", {.min = -5.0, .max = 5.0}),
                    .newtons_per_volt = required_figure(table, "newtons_per_volt", {.min = -100.0, .max = 100.0}),
                    .fallen_n = required_figure(table, "fallen_n", {.min = 0.01, .max = 10.0})};
}

std::vector<std::string> given(std::initializer_list<std::string> lines) {
    std::vector<std::string> names(lines);
    std::erase(names, std::string());
    return names;
}

} // namespace

std::vector<std::string> DirectDriveSettings::output_lines() const {
    return given({brake_supply, brake_take_up, pinch, lifters, capstan_line, record});
}

std::vector<std::string> DirectDriveSettings::input_lines() const {
    return given({record_tally, tape_out});
}

std::vector<std::string> direct_drive_figure_keys() {
    std::vector<std::string> keys;
    for (const FigureKey& each : kFigures) {
        keys.emplace_back(each.key);
    }
    return keys;
}

void read_direct_drive(TomlSection root, DirectDriveSettings& settings, LineReader& lines) {
    TomlSection table = root.section("direct_drive");
    settings.supply = read_motor(table.section("supply"));
    settings.take_up = read_motor(table.section("take_up"));
    if (TomlSection capstan = table.section("capstan"); capstan.present()) {
        settings.capstan = read_motor(capstan);
    }
    settings.supply_arm = read_arm(table.section("supply_arm"));
    settings.take_up_arm = read_arm(table.section("take_up_arm"));
    for (const double baud : table.numbers("baud", {.min = 9600.0, .max = 4e6})) {
        settings.baud.push_back(static_cast<int>(baud));
    }
    settings.spring_differential_brakes = table.required_boolean("spring_differential_brakes");
    settings.heartbeat_cuts_solenoids = table.required_boolean("heartbeat_cuts_solenoids");
    TomlSection wired = table.section("lines");
    const auto line = [&](const char* key, std::string& name) {
        name = lines.optional(wired, key, "direct_drive.lines");
    };
    line("brake_supply", settings.brake_supply);
    line("brake_take_up", settings.brake_take_up);
    line("pinch", settings.pinch);
    line("lifters", settings.lifters);
    line("capstan", settings.capstan_line);
    line("record", settings.record);
    line("record_tally", settings.record_tally);
    line("tape_out", settings.tape_out);
    TomlSection figures = table.section("figures");
    for (const FigureKey& each : kFigures) {
        if (auto figure = each.required ? std::optional(required_figure(figures, each.key, each.bounds))
                                        : read_figure(figures, each.key, each.bounds)) {
            settings.figures.emplace_back(each.key, std::move(*figure));
        }
    }
}

} // namespace overbias::tape
