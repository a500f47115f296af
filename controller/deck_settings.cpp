// SPDX-License-Identifier: Apache-2.0
#include "controller/deck_settings.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string_view>

namespace overbias::controller {

namespace {

using transport::DirectDriveConfig;
using transport::StuderCommands;

struct CommandField {
    std::string_view name;
    std::string StuderCommands::*field;
};
constexpr std::array<CommandField, 12> kStuderCommands{{{"play", &StuderCommands::play},
                                                        {"stop", &StuderCommands::stop},
                                                        {"fast_forward", &StuderCommands::fast_forward},
                                                        {"rewind", &StuderCommands::rewind},
                                                        {"record", &StuderCommands::record},
                                                        {"record_exit", &StuderCommands::record_exit},
                                                        {"edit_on", &StuderCommands::edit_on},
                                                        {"edit_off", &StuderCommands::edit_off},
                                                        {"library_wind_forward", &StuderCommands::library_wind_forward},
                                                        {"library_wind_reverse", &StuderCommands::library_wind_reverse},
                                                        {"lifter_defeat_on", &StuderCommands::lifter_defeat_on},
                                                        {"lifter_defeat_off", &StuderCommands::lifter_defeat_off}}};

struct DriveField {
    std::string_view name;
    double DirectDriveConfig::*field;
};
constexpr std::array<DriveField, 33> kDriveFigures{
    {{"controller_timeout_s", &DirectDriveConfig::controller_timeout_s},
     {"timeout_brake_current_a", &DirectDriveConfig::timeout_brake_current_a},
     {"capstan_circumference_m", &DirectDriveConfig::capstan_circumference_m},
     {"tape_thickness_m", &DirectDriveConfig::tape_thickness_m},
     {"empty_inertia_kg_m2", &DirectDriveConfig::empty_inertia_kg_m2},
     {"tape_kg_per_m", &DirectDriveConfig::tape_kg_per_m},
     {"bearing_friction_n_m", &DirectDriveConfig::bearing_friction_n_m},
     {"play_tension_n", &DirectDriveConfig::play_tension_n},
     {"wind_tension_n", &DirectDriveConfig::wind_tension_n},
     {"edit_tension_n", &DirectDriveConfig::edit_tension_n},
     {"thread_tension_n", &DirectDriveConfig::thread_tension_n},
     {"wind_speed_m_s", &DirectDriveConfig::wind_speed_m_s},
     {"library_wind_m_s", &DirectDriveConfig::library_wind_m_s},
     {"slowest_shuttle_m_s", &DirectDriveConfig::slowest_shuttle_m_s},
     {"acceleration_m_s2", &DirectDriveConfig::acceleration_m_s2},
     {"deceleration_m_s2", &DirectDriveConfig::deceleration_m_s2},
     {"acceleration_time_s", &DirectDriveConfig::acceleration_time_s},
     {"capstan_acceleration_m_s2", &DirectDriveConfig::capstan_acceleration_m_s2},
     {"capstan_deceleration_m_s2", &DirectDriveConfig::capstan_deceleration_m_s2},
     {"speed_gain_per_s", &DirectDriveConfig::speed_gain_per_s},
     {"tension_gain", &DirectDriveConfig::tension_gain},
     {"tension_damping_s", &DirectDriveConfig::tension_damping_s},
     {"speed_damping_per_s", &DirectDriveConfig::speed_damping_per_s},
     {"tension_trim_s", &DirectDriveConfig::tension_trim_s},
     {"end_slow_m", &DirectDriveConfig::end_slow_m},
     {"end_speed_m_s", &DirectDriveConfig::end_speed_m_s},
     {"brake_travel_s", &DirectDriveConfig::brake_travel_s},
     {"brake_stagger_s", &DirectDriveConfig::brake_stagger_s},
     {"pinch_travel_s", &DirectDriveConfig::pinch_travel_s},
     {"lifter_settle_s", &DirectDriveConfig::lifter_settle_s},
     {"tick_s", &DirectDriveConfig::tick_s},
     {"answer_timeout_s", &DirectDriveConfig::answer_timeout_s},
     {"stall_s", &DirectDriveConfig::stall_s}}};

transport::DirectDriveMotor motor_of(const tape::DriveMotor& motor) {
    return {.link = motor.link,
            .over_can = motor.over_can,
            .controller_id = motor.controller_id,
            .pole_pairs = motor.pole_pairs,
            .torque_n_m_per_a = motor.torque_n_m_per_a.value,
            .most_current_a = motor.most_current_a.value,
            .reversed = motor.reversed};
}

std::optional<transport::DirectDriveArm> arm_of(const std::optional<tape::DriveArm>& arm) {
    if (!arm) {
        return std::nullopt;
    }
    return transport::DirectDriveArm{.link = arm->link,
                                     .input = arm->input,
                                     .zero_v = arm->zero_v.value,
                                     .newtons_per_volt = arm->newtons_per_volt.value,
                                     .fallen_n = arm->fallen_n.value};
}

} // namespace

transport::NinePinConfig nine_pin_config(const Config& config) {
    const tape::DeckProfile& profile = config.deck.profile;
    const tape::NinePinSettings& settings = profile.nine_pin;
    transport::NinePinConfig remote;
    remote.frames_per_s = settings.frames_per_s;
    remote.play_speed_ips = config.tape.speed_ips;
    remote.host_latency_s = config.serial.host_latency_s;
    using Counter = transport::NinePinConfig::Counter;
    switch (settings.counter) {
    case tape::NinePinSettings::Counter::Timer1ThenLtc:
        remote.counter = Counter::Timer1ThenLtc;
        break;
    case tape::NinePinSettings::Counter::Timer1:
        remote.counter = Counter::Timer1;
        break;
    case tape::NinePinSettings::Counter::Ltc:
        remote.counter = Counter::Ltc;
        break;
    case tape::NinePinSettings::Counter::None:
        remote.counter = Counter::None;
        break;
    }
    if (settings.fastest_wind_m_s) {
        remote.fastest_m_s = settings.fastest_wind_m_s->value;
    }
    remote.senses_motion_itself = profile.senses_motion_itself;
    remote.record = settings.takes_record;
    if (settings.slowest_shuttle && settings.fastest_shuttle) {
        remote.slowest_shuttle = settings.slowest_shuttle->value;
        remote.fastest_shuttle = settings.fastest_shuttle->value;
    }
    remote.shuttle_fraction = settings.shuttle_fraction;
    return remote;
}

transport::StuderAsciiConfig studer_config(const Config& config) {
    const tape::DeckProfile& profile = config.deck.profile;
    const tape::StuderSettings& settings = profile.studer;
    transport::StuderAsciiConfig studer;
    studer.address = config.serial.address;
    for (const auto& [name, command] : settings.commands) {
        const auto* const known = std::ranges::find(kStuderCommands, name, &CommandField::name);
        if (known == kStuderCommands.end()) {
            throw std::logic_error("studer command \"" + name + "\" has no place in the driver");
        }
        studer.commands.*(known->field) = command;
    }
    for (const tape::DeckSpeed& speed : profile.speeds) {
        if (!speed.select_command.empty()) {
            studer.speeds.push_back({.speed_ips = speed.speed_ips, .command = speed.select_command});
        }
    }
    studer.identify = settings.identify;
    studer.timer.query = settings.timer_query;
    studer.timer.answer = settings.timer_answer;
    if (settings.fastest_wind_m_s) {
        studer.timer.most_wind_m_s = settings.fastest_wind_m_s->value;
    }
    if (settings.poll_s) {
        studer.poll_s = settings.poll_s->value;
    }
    if (settings.answer_s) {
        studer.answer_s = settings.answer_s->value;
    }
    studer.status.query = settings.status_query;
    studer.status.answer = settings.status_answer;
    for (const tape::StuderSettings::StatusRule& rule : settings.status_rules) {
        studer.status.rules.push_back({.answer = rule.answer, .lit = rule.lit});
    }
    for (const tape::StuderSettings::StatusBit& bit : settings.status_bits) {
        studer.status.bits.push_back({.tally = bit.tally, .bit = bit.bit});
    }
    studer.play_speed_ips = config.tape.speed_ips;
    studer.senses_motion_itself = profile.senses_motion_itself;
    return studer;
}

std::vector<transport::StuderMemoryItem> studer_memory_items(const tape::DeckProfile& profile) {
    std::vector<transport::StuderMemoryItem> items;
    for (const tape::StuderSettings::MemoryItem& item : profile.studer.memory) {
        items.push_back({.name = item.name, .query = item.query, .answer = item.answer, .write = item.write});
    }
    return items;
}

transport::DirectDriveConfig direct_drive_config(const Config& config) {
    const tape::DeckProfile& profile = config.deck.profile;
    const tape::DirectDriveSettings& settings = profile.direct_drive;
    transport::DirectDriveConfig drive;
    drive.supply = motor_of(settings.supply);
    drive.take_up = motor_of(settings.take_up);
    if (settings.capstan) {
        drive.capstan = motor_of(*settings.capstan);
    }
    if (!settings.baud.empty()) {
        drive.baud = settings.baud;
    }
    drive.supply_arm = arm_of(settings.supply_arm);
    drive.take_up_arm = arm_of(settings.take_up_arm);
    drive.tape_out_when = profile.tape_out_when == tape::TapeOutWhen::Both ? DirectDriveConfig::TapeOutWhen::BothArms
                                                                           : DirectDriveConfig::TapeOutWhen::EitherArm;
    drive.brake_supply_line = settings.brake_supply;
    drive.brake_take_up_line = settings.brake_take_up;
    drive.pinch_line = settings.pinch;
    drive.lifters_line = settings.lifters;
    drive.capstan_line = settings.capstan_line;
    drive.record_line = settings.record;
    drive.record_tally = settings.record_tally;
    drive.tape_out_input = settings.tape_out;
    drive.spring_differential_brakes = settings.spring_differential_brakes;
    drive.heartbeat_cuts_solenoids = settings.heartbeat_cuts_solenoids;
    if (profile.hub_radius_mm) {
        drive.hub_radius_m = profile.hub_radius_mm->value / 1000.0;
    }
    if (profile.largest_radius_mm) {
        drive.largest_radius_m = profile.largest_radius_mm->value / 1000.0;
    }
    for (const auto& [name, figure] : settings.figures) {
        const auto* const known = std::ranges::find(kDriveFigures, name, &DriveField::name);
        if (known == kDriveFigures.end()) {
            throw std::logic_error("direct drive figure \"" + name + "\" has no place in the driver");
        }
        drive.*(known->field) = figure.value;
    }
    if (config.tape.stock.total_thickness_um) { // the tape that is on goes before the machine's usual one
        drive.tape_thickness_m = config.tape.stock.total_thickness_um->value * 1e-6;
    }
    if (config.deck.tach_edges_per_metre > 0.0) {
        drive.edges_per_metre = config.deck.tach_edges_per_metre;
    }
    // the first is selected at the start
    drive.speeds_ips = {config.tape.speed_ips};
    for (const tape::DeckSpeed& speed : profile.speeds) {
        if (speed.speed_ips != config.tape.speed_ips) {
            drive.speeds_ips.push_back(speed.speed_ips);
        }
    }
    return drive;
}

std::vector<transport::SerialSettings> serial_settings(const Config& config) {
    switch (config.deck.profile.kind) {
    case tape::DeckDriver::ParallelRemote:
        break;
    case tape::DeckDriver::SonyNinePin: // P2: RS-422, 38400 8-O-1
        return {{.device = config.serial.device, .baud = 38400, .parity = transport::SerialParity::Odd}};
    case tape::DeckDriver::StuderAscii: // norm 10.85.1330: 9600 8-N-1
        return {{.device = config.serial.device, .baud = 9600, .xon_xoff = true}};
    case tape::DeckDriver::DirectDrive: {
        const transport::DirectDriveConfig drive = direct_drive_config(config);
        std::vector<std::string> devices{config.serial.device};
        devices.insert(devices.end(), config.serial.more_devices.begin(), config.serial.more_devices.end());
        std::vector<transport::SerialSettings> links;
        for (std::size_t link = 0; link < devices.size(); ++link) {
            links.push_back({.device = devices[link], .baud = drive.baud[std::min(link, drive.baud.size() - 1)]});
        }
        return links;
    }
    }
    return {};
}

} // namespace overbias::controller
