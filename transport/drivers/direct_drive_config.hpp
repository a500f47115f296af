// SPDX-License-Identifier: Apache-2.0
// What a machine with three motors on VESC controllers and solenoids on lines is: the profile's figures, in SI units.
// Every figure is one of the builder's own machine; docs/direct-drive.md says how each is found. check() is called by
// the driver's constructor.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace overbias::transport {

/// A motor and its controller. The controller sits at a serial link itself, or behind it on the CAN bus.
struct DirectDriveMotor {
    int link = 0;          ///< index into the links the driver is given
    bool over_can = false; ///< reached by FORWARD_CAN through the controller at the link
    int controller_id = 0; ///< as set in the controller, 0 ... 254; answers are told apart by it
    int pole_pairs = 7;    ///< electrical turns a turn
    double torque_n_m_per_a = 0.0;
    double most_current_a = 0.0; ///< never asked for more than this
    bool reversed = false;       ///< a positive current turns it against the direction of play
};

/// A tension arm whose potentiometer is read by a controller. Only a controller at a link itself can be asked, since
/// the answer does not say who gives it.
struct DirectDriveArm {
    int link = 0;
    int input = 1;               ///< ADC input 1 or 2
    double zero_v = 0.0;         ///< voltage with no tension, the line T(V) drawn on
    double newtons_per_volt = 0; ///< may be negative
    double fallen_n = 0;         ///< what it shows when it lies on its stop: no tape, or a loop
};

struct DirectDriveConfig {
    DirectDriveMotor supply, take_up;
    /// The capstan's motor, when it is on a controller of its own. Else `capstan_line` runs it.
    std::optional<DirectDriveMotor> capstan;
    double capstan_circumference_m = 0.0; ///< tape a turn of that motor
    std::vector<int> baud{115200};        ///< of each link

    /// Both or none. Without arms the tension is estimated from the currents: no correction of friction and of errors
    /// of torque_n_m_per_a.
    std::optional<DirectDriveArm> supply_arm, take_up_arm;
    /// With arms: the tape counts as out when either has fallen, or only when both have (decks differ).
    enum class TapeOutWhen { EitherArm, BothArms } tape_out_when = TapeOutWhen::EitherArm;

    // --- lines; an empty name: the machine has none
    std::string brake_supply_line = "brake_supply";   ///< energised = released; required
    std::string brake_take_up_line = "brake_take_up"; ///< required
    std::string pinch_line = "pinch";                 ///< required
    std::string lifters_line = "lifters";             ///< energised = tape off the heads; required
    std::string capstan_line;                         ///< runs a capstan that is on no controller of ours
    std::string record_line = "record";               ///< bias and erase on while active
    std::string record_tally = "";                    ///< input: bias and erase current flow
    std::string tape_out_input = "";                  ///< input: no tape in the path

    // --- what the profile demands of the hardware; check() refuses a machine without it
    double controller_timeout_s = 0.0;       ///< set in the reel motors' controllers: 0.1 ... 0.2
    double timeout_brake_current_a = 0.0;    ///< likewise, more than 0: what a dead link leaves on the reels
    bool spring_differential_brakes = false; ///< applied by springs, the reel that pays out held harder
    bool heartbeat_cuts_solenoids = false;   ///< a dropped heartbeat takes the solenoids' supply away, and record's

    // --- tape and reels
    double edges_per_metre = 0.0;       ///< of the tape roller; required
    double hub_radius_m = 0.05715;      ///< 2.25 in
    double largest_radius_m = 0.133;    ///< 10.5 in reel
    double tape_thickness_m = 54.1e-6;  ///< 2.13 mil
    double empty_inertia_kg_m2 = 0.005; ///< motor, flanges, hub
    double tape_kg_per_m = 5.9e-4;      ///< quarter inch, 2.13 mil
    double bearing_friction_n_m = 0.0;  ///< made up for in motion

    // --- tensions and speeds
    double play_tension_n = 0.834; ///< 85 gf
    double wind_tension_n = 0.834; ///< 70 to 100 gf: Studer A80/R
    double edit_tension_n = 0.40;
    double thread_tension_n = 0.25;
    std::vector<double> speeds_ips{15.0, 30.0}; ///< the first is selected at the start
    double wind_speed_m_s = 10.0;
    double library_wind_m_s = 3.0;
    double slowest_shuttle_m_s = 0.05;
    double acceleration_m_s2 = 4.5;    ///< winds: start and reversal
    double deceleration_m_s2 = 5.0;    ///< winds: stop
    double acceleration_time_s = 0.15; ///< until the acceleration is reached: no jerk
    /// The rise of the capstan to play speed: the speed ramp set in its controller, or what a servo of its own does.
    /// The reels are brought along at the same rate.
    double capstan_acceleration_m_s2 = 2.8;
    double capstan_deceleration_m_s2 = 0.8; ///< its fall: there is time, and a stall then does little
    double end_slow_m = 12.0;               ///< this much tape before a reel's end a wind is down to end_speed_m_s
    double end_speed_m_s = 1.0;

    // --- times of the solenoids
    double brake_travel_s = 0.060;  ///< until a brake has let go, or holds
    double brake_stagger_s = 0.030; ///< the feeding reel's brake acts this much before the other's
    double pinch_travel_s = 0.110;
    double lifter_settle_s = 0.200; ///< RTZ DTC: 600 ms for 2 in tape, 200 ms for 1 in

    // --- control
    double tick_s = 0.020;
    double speed_gain_per_s = 6.0;    ///< acceleration for each metre a second of speed error
    double tension_gain = 1.5;        ///< with arms: pull for each newton that the tension is off
    double tension_damping_s = 0.6;   ///< ... and for each newton a second it changes by, for a reel of 1 kg at its rim
    double speed_damping_per_s = 6.0; ///< without arms: acceleration for each metre a second between the two reels
    double tension_trim_s = 2.0;      ///< time constant of the slow correction (friction, torque constant, radius)
    double answer_timeout_s = 0.100;  ///< no answer of a controller for this long: its link is dead
    double stall_s = 0.120; ///< a control tick this late: the controllers' timeout is near, the machine is stopped

    /// Throws std::invalid_argument that names the key, what was expected and what came.
    void check(int links) const;
};

} // namespace overbias::transport
