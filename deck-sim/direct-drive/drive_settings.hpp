// SPDX-License-Identifier: Apache-2.0
// Settings of the simulated machine with three motors. Tape and tape roller are those of Settings; here is what turns
// them. A builder's machine: the figures marked "assumed" are of no machine in particular.
#pragma once

namespace overbias::deck_sim {

struct DriveSettings {
    /// A motor on its controller. Assumed: brushless, 100 W class.
    struct Motor {
        double torque_n_m_per_a = 0.100;
        int pole_pairs = 7;
        double most_current_a = 15.0;
        double resistance_ohm = 0.5;
        double current_lag_s = 0.001; ///< of the current loop
        double bearing_n_m = 0.004;
        double viscous_n_m_s = 2e-5;
        double cogging_n_m = 0.003; ///< peak, 42 a turn
        // as set in the controller; the firmware's own defaults are 1 s and 0 A
        double timeout_s = 0.150;
        double timeout_brake_a = 0.5;
    };
    Motor supply{}, take_up{};
    Motor capstan{.torque_n_m_per_a = 0.050, .bearing_n_m = 0.002, .cogging_n_m = 0.0, .timeout_brake_a = 0.0};
    double supply_voltage_v = 36.0;
    double empty_inertia_kg_m2 = 0.0047; ///< motor, two flanges, hub: as the other simulated deck

    bool capstan_on_controller = true; ///< false: a capstan with a servo of its own, run by a line
    double capstan_circumference_m = 0.02513;
    double capstan_inertia_kg_m2 = 2.0e-4; ///< with its flywheel; assumed
    double capstan_rise_s = 0.136;         ///< of the one run by a line, from still to play speed
    double speed_loop_rad_s = 80.0;        ///< of a controller told to hold a speed
    double speed_ramp_erpm_s = 46800.0;    ///< its ramp: 2.8 m/s2 of tape
    double least_erpm = 200.0;             ///< below this asked-for speed it lets the motor go

    /// Tension arms: the tape goes round a roller at the tip of each. Assumed.
    struct Arm {
        double rest_n = 0.25;        ///< tape tension that lifts it off its stop
        double slope_n_per_m = 22.0; ///< tape tension more for each metre of tip travel
        double stroke_m = 0.050;
        double mass_kg = 0.030;
        double damper_n_s_per_m = 6.0;
        double stop_n_per_m = 800.0;       ///< rubber at both ends
        double zero_v = 0.4, full_v = 2.8; ///< of its potentiometer, at rest and at full stroke
    };
    Arm supply_arm{}, take_up_arm{};

    double span_n_per_m = 3000.0;   ///< a span of 0.3 m of quarter-inch polyester, 36 um base: E A / L
    double span_n_s_per_m = 3.0;    ///< what damps it
    double path_mass_kg = 0.050;    ///< rollers and the tape between the arms; assumed
    double guide_friction_n = 0.10; ///< heads and guides: as the other simulated deck
    double pinch_grip_n = 12.0;     ///< likewise

    // Differential band brakes, applied by springs. Assumed so that the tape is held by more than 0.6 N and less than
    // 1.1 N while they bring full, half-full and empty reels to rest.
    double paying_out_brake_n_m = 0.36, taking_in_brake_n_m = 0.20;
    double brake_lag_s = 0.040, brake_rise_s = 0.020;
    double pinch_lag_s = 0.090, pinch_open_s = 0.025, lifter_lag_s = 0.060;

    /// A relay outside that takes the solenoids' supply (and the record line's) away when the heartbeat's edges stay
    /// away this long; 0: there is none.
    double heartbeat_drop_s = 0.250;
};

} // namespace overbias::deck_sim
