// SPDX-License-Identifier: Apache-2.0
// The calibration tape comes onto the deck and off it, and nothing can be recorded in between.
#include "calibration/reproduce/reproduce_job_impl.hpp"

#include "base/figure.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace overbias::calibration {

using transport::Motion;

namespace {

constexpr double kAsked_hz = 1000.0, kAsked_db = -10.0, kAsked_s = 0.2;
/// Louder than this against what was sent, with the tape still: it comes straight back.
constexpr double kStraightBack_db = -15.0;
constexpr double kThreaded_s = 15.0; ///< so long the deck may take to say that there is tape

constexpr const char* kHeld = "a calibration tape is on the deck, or may be: take it off, thread the tape that is to "
                              "be recorded on, and say so (tape changed)";

} // namespace

/// With the tape still nothing can come off it: what comes back comes straight from the input.
Task<void> ReproduceJob::listen_for_input() {
    progress_.phase = "listening whether the monitor is on REPRO";
    if (context_.adjust.route(transport::Route::Source)) {
        refuse(title_ + ": the outside source feeds the deck, so it can't be told whether its monitor is on INPUT; "
                        "switch the source relay off");
    }
    if (context_.transport.state().current == Motion::TapeOut) {
        if (context_.adjust.capabilities().monitor_select) {
            refuse_if(context_.transport.select_monitor(transport::MonitorSelect::Repro), "listening off tape (REPRO)");
        }
    } else {
        co_await stand_ready();
    }
    const auto& chart = context_.installation.chart;
    co_await play(dsp::sine_signal(kAsked_hz, chart.play_dbfs(kAsked_db)), audio::OscillatorChannels::Both);
    const StereoTone tone = co_await read(kAsked_s);
    co_await play_silence();
    const double louder_db =
        chart.captured_re_operating_db(std::max(tone.level_dbfs[0], tone.level_dbfs[1])) - kAsked_db;
    if (louder_db > kStraightBack_db) {
        refuse("1 kHz, sent to the deck while the tape stands still, comes back " + figure(louder_db, 1, true) +
               " dB against what was sent: the monitor is on INPUT; switch it to REPRO");
    }
}

/// From here on no command arms the deck.
void ReproduceJob::make_safe() {
    auto& transport = context_.transport;
    const bool held_before = !transport.state().arm_held.empty();
    refuse_if(transport.hold_arm(kHeld), "keeping record off while a calibration tape is on the deck");
    try {
        for (int track = 1; track <= transport.deck().ready_tracks; ++track) {
            refuse_if(transport.set_ready(track, false), "setting track " + std::to_string(track) + " safe");
        }
        must_be_safe();
    } catch (...) {
        if (!held_before) {
            (void)transport.release_arm_hold(); // no tape has been asked for
        }
        throw;
    }
}

void ReproduceJob::must_be_safe() const {
    const auto& now = context_.transport.state();
    if (now.record_tally) {
        fault("the deck shows record (its tally is lit) and nobody asked for it; it was told to stop: take the "
              "calibration tape off and find out why");
    }
    if (now.arm != transport::RecordArm::Safe || now.ready_tracks != 0) {
        fault("the deck is not safe: a track is record ready or record is armed; a calibration tape must not be on it");
    }
    if (!now.fault.empty()) {
        fault(now.fault);
    }
}

Task<bool> ReproduceJob::thread_tape(std::string instruction, std::string note, bool may_skip) {
    auto& transport = context_.transport;
    if (setup_.chosen && setup_.today) {
        const auto old = tape::age_warning(*setup_.chosen, *setup_.today);
        note += old ? (note.empty() ? "" : " ") + *old : "";
    }
    if (instruction.empty()) {
        instruction = "demagnetise heads and guides, then thread " +
                      (setup_.chosen ? setup_.chosen->name : std::string("the calibration tape")) + " at its beginning";
    }
    instruction += transport.deck().ready_tracks > 0
                       ? "; record is off and held off"
                       : "; first switch every track's record ready off by hand: record itself is held off from here";
    for (;;) {
        must_be_safe(); // before it is asked for
        AlignmentView asked{.procedure = "reproduce",
                            .step_id = "reproduce.tape",
                            .title = "calibration tape",
                            .instruction = instruction,
                            .task = OperatorTask::Confirm,
                            .value_unit = "",
                            .note = note,
                            .step = 0,
                            .steps = plan_.steps.size(),
                            .round = 1,
                            .unit = "",
                            .tracks = {}};
        const OperatorWord word = co_await ask(std::move(asked));
        if (word.says == OperatorSays::Abort) {
            throw OperatorEnded{};
        }
        if (word.says == OperatorSays::Skip && may_skip) {
            co_return false;
        }
        const DeckTime deadline = context_.timeline.now() + deck_seconds(kThreaded_s);
        while (transport.state().current != Motion::Stopped && context_.timeline.now() < deadline) {
            co_await tick();
        }
        if (word.says == OperatorSays::Accept && transport.state().current == Motion::Stopped) {
            break;
        }
        note = word.says == OperatorSays::Accept
                   ? "the deck does not stand still with tape threaded: thread it, and press stop"
                   : "accept when the tape is threaded";
    }
    must_be_safe();
    threaded_ = true;
    counted_ = !transport.zero_counter().denied() &&
               transport.state().position_knowledge == transport::PositionKnowledge::Known && transport.deck().tach;
    map_.clear();
    noted_ = 0;
    tones_.restart();
    emit({"calibration_tape_on", {}, std::nullopt, std::nullopt, std::nullopt});
    co_return true;
}

Task<void> ReproduceJob::take_tape_off() {
    progress_.phase = "stopping";
    co_await stop_on_tape();
    if (context_.rewind && counted_) {
        progress_.phase = "rewinding";
        co_await wind_to(0.0);
    }
    AlignmentView asked{
        .procedure = "reproduce",
        .step_id = "reproduce.tape_off",
        .title = "calibration tape off",
        .instruction = "take the calibration tape off the deck and put it away; accept when it is off: record can be "
                       "armed again then",
        .task = OperatorTask::Confirm,
        .value_unit = "",
        .note = "",
        .step = plan_.steps.empty() ? 0 : plan_.steps.size() - 1,
        .steps = plan_.steps.size(),
        .round = round_,
        .unit = "",
        .tracks = {}};
    const OperatorWord word = co_await ask(std::move(asked));
    if (word.says == OperatorSays::Accept) {
        threaded_ = false;
        (void)context_.transport.release_arm_hold();
        emit({"calibration_tape_off", {}, std::nullopt, std::nullopt, std::nullopt});
    }
}

} // namespace overbias::calibration
