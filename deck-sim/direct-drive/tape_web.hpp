// SPDX-License-Identifier: Apache-2.0
// TapeWeb: two reels, two spring-loaded tension arms, guides, capstan and pinch roller, and the tape from one reel to
// the other as what it is: a long elastic thing that pulls and never pushes. Between reel and guides the tape is a
// spring with a little damping; where it has no tension it hangs in a loop.
//
// What happens is left to Newton: each reel turns by its motor's torque, its brake, its bearing and the tape's pull;
// each arm's tip by its spring, its damper and twice the tape's pull; the tape in the guides by the pull of both sides,
// friction, and the capstan's grip. SI units; positive in the direction of play. Thread: the timeline's.
#pragma once

#include "deck-sim/direct-drive/drive_settings.hpp"
#include "deck-sim/mechanics/reel.hpp"
#include "deck-sim/settings.hpp"

namespace overbias::deck_sim {

class TapeWeb {
  public:
    /// Threaded by hand: at rest, brakes on, `start_tension_n` on both sides.
    TapeWeb(const Settings& settings, const DriveSettings& drive, double start_tension_n);

    struct Drive {
        double supply_n_m = 0, take_up_n_m = 0; ///< torques of the motors
        double brakes = 0;                      ///< 0: off, 1: held by their springs
        double supply_brake = 0, take_up_brake = 0;
        bool pinch = false;
        double capstan_n_m = 0;              ///< torque of its motor ...
        const double* capstan_m_s = nullptr; ///< ... or the speed a servo of its own gives it
    };
    /// One short step (0.1 ms or less).
    void step(const Drive& drive, double dt_s) noexcept;

    void break_tape() noexcept { broken_ = true; }
    void thread_at(double place_m, double tension_n) noexcept;
    void add_travel(double metres) noexcept; ///< flutter the drive itself does not make

    [[nodiscard]] double place_m() const noexcept { return place_m_; }
    [[nodiscard]] double speed_m_s() const noexcept { return speed_m_s_; }
    [[nodiscard]] double supply_tension_n() const noexcept { return supply_.tension_n; }
    [[nodiscard]] double take_up_tension_n() const noexcept { return take_up_.tension_n; }
    [[nodiscard]] double supply_turn_rad_s() const noexcept { return supply_.turn_rad_s; }
    [[nodiscard]] double take_up_turn_rad_s() const noexcept { return take_up_.turn_rad_s; }
    [[nodiscard]] double supply_radius_m() const noexcept { return supply_.radius_m; }
    [[nodiscard]] double take_up_radius_m() const noexcept { return take_up_.radius_m; }
    [[nodiscard]] double capstan_turn_rad_s() const noexcept { return capstan_rad_s_; }
    /// What the arms' potentiometers give.
    [[nodiscard]] double supply_arm_v() const noexcept { return volts(supply_); }
    [[nodiscard]] double take_up_arm_v() const noexcept { return volts(take_up_); }
    /// Either arm lies on its stop: no tape, or a loop.
    [[nodiscard]] bool arm_fallen() const noexcept { return supply_.arm_m < 0.001 || take_up_.arm_m < 0.001; }
    [[nodiscard]] bool broken() const noexcept { return broken_; }
    [[nodiscard]] bool run_off() const noexcept { return run_off_; }
    [[nodiscard]] bool threaded() const noexcept { return !broken_ && !run_off_; }
    [[nodiscard]] bool still() const noexcept;

    static constexpr double kBreakingPull_n = 11.6 * 4.448; ///< 11.6 lb: quarter-inch tape

  private:
    struct Side {
        DriveSettings::Arm arm{};
        double bearing_n_m = 0;
        double length_m = 0, radius_m = 0, inertia_kg_m2 = 0;
        double turn_rad_s = 0;
        double stretch_m = 0;          ///< of the span beyond its natural length; negative: a loop
        double arm_m = 0, arm_m_s = 0; ///< travel of the tip against its spring
        double tension_n = 0;
    };
    [[nodiscard]] static double volts(const Side& side) noexcept;
    void measure_packs() noexcept;
    void pull(Side& side, double stretch_rate_m_s) const noexcept;
    static void move_arm(Side& side, double dt_s) noexcept;
    void turn_reel(Side& side, double torque_n_m, double brake_n_m_paying, double brake_n_m_taking, double pays_sign,
                   double dt_s) const noexcept;
    void settle_arm(Side& side, double tension_n) const noexcept;

    Reel reel_;
    DriveSettings settings_;
    double tape_length_m_;
    Side supply_, take_up_;
    double place_m_, speed_m_s_ = 0;
    double capstan_rad_s_ = 0;
    bool broken_ = false, run_off_ = false;
};

} // namespace overbias::deck_sim
