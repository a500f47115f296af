// SPDX-License-Identifier: Apache-2.0
// The simulated machine with three motors against what mechanics says of it in closed form, and its controllers' faces
// against the protocol's published bytes.
#include "base/async/simulated_timeline.hpp"
#include "deck-sim/direct-drive/drive_ports.hpp"
#include "deck-sim/faces/vesc_face.hpp"

#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <numbers>
#include <vector>

namespace overbias::deck_sim {
namespace {

using Motor = DriveMachine::Motor;
using Mode = MotorController::Mode;
using Output = DriveMachine::Output;
using testing::ElementsAre;

struct Bench {
    explicit Bench(double place_m = 381.0, DriveSettings given = {}, const std::vector<Fault>& faults = {})
        : settings(given), machine(tape(place_m), settings, faults) {}
    static Settings tape(double place_m) {
        Settings tape;
        tape.start_place_m = place_m;
        return tape;
    }
    void release_brakes() {
        machine.set(Output::BrakeSupply, true);
        machine.set(Output::BrakeTakeUp, true);
    }
    void run(double time_s, bool beating = true) {
        for (const double end = now_s + time_s; now_s < end - 1e-9; now_s += 0.001) {
            if (beating) {
                machine.heartbeat_edge(now_s);
            }
            if (feed) {
                feed(now_s);
            }
            machine.step(now_s, now_s + 0.001);
        }
    }
    DriveSettings settings;
    DriveMachine machine;
    std::function<void(double)> feed;
    double now_s = 0.0;
};

DriveSettings frictionless() {
    DriveSettings settings;
    for (DriveSettings::Motor* motor : {&settings.supply, &settings.take_up}) {
        motor->bearing_n_m = motor->viscous_n_m_s = motor->cogging_n_m = 0.0;
        motor->timeout_s = 10.0;
    }
    settings.guide_friction_n = 0.0;
    return settings;
}

TEST(DriveMachine, StandsAsItWasThreaded) {
    Bench bench;
    bench.run(5.0);
    EXPECT_NEAR(bench.machine.web().supply_tension_n(), DriveMachine::kThreaded_n, 1e-3);
    EXPECT_NEAR(bench.machine.web().take_up_tension_n(), DriveMachine::kThreaded_n, 1e-3);
    EXPECT_DOUBLE_EQ(bench.machine.web().supply_turn_rad_s(), 0.0);
    EXPECT_TRUE(bench.machine.supply_brake_holds());
}

TEST(DriveMachine, EqualTorquesOverRadiusGiveThatTension) {
    Bench bench(381.0, frictionless());
    bench.release_brakes();
    const double tension_n = 0.9;
    bench.feed = [&](double now_s) {
        const TapeWeb& web = bench.machine.web();
        bench.machine.controller(Motor::Supply).command(Mode::Current, -tension_n * web.supply_radius_m() / 0.1, now_s);
        bench.machine.controller(Motor::TakeUp).command(Mode::Current, tension_n * web.take_up_radius_m() / 0.1, now_s);
    };
    bench.run(20.0);
    EXPECT_NEAR(bench.machine.web().supply_tension_n(), tension_n, 0.01);
    EXPECT_NEAR(bench.machine.web().take_up_tension_n(), tension_n, 0.01);
    // the arms show it: rest_n + slope times travel
    const DriveSettings::Arm arm;
    const double travel_m = (tension_n - arm.rest_n) / arm.slope_n_per_m;
    EXPECT_NEAR(bench.machine.web().supply_arm_v(), arm.zero_v + (arm.full_v - arm.zero_v) * travel_m / arm.stroke_m,
                0.02);
}

TEST(DriveMachine, BothReelsAccelerateAsOneMass) {
    Bench bench(381.0, frictionless());
    bench.release_brakes();
    const double extra_n = 1.0;
    bench.feed = [&](double now_s) {
        const TapeWeb& web = bench.machine.web();
        bench.machine.controller(Motor::Supply).command(Mode::Current, -0.8 * web.supply_radius_m() / 0.1, now_s);
        bench.machine.controller(Motor::TakeUp)
            .command(Mode::Current, (0.8 + extra_n) * web.take_up_radius_m() / 0.1, now_s);
    };
    bench.run(2.0);
    const double before = bench.machine.web().speed_m_s();
    bench.run(2.0);
    // half full: r^2 = r0^2 + L t / pi; J = J0 + m (r0^2 + r^2) / 2
    const double square = 0.05715 * 0.05715 + 381.0 * 54.1e-6 / std::numbers::pi;
    const double tape_kg = 381.0 * 54.1e-6 * 0.246 * 0.0254 * 1740.0;
    const double mass_kg =
        2.0 * (0.0047 + 0.5 * tape_kg * (0.05715 * 0.05715 + square)) / square + bench.settings.path_mass_kg;
    EXPECT_NEAR((bench.machine.web().speed_m_s() - before) / 2.0, extra_n / mass_kg, 0.01 * extra_n / mass_kg);
}

TEST(DriveMachine, SpringBrakesStopItAtTheRateOfTheirTorque) {
    for (const double sign : {1.0, -1.0}) {
        Bench bench(381.0, frictionless());
        bench.release_brakes();
        bench.feed = [&](double now_s) {
            const TapeWeb& web = bench.machine.web();
            const double push = 1.5 * sign;
            bench.machine.controller(Motor::Supply)
                .command(Mode::Current, (-0.8 + 0.5 * push) * web.supply_radius_m() / 0.1, now_s);
            bench.machine.controller(Motor::TakeUp)
                .command(Mode::Current, (0.8 + 0.5 * push) * web.take_up_radius_m() / 0.1, now_s);
        };
        bench.run(4.0);
        ASSERT_GT(sign * bench.machine.web().speed_m_s(), 3.0);
        bench.feed = nullptr;
        bench.machine.set_power(false);
        bench.run(0.2);
        const double before = bench.machine.web().speed_m_s();
        bench.run(0.3);
        // (paying + taking) / r / mass, whichever way it goes
        const double radius = bench.machine.web().supply_radius_m();
        const double tape_kg = 381.0 * 54.1e-6 * 0.246 * 0.0254 * 1740.0;
        const double mass_kg = 2.0 * (0.0047 + 0.5 * tape_kg * (0.05715 * 0.05715 + radius * radius)) / radius / radius;
        const double expected = (0.36 + 0.20) / radius / mass_kg;
        EXPECT_NEAR(sign * (before - bench.machine.web().speed_m_s()) / 0.3, expected, 0.15 * expected);
    }
}

TEST(DriveMachine, TapeThatIsPulledTooHardBreaks) {
    Bench bench;
    bench.machine.set(Output::BrakeTakeUp, true); // the supply reel stays braked
    bench.feed = [&](double now_s) { bench.machine.controller(Motor::TakeUp).command(Mode::Current, 15.0, now_s); };
    bench.run(0.5);
    EXPECT_FALSE(bench.machine.web().broken()); // 15 A pull 15 N
    Bench strong(740.0, [] {
        DriveSettings settings;
        settings.paying_out_brake_n_m = 20.0;
        settings.take_up.most_current_a = 90.0;
        settings.take_up.resistance_ohm = 0.05;
        return settings;
    }());
    strong.machine.set(Output::BrakeTakeUp, true);
    strong.feed = [&](double now_s) { strong.machine.controller(Motor::TakeUp).command(Mode::Current, 90.0, now_s); };
    strong.run(0.5);
    EXPECT_TRUE(strong.machine.web().broken());
    EXPECT_EQ(strong.machine.web().take_up_tension_n(), 0.0);
}

TEST(DriveMachine, UnequalBrakesThrowALoopAndTheLogSeesIt) {
    DriveSettings settings = frictionless();
    settings.paying_out_brake_n_m = 0.05;
    settings.taking_in_brake_n_m = 0.40; // the wrong way round
    Bench bench(381.0, settings);
    bench.release_brakes();
    bench.feed = [&](double now_s) {
        const TapeWeb& web = bench.machine.web();
        bench.machine.controller(Motor::Supply).command(Mode::Current, -0.2 * web.supply_radius_m() / 0.1, now_s);
        bench.machine.controller(Motor::TakeUp).command(Mode::Current, 1.6 * web.take_up_radius_m() / 0.1, now_s);
    };
    bench.run(4.0);
    bench.machine.tension() = {};
    bench.feed = nullptr;
    bench.machine.set_power(false);
    bench.run(3.0);
    EXPECT_GT(bench.machine.tension().loop_s, 0.1);
    EXPECT_LT(bench.machine.tension().least_n, 0.001);
}

TEST(DriveMachine, WithoutHeartbeatTheSolenoidsDrop) {
    Bench bench;
    bench.release_brakes();
    bench.machine.set(Output::Record, true);
    bench.run(0.5);
    EXPECT_FALSE(bench.machine.supply_brake_holds());
    EXPECT_TRUE(bench.machine.recording());
    bench.run(0.24, false);
    EXPECT_TRUE(bench.machine.recording());
    bench.run(0.10, false);
    EXPECT_FALSE(bench.machine.recording());
    EXPECT_TRUE(bench.machine.supply_brake_holds());
    EXPECT_TRUE(bench.machine.take_up_brake_holds());
}

TEST(MotorController, GoesOverToItsBrakeCurrentWhenNobodySpeaks) {
    DriveSettings settings;
    settings.supply.timeout_s = 0.2;
    MotorController motor(settings.supply, settings, 0.0047);
    motor.command(Mode::Current, 3.0, 0.0);
    double now_s = 0.0;
    const auto run = [&](double until_s) {
        double torque = 0.0;
        for (; now_s < until_s; now_s += 1e-4) {
            torque = motor.step(now_s, 1e-4, 40.0);
        }
        return torque;
    };
    EXPECT_NEAR(run(0.19), 0.3, 0.01);
    EXPECT_FALSE(motor.timed_out());
    run(0.22);
    EXPECT_TRUE(motor.timed_out());
    EXPECT_NEAR(motor.current_a(), -0.5, 0.01); // against the turn
    motor.command(Mode::Current, 1.0, now_s);
    for (int i = 0; i < 10; ++i) {
        run(now_s + 0.05);
        motor.feed(now_s); // ALIVE
    }
    EXPECT_NEAR(motor.current_a(), 1.0, 0.01);
}

TEST(MotorController, BrakingHasNothingLeftAtRest) {
    const DriveSettings settings;
    MotorController motor(settings.supply, settings, 0.0047);
    motor.command(Mode::Brake, 5.0, 0.0);
    for (int i = 0; i < 200; ++i) {
        (void)motor.step(i * 1e-4, 1e-4, 0.0);
    }
    EXPECT_NEAR(motor.current_a(), 0.0, 1e-6);
}

struct FaceBench {
    SimulatedTimeline timeline;
    DriveSettings settings;
    MotorController here{settings.supply, settings, 0.0047}, there{settings.take_up, settings, 0.0047};
    std::vector<std::vector<std::uint8_t>> sent;
    VescFace face{timeline,
                  {{.id = 1, .motor = &here, .input_1_v = [] { return 1.65; }, .input_2_v = [] { return 0.5; }},
                   {.id = 2, .motor = &there}},
                  [this](std::span<const std::uint8_t> bytes) { sent.emplace_back(bytes.begin(), bytes.end()); }};
    void hear(const std::vector<std::uint8_t>& bytes) { face.receive(bytes); }
};

// --- faults, as --fault gives them

std::vector<Fault> faults(std::initializer_list<std::string_view> texts) {
    std::vector<Fault> out;
    for (const std::string_view text : texts) {
        out.push_back(parse_fault(text).value());
    }
    return out;
}

/// Both motors pull with `tension_n` and, from 0.1 s on, a little more forward: the tape moves.
void move_forward(Bench& bench, double tension_n, double more_n) {
    bench.release_brakes();
    bench.feed = [&bench, tension_n, more_n](double now_s) {
        const TapeWeb& web = bench.machine.web();
        const double take_up_n = tension_n + (now_s > 0.1 ? more_n : 0.0);
        bench.machine.controller(Motor::Supply).command(Mode::Current, -tension_n * web.supply_radius_m() / 0.1, now_s);
        bench.machine.controller(Motor::TakeUp).command(Mode::Current, take_up_n * web.take_up_radius_m() / 0.1, now_s);
    };
}

TEST(DriveMachineFaults, WithoutMainsTheRecordLineIsDeadInItsMillisecondAndTheSpringsHold) {
    Bench bench(381.0, {}, faults({"power_loss:time_s=2", "power_return:time_s=6"}));
    bench.machine.set(Output::Record, true);
    move_forward(bench, 0.8, 0.5);
    bench.run(1.9985);
    EXPECT_TRUE(bench.machine.recording());
    EXPECT_TRUE(bench.machine.inputs()[1]);
    EXPECT_GT(bench.machine.web().speed_m_s(), 0.4);
    bench.run(0.002);
    EXPECT_FALSE(bench.machine.recording());
    EXPECT_FALSE(bench.machine.inputs()[1]);
    EXPECT_FALSE(bench.machine.powered());
    bench.run(0.1);
    EXPECT_TRUE(bench.machine.supply_brake_holds() && bench.machine.take_up_brake_holds());
    EXPECT_EQ(bench.machine.controller(Motor::TakeUp).current_a(), 0.0) << "whatever it is told";
    bench.feed = {};
    bench.run(3.0);
    EXPECT_TRUE(bench.machine.web().still());
    EXPECT_LT(bench.machine.tension().most_n, 500 * 9.80665e-3);
    // what the lines were told last still holds when the mains are back; the motors stay off until they are told anew
    bench.machine.set(Output::BrakeSupply, false);
    bench.machine.set(Output::BrakeTakeUp, false);
    const double place_m = bench.machine.web().place_m();
    bench.run(3.0);
    EXPECT_TRUE(bench.machine.powered());
    EXPECT_NEAR(bench.machine.web().place_m(), place_m, 1e-3);
    EXPECT_TRUE(bench.machine.controller(Motor::TakeUp).timed_out());
}

TEST(DriveMachineFaults, TheTapeBreaksAtItsPlace) {
    Bench bench(381.0, {}, faults({"tape_break:tape_m=382"}));
    move_forward(bench, 0.8, 0.5);
    for (int i = 0; i < 5000 && !bench.machine.web().broken(); ++i) {
        bench.run(0.001);
    }
    EXPECT_TRUE(bench.machine.web().broken());
    EXPECT_NEAR(bench.machine.web().place_m(), 382.0, 0.01);
    EXPECT_TRUE(bench.machine.inputs()[0]);
}

TEST(DriveMachineFaults, AStuckMotorHasNoCurrentWhateverItIsTold) {
    for (const bool supply : {true, false}) {
        Bench bench(381.0, {}, faults({supply ? "stuck_motor:reel=supply,time_s=1" : "stuck_motor:time_s=1"}));
        move_forward(bench, 0.8, 0.0);
        bench.run(0.9);
        EXPECT_GT(std::abs(bench.machine.controller(supply ? Motor::Supply : Motor::TakeUp).current_a()), 0.3);
        bench.run(0.2);
        EXPECT_EQ(bench.machine.controller(supply ? Motor::Supply : Motor::TakeUp).current_a(), 0.0);
        EXPECT_GT(std::abs(bench.machine.controller(supply ? Motor::TakeUp : Motor::Supply).current_a()), 0.3);
        EXPECT_EQ(bench.machine.controller(Motor::Supply).fault(), 0) << "nothing tells";
        bench.run(0.3);
        EXPECT_EQ(bench.machine.web().speed_m_s() > 0.0, supply) << "the other one pulls the tape its way";
    }
}

TEST(DriveMachineFaults, TheRollerSlipsTurnsRoundAndDies) {
    Bench bench(381.0, {},
                faults({"slipping_roller:percent=10,time_s=1", "reversed_direction:time_s=3", "dead_tach:time_s=5"}));
    move_forward(bench, 0.8, 0.3);
    const auto counted = [&](double time_s) {
        const std::int64_t before = bench.machine.roller().edges();
        const double from_m = bench.machine.web().place_m();
        bench.run(time_s);
        // 16 edges an inch, and three tenths of a thousandth of slip that it always has
        return static_cast<double>(bench.machine.roller().edges() - before) /
               ((bench.machine.web().place_m() - from_m) / 0.0254 * 16.0 * (1.0 - 0.0003));
    };
    bench.run(1.1);
    EXPECT_NEAR(counted(1.8), 0.9, 0.02);
    bench.run(0.2);
    EXPECT_NEAR(counted(1.8), -0.9, 0.02);
    bench.run(0.2);
    EXPECT_EQ(counted(1.0), 0.0);
}

TEST(DriveMachineFaults, AStuckInputShowsItsValueAndTheOthersAreUnknown) {
    Bench bench(381.0, {}, faults({"stuck_tally:line=tally_record,value=1,time_s=1"}));
    bench.run(0.9);
    EXPECT_FALSE(bench.machine.inputs()[1]);
    bench.run(0.2);
    EXPECT_TRUE(bench.machine.inputs()[1]);
    EXPECT_FALSE(bench.machine.recording());
    EXPECT_EQ(unknown_line(faults({"stuck_tally:line=tape_out,value=1", "stuck_tally:line=tally_play,value=1"}),
                           DriveMachine::kInputNames),
              "tally_play");
}

TEST(DriveMachineFaults, ProgrammeTimeCountsFromTheProgramme) {
    Bench bench(381.0, {}, faults({"power_loss:programme_s=1"}));
    bench.run(2.0);
    EXPECT_TRUE(bench.machine.powered());
    bench.machine.programme_starts(1.5);
    bench.run(0.4);
    EXPECT_TRUE(bench.machine.powered());
    bench.run(0.2);
    EXPECT_FALSE(bench.machine.powered());
}

TEST(VescFace, AnswersGetValuesWithItsWholeLength) {
    FaceBench bench;
    bench.hear({0x02, 0x01, 0x04, 0x40, 0x84, 0x03}); // GET_VALUES as published
    ASSERT_EQ(bench.sent.size(), 1U);
    EXPECT_EQ(bench.sent[0].size(), 79U);
    EXPECT_EQ(bench.sent[0][1], 74);
    EXPECT_EQ(bench.sent[0][2], 4);
    EXPECT_EQ(bench.sent[0][2 + 58], 1) << "controller id";
    EXPECT_EQ(bench.sent[0][2 + 73], 1) << "status: timed out";
}

TEST(VescFace, ObeysAndIgnoresAWrongChecksum) {
    FaceBench bench;
    bench.hear({0x02, 0x05, 0x06, 0x00, 0x00, 0x07, 0xD0, 0x00, 0x00, 0x03});
    EXPECT_EQ(bench.here.mode(), Mode::Released);
    EXPECT_EQ(bench.face.frames(), 0);
    bench.hear({0xFF, 0x00, 0x02, 0x01, 0x1E, 0xF3, 0xFF, 0x03}); // ALIVE as published, after garbage
    EXPECT_EQ(bench.face.frames(), 1);
    EXPECT_TRUE(bench.sent.empty());
}

} // namespace
} // namespace overbias::deck_sim
