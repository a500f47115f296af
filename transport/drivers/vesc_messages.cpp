// SPDX-License-Identifier: Apache-2.0
#include "transport/drivers/vesc_messages.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace overbias::transport::vesc {

namespace {

/// Width of each field of the mask, bit by bit.
constexpr std::array<std::uint8_t, 22> kWidths{2, 2, 4, 4, 4, 4, 2, 4, 2, 4, 4, 4, 4, 4, 4, 1, 4, 1, 6, 4, 4, 1};

void put_32(Bytes& out, std::uint32_t value) {
    for (int shift = 24; shift >= 0; shift -= 8) {
        out.push_back(static_cast<std::uint8_t>(value >> shift & 0xFFU));
    }
}

Bytes with_number(Command command, double value) {
    constexpr double kLeast = std::numeric_limits<std::int32_t>::min(),
                     kMost = std::numeric_limits<std::int32_t>::max();
    const double whole = std::isfinite(value) ? std::clamp(std::round(value), kLeast, kMost) : 0.0;
    Bytes out{static_cast<std::uint8_t>(command)};
    put_32(out, static_cast<std::uint32_t>(static_cast<std::int32_t>(whole)));
    return out;
}

std::int32_t number_at(std::span<const std::uint8_t> bytes, std::size_t width) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < width; ++i) {
        value = value << 8 | bytes[i];
    }
    if (width == 2) {
        return static_cast<std::int16_t>(static_cast<std::uint16_t>(value));
    }
    return static_cast<std::int32_t>(value);
}

void take_field(Values& values, std::uint32_t bit, std::span<const std::uint8_t> bytes) {
    const std::int32_t number = number_at(bytes, std::min<std::size_t>(bytes.size(), 4));
    switch (bit) {
    case kMosfetTemperature:
        values.mosfet_temperature_c = number / 10.0;
        break;
    case kMotorTemperature:
        values.motor_temperature_c = number / 10.0;
        break;
    case kMotorCurrent:
        values.motor_current_a = number / 100.0;
        break;
    case kInputCurrent:
        values.input_current_a = number / 100.0;
        break;
    case kDuty:
        values.duty = number / 1000.0;
        break;
    case kErpm:
        values.erpm = number;
        break;
    case kInputVoltage:
        values.input_voltage_v = number / 10.0;
        break;
    case kTachometer:
        values.tachometer = number;
        break;
    case kFault:
        values.fault = bytes[0];
        break;
    case kControllerId:
        values.controller_id = bytes[0];
        break;
    case kStatus:
        values.status = bytes[0];
        break;
    default:
        break;
    }
}

} // namespace

Bytes get_values() {
    return {static_cast<std::uint8_t>(Command::GetValues)};
}

Bytes get_values_selective(std::uint32_t mask) {
    Bytes out{static_cast<std::uint8_t>(Command::GetValuesSelective)};
    put_32(out, mask);
    return out;
}

Bytes get_decoded_adc() {
    return {static_cast<std::uint8_t>(Command::GetDecodedAdc)};
}

Bytes alive() {
    return {static_cast<std::uint8_t>(Command::Alive)};
}

Bytes set_current(double amperes) {
    return with_number(Command::SetCurrent, amperes * 1000.0);
}

Bytes set_current_brake(double amperes) {
    return with_number(Command::SetCurrentBrake, amperes * 1000.0);
}

Bytes set_rpm(double electrical_rpm) {
    return with_number(Command::SetRpm, electrical_rpm);
}

Bytes forward_can(std::uint8_t controller_id, const Bytes& payload) {
    Bytes out(payload.size() + 2);
    out[0] = static_cast<std::uint8_t>(Command::ForwardCan);
    out[1] = controller_id;
    std::copy(payload.begin(), payload.end(), out.begin() + 2);
    return out;
}

std::size_t field_bytes(std::uint32_t mask) noexcept {
    std::size_t bytes = 0;
    for (std::size_t bit = 0; bit < kWidths.size(); ++bit) {
        bytes += (mask >> bit & 1U) != 0 ? kWidths[bit] : 0;
    }
    return bytes;
}

std::optional<Values> read_values(std::span<const std::uint8_t> payload) {
    if (payload.empty()) {
        return std::nullopt;
    }
    std::uint32_t mask = kAllFields;
    std::span<const std::uint8_t> rest = payload.subspan(1);
    const bool selective = payload[0] == static_cast<std::uint8_t>(Command::GetValuesSelective);
    if (selective) {
        if (rest.size() < 4) {
            return std::nullopt;
        }
        mask = static_cast<std::uint32_t>(number_at(rest, 4));
        rest = rest.subspan(4);
    } else if (payload[0] != static_cast<std::uint8_t>(Command::GetValues)) {
        return std::nullopt;
    }
    Values values;
    for (std::size_t bit = 0; bit < kWidths.size() && !rest.empty(); ++bit) {
        if ((mask >> bit & 1U) == 0) {
            continue;
        }
        if (rest.size() < kWidths[bit]) {
            return std::nullopt; // older firmware ends earlier, but between two fields
        }
        take_field(values, 1U << bit, rest.first(kWidths[bit]));
        rest = rest.subspan(kWidths[bit]);
    }
    return values;
}

std::optional<AdcVoltages> read_adc(std::span<const std::uint8_t> payload) {
    // level 1, voltage 1, level 2, voltage 2, each a 32-bit number of millionths
    if (payload.size() < 17 || payload[0] != static_cast<std::uint8_t>(Command::GetDecodedAdc)) {
        return std::nullopt;
    }
    return AdcVoltages{.input_1_v = number_at(payload.subspan(5, 4), 4) / 1e6,
                       .input_2_v = number_at(payload.subspan(13, 4), 4) / 1e6};
}

std::string fault_words(std::uint8_t code) {
    constexpr std::array<const char*, 7> kWords{"none",         "over voltage", "under voltage", "gate driver",
                                                "over current", "MOSFET hot",   "motor hot"};
    return code < kWords.size() ? kWords[code] : "fault code " + std::to_string(code);
}

} // namespace overbias::transport::vesc
