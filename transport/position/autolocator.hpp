// SPDX-License-Identifier: Apache-2.0
// The autolocator: what an operator would do with the transport's keys and a stop watch. Locate and play, repeat
// between two places, punch in and out at two places, rehearsed or real. It works on Transport's public commands alone,
// so every interlock stands between it and the deck.
//
// It lets go at once when somebody else gives a command: whoever passes an operator's command to the Transport calls
// cancel() before, and listeners of Transport::on_fault call it too; a hand on the deck it sees by itself, since the
// motion requested is then not the one it asked for. A new locate replaces the old. When it lets go while it records it
// leaves record first. Nothing goes on by itself after that.
//
// It never arms. A locate withdraws the arm, so for a real punch the tape is brought to the pre-roll first, and waits
// there for the operator's arm; that starts it. Disarming ends it.
//
// Places are the counter's, as everywhere in the transport. What is heard off the record head (sync) is written anew at
// the counter's place at which it was heard; what is heard off the reproduce head lies record_to_reproduce before that:
// whoever marks by ear takes that distance off. Thread: the timeline's.
#pragma once

#include "base/async/timeline.hpp"
#include "transport/position/crossing.hpp"
#include "transport/transport.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace overbias::transport {

struct AutolocatorConfig {
    double pre_roll_s = 5.0;
    double post_roll_s = 2.0;
    /// From pressing record until the deck records, and from pressing its way out until it doesn't: measured on this
    /// deck, or 0.
    double record_latency_s = 0.0, record_exit_latency_s = 0.0;
    double arm_wait_s = 120.0; ///< at the pre-roll; then the punch is off
    /// Record is not pressed when the in point has passed by more than this: it would leave a hole of the old take.
    double latest_s = 0.1;
};

struct PunchPlan {
    double in_m = 0.0, out_m = 0.0;
    /// Refuse when the counter is less certain than this.
    std::optional<double> most_uncertainty_m{};
};

enum class Program { None, Locate, Repeat, Rehearse, Punch };
enum class Stage {
    Idle,
    Locating,
    WaitingForArm, ///< at the pre-roll: the operator's arm starts it
    Starting,      ///< play is pressed and not yet proven
    PreRoll,
    Between, ///< after in, before out: plays (repeat, rehearse) or records (punch)
    PostRoll,
    Stopping,
};
[[nodiscard]] std::string_view name_of(Program program) noexcept;
[[nodiscard]] std::string_view name_of(Stage stage) noexcept;

/// Where record was pressed and left, by the counter. A rehearsal has these too: where it would have been.
struct PunchRecord {
    std::optional<double> in_m, out_m;
};

struct AutolocatorState {
    Program program = Program::None;
    Stage stage = Stage::Idle;
    double target_m = 0.0; ///< of the locate
    double in_m = 0.0, out_m = 0.0;
    int passes_done = 0, passes = 0; ///< of a repeat; 0: until stopped
    PunchRecord punched;             ///< of this punch or rehearsal, and of the last one
    std::string said;                ///< what it waits for, or how the last program ended
    std::uint64_t revision = 0;      ///< grows with every change
};

class Autolocator {
  public:
    /// Throws std::invalid_argument naming the figure that is below 0, or a pre-roll below kLeastPreRoll_s.
    Autolocator(Timeline& timeline, Transport& transport, const AutolocatorConfig& config = {});
    ~Autolocator(); ///< lets go
    Autolocator(const Autolocator&) = delete;
    Autolocator& operator=(const Autolocator&) = delete;

    // Each replaces what was going on. Denied with the reason: then nothing is going on.
    CommandResult locate(double place_m, bool then_play = false);
    CommandResult return_to_zero(bool then_play = false) { return locate(0.0, then_play); }
    /// Plays from in to out, goes back to in, so many times (0: until stopped); ends stopped.
    CommandResult repeat(double in_m, double out_m, int passes = 0);
    /// Pre-roll, past in and out without recording, post-roll, stop.
    CommandResult rehearse(const PunchPlan& plan) { return roll(Program::Rehearse, plan); }
    /// The same, recording from in to out, once the operator has armed.
    CommandResult punch(const PunchPlan& plan) { return roll(Program::Punch, plan); }
    /// Lets go: leaves record when it records, else leaves the deck as it is. `why` is kept in state().said. True when
    /// something was going on.
    bool cancel(const std::string& why);

    [[nodiscard]] const AutolocatorState& state() const noexcept { return state_; }
    [[nodiscard]] bool active() const noexcept { return state_.stage != Stage::Idle; }
    /// Told after every change of state(). It may give commands; it may not destroy this object.
    void on_change(std::function<void()> listener) { listener_ = std::move(listener); }

    static constexpr double kLeastPreRoll_s = 2.0; ///< start (0.5 s), proof of play by the tach (0.5 s), half a second
                                                   ///< of places to see the in point come
    static constexpr double kLeastTake_s = 0.5;    ///< in to out: the deck must have shown that it records

  private:
    static constexpr DeckDuration kTick = std::chrono::milliseconds(5);
    CommandResult roll(Program program, const PunchPlan& plan);
    [[nodiscard]] std::optional<std::string> objection(const PunchPlan& plan);
    CommandResult begin(Program program, double target_m);
    void tick();
    [[nodiscard]] bool somebody_else(const MachineState& machine) const;
    void end_by_somebody_else(const MachineState& machine);
    void step(const MachineState& machine);
    void arrived(const MachineState& machine);
    void wait_for_arm(const MachineState& machine);
    void start_play();
    void see_start(const MachineState& machine);
    void roll_towards(const MachineState& machine);
    void reach(double place_m, double lead_s, const MachineState& machine, void (Autolocator::*then)());
    void go_in();
    void go_out();
    void out_of_range();
    void stop_at_end();
    void set(Stage stage, std::string said);
    void end(std::string said);
    void fail(const std::string& said);
    void tell();
    [[nodiscard]] double play_m_s();

    Timeline& timeline_;
    Transport& transport_;
    AutolocatorConfig config_;
    AutolocatorState state_;
    std::function<void()> listener_;
    bool then_play_ = false;
    std::optional<double> most_uncertainty_m_;
    Motion expected_ = Motion::Stopped; ///< what the machine was asked for by us
    std::uint64_t turn_ = 0;            ///< grows with every program and every end: what was begun before is then off
    Crossing crossing_;
    DeckTime waiting_since_{};
    double parked_m_ = 0.0, uncertainty_m_ = 0.0;
    Timeline::TimerId reach_timer_ = 0;
    std::unique_ptr<PeriodicTimer> ticker_; ///< only while something is going on
};

} // namespace overbias::transport
