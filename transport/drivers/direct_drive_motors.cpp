// SPDX-License-Identifier: Apache-2.0
#include "transport/drivers/direct_drive_motors.hpp"

#include <algorithm>
#include <cstdio>
#include <numbers>
#include <stdexcept>

namespace overbias::transport {

namespace {

constexpr double kTwoPi = 2.0 * std::numbers::pi;
constexpr std::uint32_t kAsked =
    vesc::kMotorCurrent | vesc::kErpm | vesc::kTachometer | vesc::kFault | vesc::kControllerId | vesc::kStatus;
constexpr double kMostShareOfTick = 0.9;    // the rest is for the controllers to think
constexpr double kSilentTicks = 2.0;        // without one byte where every tick asks several things: not one of them
constexpr double kFrameGap_s = 0.050;       // a frame that was begun so long ago does not end any more
constexpr std::size_t kFullAnswer = 1 + 73; // GET_VALUES, with its id byte

double sign_of(const DirectDriveMotor& motor) {
    return motor.reversed ? -1.0 : 1.0;
}

std::string words(const char* format, double a, double b = 0.0) {
    char text[120];
    std::snprintf(text, sizeof text, format, a, b);
    return text;
}

} // namespace

DirectDriveMotors::DirectDriveMotors(Timeline& timeline, std::vector<SerialLink*> links,
                                     const DirectDriveConfig& config)
    : timeline_(timeline), config_(config), links_(links.size()), began_(timeline.now()) {
    motors_[0] = {&config_.supply, "supply", {}, 0.0, {}};
    motors_[1] = {&config_.take_up, "take-up", {}, 0.0, {}};
    motors_[2] = {config_.capstan ? &*config_.capstan : nullptr, "capstan", {}, 0.0, {}};
    for (std::size_t i = 0; i < links.size(); ++i) {
        links_[i].port = links[i];
        links_[i].baud = config_.baud[i];
        for (const auto& arm : {config_.supply_arm, config_.take_up_arm}) {
            links_[i].has_arms = links_[i].has_arms || (arm && arm->link == static_cast<int>(i));
        }
    }
    work_out_budget();
    for (std::size_t i = 0; i < links_.size(); ++i) {
        links_[i].port->on_bytes([this, i](std::span<const std::uint8_t> bytes, bool, DeckTime at) {
            heard(links_[i], bytes, at); // what was damaged fails its checksum
        });
    }
    for (const DriveMotor motor : {DriveMotor::Supply, DriveMotor::TakeUp, DriveMotor::Capstan}) {
        torque(motor, 0.0);
    }
}

DirectDriveMotors::~DirectDriveMotors() {
    for (Link& link : links_) {
        link.port->on_bytes({});
    }
}

vesc::Bytes DirectDriveMotors::addressed(const DirectDriveMotor& motor, vesc::Bytes payload) {
    return motor.over_can ? vesc::forward_can(static_cast<std::uint8_t>(motor.controller_id), payload) : payload;
}

void DirectDriveMotors::work_out_budget() {
    budget_ = words("direct drive: wire budget of a tick of %.1f ms:", config_.tick_s * 1000.0);
    for (std::size_t i = 0; i < links_.size(); ++i) {
        std::size_t sent = 0, answered = 0;
        for (const Motor& motor : motors_) {
            if (motor.config != nullptr && motor.config->link == static_cast<int>(i)) {
                sent += vesc::frame_bytes(addressed(*motor.config, vesc::set_current(0.0)).size()) +
                        vesc::frame_bytes(addressed(*motor.config, vesc::get_values_selective(kAsked)).size());
                answered += vesc::frame_bytes(1 + 4 + vesc::field_bytes(kAsked));
            }
        }
        if (links_[i].has_arms) {
            sent += vesc::frame_bytes(vesc::get_decoded_adc().size());
            answered += vesc::frame_bytes(17);
        }
        const int baud = links_[i].baud;
        const double out_s = vesc::wire_seconds(sent, baud), in_s = vesc::wire_seconds(answered, baud);
        budget_ += " link " + std::to_string(i) + " at " + std::to_string(baud) + " baud sends " +
                   std::to_string(sent) + " bytes in " + words("%.1f", out_s * 1000.0) + " ms and hears " +
                   std::to_string(answered) + " in " + words("%.1f", in_s * 1000.0) +
                   " ms (one full GET_VALUES would take " +
                   words("%.1f", vesc::wire_seconds(vesc::frame_bytes(kFullAnswer), baud) * 1000.0) + " ms);";
        if (std::max(out_s, in_s) > kMostShareOfTick * config_.tick_s) {
            throw std::invalid_argument(budget_ + " that does not fit: raise the baud rate, give each controller a "
                                                  "link of its own, or make the tick longer");
        }
    }
    budget_.back() = '.';
}

void DirectDriveMotors::set(Motor& motor, vesc::Bytes payload) {
    if (motor.config != nullptr) {
        motor.set = addressed(*motor.config, std::move(payload));
    }
}

void DirectDriveMotors::torque(DriveMotor which, double newton_metres) {
    Motor& motor = motors_[index(which)];
    if (motor.config == nullptr) {
        return;
    }
    const double most = motor.config->most_current_a;
    const double amperes = std::clamp(newton_metres / motor.config->torque_n_m_per_a, -most, most);
    motor.torque_n_m = amperes * motor.config->torque_n_m_per_a;
    set(motor, vesc::set_current(sign_of(*motor.config) * amperes));
}

void DirectDriveMotors::brake(DriveMotor which, double amperes) {
    Motor& motor = motors_[index(which)];
    motor.torque_n_m = 0.0;
    if (motor.config != nullptr) {
        set(motor, vesc::set_current_brake(std::clamp(amperes, 0.0, motor.config->most_current_a)));
    }
}

void DirectDriveMotors::speed(DriveMotor which, double turn_rad_s) {
    Motor& motor = motors_[index(which)];
    motor.torque_n_m = 0.0;
    if (motor.config != nullptr) {
        set(motor, vesc::set_rpm(sign_of(*motor.config) * turn_rad_s * 60.0 / kTwoPi * motor.config->pole_pairs));
    }
}

void DirectDriveMotors::send() {
    const DeckTime now = timeline_.now();
    for (std::size_t i = 0; i < links_.size(); ++i) {
        Link& link = links_[i];
        if (link.decoder.waiting() && now - link.heard > deck_seconds(kFrameGap_s)) {
            link.decoder.give_up();
        }
        if (!link.port->is_up()) {
            continue;
        }
        vesc::Bytes out;
        const auto add = [&](const vesc::Bytes& payload) {
            const vesc::Bytes frame = vesc::frame(payload);
            if (trace_) {
                trace_(true, frame, now);
            }
            out.insert(out.end(), frame.begin(), frame.end());
        };
        for (const Motor& motor : motors_) {
            if (motor.config != nullptr && motor.config->link == static_cast<int>(i)) {
                add(motor.set);
            }
        }
        for (const Motor& motor : motors_) {
            if (motor.config != nullptr && motor.config->link == static_cast<int>(i)) {
                add(addressed(*motor.config, vesc::get_values_selective(kAsked)));
            }
        }
        if (link.has_arms) {
            add(vesc::get_decoded_adc());
        }
        // refused when the link has just gone: the missing answers will tell
        static_cast<void>(link.port->send(out).ok());
    }
}

void DirectDriveMotors::heard(Link& link, std::span<const std::uint8_t> bytes, DeckTime at) {
    link.heard = at;
    const auto number = static_cast<std::size_t>(&link - links_.data());
    link.decoder.feed(bytes, [&](std::span<const std::uint8_t> payload) {
        if (trace_) {
            trace_(false, vesc::frame(payload), at);
        }
        take(number, payload, at);
    });
}

void DirectDriveMotors::take(std::size_t link, std::span<const std::uint8_t> payload, DeckTime at) {
    if (const auto volts = vesc::read_adc(payload)) {
        links_[link].arms_at = at;
        take_arms(link, *volts);
        return;
    }
    const std::optional<vesc::Values> values = vesc::read_values(payload);
    if (!values || !values->erpm) {
        return;
    }
    for (Motor& motor : motors_) {
        // an answer without an id (old firmware) can only be from the controller at the link itself
        if (motor.config == nullptr || motor.config->link != static_cast<int>(link) ||
            (values->controller_id ? *values->controller_id != motor.config->controller_id : motor.config->over_can)) {
            continue;
        }
        Feedback& to = motor.feedback;
        const double sign = sign_of(*motor.config), pairs = motor.config->pole_pairs;
        to.turn_rad_s = sign * *values->erpm / pairs * kTwoPi / 60.0;
        if (values->tachometer) {
            to.angle_rad = sign * *values->tachometer / (6.0 * pairs) * kTwoPi;
        }
        to.current_a = sign * values->motor_current_a.value_or(0.0);
        to.fault = values->fault.value_or(0);
        to.timed_out = values->timed_out() || values->kill_switch();
        to.at = at;
        return;
    }
}

void DirectDriveMotors::take_arms(std::size_t link, const vesc::AdcVoltages& volts) {
    const auto tension = [&](const std::optional<DirectDriveArm>& arm, std::optional<double>& to) {
        if (arm && arm->link == static_cast<int>(link)) {
            to = ((arm->input == 1 ? volts.input_1_v : volts.input_2_v) - arm->zero_v) * arm->newtons_per_volt;
        }
    };
    tension(config_.supply_arm, supply_tension_n_);
    tension(config_.take_up_arm, take_up_tension_n_);
}

bool DirectDriveMotors::all_answer() const noexcept {
    const DeckTime limit = timeline_.now() - deck_seconds(config_.answer_timeout_s);
    return std::all_of(links_.begin(), links_.end(), [](const Link& link) { return link.port->is_up(); }) &&
           std::all_of(motors_.begin(), motors_.end(), [&](const Motor& motor) {
               return motor.config == nullptr || motor.feedback.at.value_or(began_) >= limit;
           });
}

std::string DirectDriveMotors::problem() const {
    const DeckTime now = timeline_.now();
    const DeckDuration patience = deck_seconds(config_.answer_timeout_s);
    for (const Link& link : links_) {
        if (!link.port->is_up()) {
            return link.port->problem();
        }
        const bool late = link.has_arms && now - link.arms_at.value_or(began_) > patience;
        if (late && now - std::max(link.heard, began_) > deck_seconds(kSilentTicks * config_.tick_s)) {
            return link.port->name() + ": no motor controller has answered for " +
                   words("%.0f", config_.answer_timeout_s * 1000.0) +
                   " ms: the machine's mains are off or failed, or the cable is out; look at both";
        }
        if (late) {
            return link.port->name() + ": no answer to GET_DECODED_ADC for " +
                   words("%.0f", config_.answer_timeout_s * 1000.0) +
                   " ms: the tension arms are not known; set the controller's app to \"ADC and UART\", no control";
        }
    }
    for (const Motor& motor : motors_) {
        if (motor.config == nullptr) {
            continue;
        }
        const std::string who = std::string("the ") + motor.name + " motor's controller (id " +
                                std::to_string(motor.config->controller_id) + ")";
        if (now - motor.feedback.at.value_or(began_) > patience) {
            return links_[static_cast<std::size_t>(motor.config->link)].port->name() + ": " + who +
                   " has not answered for " + words("%.0f", config_.answer_timeout_s * 1000.0) +
                   " ms: look at its supply and cable";
        }
        if (motor.feedback.fault != 0) {
            return who + " reports a fault: " + vesc::fault_words(motor.feedback.fault) + "; remove its cause";
        }
    }
    return {};
}

} // namespace overbias::transport
