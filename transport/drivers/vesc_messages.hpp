// SPDX-License-Identifier: Apache-2.0
// Payloads of the VESC's protocol (vedderb/bldc: comm/commands.c, datatypes.h), all big-endian: what the direct drive
// sends, and the answers it reads. Pure. Thread: any.
#pragma once

#include "transport/drivers/vesc_frame.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace overbias::transport::vesc {

enum class Command : std::uint8_t {
    FirmwareVersion = 0,
    GetValues = 4,
    SetDuty = 5,
    SetCurrent = 6,
    SetCurrentBrake = 7,
    SetRpm = 8,
    Alive = 30,
    GetDecodedAdc = 32,
    ForwardCan = 34,
    GetValuesSelective = 50,
};

[[nodiscard]] Bytes get_values();
/// `mask`: bits of Field.
[[nodiscard]] Bytes get_values_selective(std::uint32_t mask);
[[nodiscard]] Bytes get_decoded_adc();
[[nodiscard]] Bytes alive();
/// Rounded to the milliampere; clamped to what the field holds.
[[nodiscard]] Bytes set_current(double amperes);
[[nodiscard]] Bytes set_current_brake(double amperes);
/// Electrical turns a minute.
[[nodiscard]] Bytes set_rpm(double electrical_rpm);
/// `payload` for the controller with this id on the CAN bus of the one that gets it.
[[nodiscard]] Bytes forward_can(std::uint8_t controller_id, const Bytes& payload);

/// Bits of the selective mask; fields come in this order.
enum Field : std::uint32_t {
    kMosfetTemperature = 1U << 0,
    kMotorTemperature = 1U << 1,
    kMotorCurrent = 1U << 2,
    kInputCurrent = 1U << 3,
    kDuty = 1U << 6,
    kErpm = 1U << 7,
    kInputVoltage = 1U << 8,
    kTachometer = 1U << 13,
    kFault = 1U << 15,
    kControllerId = 1U << 17,
    kStatus = 1U << 21,
};
/// Everything an answer to GET_VALUES holds.
inline constexpr std::uint32_t kAllFields = (1U << 22) - 1;
/// How many bytes the fields of `mask` take in an answer.
[[nodiscard]] std::size_t field_bytes(std::uint32_t mask) noexcept;

/// What was in an answer; a field that was not asked for, or that an older firmware does not send, is absent.
struct Values {
    std::optional<double> mosfet_temperature_c, motor_temperature_c;
    std::optional<double> motor_current_a, input_current_a, duty, input_voltage_v;
    std::optional<std::int32_t> erpm;
    std::optional<std::int32_t> tachometer; ///< six steps an electrical turn
    std::optional<std::uint8_t> fault, controller_id, status;
    [[nodiscard]] bool timed_out() const noexcept { return status && (*status & 1U) != 0; }
    [[nodiscard]] bool kill_switch() const noexcept { return status && (*status & 2U) != 0; }
};
struct AdcVoltages {
    double input_1_v = 0, input_2_v = 0;
};

/// Answers to GetValues and GetValuesSelective; absent for any other payload and for one that ends in mid-field.
[[nodiscard]] std::optional<Values> read_values(std::span<const std::uint8_t> payload);
[[nodiscard]] std::optional<AdcVoltages> read_adc(std::span<const std::uint8_t> payload);

/// "over current": what the controller's fault code means, as datatypes.h lists them.
[[nodiscard]] std::string fault_words(std::uint8_t code);

/// What one control tick puts on one link, each way.
struct WireLoad {
    std::size_t sent_bytes = 0, received_bytes = 0;
};
/// One start bit, eight, one stop bit.
[[nodiscard]] constexpr double wire_seconds(std::size_t bytes, int baud) noexcept {
    return static_cast<double>(bytes) * 10.0 / baud;
}
[[nodiscard]] constexpr std::size_t frame_bytes(std::size_t payload) noexcept {
    return payload + kFrameBytes + (payload > 255 ? 1 : 0);
}

} // namespace overbias::transport::vesc
