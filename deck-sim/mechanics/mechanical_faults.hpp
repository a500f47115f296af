// SPDX-License-Identifier: Apache-2.0
// MechanicalFaults: which of the faults happen to what moves the tape, to its roller and to the mains, and when: each
// once, as soon as its time or its place has come. And what a stuck line shows.
// Thread: the timeline's.
#pragma once

#include "deck-sim/faults.hpp"
#include "deck-sim/mechanics/roller_counter.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace overbias::deck_sim {

/// What can go wrong with a machine that moves tape.
class FaultyMachine {
  public:
    virtual void break_tape() = 0;
    /// The motor of that reel gives no torque any more.
    virtual void lose_motor(Fault::Reel reel) = 0;
    /// Mains.
    virtual void set_power(bool on) = 0;
    /// What drives the tape runs faster by this share of its speed.
    virtual void change_speed(double share) = 0;
    /// The speed swings by this share at its peak, `hz` times a second.
    virtual void swing_speed(double hz, double peak) = 0;
    [[nodiscard]] virtual RollerCounter& roller() noexcept = 0;

  protected:
    ~FaultyMachine() = default;
};

class MechanicalFaults {
  public:
    /// `lines`: names of the inputs that can stick, in the order of stick(). A fault of a line that is not among them
    /// is passed over (see unknown_line()).
    MechanicalFaults(std::span<const Fault> faults, std::span<const std::string_view> lines);

    /// Faults in programme time count from here.
    void programme_starts(double time_s) noexcept { programme_start_s_ = time_s; }

    /// A step from x0 to x1 has ended at `time_s`: what was due in it happens to `machine`. Allocates nothing.
    void step(double time_s, double x0_m, double x1_m, FaultyMachine& machine);
    /// Puts what stuck lines show over what they would show at `time_s`.
    void stick(double time_s, std::span<bool> shown) const noexcept;

  private:
    struct Event {
        Fault fault;
        bool done = false;
    };
    struct Stuck {
        FaultPlace at;
        std::size_t line;
        bool value;
    };
    [[nodiscard]] bool reached(const FaultPlace& at, double time_s, double x0_m, double x1_m) const noexcept;

    std::optional<double> programme_start_s_;
    std::vector<Event> events_;
    std::vector<Stuck> stuck_;
};

/// The name of the first line that one of the faults sticks and that is not among `lines`; empty: there is none.
[[nodiscard]] std::string_view unknown_line(std::span<const Fault> faults, std::span<const std::string_view> lines);

} // namespace overbias::deck_sim
