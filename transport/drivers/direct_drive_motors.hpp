// SPDX-License-Identifier: Apache-2.0
// DirectDriveMotors: the motor controllers as the direct drive sees them: torques and speeds to set, turns and tensions
// that came back. Once a tick everything goes out: first what each controller shall do (that feeds its timeout), then
// the questions. Thread: the timeline's.
#pragma once

#include "base/async/timeline.hpp"
#include "transport/drivers/direct_drive_config.hpp"
#include "transport/drivers/vesc_messages.hpp"
#include "transport/io/serial_link.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace overbias::transport {

enum class DriveMotor { Supply, TakeUp, Capstan };

class DirectDriveMotors {
  public:
    static constexpr std::size_t kMotors = 3;
    struct Feedback {
        double turn_rad_s = 0.0; ///< positive in the direction of play
        double angle_rad = 0.0;  ///< likewise; since the controller was switched on
        double current_a = 0.0;
        std::uint8_t fault = 0;
        bool timed_out = false;
        std::optional<DeckTime> at; ///< of the last answer
    };

    /// The wire must be able to carry a tick in a tick; throws std::invalid_argument when it can't.
    DirectDriveMotors(Timeline& timeline, std::vector<SerialLink*> links, const DirectDriveConfig& config);
    ~DirectDriveMotors();
    DirectDriveMotors(const DirectDriveMotors&) = delete;
    DirectDriveMotors& operator=(const DirectDriveMotors&) = delete;

    // What each controller shall do from the next send() on.
    void torque(DriveMotor motor, double newton_metres);
    void brake(DriveMotor motor, double amperes);
    void speed(DriveMotor motor, double turn_rad_s);
    /// Sends all of it, and asks; call it once a tick.
    void send();

    [[nodiscard]] const Feedback& feedback(DriveMotor motor) const noexcept { return motors_[index(motor)].feedback; }
    [[nodiscard]] std::optional<double> supply_tension_n() const noexcept { return supply_tension_n_; }
    [[nodiscard]] std::optional<double> take_up_tension_n() const noexcept { return take_up_tension_n_; }
    /// Torque the last setting asked for.
    [[nodiscard]] double asked_torque_n_m(DriveMotor motor) const noexcept { return motors_[index(motor)].torque_n_m; }
    /// Empty, or which link or controller does not answer, or says that something is wrong.
    [[nodiscard]] std::string problem() const;
    /// Every link is up and every controller heard of lately, whatever it says.
    [[nodiscard]] bool all_answer() const noexcept;
    [[nodiscard]] const std::string& budget() const noexcept { return budget_; }
    void trace(SerialTrace listener) { trace_ = std::move(listener); }

  private:
    struct Motor {
        const DirectDriveMotor* config = nullptr; ///< null: this machine has none
        const char* name = "";
        vesc::Bytes set;
        double torque_n_m = 0.0;
        Feedback feedback;
    };
    struct Link {
        SerialLink* port = nullptr;
        int baud = 115200;
        vesc::Decoder decoder;
        DeckTime heard{};
        bool has_arms = false;
        std::optional<DeckTime> arms_at;
    };
    static constexpr std::size_t index(DriveMotor motor) noexcept { return static_cast<std::size_t>(motor); }
    void set(Motor& motor, vesc::Bytes payload);
    [[nodiscard]] static vesc::Bytes addressed(const DirectDriveMotor& motor, vesc::Bytes payload);
    void heard(Link& link, std::span<const std::uint8_t> bytes, DeckTime at);
    void take(std::size_t link, std::span<const std::uint8_t> payload, DeckTime at);
    void take_arms(std::size_t link, const vesc::AdcVoltages& volts);
    void work_out_budget();

    Timeline& timeline_;
    const DirectDriveConfig config_;
    std::vector<Link> links_;
    std::array<Motor, kMotors> motors_;
    std::optional<double> supply_tension_n_, take_up_tension_n_;
    DeckTime began_;
    std::string budget_;
    SerialTrace trace_;
};

} // namespace overbias::transport
