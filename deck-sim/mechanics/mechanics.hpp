// SPDX-License-Identifier: Apache-2.0
// Mechanics: drive, logic, flutter, tape roller and their faults, one millisecond at a time. Thread: the timeline's.
#pragma once

#include "deck-sim/faults.hpp"
#include "deck-sim/mechanics/deck_logic.hpp"
#include "deck-sim/mechanics/flutter.hpp"
#include "deck-sim/mechanics/mechanical_faults.hpp"
#include "deck-sim/mechanics/roller_counter.hpp"
#include "deck-sim/mechanics/tape_drive.hpp"
#include "deck-sim/motion.hpp"

#include <array>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace overbias::deck_sim {

/// Names of the tally lines, in the order of Tally.
inline constexpr std::array<std::string_view, kTallies> kTallyNames{
    "tally_stop", "tally_play", "tally_record", "tally_fast_forward", "tally_rewind", "tape_out"};

class Mechanics final : private FaultyMachine {
  public:
    Mechanics(const Settings& settings, std::span<const Fault> faults);

    /// Goes on from t0 to t1 = t0 + 1 ms of deck time. Allocates nothing.
    MotionStep step(double t0_s, double t1_s);
    void contact(Contact which, bool closed) { logic_.contact(which, closed, drive_); }
    void set_power(bool on) override { logic_.set_power(on); }
    void set_record_enable(bool closed) { logic_.set_record_enable(closed); }
    void set_edit(bool on) { logic_.set_edit(on, drive_); }
    void touch(Contact which) { logic_.touch(which, drive_); }
    void hands(std::optional<double> speed_m_s) { drive_.hands(speed_m_s); }
    void trim_speed(double share) { drive_.trim_speed(share); }
    /// False when the deck has no such speed.
    bool select_speed(double speed_ips);
    /// Speeds the switch offers, slowest first.
    [[nodiscard]] const std::vector<double>& speeds_ips() const noexcept { return speeds_ips_; }
    [[nodiscard]] double selected_speed_ips() const noexcept { return selected_ips_; }
    /// The deck's own counter, in metres by its roller's nominal edges.
    [[nodiscard]] double counter_m() const noexcept;
    void preset_counter(double counter_m) noexcept { counter_from_m_ += counter_m - this->counter_m(); }
    /// See TapeDrive::thread_at.
    void thread_at(double place_m) {
        drive_.thread_at(place_m);
        logic_.threaded();
    }
    void programme_starts(double time_s) { faults_.programme_starts(time_s); }

    /// What the tally lines show, stuck ones included.
    [[nodiscard]] const std::array<bool, kTallies>& tallies() const noexcept { return shown_; }
    [[nodiscard]] const TapeDrive& drive() const noexcept { return drive_; }
    [[nodiscard]] const DeckLogic& logic() const noexcept { return logic_; }
    [[nodiscard]] DeckLogic& logic() noexcept { return logic_; }
    /// Almost no tape on the take-up, or the supply reel.
    [[nodiscard]] bool near_beginning() const noexcept { return drive_.place_m() < near_end_m_; }
    [[nodiscard]] bool near_end() const noexcept { return drive_.place_m() > tape_length_m_ - near_end_m_; }
    [[nodiscard]] const RollerCounter& roller() const noexcept { return roller_; }
    [[nodiscard]] RollerCounter& roller() noexcept override { return roller_; }
    [[nodiscard]] double speed_m_s() const noexcept { return speed_m_s_; }

  private:
    void break_tape() override { drive_.break_tape(); }
    void lose_motor(Fault::Reel reel) override {
        drive_.stick_motor(reel == Fault::Reel::Supply ? TapeDrive::Which::Supply : TapeDrive::Which::TakeUp);
    }

    void change_speed(double share) override { drive_.change_speed(share); }
    void swing_speed(double hz, double peak) override { flutter_.add_wow(hz, peak); }

    TapeDrive drive_;
    DeckLogic logic_;
    Flutter flutter_;
    RollerCounter roller_;
    double grip_ = 0;      ///< 0 to 1: how far the tape follows the flutter of what drives it
    double speed_m_s_ = 0; ///< flutter included
    MechanicalFaults faults_;
    double tape_length_m_, near_end_m_, edges_per_metre_;
    double counter_from_m_ = 0;
    std::vector<double> speeds_ips_;
    double selected_ips_;
    std::array<bool, kTallies> shown_;
};

} // namespace overbias::deck_sim
