// SPDX-License-Identifier: Apache-2.0
#include "transport/position/autolocator.hpp"

#include "base/units.hpp"
#include "transport/position/figures.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>
#include <utility>

namespace overbias::transport {

std::string_view name_of(Program program) noexcept {
    constexpr std::array<std::string_view, 5> kNames{"none", "locate", "repeat", "rehearse", "punch"};
    return kNames.at(static_cast<std::size_t>(program));
}

std::string_view name_of(Stage stage) noexcept {
    constexpr std::array<std::string_view, 8> kNames{"idle",     "locating", "waiting-for-arm", "starting",
                                                     "pre-roll", "between",  "post-roll",       "stopping"};
    return kNames.at(static_cast<std::size_t>(stage));
}

Autolocator::Autolocator(Timeline& timeline, Transport& transport, const AutolocatorConfig& config)
    : timeline_(timeline), transport_(transport), config_(config) {
    const auto at_least = [](const char* name, double value, double least) {
        if (!(value >= least)) {
            throw std::invalid_argument(std::string("autolocator: ") + name + " must be at least " + figure(least, 1) +
                                        " s, got " + std::to_string(value));
        }
    };
    at_least("pre_roll_s", config.pre_roll_s, kLeastPreRoll_s);
    at_least("post_roll_s", config.post_roll_s, 0.0);
    at_least("record_latency_s", config.record_latency_s, 0.0);
    at_least("record_exit_latency_s", config.record_exit_latency_s, 0.0);
    at_least("arm_wait_s", config.arm_wait_s, 0.0);
    at_least("latest_s", config.latest_s, 0.0);
}

Autolocator::~Autolocator() {
    listener_ = {};
    cancel("the autolocator has ended");
}

double Autolocator::play_m_s() {
    const double ips = transport_.state().play_speed_ips;
    return metres_per_second(ips > 0.0 ? ips : transport_.config().play_speed_ips);
}

CommandResult Autolocator::locate(double place_m, bool then_play) {
    cancel("replaced by a locate");
    then_play_ = then_play;
    return begin(Program::Locate, place_m);
}

CommandResult Autolocator::repeat(double in_m, double out_m, int passes) {
    cancel("replaced by a repeat");
    const double least_m = kLeastTake_s * play_m_s();
    if (!(out_m - in_m >= least_m) || passes < 0) {
        return {CommandStatus::Denied, "repeat: out (" + length_text(out_m) + ") must lie at least " +
                                           length_text(least_m) + " after in (" + length_text(in_m) +
                                           "), and the passes must be 0 (until stopped) or more"};
    }
    state_.in_m = in_m;
    state_.out_m = out_m;
    state_.passes = passes;
    state_.passes_done = 0;
    return begin(Program::Repeat, in_m);
}

std::optional<std::string> Autolocator::objection(const PunchPlan& plan) {
    const MachineState& machine = transport_.state();
    const double speed_m_s = play_m_s();
    if (!(plan.out_m - plan.in_m >= kLeastTake_s * speed_m_s)) {
        return "out (" + length_text(plan.out_m) + ") must lie at least " + figure(kLeastTake_s, 1) + " s after in (" +
               length_text(plan.in_m) + ")";
    }
    if (!(plan.in_m >= kLeastPreRoll_s * speed_m_s)) {
        return "in (" + length_text(plan.in_m) + ") leaves no pre-roll: it must lie at least " +
               length_text(kLeastPreRoll_s * speed_m_s) + " after the zero";
    }
    if (!(plan.out_m <= transport_.config().tape_length_m)) {
        return "out (" + length_text(plan.out_m) + ") lies beyond the end of the tape (" +
               length_text(transport_.config().tape_length_m) + ")";
    }
    if (plan.most_uncertainty_m && machine.position_uncertainty_m > *plan.most_uncertainty_m) {
        return "the counter is certain to " + length_text(machine.position_uncertainty_m) + " only, allowed are " +
               length_text(*plan.most_uncertainty_m) + ": zero it, or let a known place correct it, near the in point";
    }
    return std::nullopt;
}

CommandResult Autolocator::roll(Program program, const PunchPlan& plan) {
    const std::string name(name_of(program));
    cancel("replaced by a " + name);
    if (const std::optional<std::string> why = objection(plan)) {
        return {CommandStatus::Denied, name + ": " + *why};
    }
    state_.in_m = plan.in_m;
    state_.out_m = plan.out_m;
    state_.punched = {};
    most_uncertainty_m_ = plan.most_uncertainty_m;
    return begin(program, std::max(0.0, plan.in_m - config_.pre_roll_s * play_m_s()));
}

CommandResult Autolocator::begin(Program program, double target_m) {
    const std::uint64_t mine = ++turn_;
    state_.program = program;
    state_.target_m = target_m;
    ticker_ = std::make_unique<PeriodicTimer>(timeline_, kTick, [this] { tick(); });
    expected_ = Motion::Locating;
    set(Stage::Locating, "locating to " + length_text(target_m));
    CommandResult result{CommandStatus::Denied, state_.said};
    if (mine == turn_) {
        result = transport_.locate(target_m);
    }
    if (mine != turn_) {
        return {CommandStatus::Denied, state_.said}; // a listener has ended it already
    }
    if (result.denied()) {
        end(result.reason);
    }
    return result;
}

bool Autolocator::cancel(const std::string& why) {
    if (!active()) {
        return false;
    }
    const std::uint64_t mine = turn_;
    const bool records = state_.program == Program::Punch && state_.stage == Stage::Between &&
                         transport_.state().requested == Motion::Recording;
    if (records) {
        state_.punched.out_m = transport_.state().position_m;
        transport_.punch_out();
    }
    if (mine == turn_) { // else a listener has cancelled it meanwhile
        end(std::string(name_of(state_.program)) + " ended: " + why);
    }
    return true;
}

void Autolocator::tick() {
    const MachineState machine = transport_.state();
    if (somebody_else(machine)) {
        end_by_somebody_else(machine);
        return;
    }
    if (machine.position_knowledge != PositionKnowledge::Known) {
        fail("the position has become doubtful");
        return;
    }
    step(machine);
}

bool Autolocator::somebody_else(const MachineState& machine) const {
    if (state_.stage == Stage::Locating) {
        // it ends by itself, Stopped; a second locate by somebody else has another target
        const bool other = machine.locate_to_m && std::abs(*machine.locate_to_m - state_.target_m) > 1e-6;
        return machine.requested != Motion::Locating ? machine.requested != Motion::Stopped : other;
    }
    return machine.requested != expected_;
}

void Autolocator::end_by_somebody_else(const MachineState& machine) {
    if (state_.program == Program::Punch && state_.stage == Stage::Between) {
        state_.punched.out_m = machine.position_m; // about
    }
    std::string said = std::string(name_of(state_.program)) + " ended: ";
    if (!machine.fault.empty()) {
        said += machine.fault;
    } else {
        said += "a hand on the deck, another command or the deck itself: it is now " +
                std::string(name_of(machine.current));
    }
    end(std::move(said));
}

void Autolocator::step(const MachineState& machine) {
    switch (state_.stage) {
    case Stage::Idle:
        break;
    case Stage::Locating:
        if (machine.requested == Motion::Stopped && machine.current == Motion::Stopped) {
            arrived(machine);
        }
        break;
    case Stage::WaitingForArm:
        wait_for_arm(machine);
        break;
    case Stage::Starting:
        see_start(machine);
        break;
    case Stage::PreRoll:
    case Stage::Between:
    case Stage::PostRoll:
        roll_towards(machine);
        break;
    case Stage::Stopping:
        if (machine.current == Motion::Stopped) {
            end(state_.said);
        }
        break;
    }
}

/// The program cannot go on: the deck is stopped, record off first.
void Autolocator::fail(const std::string& said) {
    const std::uint64_t mine = turn_;
    transport_.stop();
    if (mine == turn_) { // else a listener has cancelled it meanwhile
        end(std::string(name_of(state_.program)) + " stopped: " + said);
    }
}

void Autolocator::set(Stage stage, std::string said) {
    state_.stage = stage;
    state_.said = std::move(said);
    ++state_.revision;
    tell();
}

void Autolocator::end(std::string said) {
    ++turn_;
    ticker_.reset();
    timeline_.cancel(std::exchange(reach_timer_, 0));
    state_.program = Program::None;
    set(Stage::Idle, std::move(said));
}

void Autolocator::tell() {
    if (listener_) {
        listener_();
    }
}

} // namespace overbias::transport
