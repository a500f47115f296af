// SPDX-License-Identifier: Apache-2.0
// The autolocator's run: from the place located to until it stops.
#include "base/units.hpp"
#include "transport/position/autolocator.hpp"
#include "transport/position/figures.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace overbias::transport {

namespace {

/// A locate has arrived when it ended this near (seconds of play); further off something else has stopped it.
constexpr double kArrived_s = 0.5;
/// A tally proves play, but where the tape runs this much off play speed something is wrong all the same.
constexpr double kPlaySpeed = 0.10;
/// Uncertainty creeps up with the travel; it steps where the counter is set.
constexpr double kSet_m = 0.005;

bool near(double a_m, double b_m, double play_m_s) {
    return std::abs(a_m - b_m) <= kArrived_s * play_m_s;
}

} // namespace

void Autolocator::arrived(const MachineState& machine) {
    if (!near(machine.position_m, state_.target_m, play_m_s())) {
        end(std::string(name_of(state_.program)) + " ended: the deck was stopped at " +
            length_text(machine.position_m) + " on its way to " + length_text(state_.target_m));
    } else if (state_.program == Program::Punch) {
        parked_m_ = machine.position_m;
        waiting_since_ = timeline_.now();
        expected_ = Motion::Stopped;
        set(Stage::WaitingForArm, "at the pre-roll: arm to punch in at " + length_text(state_.in_m) + " and out at " +
                                      length_text(state_.out_m));
    } else if (state_.program == Program::Locate && !then_play_) {
        end("located to " + length_text(state_.target_m));
    } else {
        start_play();
    }
}

void Autolocator::wait_for_arm(const MachineState& machine) {
    if (machine.current != Motion::Stopped || !near(machine.position_m, parked_m_, play_m_s())) {
        end("punch ended: the tape was moved away from the pre-roll");
    } else if (machine.arm == RecordArm::Armed) {
        start_play();
    } else if (timeline_.now() - waiting_since_ >= deck_seconds(config_.arm_wait_s)) {
        end("punch ended: not armed within " + figure(config_.arm_wait_s, 0) + " s");
    }
}

void Autolocator::start_play() {
    const std::uint64_t mine = turn_;
    expected_ = Motion::Playing;
    crossing_.clear();
    set(Stage::Starting, "starting");
    if (mine != turn_) {
        return;
    }
    const CommandResult result = transport_.play();
    if (mine == turn_ && result.denied()) {
        end(std::string(name_of(state_.program)) + " ended: play was refused: " + result.reason);
    }
}

void Autolocator::see_start(const MachineState& machine) {
    if (machine.current != Motion::Playing) {
        return;
    }
    switch (state_.program) {
    case Program::Locate:
        end("located to " + length_text(state_.target_m) + " and playing");
        break;
    case Program::Repeat:
        set(Stage::Between, "playing to " + length_text(state_.out_m));
        break;
    default:
        set(Stage::PreRoll, "pre-roll to " + length_text(state_.in_m));
        break;
    }
}

void Autolocator::roll_towards(const MachineState& machine) {
    const double learned_m =
        machine.position_uncertainty_m - std::exchange(uncertainty_m_, machine.position_uncertainty_m);
    if (learned_m < 0.0 || learned_m > kSet_m) { // the counter was set, by the tape itself or by somebody
        crossing_.clear();
        timeline_.cancel(std::exchange(reach_timer_, 0));
    }
    crossing_.note(timeline_.now(), machine.position_m);
    const bool punching = state_.program == Program::Punch;
    if (state_.stage == Stage::PreRoll) {
        if (punching && machine.arm != RecordArm::Armed) {
            end("punch ended: disarmed in the pre-roll");
            return;
        }
        reach(state_.in_m, punching ? config_.record_latency_s : 0.0, machine, &Autolocator::go_in);
    } else if (state_.stage == Stage::Between) {
        reach(state_.out_m, punching ? config_.record_exit_latency_s : 0.0, machine,
              state_.program == Program::Repeat ? &Autolocator::out_of_range : &Autolocator::go_out);
    } else {
        const double end_m =
            std::min(state_.out_m + config_.post_roll_s * play_m_s(), transport_.config().tape_length_m);
        reach(end_m, 0.0, machine, &Autolocator::stop_at_end);
    }
}

