// SPDX-License-Identifier: Apache-2.0
// The arithmetic of a driven reel: its radius, what it weighs at the rim, and the torque that gives the tape a tension
// while it is brought to a speed. Pure; SI units, positive in the direction of play. Thread: the timeline's.
//
// radius       r = tape travelled / angle turned
// inertia      J = J_empty + m (r0^2 + r^2) / 2, m = tape on it = pi (r^2 - r0^2) / thickness x mass a metre
// torque       r (T + J / r^2 a) + friction: the pull on the tape, and the reel's own share of the acceleration, so
//              that the tape is left with nothing but its tension
#pragma once

#include "transport/drivers/direct_drive_config.hpp"

#include <optional>

namespace overbias::transport {

/// Speed and acceleration as they are to be: towards a target, the acceleration neither above its limit nor stepped.
class SpeedRamp {
  public:
    void step(double target_m_s, double most_m_s2, double rise_s, double dt_s) noexcept;
    void reset(double speed_m_s = 0.0) noexcept {
        speed_m_s_ = speed_m_s;
        acceleration_m_s2_ = 0.0;
    }
    [[nodiscard]] double speed_m_s() const noexcept { return speed_m_s_; }
    [[nodiscard]] double acceleration_m_s2() const noexcept { return acceleration_m_s2_; }

  private:
    double speed_m_s_ = 0.0, acceleration_m_s2_ = 0.0;
};

class DirectDriveReel {
  public:
    enum class Which { Supply, TakeUp };
    DirectDriveReel(Which which, const DirectDriveConfig& config);

    /// What came back since the last tick. `tape_m`: by the tape roller. `tension_n`: by the arm, where there is one.
    void observe(double tape_m, double angle_rad, double turn_rad_s, std::optional<double> tension_n, double dt_s);
    /// The tape is another one, or was taken off.
    void forget() noexcept;
    /// Torque of the motor for tension `tension_n` while the tape is accelerated by `a_m_s2`. `apart_m_s`: how much
    /// faster this reel's rim moves than the other's; counts where there is no arm.
    [[nodiscard]] double torque_n_m(double tension_n, double a_m_s2, double apart_m_s, double dt_s);

    [[nodiscard]] double radius_m() const noexcept { return radius_m_; }
    [[nodiscard]] bool radius_known() const noexcept { return known_; }
    [[nodiscard]] double rim_m_s() const noexcept { return turn_rad_s_ * radius_m_; }
    [[nodiscard]] double rim_mass_kg() const noexcept;
    [[nodiscard]] double tape_left_m() const noexcept;
    [[nodiscard]] double turn_rad_s() const noexcept { return turn_rad_s_; }
    /// By the arm, smoothed; absent without one.
    [[nodiscard]] std::optional<double> tension_n() const noexcept { return tension_n_; }
    void forget_trim() noexcept { trim_n_ = 0.0; }

  private:
    const DirectDriveConfig& config_;
    double towards_; ///< +1: tension pulls the motor's torque into the direction of play (take-up)
    double radius_m_;
    bool known_ = false;
    double turn_rad_s_ = 0.0;
    std::optional<double> anchor_tape_m_;
    double anchor_angle_rad_ = 0.0;
    std::optional<double> tension_n_;
    double tension_rate_n_s_ = 0.0;
    double trim_n_ = 0.0;
    double usual_apart_m_s_ = 0.0; ///< what a wrong radius makes of it
};

} // namespace overbias::transport
