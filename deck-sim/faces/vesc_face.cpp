// SPDX-License-Identifier: Apache-2.0
#include "deck-sim/faces/vesc_face.hpp"

#include <cmath>
#include <cstddef>
#include <utility>

namespace overbias::deck_sim {

namespace {

std::uint16_t checksum(const std::uint8_t* bytes, std::size_t count) {
    std::uint16_t sum = 0;
    for (std::size_t i = 0; i < count; ++i) {
        // the byte-wise form of the same polynomial
        auto x = static_cast<std::uint8_t>((sum >> 8) ^ bytes[i]);
        x = static_cast<std::uint8_t>(x ^ (x >> 4));
        sum = static_cast<std::uint16_t>((sum << 8) ^ (x << 12) ^ (x << 5) ^ x);
    }
    return sum;
}

void add(std::vector<std::uint8_t>& to, double value, int bytes) {
    const auto whole = static_cast<std::int64_t>(std::llround(value));
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
        to.push_back(static_cast<std::uint8_t>((whole >> shift) & 0xFF));
    }
}

std::int32_t whole_number(std::span<const std::uint8_t> bytes) {
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        bits = (bits << 8) + bytes[i];
    }
    return static_cast<std::int32_t>(bits);
}

} // namespace

VescFace::VescFace(Timeline& timeline, std::vector<Controller> controllers, Send send)
    : timeline_(timeline), controllers_(std::move(controllers)), send_(std::move(send)) {
}

void VescFace::receive(std::span<const std::uint8_t> bytes) {
    for (const std::uint8_t byte : bytes) {
        held_.push_back(byte);
        if (held_[0] != 0x02) {
            held_.clear(); // long frames are not for motors
            continue;
        }
        if (held_.size() < 2 || held_.size() < static_cast<std::size_t>(held_[1]) + 5) {
            continue;
        }
        const std::size_t length = held_[1];
        const std::vector<std::uint8_t> frame = std::exchange(held_, {});
        const std::uint16_t sum = checksum(frame.data() + 2, length);
        if (length == 0 || frame[length + 2] != sum >> 8 || frame[length + 3] != (sum & 0xFF) ||
            frame[length + 4] != 0x03 || !controllers_[0].motor->powered()) {
            continue;
        }
        ++frames_;
        obey(controllers_[0], std::span(frame).subspan(2, length));
    }
}

void VescFace::obey(Controller& controller, std::span<const std::uint8_t> payload) {
    using Mode = MotorController::Mode;
    const double now_s = seconds(timeline_.now());
    const bool has_number = payload.size() >= 5;
    MotorController& motor = *controller.motor;
    switch (payload[0]) {
    case 4:
        answer_values(controller, 0xFFFFFFFF, false);
        break;
    case 6:
        if (has_number) {
            motor.command(Mode::Current, whole_number(payload.subspan(1)) / 1000.0, now_s);
        }
        break;
    case 7:
        if (has_number) {
            motor.command(Mode::Brake, whole_number(payload.subspan(1)) / 1000.0, now_s);
        }
        break;
    case 8:
        if (has_number) {
            motor.command(Mode::Speed, whole_number(payload.subspan(1)), now_s);
        }
        break;
    case 30:
        motor.feed(now_s);
        break;
    case 32:
        answer_adc(controller);
        break;
    case 34:
        for (std::size_t i = 1; i < controllers_.size() && payload.size() > 2; ++i) {
            if (controllers_[i].id == payload[1] && !controllers_[i].pulled_off_the_bus) {
                obey(controllers_[i], payload.subspan(2));
            }
        }
        break;
    case 50:
        if (has_number) {
            answer_values(controller, static_cast<std::uint32_t>(whole_number(payload.subspan(1))), true);
        }
        break;
    default:
        break;
    }
}

void VescFace::answer_values(const Controller& controller, std::uint32_t mask, bool selective) {
    const MotorController& motor = *controller.motor;
    struct Field {
        double value;
        int bytes;
    };
    const Field fields[] = {{31.0 * 10, 2},                               // MOSFETs
                            {38.0 * 10, 2},                               // motor
                            {motor.current_a() * 100, 4},                 // motor current
                            {0.0, 4},                                     // input current
                            {0.0, 4},                                     // id
                            {motor.current_a() * 100, 4},                 // iq
                            {0.0, 2},                                     // duty
                            {motor.erpm(), 4},                            //
                            {motor.supply_voltage_v() * 10, 2},           //
                            {0.0, 4},                                     // Ah
                            {0.0, 4},                                     //
                            {0.0, 4},                                     // Wh
                            {0.0, 4},                                     //
                            {static_cast<double>(motor.tachometer()), 4}, //
                            {0.0, 4},                                     // absolute
                            {static_cast<double>(motor.fault()), 1},      //
                            {0.0, 4},                                     // position
                            {static_cast<double>(controller.id), 1},      //
                            {0.0, 6},                                     // three temperatures
                            {0.0, 4},                                     // vd
                            {0.0, 4},                                     // vq
                            {motor.timed_out() ? 1.0 : 0.0, 1}};
    std::vector<std::uint8_t> payload{static_cast<std::uint8_t>(selective ? 50 : 4)};
    if (selective) {
        add(payload, static_cast<double>(static_cast<std::int32_t>(mask)), 4);
    }
    int bit = 0;
    for (const Field& field : fields) {
        if (old_ && bit > 15) {
            break;
        }
        if (((mask >> bit++) & 1U) != 0) {
            add(payload, field.value, field.bytes);
        }
    }
    answer(payload);
}

void VescFace::answer_adc(const Controller& controller) {
    std::vector<std::uint8_t> payload{32};
    for (const auto* input : {&controller.input_1_v, &controller.input_2_v}) {
        const double volts = *input ? (*input)() : 0.0;
        add(payload, volts / 3.3 * 1e6, 4);
        add(payload, volts * 1e6, 4);
    }
    answer(payload);
}

void VescFace::answer(const std::vector<std::uint8_t>& payload) {
    std::vector<std::uint8_t> frame{0x02, static_cast<std::uint8_t>(payload.size())};
    frame.insert(frame.end(), payload.begin(), payload.end());
    const std::uint16_t sum = checksum(payload.data(), payload.size());
    frame.push_back(static_cast<std::uint8_t>(sum >> 8));
    frame.push_back(static_cast<std::uint8_t>((sum & 0xFF) ^ (spoil_ ? 0x10 : 0x00)));
    frame.push_back(0x03);
    send_(frame);
}

} // namespace overbias::deck_sim
