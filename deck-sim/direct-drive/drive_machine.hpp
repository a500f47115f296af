// SPDX-License-Identifier: Apache-2.0
// DriveMachine: the machine with three motors, without anything that would think for it: tape web, motors on their
// controllers, solenoids that take their time, spring brakes, the relay that a heartbeat holds, tape roller. One
// millisecond at a time towards the magnetics, a tenth of one inside. Thread: the timeline's.
#pragma once

#include "deck-sim/direct-drive/drive_settings.hpp"
#include "deck-sim/direct-drive/motor_controller.hpp"
#include "deck-sim/direct-drive/tape_web.hpp"
#include "deck-sim/faults.hpp"
#include "deck-sim/mechanics/flutter.hpp"
#include "deck-sim/mechanics/mechanical_faults.hpp"
#include "deck-sim/mechanics/roller_counter.hpp"
#include "deck-sim/motion.hpp"

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

namespace overbias::deck_sim {

/// The tape's pull as a recorder on both sides would have drawn it.
struct TensionLog {
    double least_n = 1e9, most_n = 0.0;
    double least_at_s = 0.0, most_at_s = 0.0;
    double loop_s = 0.0; ///< for how long either side had less than 10 gf
};

class DriveMachine final : private FaultyMachine {
  public:
    enum class Output { BrakeSupply, BrakeTakeUp, Pinch, Lifters, Capstan, Record };
    static constexpr std::size_t kOutputs = 6;
    enum class Motor { Supply, TakeUp, Capstan };

    /// What the board shows, in the order of inputs().
    static constexpr std::array<std::string_view, 2> kInputNames{"tape_out", "tally_record"};

    /// Of the faults, those of the mechanics, the roller, the mains and these inputs act.
    DriveMachine(const Settings& settings, const DriveSettings& drive, std::span<const Fault> faults = {});

    /// Goes on from t0 to t1 = t0 + 1 ms. Allocates nothing.
    MotionStep step(double t0_s, double t1_s);
    void set(Output output, bool active) noexcept { wanted_[static_cast<std::size_t>(output)] = active; }
    /// As SimulatedDeck::programme_starts.
    void programme_starts(double time_s) noexcept { faults_.programme_starts(time_s); }
    void heartbeat_edge(double now_s) noexcept { heartbeat_s_ = now_s; }
    /// Mains: motors, controllers, solenoids.
    void set_power(bool on) noexcept override;
    void break_tape() noexcept override { web_.break_tape(); }
    void thread_at(double place_m) noexcept { web_.thread_at(place_m, kThreaded_n); }

    [[nodiscard]] MotorController& controller(Motor motor) noexcept;
    [[nodiscard]] const TapeWeb& web() const noexcept { return web_; }
    [[nodiscard]] RollerCounter& roller() noexcept override { return roller_; }
    [[nodiscard]] const RollerCounter& roller() const noexcept { return roller_; }
    [[nodiscard]] bool powered() const noexcept { return powered_; }
    /// What the inputs show, stuck ones included.
    [[nodiscard]] const std::array<bool, kInputNames.size()>& inputs() const noexcept { return shown_; }
    [[nodiscard]] bool recording() const noexcept { return recording_; }
    [[nodiscard]] bool tape_out() const noexcept { return !web_.threaded(); }
    [[nodiscard]] bool pinch_closed() const noexcept { return pinch_; }
    [[nodiscard]] bool lifted() const noexcept { return lifted_; }
    [[nodiscard]] bool supply_brake_holds() const noexcept { return brakes_[0].held >= 1.0; }
    [[nodiscard]] bool take_up_brake_holds() const noexcept { return brakes_[1].held >= 1.0; }
    [[nodiscard]] TensionLog& tension() noexcept { return tension_; }

    static constexpr double kThreaded_n = 0.60; ///< how taut a hand leaves it
    static constexpr double kLoop_n = 0.0981;   ///< 10 gf

  private:
    struct Brake {
        double moved_s = 1.0; ///< time since the current went (positive side) ...
        double held = 1.0;    ///< share of the spring's force on the drum
    };
    [[nodiscard]] bool energised(Output output) const noexcept {
        return solenoid_supply_ && wanted_[static_cast<std::size_t>(output)];
    }
    void lose_motor(Fault::Reel reel) noexcept override;
    /// Of a capstan with a servo of its own; the one on a controller runs as it is told.
    void change_speed(double share) noexcept override { line_capstan_fault_ = share; }
    void swing_speed(double hz, double peak) noexcept override { flutter_.add_wow(hz, peak); }
    void move_solenoids(double dt_s) noexcept;
    void note_tension(double now_s, double dt_s) noexcept;

    DriveSettings settings_;
    double play_m_s_;
    TapeWeb web_;
    MotorController supply_, take_up_, capstan_;
    Flutter flutter_;
    RollerCounter roller_;
    TensionLog tension_;
    MechanicalFaults faults_;
    std::array<bool, kOutputs> wanted_{};
    std::array<bool, kInputNames.size()> shown_;
    std::array<Brake, 2> brakes_{};
    double pinch_s_ = 0, lifter_s_ = 0;
    double line_capstan_m_s_ = 0, line_capstan_fault_ = 0;
    double heartbeat_s_ = -1e9;
    double grip_ = 0;
    double flutter_speed_m_s_ = 0;
    bool solenoid_supply_ = false, powered_ = true, recording_ = false, pinch_ = false, lifted_ = false;
};

} // namespace overbias::deck_sim
