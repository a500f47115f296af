// SPDX-License-Identifier: Apache-2.0
// VescFace: the serial socket of a VESC motor controller, the device's side, and those behind it on its CAN bus. Bytes
// in, answers out. Written from vedderb/bldc (comm/packet.c, comm/commands.c, util/crc.c): 0x02, length, payload,
// CRC16 (0x1021, from 0) of the payload, 0x03.
//
// Fed with SET_CURRENT, SET_CURRENT_BRAKE, SET_RPM and ALIVE; a question does not feed. Thread: the timeline's.
#pragma once

#include "base/async/timeline.hpp"
#include "deck-sim/direct-drive/motor_controller.hpp"

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace overbias::deck_sim {

class VescFace {
  public:
    struct Controller {
        std::uint8_t id = 0;
        MotorController* motor = nullptr;
        /// Its two ADC inputs; an input that nothing is wired to shows 0 V.
        std::function<double()> input_1_v{}, input_2_v{};
        bool pulled_off_the_bus = false;
    };
    using Send = std::function<void(std::span<const std::uint8_t>)>;

    /// The first is at the socket, the rest are on its CAN bus.
    VescFace(Timeline& timeline, std::vector<Controller> controllers, Send send);

    void receive(std::span<const std::uint8_t> bytes);
    [[nodiscard]] Controller& controller(std::size_t index) { return controllers_.at(index); }
    /// Answers come with a wrong checksum.
    void spoil_answers(bool spoil) noexcept { spoil_ = spoil; }
    /// An older firmware's answers to GET_VALUES end after the fault code.
    void old_firmware(bool old) noexcept { old_ = old; }
    [[nodiscard]] int frames() const noexcept { return frames_; }

  private:
    void obey(Controller& controller, std::span<const std::uint8_t> payload);
    void answer_values(const Controller& controller, std::uint32_t mask, bool selective);
    void answer_adc(const Controller& controller);
    void answer(const std::vector<std::uint8_t>& payload);

    Timeline& timeline_;
    std::vector<Controller> controllers_;
    Send send_;
    std::vector<std::uint8_t> held_;
    bool spoil_ = false, old_ = false;
    int frames_ = 0;
};

} // namespace overbias::deck_sim
