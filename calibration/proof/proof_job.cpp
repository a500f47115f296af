// SPDX-License-Identifier: Apache-2.0
// The order of a proof, and what it stores.
#include "calibration/proof/proof_job.hpp"

#include "base/figure.hpp"
#include "base/units.hpp"
#include "calibration/proof/proof_job_impl.hpp"
#include "calibration/results/alignment_rows.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

namespace overbias::calibration {

namespace {

constexpr double kPlayRoom_db = 0.1;   ///< that the playback converter keeps over a tone
constexpr double kReturnRoom_db = 1.0; ///< and the other one, over what the deck may come back louder by
constexpr double kLongest_s = 600.0, kLongestWait_min = 24.0 * 60.0;
constexpr double kLowestBias_hz = 20e3, kHighestBias_hz = 1e6;
constexpr double kLongestTiming_s = 11.0; ///< the listener keeps so much
constexpr double kGone_db = 35.0;         ///< so much below what was sent it has not come back
constexpr double kFull = 0.9999;          ///< a converter that shows more has no more to show

void check(bool right, const std::string& wrong) {
    if (!right) {
        throw std::invalid_argument("proof: " + wrong);
    }
}

void check_time(double seconds, double least_s, double most_s, const std::string& what) {
    check(seconds >= least_s && seconds <= most_s, what + ": expected " + figure(least_s, 1) + " to " +
                                                       figure(most_s, 0) + " s, got " + figure(seconds, 2) + " s");
}

void check_setup(const ProofSetup& setup, const tape::LevelChart& chart, double rate_hz) {
    check(setup.tones || setup.sweep || setup.timing || setup.distortion || setup.mol || setup.noise ||
              setup.crosstalk || setup.bias_residual || setup.erase || setup.print_through,
          "nothing is to be measured; ask for a part of it at least");
    check_time(setup.sweep_s, 1.0, 60.0, "the sweep");
    check_time(setup.timing_s, 0.5, kLongestTiming_s, "averaging of the timing");
    for (const auto& [seconds, what] :
         {std::pair{setup.noise_s, "noise"}, std::pair{setup.distortion_s, "distortion"},
          std::pair{setup.crosstalk_s, "crosstalk"}, std::pair{setup.bias_residual_s, "the bias residual"},
          std::pair{setup.erase_s, "erase depth"}}) {
        check_time(seconds, 1.0, kLongest_s, std::string("averaging of ") + what);
    }
    check(setup.print_wait_min >= 0.0 && setup.print_wait_min <= kLongestWait_min,
          "print-through: expected a wait of 0 to 1440 minutes, got " + figure(setup.print_wait_min, 1));
    for (const auto& [level_db, what] :
         {std::pair{setup.response_level_db, "the response"}, std::pair{setup.crosstalk_level_db, "crosstalk"}}) {
        check(level_db >= -60.0 && level_db <= chart.play_headroom_db(),
              std::string("level of ") + what + ": expected -60 to " + figure(chart.play_headroom_db(), 1) +
                  " dB re operating level, where the playback converter is full; got " + figure(level_db, 1));
    }
    check(setup.erase_level_db >= -20.0 && setup.print_level_db >= -20.0,
          "erase depth and print-through need a tone of -20 dB re operating level or more");
    const double top_hz = 0.45 * rate_hz;
    check(setup.distortion_hz >= 40.0 && 3.0 * setup.distortion_hz <= std::min(top_hz, 20000.0),
          "distortion: expected a tone from 40 Hz up whose third harmonic is below " +
              figure(std::min(top_hz, 20000.0), 0) + " Hz, got " + figure(setup.distortion_hz, 0) + " Hz");
    for (const double hz : setup.crosstalk_hz) {
        check(hz >= 20.0 && hz <= top_hz,
              "crosstalk: expected 20 to " + figure(top_hz, 0) + " Hz, got " + figure(hz, 0) + " Hz");
    }
    for (const double hz : setup.tones_hz) {
        check(hz >= 10.0 && hz <= 100000.0, "response: expected 10 Hz to 100 kHz, got " + figure(hz, 1) + " Hz");
    }
    check(!setup.bias_hz || (*setup.bias_hz >= kLowestBias_hz && *setup.bias_hz <= kHighestBias_hz),
          "bias: expected 20 to 1000 kHz, got " + figure(setup.bias_hz.value_or(0.0) / 1000.0, 1) + " kHz");
    check(!setup.crosstalk || !setup.crosstalk_hz.empty(), "crosstalk is asked for at no frequency");
}

} // namespace

ProofJob::ProofJob(AlignmentContext context, ProofSetup setup)
    : DeckProcedure(std::move(context), "proof", "proof"), setup_(std::move(setup)) {
    check_setup(setup_, context_.installation.chart, context_.engine.sample_rate_hz());
}

std::string ProofJob::step_title(const std::string& id) const {
    return id == "proof.timing" ? "timing between the tracks" : step_words(id).second;
}

bool ProofJob::has(const std::string& id, int channel) const {
    return context_.record.step(id, channel) != nullptr;
}

double ProofJob::metres(double deck_s) const {
    return deck_s * metres_per_second(context_.installation.tape_speed_ips);
}

double ProofJob::place_m() const {
    return context_.transport.state().position_m;
}

Task<void> ProofJob::tick_until_place(double place_m) {
    const double way_m = std::max(0.0, place_m - this->place_m());
    const DeckTime deadline = context_.timeline.now() + deck_seconds(2.0 * way_m / metres(1.0) + 5.0);
    while (this->place_m() < place_m) {
        if (context_.timeline.now() >= deadline) {
            fault("the counter stands at " + figure(this->place_m(), 2) + " m and should be at " + figure(place_m, 2) +
                  " m by now; check the tape roller");
        }
        co_await tick();
    }
}

double ProofJob::fitting(double level_db) const {
    const auto& chart = context_.installation.chart;
    return std::min(
        {level_db, chart.play_headroom_db() - kPlayRoom_db, -chart.capture_dbfs_at_operating_level - kReturnRoom_db});
}

void ProofJob::must_come_back(std::size_t track, double level_db, double sent_db) const {
    if (!(level_db >= sent_db - kGone_db)) {
        fault("track " + std::to_string(track + 1) + ": a tone of " + figure(sent_db, 0) +
              " dB re operating level was sent, and nothing of it comes off tape any more; check its line, its record "
              "ready and the tape");
    }
}

bool ProofJob::overloaded(const TapeStretch& stretch) {
    return std::any_of(stretch.channels.begin(), stretch.channels.end(), [](const auto& channel) {
        return std::any_of(channel.begin(), channel.end(),
                           [](float sample) { return std::abs(static_cast<double>(sample)) >= kFull; });
    });
}

void ProofJob::attend() {
    if (whole_s_ > 0.0) {
        const double gone_s = seconds(context_.timeline.now() - begun_at_);
        progress_.fraction = std::clamp(gone_s / whole_s_, 0.0, 1.0);
        progress_.remaining_s = std::max(0.0, whole_s_ - gone_s);
    }
    if (!ending_ && aborted()) {
        ending_ = true; // what ends it takes time too
        throw EndedByOperator{};
    }
}

void ProofJob::begin_part(std::string title, std::string id) {
    progress_.phase = part_title_ = std::move(title);
    part_id_ = std::move(id);
    shown_.clear();
    if (context_.operator_port != nullptr) {
        AlignmentView view;
        view.procedure = context_.record.procedure;
        view.step_id = part_id_;
        view.title = part_title_;
        view.task = OperatorTask::Watch;
        context_.operator_port->show(view);
    }
}

void ProofJob::store(Reading reading) {
    tape::AlignmentStep step;
    step.id = reading.id;
    step.channel = reading.channel;
    step.reading = reading.value;
    step.unit = reading.unit;
    step.target = reading.limit.target;
    step.tolerance = reading.limit.tolerance;
    step.averaging_s = reading.averaging_s;
    step.accepted_at = context_.utc_now();
    step.bound = reading.limit.bound;
    step.remark = reading.limit.remark;
    if (reading.better_than) {
        step.remark =
            "better than this: what is left is not told from noise" + (step.remark.empty() ? "" : "; " + step.remark);
        if (step.within() == false) { // nobody knows
            step.tolerance.reset();
            not_measured(reading.id, "track " + std::to_string(reading.channel) + " is better than " +
                                         figure(reading.value, 1) + " " + reading.unit +
                                         ", and noise hides whether its limit is kept");
        }
    }
    emit({"aligned",
          {{"step", reading.id},
           {"channel", std::to_string(reading.channel)},
           {"reading", figure(reading.value, 3) + " " + reading.unit}},
          std::nullopt,
          std::nullopt,
          place_m()});
    if (context_.operator_port != nullptr) {
        AlignmentView view;
        view.procedure = context_.record.procedure;
        view.step_id = reading.id;
        view.title = part_title_;
        view.task = OperatorTask::Watch;
        view.unit = reading.unit;
        view.target = step.target.value_or(0.0);
        view.tolerance = step.tolerance.value_or(0.0);
        view.averaging_s = reading.averaging_s;
        if (!shown_.empty() && (part_id_ != reading.id || shown_.front().channel == reading.channel)) {
            shown_.clear();
        }
        part_id_ = reading.id;
        shown_.push_back({.channel = reading.channel,
                          .reading = reading.value,
                          .turn = std::nullopt,
                          .done = step.within().value_or(true),
                          .words = value_text(reading.value, reading.unit)});
        view.tracks = shown_;
        context_.operator_port->show(view);
    }
    context_.record.steps.push_back(std::move(step));
}

void ProofJob::not_measured(const std::string& id, std::string reason) {
    emit({"not_measured", {{"step", id}, {"reason", std::move(reason)}}, std::nullopt, std::nullopt, place_m()});
}

Task<void> ProofJob::be_recording() {
    if (recording()) {
        co_return;
    }
    co_await start_recording();
    if (!own_from_m_) {
        own_from_m_ = place_m();
    }
    if (!proven_) {
        co_await prove_off_tape();
        proven_ = true;
    }
    progress_.phase = part_title_;
}

Task<void> ProofJob::measure() {
    struct Part {
        bool wanted;
        Task<void> (ProofJob::*run)();
    };
    const std::array<Part, 10> parts{{{setup_.tones, &ProofJob::tones},
                                      {setup_.sweep, &ProofJob::sweep},
                                      {setup_.timing, &ProofJob::timing},
                                      {setup_.distortion, &ProofJob::distortion},
                                      {setup_.mol, &ProofJob::mol},
                                      {setup_.noise, &ProofJob::noise},
                                      {setup_.crosstalk, &ProofJob::crosstalk},
                                      {setup_.bias_residual, &ProofJob::bias_residual},
                                      {setup_.erase, &ProofJob::erase},
                                      {setup_.print_through, &ProofJob::print_through}}};
    begun_at_ = context_.timeline.now();
    whole_s_ = proof_time_s(setup_);
    for (const Part& part : parts) {
        if (part.wanted) {
            co_await (this->*part.run)();
        }
    }
}

Task<transport::JobOutcome> ProofJob::run() {
    const auto ended_with_job = begin();
    std::string reason;
    try {
        co_await measure();
    } catch (const EndedByOperator&) {
        reason = "ended by the operator: " + part_title_;
    }
    ending_ = true;
    const bool ended = reason.empty();
    co_await finish_on_tape();
    if (ended && context_.record.steps.empty()) {
        reason = "nothing could be measured";
    }
    progress_ = {"done", 1.0, 0.0};
    co_return outcome(std::move(reason), ended);
}

std::unique_ptr<transport::Job> make_proof_job(AlignmentContext context, ProofSetup setup) {
    return std::make_unique<ProofJob>(std::move(context), std::move(setup));
}

} // namespace overbias::calibration
