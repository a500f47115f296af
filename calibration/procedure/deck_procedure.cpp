// SPDX-License-Identifier: Apache-2.0
// What every alignment procedure does with the deck. Beside it: deck_procedure_readings.cpp (tones and readings),
// deck_procedure_record.cpp (the operator and the record).
#include "calibration/procedure/deck_procedure.hpp"

#include "base/figure.hpp"
#include "base/units.hpp"
#include "transport/motion_wait.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

namespace overbias::calibration {

using transport::JobStopped;
using transport::Motion;

namespace {

constexpr DeckDuration kTick = std::chrono::milliseconds(10);
constexpr double kMotionTimeout_s = 10.0, kStillTimeout_s = 60.0, kRewindTimeout_s = 900.0;
constexpr double kAboutZero_m = 1.0; ///< so far before 0 of the counter is still its 0

} // namespace

DeckProcedure::ToneGuard DeckProcedure::begin() {
    listener_.emplace(context_.engine, context_.tape_return, context_.installation.return_rate_hz);
    return ToneGuard(context_.oscillator);
}

void DeckProcedure::refuse_if(const transport::CommandResult& answer, const std::string& what) const {
    if (answer.denied()) {
        refuse(what + " was refused: " + answer.reason);
    }
}

void DeckProcedure::refuse(const std::string& why) {
    throw JobStopped(JobStopped::Kind::Refused, why);
}

void DeckProcedure::fault(const std::string& why) {
    throw JobStopped(JobStopped::Kind::Fault, why);
}

double DeckProcedure::head_delay_s() const {
    return context_.installation.record_to_reproduce_m / metres_per_second(context_.installation.tape_speed_ips);
}

void DeckProcedure::must_record() {
    const auto& now = context_.transport.state();
    if (recording_ && now.current != Motion::Recording) {
        fault(now.fault.empty() ? "the deck left record by itself; expected it to record to the end of the alignment"
                                : now.fault);
    }
    if (context_.engine.counters().lost.load(std::memory_order_relaxed)) {
        fault("the sound card is gone; expected it to run through the alignment; check its cable and power");
    }
}

Task<void> DeckProcedure::tick() {
    attend();
    co_await context_.timeline.sleep_for(kTick);
    listener_->drain();
    must_record();
}

Task<void> DeckProcedure::tick_until(DeckTime when) {
    while (context_.timeline.now() < when) {
        co_await tick();
    }
}

Task<void> DeckProcedure::wait_for(Motion motion, double timeout_s, std::string what) {
    const DeckTime deadline = context_.timeline.now() + deck_seconds(timeout_s);
    while (context_.transport.state().current != motion) {
        if (const std::string why = transport::why_wait_no_longer(context_.transport.state(), what, timeout_s,
                                                                  context_.timeline.now() >= deadline);
            !why.empty()) {
            fault(why);
        }
        co_await tick();
    }
}

Task<void> DeckProcedure::stand_ready() {
    auto& transport = context_.transport;
    if (context_.adjust.capabilities().monitor_select) { // else the operator has turned it, and what comes will tell
        refuse_if(transport.select_monitor(transport::MonitorSelect::Repro), "listening off tape (REPRO)");
    }
    if (transport.state().current != Motion::Stopped) {
        refuse_if(transport.stop(), "stop");
        co_await wait_for(Motion::Stopped, kStillTimeout_s, "standing still");
    }
    if (!begun_m_ && transport.state().position_knowledge == transport::PositionKnowledge::Known) {
        if (const double place_m = transport.state().position_m; place_m > -kAboutZero_m) {
            begun_m_ = std::max(place_m, 0.0);
        }
    }
}

Task<void> DeckProcedure::start_playing() {
    refuse_if(context_.transport.play(), "play");
    co_await wait_for(Motion::Playing, kMotionTimeout_s, "play speed");
}

Task<void> DeckProcedure::start_recording() {
    auto& transport = context_.transport;
    progress_.phase = "into record";
    if (context_.adjust.route(transport::Route::Source)) {
        refuse(
            title_ +
            ": the outside source feeds the deck, so none of our tones would be recorded; switch the source relay off");
    }
    co_await stand_ready();
    co_await start_playing();
    refuse_if(transport.arm(), "arming record");
    refuse_if(transport.record(), "record");
    co_await wait_for(Motion::Recording, kMotionTimeout_s, "record (its tally)");
    recording_ = true;
    emit({"record_on",
          {{"procedure", context_.record.procedure}},
          std::nullopt,
          std::nullopt,
          transport.state().position_m});
}

Task<void> DeckProcedure::stop_on_tape() {
    context_.oscillator.stop();
    const bool recorded = std::exchange(recording_, false);
    const double end_m = context_.transport.state().position_m;
    refuse_if(context_.transport.stop(), "stop");
    if (recorded) {
        emit({"record_off", {}, std::nullopt, std::nullopt, end_m});
    }
    co_await wait_for(Motion::Stopped, kStillTimeout_s, "standing still");
}

Task<void> DeckProcedure::wind_to(double place_m) {
    place_m = std::max(place_m, 0.0); // the locator knows no place before it
    const auto answer = context_.transport.locate(place_m);
    refuse_if(answer, "winding to " + figure(place_m, 2) + " m");
    if (answer.status != transport::CommandStatus::Unchanged) {
        co_await tick();
        co_await wait_for(Motion::Stopped, kRewindTimeout_s, "arriving at " + figure(place_m, 2) + " m");
    }
}

Task<void> DeckProcedure::finish_on_tape() {
    progress_.phase = "stopping";
    co_await stop_on_tape();
    if (context_.rewind && begun_m_) {
        progress_.phase = "rewinding";
        co_await wind_to(*begun_m_);
    }
}

} // namespace overbias::calibration
