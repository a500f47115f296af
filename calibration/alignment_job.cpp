// SPDX-License-Identifier: Apache-2.0
// An alignment from the start to the end: into record, the proof that what is heard comes off tape, the rounds.
#include "calibration/alignment_job_impl.hpp"

#include "base/figure.hpp"
#include "base/units.hpp"
#include "tape/alignment_json.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <stdexcept>
#include <utility>

namespace overbias::calibration {

using transport::JobOutcome;
using transport::JobStopped;
using transport::JobVerdict;
using transport::Motion;

namespace {

constexpr DeckDuration kTick = std::chrono::milliseconds(10);
constexpr double kMotionTimeout_s = 10.0, kRewindTimeout_s = 900.0;
/// The heads' distance is a profile's figure, and the tape's speed is not exact.
constexpr double kDelayMargin = 1.04;
constexpr double kFade_s = 0.012; ///< of the oscillator and of whatever filters follow it
/// The proof: a tone in the middle of the band, where azimuth turns the phase of the tracks by little.
constexpr double kProof_hz = 1000.0, kProof_db = -10.0, kProof_s = 0.2;
constexpr double kProofStep_s = 0.002;
/// Of the delay between the heads: more, and it is another head block or speed.
constexpr double kDelayOff = 0.1;
constexpr double kNothing_db = -35.0; ///< below what was sent: it has not come back

/// Ends the tone however the job ends.
class ToneGuard {
  public:
    explicit ToneGuard(audio::Oscillator& oscillator) : oscillator_(oscillator) {}
    ToneGuard(const ToneGuard&) = delete;
    ToneGuard& operator=(const ToneGuard&) = delete;
    ~ToneGuard() { oscillator_.stop(); }

