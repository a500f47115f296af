// SPDX-License-Identifier: Apache-2.0
// MotorController: a brushless motor and the controller that gives it current: what was told last holds until the next
// telling, or until the controller's own timeout, when it goes over to its brake current (0 A: it lets the motor go).
// Its bytes are VescFace's affair. SI units. Thread: the timeline's.
#pragma once

#include "deck-sim/direct-drive/drive_settings.hpp"

#include <cstdint>

namespace overbias::deck_sim {

class MotorController {
  public:
    enum class Mode { Released, Current, Brake, Speed };

    MotorController(const DriveSettings::Motor& motor, const DriveSettings& settings, double inertia_kg_m2);

    /// Told by its serial line; feeds the timeout. `value`: amperes, or electrical turns a minute.
    void command(Mode mode, double value, double now_s) noexcept;
    void feed(double now_s) noexcept { fed_s_ = now_s; }
    /// Torque of the motor over the coming step. Friction of its bearing is the reel's affair.
    [[nodiscard]] double step(double now_s, double dt_s, double turn_rad_s) noexcept;
    /// The step is over: the shaft has turned on.
    void turned(double radians) noexcept { angle_rad_ += radians; }

    void set_power(bool on) noexcept;
    /// A fault: from now on no current, and this code in every answer. 0: none.
    void set_fault(std::uint8_t code) noexcept { fault_ = code; }
    /// A wire to the motor has come off: from now on no current, whatever is asked for, and no fault is shown.
    void lose_torque() noexcept { open_ = true; }
    /// The shaft sensor shows nothing any more (answers say that it stands).
    void set_stuck(bool stuck) noexcept { stuck_ = stuck; }

    [[nodiscard]] bool powered() const noexcept { return powered_; }
    [[nodiscard]] Mode mode() const noexcept { return mode_; }
    [[nodiscard]] double current_a() const noexcept { return current_a_; }
    [[nodiscard]] bool timed_out() const noexcept { return timed_out_; }
    [[nodiscard]] std::uint8_t fault() const noexcept { return fault_; }
    [[nodiscard]] double erpm() const noexcept;
    /// Six steps an electrical turn.
    [[nodiscard]] std::int32_t tachometer() const noexcept;
    [[nodiscard]] double supply_voltage_v() const noexcept { return voltage_v_; }

  private:
    [[nodiscard]] double speed_current(double dt_s, double turn_rad_s) noexcept;
    [[nodiscard]] double limited(double current_a, double turn_rad_s) const noexcept;

    DriveSettings::Motor motor_;
    double voltage_v_;
    double inertia_kg_m2_, speed_loop_rad_s_, ramp_erpm_s_, least_erpm_;
    Mode mode_ = Mode::Released;
    double value_ = 0.0;
    double ramped_erpm_ = 0.0, integral_a_ = 0.0;
    double fed_s_ = -1e9, checked_s_ = 0.0;
    double current_a_ = 0.0;
    double angle_rad_ = 0.0, shown_rad_s_ = 0.0;
    bool timed_out_ = true, powered_ = true, stuck_ = false, open_ = false;
    std::uint8_t fault_ = 0;
};

} // namespace overbias::deck_sim
