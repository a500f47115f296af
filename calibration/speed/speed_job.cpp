// SPDX-License-Identifier: Apache-2.0
// The speed job from its start to its end: the tapes come and go, and nothing can be recorded while it may be the
// calibration tape that is on the deck.
#include "calibration/speed/speed_job_impl.hpp"

#include "base/figure.hpp"
#include "base/units.hpp"
#include "calibration/procedure/echo_run.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <stdexcept>
#include <utility>

namespace overbias::calibration {

using transport::JobOutcome;
using transport::Motion;

namespace {

constexpr double kLeastAveraging_s = 5.0; // AES6-2008
constexpr double kLeastTone_hz = 1000.0, kMostTone_hz = 13000.0;
constexpr int kLeastDelay_s = 6; // calibration/procedure/steady_mean.hpp
constexpr double kSameSpeed = 0.001;
constexpr double kThreaded_s = 15.0; ///< so long the deck may take to say that there is tape
constexpr double kFullScale = 2147483648.0;

constexpr const char* kHeld =
    "the flutter or calibration tape of the speed measurement is on the deck, or may be: take "
    "it off, thread the tape that is to be recorded on, and say so (tape changed)";

/// Of those of its tones that flutter can be read from, the one that serves best; 0: there is none.
double best_tone_hz(const tape::CalibrationTape& tape) {
    double best = 0.0;
    const auto cost = [](double hz) {
        for (const double usual : {3150.0, 3000.0}) {
            if (std::abs(hz / usual - 1.0) < 0.001) {
                return 0.0;
            }
        }
        return std::abs(hz / 1000.0 - 1.0) < 0.001 ? 1e-3 : std::abs(std::log(hz / 3150.0)) + 1e-3;
    };
    for (const tape::CalibrationTone& tone : tape.tones) {
        const double hz = tone.frequency_hz;
        if (hz >= kLeastTone_hz && hz <= kMostTone_hz && (best == 0.0 || cost(hz) < cost(best))) {
            best = hz;
        }
    }
    return best;
}

} // namespace

SpeedJob::SpeedJob(AlignmentContext context, SpeedSetup setup)
    : AttendedProcedure(std::move(context), "speed", "speed, wow and flutter", "thread the tapes"),
      setup_(std::move(setup)), tone_hz_(setup_.tone_hz.value_or(best_tone_hz(setup_.tape))),
      tones_{dsp::TapeTones({.rate_hz = context_.engine.sample_rate_hz()}),
             dsp::TapeTones({.rate_hz = context_.engine.sample_rate_hz()})} {
    const double speed_ips = context_.installation.tape_speed_ips;
    if (std::abs(setup_.tape.speed_ips / speed_ips - 1.0) > kSameSpeed) {
        throw std::invalid_argument(title_ + ": " + setup_.tape.name + " is made for " +
                                    figure(setup_.tape.speed_ips, 2) + " ips, the deck is set to " +
                                    figure(speed_ips, 2) + " ips; take a tape of the deck's speed");
    }
    const bool there =
        std::any_of(setup_.tape.tones.begin(), setup_.tape.tones.end(), [&](const tape::CalibrationTone& tone) {
            return std::abs(tone.frequency_hz / tone_hz_ - 1.0) < 0.001;
        });
    if (tone_hz_ < kLeastTone_hz || tone_hz_ > kMostTone_hz || !there) {
        throw std::invalid_argument(title_ + ": " + setup_.tape.name + " has no " +
                                    (setup_.tone_hz ? "tone of " + figure(*setup_.tone_hz, 0) + " Hz that is of use"
                                                    : std::string("tone that is of use")) +
                                    "; expected one from 1 to 13 kHz");
    }
    if (!(setup_.averaging_s >= kLeastAveraging_s)) {
        throw std::invalid_argument(title_ + ": an averaging time of " + figure(setup_.averaging_s, 1) +
                                    " s, expected 5 s (AES6-2008) or more");
    }
    if (setup_.head_delay && setup_.head_delay_s < kLeastDelay_s) {
        throw std::invalid_argument(title_ + ": the head delay is read over " + std::to_string(setup_.head_delay_s) +
                                    " s, expected 6 s or more; 30 s are usual");
    }
    set_steps(
        setup_.speed_trim && context_.guided
            ? std::vector<std::string>{"speed.tape", "speed.trim", "speed.error", "speed.tape_off", "speed.head_delay"}
            : std::vector<std::string>{"speed.tape", "speed.error", "speed.tape_off", "speed.head_delay"});
}

std::string SpeedJob::step_title(const std::string& id) const {
    if (id == "speed.tape") {
        return "calibration tape";
    }
    if (id == "speed.trim") {
        return "speed trim";
    }
    if (id == "speed.error") {
        return "speed";
    }
    if (id == "speed.wow_flutter") {
        return "wow and flutter, weighted";
    }
    if (id == "speed.tape_off") {
        return "calibration tape off";
    }
    return id == "speed.head_delay" ? "delay between the heads" : id;
}

void SpeedJob::hear(std::int64_t first_frame, std::span<const std::int32_t> interleaved) {
    if (echo_ != nullptr) {
        echo_->take(first_frame, interleaved);
        return;
    }
    samples_.resize(interleaved.size() / 2);
    for (std::size_t c = 0; c < kTracks; ++c) {
        for (std::size_t i = 0; i < samples_.size(); ++i) {
            samples_[i] = static_cast<float>(interleaved[2 * i + c] / kFullScale);
        }
        tones_[c].process(samples_);
        if (carrier_ && c == track_) {
            carrier_->process(samples_);
        }
    }
    if (taker_) {
        taker_->take(first_frame, interleaved);
    }
}

/// While the calibration tape plays.
void SpeedJob::attend() {
    if (!playing_) {
        return;
    }
    must_be_safe();
    if (context_.transport.state().current != Motion::Playing) {
        fault("the deck left play by itself while the calibration tape was measured; is its end reached?");
    }
}

/// From here on no command arms the deck.
void SpeedJob::hold_record() {
    auto& transport = context_.transport;
    const bool held_before = !transport.state().arm_held.empty();
    ready_before_ = transport.state().ready_tracks;
    refuse_if(transport.hold_arm(kHeld), "keeping record off while a calibration tape is on the deck");
    for (int track = 1; track <= transport.deck().ready_tracks; ++track) {
        const auto answer = transport.set_ready(track, false);
        if (answer.denied()) {
            if (!held_before) {
                (void)transport.release_arm_hold(); // no tape has been asked for
            }
            refuse("setting track " + std::to_string(track) + " safe was refused: " + answer.reason);
        }
    }
}

void SpeedJob::must_be_safe() const {
    const auto& now = context_.transport.state();
    if (now.record_tally) {
        fault("the deck shows record (its tally is lit) and nobody asked for it; it was told to stop: take the "
              "calibration tape off and find out why");
    }
    if (now.arm != transport::RecordArm::Safe || now.ready_tracks != 0 || now.arm_held.empty()) {
        fault("the deck is not safe: a track is record ready, or record can be armed; a calibration tape must not be "
              "on it");
    }
    if (!now.fault.empty()) {
        fault(now.fault);
    }
}

/// Asks until the deck stands still with a tape on it.
Task<void> SpeedJob::threaded(AlignmentView wanted) {
    for (;;) {
        const OperatorWord word = co_await asked(wanted);
        if (word.says != OperatorSays::Accept) {
            wanted.note = "accept when the tape is threaded, or end it here";
            continue;
        }
        const DeckTime deadline = context_.timeline.now() + deck_seconds(kThreaded_s);
        while (context_.transport.state().current != Motion::Stopped && context_.timeline.now() < deadline) {
            co_await tick();
        }
        if (context_.transport.state().current == Motion::Stopped) {
            co_return;
        }
        wanted.note = "the deck does not stand still with tape threaded: thread it, and press stop";
    }
}

Task<void> SpeedJob::calibration_tape() {
    auto& transport = context_.transport;
    if (transport.state().current == Motion::TapeOut) {
        if (context_.adjust.capabilities().monitor_select) {
            refuse_if(transport.select_monitor(transport::MonitorSelect::Repro), "listening off tape (REPRO)");
        }
    } else {
        co_await stand_ready();
    }
    hold_record();
    must_be_safe(); // before it is asked for
    AlignmentView wanted =
        view("speed.tape", OperatorTask::Confirm,
             "Thread " + setup_.tape.name + " where its " + figure(tone_hz_, 0) + " Hz begin" +
                 (transport.deck().ready_tracks > 0
                      ? "; record is off and held off"
                      : "; first switch every track's record ready off by hand: record itself is held off from here"));
    if (setup_.today) {
        wanted.note = tape::age_warning(setup_.tape, *setup_.today).value_or("");
    }
    for (bool measured = false; !measured;) {
        co_await threaded(wanted);
        must_be_safe();
        emit({"calibration_tape_on", {{"tape", setup_.tape.id}}, {}, {}});
        co_await start_playing();
        playing_ = true;
        clock_from_.reset();
        for (dsp::TapeTones& tones : tones_) {
            tones.reset();
        }
        co_await find_tone();
        co_await trim();
        measured = co_await read_tone();
        playing_ = false;
        co_await stop_on_tape();
        wanted.instruction = "Wind the tape back to where its " + figure(tone_hz_, 0) + " Hz begin";
        wanted.note = why_;
    }
}

Task<void> SpeedJob::tape_off() {
    AlignmentView wanted =
        view("speed.tape_off", OperatorTask::Confirm,
             setup_.head_delay ? "Take the calibration tape off the deck and put it away; thread a tape that may be "
                                 "recorded on, where it is blank, with both tracks record ready. Record can be "
                                 "armed again when this is accepted"
                               : "Take the calibration tape off the deck and put it away. Record can be armed "
                                 "again when this is accepted");
    for (bool off = false; !off;) {
        if (setup_.head_delay) {
            co_await threaded(wanted);
        } else if (const OperatorWord word = co_await asked(wanted); word.says != OperatorSays::Accept) {
            wanted.note = "accept when the calibration tape is off";
            continue;
        }
        off = !setup_.head_delay || co_await another_tape();
        wanted.note = why_;
    }
    (void)context_.transport.release_arm_hold();
    emit({"calibration_tape_off", {}, {}, {}});
}

Task<void> SpeedJob::measure() {
    const auto error = stored("speed.error", 0);
    const auto uncertainty = stored("speed.error_uncertainty", 0);
    if (error && uncertainty) {
        speed_ = SpeedError{.error_ppm = *error, .uncertainty_ppm = *uncertainty}; // it is gone on with
    } else {
        co_await calibration_tape();
    }
    co_await tape_off();
    if (setup_.head_delay) {
        co_await head_delay();
    }
}

void SpeedJob::hand_over() const {
    if (setup_.measured && speed_) {
        const double speed_ips = context_.installation.tape_speed_ips;
        setup_.measured({.speed = *speed_,
                         .head_delay = delay_,
                         .record_to_reproduce_m = delay_ ? delay_->delay_s * metres_per_second(speed_ips) : 0.0,
                         .speed_ips = speed_ips});
    }
}

Task<JobOutcome> SpeedJob::run() {
    const auto ended_with_job = begin();
    listener_->on_frames([this](std::int64_t first_frame, std::span<const std::int32_t> interleaved) {
        hear(first_frame, interleaved);
    });
    std::string reason;
    try {
        co_await measure();
    } catch (const Ended& by_operator) {
        reason = "ended by the operator at " + by_operator.at;
    }
    playing_ = false;
    const Motion motion = context_.transport.state().current;
    if (motion != Motion::Stopped && motion != Motion::TapeOut) {
        co_await stop_on_tape();
    }
    co_await ready_as_before(); // where it was ended in between
    const bool ended = reason.empty();
    if (ended) {
        hand_over();
    }
    progress_ = {"done", 1.0, 0.0};
    co_return outcome(std::move(reason), ended);
}

std::unique_ptr<transport::Job> make_speed_job(AlignmentContext context, SpeedSetup setup) {
    return std::make_unique<SpeedJob>(std::move(context), std::move(setup));
}

} // namespace overbias::calibration