/// Does `then` when the tape reaches that place, `lead_s` earlier: by a timer of its own as soon as it lies within two
/// ticks, at once when it has passed.
void Autolocator::reach(double place_m, double lead_s, const MachineState& machine, void (Autolocator::*then)()) {
    if (reach_timer_ != 0) {
        return;
    }
    const DeckTime now = timeline_.now();
    std::optional<DeckTime> when = crossing_.reaches(place_m);
    if (!when && machine.position_m >= place_m) {
        when = now;
    }
    if (!when || *when - deck_seconds(lead_s) - now > 2 * kTick) {
        return;
    }
    const DeckTime due = *when - deck_seconds(lead_s);
    if (due <= now) {
        (this->*then)();
        return;
    }
    reach_timer_ = timeline_.call_at(due, [this, then] {
        reach_timer_ = 0;
        const MachineState at = transport_.state();
        if (somebody_else(at)) {
            end_by_somebody_else(at);
        } else {
            (this->*then)();
        }
    });
}

void Autolocator::go_in() {
    const MachineState machine = transport_.state();
    const double late_m = machine.position_m - state_.in_m;
    if (state_.program == Program::Punch) {
        if (late_m > config_.latest_s * play_m_s()) {
            fail("the in point has passed by " + length_text(late_m) +
                 " before play was proven: nothing was recorded; use a longer pre-roll");
            return;
        }
        if (std::abs(machine.speed_m_s / play_m_s() - 1.0) > kPlaySpeed) {
            fail("the tape runs at " + speed_text(machine.speed_m_s) + ", not at play speed (" +
                 speed_text(play_m_s()) + "): nothing was recorded; look after capstan, pinch roller and tach");
            return;
        }
        if (most_uncertainty_m_ && machine.position_uncertainty_m > *most_uncertainty_m_) {
            fail("the counter is certain to " + length_text(machine.position_uncertainty_m) +
                 " only by now: nothing was recorded");
            return;
        }
        const std::uint64_t mine = turn_;
        expected_ = Motion::Recording;
        const CommandResult result = transport_.record();
        if (mine != turn_) {
            return;
        }
        if (result.status != CommandStatus::Accepted) {
            fail("record was refused at the in point: " + result.reason);
            return;
        }
    }
    state_.punched.in_m = machine.position_m;
    set(Stage::Between,
        (state_.program == Program::Punch ? "recording to " : "would be recording to ") + length_text(state_.out_m));
}

void Autolocator::go_out() {
    const std::uint64_t mine = turn_;
    state_.punched.out_m = transport_.state().position_m;
    if (state_.program == Program::Punch) {
        expected_ = Motion::Playing;
        const CommandResult result = transport_.punch_out();
        if (mine != turn_) {
            return;
        }
        if (result.denied()) {
            fail("the way out of record was refused: " + result.reason);
            return;
        }
    }
    set(Stage::PostRoll, "post-roll");
}

void Autolocator::out_of_range() {
    ++state_.passes_done;
    if (state_.passes > 0 && state_.passes_done >= state_.passes) {
        stop_at_end();
        return;
    }
    const std::uint64_t mine = turn_;
    expected_ = Motion::Locating;
    set(Stage::Locating, "back to " + length_text(state_.in_m));
    if (mine != turn_) {
        return;
    }
    const CommandResult result = transport_.locate(state_.in_m);
    if (mine == turn_ && result.denied()) {
        fail("the way back was refused: " + result.reason);
    }
}

void Autolocator::stop_at_end() {
    const std::uint64_t mine = turn_;
    expected_ = Motion::Stopped;
    std::string said;
    if (state_.program == Program::Repeat) {
        said = "repeated " + std::to_string(state_.passes_done) + " times";
    } else {
        said = (state_.program == Program::Punch ? "punched in at " : "rehearsed from ") +
               length_text(state_.punched.in_m.value_or(state_.in_m)) + ", out at " +
               length_text(state_.punched.out_m.value_or(state_.out_m)) + " by the counter";
    }
    set(Stage::Stopping, std::move(said));
    if (mine == turn_) {
        transport_.stop();
    }
}

} // namespace overbias::transport
