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

#include <optional>

namespace overbias::deck_sim {

/// What the deck's logic switches.
struct DriveSwitches {
    enum class Motors {
        Off,
        Tension,
        WindForward, ///< one motor pulls with all it has
        WindReverse,
        Servo,  ///< both together bring the tape to servo_speed_m_s and keep it there
        Thread, ///< weak: takes up the slack of an end that is threaded
    } motors = Motors::Off;
    double servo_speed_m_s = 0.0; ///< signed; 0 holds the tape still under tension
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
    /// The capstan's speed switch; a capstan that turns runs up or down to it.
    void select_speed(double speed_ips) noexcept;
    /// The capstan's trimmer, as a share of its speed.
    void trim_speed(double share) noexcept;
    /// A fault of the capstan: it turns faster by this share, whatever is set.
    void change_speed(double share) noexcept;
    /// Somebody turns the reels by hand so that the tape moves at this speed (signed), as far as brakes and motors let
    /// him; nothing: hands off.
    void hands(std::optional<double> speed_m_s) noexcept { hands_m_s_ = speed_m_s; }
    /// The motor of this reel gives no torque any more.
    enum class Which { Supply, TakeUp };
    void stick_motor(Which reel) noexcept { (reel == Which::Supply ? supply_ : take_up_).motor_stuck = true; }
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
    /// Radians turned since power-on, positive in the direction of play.
    [[nodiscard]] double supply_turned_rad() const noexcept { return supply_.turned_rad; }
    [[nodiscard]] double take_up_turned_rad() const noexcept { return take_up_.turned_rad; }
    [[nodiscard]] bool taut() const noexcept { return !broken_ && !run_off_; }
    /// Threaded, but a reel lets go more tape than the other takes: a tension arm falls.
    [[nodiscard]] bool slack() const noexcept {
        return taut() && (supply_.tension_n < 0.0 || take_up_.tension_n < 0.0);
    }
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
        double turned_rad = 0;
        bool motor_stuck = false;
        [[nodiscard]] double mass_kg() const noexcept { return inertia_kg_m2 / (radius_m * radius_m); }
    };

    [[nodiscard]] bool brakes_act() const noexcept { return brake_s_ >= kBrakeTravel_s; }
    void move_solenoids(const DriveSwitches& switches, double dt_s) noexcept;
    void measure_packs() noexcept;
    void drive_motors(const DriveSwitches& switches) noexcept;
    void drive_servo(double wanted_m_s) noexcept;
    [[nodiscard]] double pull_n_m(double turn_rad_s) const noexcept;
    [[nodiscard]] double hands_n(double motors_n, double direction, double resisting_n) const noexcept;
    void set_braking(double direction) noexcept;
    void step_taut(double dt_s) noexcept;
    static void step_free(Side& side, double dt_s) noexcept;

    Reel reel_;
    double tape_length_m_;
    double speed_error_;
    double speed_trim_ = 0, speed_fault_ = 0, selected_ips_ = 0;
    double capstan_runs_up_s_; ///< the capstan stands in stop and starts when the pinch roller has closed
    double capstan_speed_m_s_ = 0, capstan_rise_m_s2_ = 0;
    double fastest_servo_m_s_, servo_rise_m_s2_;
    double wind_turn_rad_s_;

    Side supply_, take_up_;
    double place_m_;
    double speed_m_s_ = 0;
    double capstan_turns_m_s_ = 0;                                 ///< speed of its surface now
    double acceleration_m_s2_ = 0;                                 ///< in the last step
    double pinch_s_ = 0, lifter_s_ = 0, brake_s_ = kBrakeTravel_s; ///< how far each has moved, as time
    std::optional<double> hands_m_s_;
    bool broken_ = false, run_off_ = false;
};

} // namespace overbias::deck_sim
