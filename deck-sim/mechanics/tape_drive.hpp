// SPDX-License-Identifier: Apache-2.0
// TapeDrive: reels, motors, brakes, capstan and pinch roller, and the tape between them. It obeys solenoids and motor
// supplies; what the deck makes of the keys is DeckLogic's.
//
// While the tape is whole and threaded it is a stiff link: one degree of freedom, the tape's speed v, with the mass
// that both reels show at their pack's radius, J/r^2 each. When it has run off or is broken each reel turns for itself.
//
// SI units; v and torques are positive in the direction of play. Thread: the timeline's.
#pragma once

#include "deck-sim/mechanics/reel.hpp"
#include "deck-sim/settings.hpp"

namespace overbias::deck_sim {

/// What the deck's logic switches.
struct DriveSwitches {
    enum class Motors { Off, Tension, WindForward, WindReverse } motors = Motors::Off;
    bool brakes_held_off = false; ///< the brakes are applied by springs: without current they act
    bool pinch = false;
    bool lifters = false;
};

class TapeDrive {
  public:
    /// Throws std::invalid_argument when the settings describe no working deck.
    explicit TapeDrive(const Settings& settings);

    void step(const DriveSwitches& switches, double dt_s);
    /// The tape parts between the heads.
    void break_tape() noexcept;
    /// An operator threads the tape with `place_m` at the record head; nothing may be moving, and the place lies on
    /// the tape.
    void thread_at(double place_m) noexcept;
    /// Keeps the place in step with the travel the heads really saw, wow and flutter included.
    void add_travel(double metres) noexcept;

    /// Metres of tape from its beginning to the record head; all of that is on the take-up reel (the path itself is
    /// left out).
    [[nodiscard]] double place_m() const noexcept { return place_m_; }
    [[nodiscard]] double speed_m_s() const noexcept { return speed_m_s_; }
    [[nodiscard]] double supply_radius_m() const noexcept { return supply_.radius_m; }
    [[nodiscard]] double take_up_radius_m() const noexcept { return take_up_.radius_m; }
    [[nodiscard]] double supply_turn_rad_s() const noexcept { return supply_.turn_rad_s; }
    [[nodiscard]] double take_up_turn_rad_s() const noexcept { return take_up_.turn_rad_s; }
    /// Pull of the tape beside each reel, newtons; 0 when the tape is not taut. Below zero it would throw a loop.
    [[nodiscard]] double supply_tension_n() const noexcept { return supply_.tension_n; }
    [[nodiscard]] double take_up_tension_n() const noexcept { return take_up_.tension_n; }
    [[nodiscard]] bool taut() const noexcept { return !broken_ && !run_off_; }
    [[nodiscard]] bool broken() const noexcept { return broken_; }
    [[nodiscard]] bool run_off() const noexcept { return run_off_; }
    [[nodiscard]] bool pinch_closed() const noexcept { return pinch_s_ >= kPinchTravel_s; }
    /// The capstan pulls and the tape does not slip on it by more than 1 %.
    [[nodiscard]] bool at_play_speed() const noexcept;
    [[nodiscard]] bool lifted() const noexcept { return lifter_s_ >= kLifterTravel_s; }
    /// Nothing moves: tape and reels.
    [[nodiscard]] bool still() const noexcept;

    static constexpr double kPinchTravel_s = 0.090; ///< from current to contact
    static constexpr double kPinchOpens_s = 0.025;
    static constexpr double kLifterTravel_s = 0.060;
    static constexpr double kBrakeTravel_s = 0.040; ///< either way

  private:
    /// One reel as it is now.
    struct Side {
        double length_m = 0;
        double radius_m = 0;
        double inertia_kg_m2 = 0;
        double turn_rad_s = 0;
        double torque_n_m = 0;  ///< of the motor
        double braking_n_m = 0; ///< brake and bearing, against the motion
        double tension_n = 0;
        [[nodiscard]] double mass_kg() const noexcept { return inertia_kg_m2 / (radius_m * radius_m); }
    };

    void move_solenoids(const DriveSwitches& switches, double dt_s) noexcept;
    void measure_packs() noexcept;
    void drive_motors(DriveSwitches::Motors motors) noexcept;
    void set_braking(double direction) noexcept;
    void step_taut(double dt_s) noexcept;
    static void step_free(Side& side, double dt_s) noexcept;

    Reel reel_;
    double tape_length_m_;
    double capstan_speed_m_s_;
    double capstan_rise_m_s2_; ///< the capstan stands in stop and starts when the pinch roller has closed
    double wind_turn_rad_s_;

    Side supply_, take_up_;
    double place_m_;
    double speed_m_s_ = 0;
    double capstan_turns_m_s_ = 0;                                 ///< speed of its surface now
    double acceleration_m_s2_ = 0;                                 ///< in the last step
    double pinch_s_ = 0, lifter_s_ = 0, brake_s_ = kBrakeTravel_s; ///< how far each has moved, as time
    bool broken_ = false, run_off_ = false;
};

} // namespace overbias::deck_sim