  private:
    audio::Oscillator& oscillator_;
};

} // namespace

AlignmentJob::AlignmentJob(AlignmentContext context, Procedure procedure)
    : context_(std::move(context)), procedure_(std::move(procedure)) {
    progress_.phase = "ready";
    if (procedure_.steps.empty()) {
        throw std::invalid_argument(procedure_.title + ": the procedure has no steps");
    }
    if (context_.guided && context_.operator_port == nullptr) {
        throw std::invalid_argument(procedure_.title +
                                    ": a guided alignment needs an operator; start it from the panel "
                                    "or the command line");
    }
    const auto offers = context_.adjust.capabilities().adjusters;
    for (const ProcedureStep& step : procedure_.steps) {
        for (std::size_t track = 0; !context_.guided && step.turns && track < kTracks; ++track) {
            if (std::none_of(offers.begin(), offers.end(), [&](const transport::AdjusterOffer& offer) {
                    return offer.adjuster == *step.turns && offer.track == track && offer.step > 0.0;
                })) {
                throw std::invalid_argument(
                    procedure_.title + ": " + std::string(transport::adjuster_name(*step.turns)) + " of track " +
                    std::to_string(track + 1) + " can't be set from here; run it guided, and turn the screw by hand");
            }
        }
    }
    context_.record.procedure = procedure_.name;
}

void AlignmentJob::refuse_if(const transport::CommandResult& answer, const std::string& what) const {
    if (answer.denied()) {
        refuse(what + " was refused: " + answer.reason);
    }
}

void AlignmentJob::refuse(const std::string& why) {
    throw JobStopped(JobStopped::Kind::Refused, why);
}

void AlignmentJob::fault(const std::string& why) {
    throw JobStopped(JobStopped::Kind::Fault, why);
}

double AlignmentJob::head_delay_s() const {
    return context_.installation.record_to_reproduce_m / metres_per_second(context_.installation.tape_speed_ips);
}

DeckTime AlignmentJob::back_at(DeckTime at) const {
    return at + deck_seconds(head_delay_s() * kDelayMargin + context_.installation.round_trip_s + kFade_s);
}

void AlignmentJob::must_record() {
    const auto& now = context_.transport.state();
    if (recording_ && now.current != Motion::Recording) {
        fault(now.fault.empty() ? "the deck left record by itself; expected it to record to the end of the alignment"
                                : now.fault);
    }
    if (context_.engine.counters().lost.load(std::memory_order_relaxed)) {
        fault("the sound card is gone; expected it to run through the alignment; check its cable and power");
    }
}

Task<void> AlignmentJob::tick() {
    co_await context_.timeline.sleep_for(kTick);
    listener_->drain();
    must_record();
}

Task<void> AlignmentJob::tick_until(DeckTime when) {
    while (context_.timeline.now() < when) {
        co_await tick();
    }
}

Task<void> AlignmentJob::wait_for(Motion motion, double timeout_s, std::string what) {
    const DeckTime deadline = context_.timeline.now() + deck_seconds(timeout_s);
    while (context_.transport.state().current != motion) {
        if (!context_.transport.state().fault.empty()) {
            fault(context_.transport.state().fault);
        }
        if (context_.timeline.now() >= deadline) {
            fault(what + " did not happen within " + figure(timeout_s, 0) +
                  " s; check that the deck is on and in remote, and its tape threaded");
        }
        co_await tick();
    }
}

Task<void> AlignmentJob::start_recording() {
    auto& transport = context_.transport;
    progress_.phase = "into record";
    if (context_.adjust.route(transport::Route::Source)) {
        refuse(
            procedure_.title +
            ": the outside source feeds the deck, so none of our tones would be recorded; switch the source relay off");
    }
    if (context_.adjust.capabilities().monitor_select) { // else the operator has turned it, and the proof will tell
        refuse_if(transport.select_monitor(transport::MonitorSelect::Repro), "listening off tape (REPRO)");
    }
    if (transport.state().current != Motion::Stopped) {
        refuse_if(transport.stop(), "stop");
        co_await wait_for(Motion::Stopped, 60.0, "standing still");
    }
    if (transport.state().position_knowledge == transport::PositionKnowledge::Known) {
        begun_m_ = transport.state().position_m;
    }
    refuse_if(transport.play(), "play");
    co_await wait_for(Motion::Playing, kMotionTimeout_s, "play speed");
    refuse_if(transport.arm(), "arming record");
    refuse_if(transport.record(), "record");
    co_await wait_for(Motion::Recording, kMotionTimeout_s, "record (its tally)");
    recording_ = true;
    emit({"record_on", {{"procedure", procedure_.name}}, std::nullopt, std::nullopt, transport.state().position_m});
}

/// Returns when the tone, and nothing else, comes off tape.
Task<void> AlignmentJob::play(dsp::Signal signal, audio::OscillatorChannels channels) {
    listener_->listen(signal.frequency_hz);
    if (auto playing = context_.oscillator.play(signal, channels); !playing) {
        fault("the oscillator: " + playing.error().message);
    }
    const DeckTime deadline = context_.timeline.now() + std::chrono::seconds(2);
    while (context_.oscillator.last_change().settled_frame < 0) {
        if (context_.timeline.now() >= deadline) {
            fault("the oscillator did not begin within 2 s; is a programme playing, or the sound card stopped?");
        }
        co_await tick();
    }
    const auto stamp = context_.engine.played_timestamp();
    const double due_s = static_cast<double>(context_.oscillator.last_change().settled_frame - stamp.frame) /
                         context_.engine.sample_rate_hz();
    co_await tick_until(back_at(stamp.at + deck_seconds(due_s)));
}

Task<void> AlignmentJob::play(const ProcedureStep& step) {
    const double dbfs = context_.installation.chart.play_dbfs(step.level_db);
    co_await play(dsp::sine_signal(step.frequency_hz, dbfs), audio::OscillatorChannels::Both);
}

/// A tone on the left alone: when it comes back, and where; then on both: in phase?
Task<void> AlignmentJob::prove_off_tape() {
    progress_.phase = "listening whether it comes off tape";
    const double sent_dbfs = context_.installation.chart.play_dbfs(kProof_db);
    const double expected_dbfs = context_.installation.chart.capture_dbfs(kProof_db);
    const dsp::Signal signal = dsp::sine_signal(kProof_hz, sent_dbfs);
    co_await play(signal, audio::OscillatorChannels::Left);
    const auto stamp = context_.engine.played_timestamp();
    const double from_s = static_cast<double>(context_.oscillator.last_change().from_frame - stamp.frame) /
                          context_.engine.sample_rate_hz();
    const DeckTime left_card = stamp.at + deck_seconds(from_s);
    // another head block's tone comes later than this one's
    const DeckTime steady = context_.timeline.now() + deck_seconds(head_delay_s());
    const DeckTime end = steady + deck_seconds(kProof_s);
    while (!listener_->heard_until(end)) {
        co_await tick();
    }
    const auto heard = listener_->tone(steady, end);
    if (!heard) {
        fault("frames from the sound card were lost while listening to the deck; check its cable and buffers");
    }
    const double louder_dbfs = std::max(heard->level_dbfs[0], heard->level_dbfs[1]);
    if (louder_dbfs < expected_dbfs + kNothing_db) {
        refuse("nothing comes back from the deck: 1 kHz was sent on the left, expected about " +
               figure(expected_dbfs, 0) + " dBFS, came " + figure(louder_dbfs, 0) +
               " dBFS; check the lines, record ready of the tracks and the tape");
    }
    if (heard->level_dbfs[1] > heard->level_dbfs[0]) {
        refuse("the channels are swapped: what was sent on the left came back on the right; exchange the lines to the "
               "deck or from it");
    }
    DeckTime onset = left_card;
    while (onset < steady) {
        const auto window = listener_->moment(onset);
        if (window && window->level_dbfs[0] > heard->level_dbfs[0] - 6.0) {
            break;
        }
        onset += deck_seconds(kProofStep_s);
    }
    const double delay_s = seconds(onset - left_card) - context_.installation.round_trip_s;
    if (delay_s < 0.5 * head_delay_s()) {
        refuse("what comes back does not come off tape: it came " + figure(1000.0 * std::max(0.0, delay_s), 0) +
               " ms after it was sent, the tape takes " + figure(1000.0 * head_delay_s(), 0) +
               " ms between the heads; the monitor is on INPUT or SYNC: switch it to REPRO");
    }
    if (std::abs(delay_s - head_delay_s()) > kDelayOff * head_delay_s()) {
        refuse(
            "what was recorded comes back " + figure(1000.0 * delay_s, 0) + " ms later; expected " +
            figure(1000.0 * head_delay_s(), 0) +
            " ms, from the distance of the heads in the profile and the speed; another head block is mounted, or the "
            "deck runs at another speed: set which one it is");
    }
    co_await play(signal, audio::OscillatorChannels::Both);
    const DeckTime from = context_.timeline.now();
    while (!listener_->heard_until(from + deck_seconds(kProof_s))) {
        co_await tick();
    }
    const auto both = listener_->tone(from, from + deck_seconds(kProof_s));
    if (!both) {
        fault("frames from the sound card were lost while listening to the deck; check its cable and buffers");
    }
    if (both->level_dbfs[1] < expected_dbfs + kNothing_db) {
        refuse("the right track does not come back: expected about " + figure(expected_dbfs, 0) + " dBFS, came " +
               figure(both->level_dbfs[1], 0) + " dBFS; check its lines and record ready");
    }
    if (std::abs(both->phase_deg) > 90.0) {
        refuse("one track's polarity is reversed: 1 kHz, sent alike on both, comes back " + figure(both->phase_deg, 0) +
               " degrees apart; exchange pins 2 and 3 of one line");
    }
}

Task<void> AlignmentJob::finish_on_tape() {
    progress_.phase = "stopping";
    context_.oscillator.stop();
    recording_ = false;
    const double end_m = context_.transport.state().position_m;
    refuse_if(context_.transport.stop(), "stop");
    emit({"record_off", {}, std::nullopt, std::nullopt, end_m});
    co_await wait_for(Motion::Stopped, 60.0, "standing still");
    if (context_.rewind && begun_m_) {
        progress_.phase = "rewinding";
        const auto answer = context_.transport.locate(*begun_m_);
        refuse_if(answer, "rewinding to where it began");
        if (answer.status != transport::CommandStatus::Unchanged) {
            co_await tick();
            co_await wait_for(Motion::Stopped, kRewindTimeout_s, "arriving where it began");
        }
    }
}

/// `ended`: it was not broken off, so it can't be gone on with.
JobOutcome AlignmentJob::outcome(std::string reason, bool ended) {
    JobOutcome out;
    context_.record.ended_at = ended ? context_.utc_now() : "";
    if (reason.empty() && !context_.record.passed()) {
        for (const ProcedureStep& step : procedure_.steps) {
            for (int channel = 0; channel <= static_cast<int>(kTracks); ++channel) {
                const tape::AlignmentStep* last = context_.record.step(step.id, channel);
                if (last != nullptr && last->within() == false) {
                    reason += (reason.empty() ? "" : "; ") + step.title +
                              (channel > 0 ? " of track " + std::to_string(channel) : "") + " reads " +
                              figure(last->reading, 2) + " " + last->unit + ", expected " + figure(*last->target, 2) +
                              " within " + figure(*last->tolerance, 2);
                }
            }
        }
    }
    out.verdict = reason.empty() ? JobVerdict::Pass : JobVerdict::Fail;
    out.reason = std::move(reason);
    keep();
    out.report = tape::alignment_json(context_.record);
    return out;
}

Task<AlignmentJob::StepEnd> AlignmentJob::one_step(std::size_t index) {
    step_ = index;
    const ProcedureStep& step = procedure_.steps[index];
    const double steps = static_cast<double>(procedure_.steps.size());
    progress_.phase = step.title + (round_ > 1 ? ", round " + std::to_string(round_) : "");
    progress_.fraction = std::min(1.0, (static_cast<double>(round_ - 1) + static_cast<double>(index) / steps) /
                                           std::min(2, procedure_.most_rounds));
    co_await play(step);
    if (context_.guided) {
        co_return co_await guided(index);
    }
    co_return co_await automatic(index);
}

Task<JobOutcome> AlignmentJob::run() {
    const ToneGuard guard(context_.oscillator);
    listener_.emplace(context_.engine, context_.tape_return, context_.installation.return_rate_hz);
    co_await start_recording();
    co_await prove_off_tape();
    std::string reason;
    bool ended = true;
    bool turned = true;
    for (round_ = 1; turned && reason.empty(); ++round_) {
        if (round_ > procedure_.most_rounds) {
            if (procedure_.most_rounds > 1) {
                reason = "it does not come to rest: after " + std::to_string(procedure_.most_rounds) +
                         " rounds something still had to be turned; check tape and heads for what makes the readings "
                         "unsteady";
            }
            break;
        }
        turned = false;
        for (std::size_t index = 0; index < procedure_.steps.size();) {
            const std::string& id = procedure_.steps[index].id;
            if (round_ == 1 &&
                std::any_of(context_.record.steps.begin(), context_.record.steps.end(),
                            [&](const tape::AlignmentStep& each) { return each.id == id; }) &&
                !gone_back_) {
                ++index; // accepted before it was broken off; the next round reads it again
                turned = true;
                continue;
            }
            const StepEnd end = co_await one_step(index);
            if (end == StepEnd::Aborted || end == StepEnd::Failed) {
                ended = false;
                reason =
                    end == StepEnd::Failed ? failure_ : "ended by the operator at " + procedure_.steps[index].title;
                break;
            }
            if (end == StepEnd::Back) {
                gone_back_ = true;
                index -= std::min<std::size_t>(index, 1);
                continue;
            }
            turned = turned || end == StepEnd::Turned;
            ++index;
        }
    }
    co_await finish_on_tape();
    progress_ = {"done", 1.0, 0.0};
    co_return outcome(std::move(reason), ended);
}

std::unique_ptr<transport::Job> make_alignment_job(AlignmentContext context, Procedure procedure) {
    return std::make_unique<AlignmentJob>(std::move(context), std::move(procedure));
}

} // namespace overbias::calibration
