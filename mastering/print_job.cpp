// SPDX-License-Identifier: Apache-2.0
// The steps of a print: to its start, into record, the programme, out again, the verdict.
#include "mastering/print_job_impl.hpp"

#include "base/figure.hpp"
#include "base/units.hpp"

#include <algorithm>
#include <utility>

namespace overbias::mastering {

using transport::JobOutcome;
using transport::JobStopped;
using transport::Motion;

namespace {

constexpr DeckDuration kTick = std::chrono::milliseconds(10);
constexpr double kRestS = 1.0;           ///< listening to the electronics before the tape moves
constexpr double kPrerollS = 1.0;        ///< in play, not in record
constexpr double kStartAllowanceS = 1.0; ///< from the play key to play speed, for the place where play is pressed
constexpr double kRecordAndLatencyS =
    0.13; ///< from the record key to the first frame leaving the card, for placing the slate
constexpr double kMotionTimeoutS = 10.0;
constexpr double kLocateTimeoutS = 900.0;

/// Ends the playing of the queue however the job ends.
class PlayingGuard {
  public:
    explicit PlayingGuard(audio::BlockEngine& engine) : engine_(engine) {}
    PlayingGuard(const PlayingGuard&) = delete;
    PlayingGuard& operator=(const PlayingGuard&) = delete;
    ~PlayingGuard() { engine_.stop_playing(); }

  private:
    audio::BlockEngine& engine_;
};

} // namespace

void PrintJob::refuse_if(const transport::CommandResult& answer, const std::string& what) const {
    if (answer.denied()) {
        throw JobStopped(JobStopped::Kind::Refused, what + " was refused: " + answer.reason);
    }
}

void PrintJob::fault(const std::string& what) {
    std::string text = what;
    if (played_from_ >= 0) {
        const double at_s = std::max(0.0, tape_s(played_to_));
        text += "; record is off, the print ends at " + figure(at_s, 2) + " s (" +
                figure(at_s * metres_per_second(context_.installation.tape_speed_ips), 2) +
                " m) after the slate's onset";
    } else {
        text += "; nothing of the programme was recorded";
    }
    throw JobStopped(JobStopped::Kind::Fault, text);
}

void PrintJob::set_phase(std::string phase, double done_s) {
    const double whole_s = plan_.duration_s(context_.installation.sample_rate_hz);
    progress_ = {std::move(phase), std::clamp(done_s / whole_s, 0.0, 1.0), std::max(0.0, whole_s - done_s)};
}

void PrintJob::fill_queue() {
    if (stream_.finished()) {
        return;
    }
    if (auto filled = stream_.fill(context_.engine); !filled) {
        fault(filled.error().message);
    }
    if (stream_.finished()) {
        context_.engine.queue_finish();
    }
}

Task<void> PrintJob::wait_for(Motion motion, double timeout_s, std::string what) {
    const DeckTime deadline = context_.timeline.now() + deck_seconds(timeout_s);
    while (context_.transport.state().current != motion) {
        if (!context_.transport.state().fault.empty()) {
            fault(context_.transport.state().fault);
        }
        if (context_.timeline.now() >= deadline) {
            fault(what + " did not happen within " + figure(timeout_s, 0) +
                  " s; check that the deck is on and in remote, and its tape threaded");
        }
        drain();
        co_await context_.timeline.sleep_for(kTick);
    }
}

Task<void> PrintJob::go_to_start() {
    auto& transport = context_.transport;
    refuse_if(transport.select_monitor(transport::MonitorSelect::Repro), "listening off tape (REPRO)");
    if (transport.state().current != Motion::Stopped) {
        refuse_if(transport.stop(), "stop");
        co_await wait_for(Motion::Stopped, 60.0, "standing still");
    }
    if (const auto start_m = plan_.request.start_m) {
        if (transport.state().position_knowledge != transport::PositionKnowledge::Known) {
            throw JobStopped(JobStopped::Kind::Refused, "print: the tape position is not known, so " +
                                                            figure(*start_m, 2) +
                                                            " m cannot be found; wind to the reel's zero and zero the "
                                                            "counter, or print from where the tape stands");
        }
        const double lead_s = kStartAllowanceS + kPrerollS + plan_.request.lead_in_s;
        const double target_m =
            std::max(0.0, *start_m - lead_s * metres_per_second(context_.installation.tape_speed_ips));
        set_phase("locate", 0);
        const auto answer = transport.locate(target_m);
        refuse_if(answer, "locate");
        if (answer.status != transport::CommandStatus::Unchanged) {
            co_await context_.timeline.sleep_for(kTick);
            co_await wait_for(Motion::Stopped, kLocateTimeoutS, "arriving at the start");
        }
    }
}

Task<void> PrintJob::start_recording() {
    auto& transport = context_.transport;
    set_phase("listening to the deck at rest", 0);
    for (const DeckTime until = context_.timeline.now() + deck_seconds(kRestS); context_.timeline.now() < until;) {
        co_await context_.timeline.sleep_for(kTick);
        drain();
    }
    set_phase("pre-roll", 0);
    refuse_if(transport.play(), "play");
    co_await wait_for(Motion::Playing, kMotionTimeoutS, "play speed");
    for (const DeckTime until = context_.timeline.now() + deck_seconds(kPrerollS); context_.timeline.now() < until;) {
        co_await context_.timeline.sleep_for(kTick);
        drain();
    }
    if (const auto start_m = plan_.request.start_m) {
        // The deck was up to speed sooner than was allowed for: roll on to where record has to begin.
        // By the lead-in asked for: the print's own timing then moves the slate on the tape, by less than 0.1 m at 15
        // ips.
        const double to_slate_s = plan_.request.lead_in_s + kRecordAndLatencyS;
        const double record_m = *start_m - to_slate_s * metres_per_second(context_.installation.tape_speed_ips);
        while (transport.state().position_m < record_m && transport.state().current == Motion::Playing) {
            co_await context_.timeline.sleep_for(kTick);
            drain();
        }
    }
    refuse_if(transport.arm(), "arming record");
    const auto answer = transport.record();
    refuse_if(answer, "record");
    co_await wait_for(Motion::Recording, kMotionTimeoutS, "record (its tally)");
    emit({"record_on", {}, std::nullopt, transport.state().position_m});
}

Task<void> PrintJob::play_programme() {
    const double rate_hz = context_.installation.sample_rate_hz;
    fill_queue();
    context_.engine.start_playing();
    while ((played_from_ = context_.engine.played_from()) < 0) {
        // The played tap is left alone until the sections are known; it holds at least a second.
        co_await context_.timeline.sleep_for(kTick);
    }
    add_sections();
    slate_counter_m_ = counter_at(played_from_ + plan_.sections[1].first_frame);
    section_counter_m_ = {counter_at(played_from_)};
    counter_uncertainty_m_ = context_.transport.state().position_uncertainty_m;
    if (context_.programme_starts) {
        const auto stamp = context_.engine.played_timestamp();
        const auto track = std::ranges::find(plan_.sections, ProgrammeSection::Kind::Track, &ProgrammeSection::kind);
        const double to_track_s = static_cast<double>(played_from_ + track->first_frame - stamp.frame) / rate_hz;
        context_.programme_starts(stamp.at + deck_seconds(to_track_s));
    }
    // The engine tells the end: frames lost in an xrun move it.
    while (context_.engine.played_to() < 0 || played_to_ < context_.engine.played_to()) {
        co_await context_.timeline.sleep_for(kTick);
        fill_queue();
        drain();
        if (!stopped_by_.empty()) {
            co_return; // record is off already
        }
        const auto& now = context_.transport.state();
        if (now.current != Motion::Recording) {
            fault(now.fault.empty()
                      ? "the deck left record by itself; expected it to record to the end of the programme"
                      : now.fault);
        }
        while (section_now_ + 1 < plan_.sections.size() &&
               played_to_ >= played_from_ + plan_.sections[section_now_ + 1].first_frame) {
            ++section_now_;
            section_counter_m_.push_back(counter_at(played_from_ + plan_.sections[section_now_].first_frame));
        }
        const ProgrammeSection& section = plan_.sections[section_now_];
        std::string phase = section.kind == ProgrammeSection::Kind::Slate     ? "slate"
                            : section.kind == ProgrammeSection::Kind::Silence ? "silence"
                                                                              : "track ";
        if (section.track >= 0) {
            const auto index = static_cast<std::size_t>(section.track);
            phase += std::to_string(index + 1) + " of " + std::to_string(plan_.files.size()) + ": " +
                     plan_.files[index].path.filename().string();
        }
        if (phase != progress_.phase) {
            emit(
                {section.track >= 0 ? "track_start" : "section_start",
                 {{"what", phase}},
                 played_from_ + section.first_frame,
                 tape_s(played_from_ + section.first_frame) * metres_per_second(context_.installation.tape_speed_ips)});
        }
        set_phase(std::move(phase), static_cast<double>(played_to_ - played_from_) / rate_hz);
        tell_proven();
        const LiveComparison live = comparison_->live();
        if (live.dropouts > dropouts_told_) {
            dropouts_told_ = live.dropouts;
            emit({"dropout", {{"count", std::to_string(live.dropouts)}}, live.judged_to_frame, std::nullopt});
        }
        if (live.failing && (*live.failing == "not_off_tape" || *live.failing == "no_signal") && section.track < 0) {
            co_return; // the slate already shows that nothing arrives: no more of the tape is used
        }
    }
}

Task<void> PrintJob::finish_on_tape() {
    set_phase("stopping", static_cast<double>(plan_.frames) / context_.installation.sample_rate_hz);
    // What was played last must still leave the card and pass the reproduce head.
    const double tail_s =
        context_.comparison.record_to_reproduce_m / metres_per_second(context_.installation.tape_speed_ips) +
        context_.comparison.round_trip_s + 0.25;
    for (const DeckTime until = context_.timeline.now() + deck_seconds(tail_s); context_.timeline.now() < until;) {
        co_await context_.timeline.sleep_for(kTick);
        drain();
        tell_proven();
    }
    const double end_m = context_.transport.state().position_m;
    refuse_if(context_.transport.stop(), "stop");
    emit({"record_off", {}, std::nullopt, end_m});
    co_await wait_for(Motion::Stopped, 60.0, "standing still");
}

bool PrintJob::concern(const transport::Concern& concern) {
    if (context_.transport.state().current != Motion::Recording) {
        return false;
    }
    PrintConcern one{.concern = concern, .tape_time_s = std::nullopt};
    if (played_from_ >= 0) {
        one.tape_time_s = tape_s(played_to_);
    }
    concerns_.push_back(std::move(one));
    const bool ends = plan_.request.stop_on_bias_failure && stopped_by_.empty() &&
                      concern.severity == transport::Concern::Severity::Fail;
    if (ends) {
        stopped_by_ = concern.words;
    }
    return ends;
}

JobOutcome PrintJob::judge() {
    const ComparisonResult result = comparison_->finish();
    std::vector<bool> converted;
    for (std::size_t i = 0; i < plan_.files.size(); ++i) {
        converted.push_back(stream_.converted(i));
    }
    JobOutcome outcome;
    outcome.verdict = result.pass ? transport::JobVerdict::Pass : transport::JobVerdict::Fail;
    if (!result.pass) {
        outcome.reason = result.reason;
    }
    if (!stopped_by_.empty()) {
        outcome.verdict = transport::JobVerdict::Fail;
        outcome.reason = "bias_failure";
    }
    outcome.report = make_print_report({plan_, context_.installation, context_.identity, context_.comparison, result,
                                        xruns_, std::move(converted), slate_counter_m_, counter_uncertainty_m_,
                                        track_places(), concerns_, stopped_by_});
    return outcome;
}

Task<JobOutcome> PrintJob::run() {
    const PlayingGuard guard(context_.engine);
    drop_old_frames();
    co_await go_to_start();
    drop_old_frames();
    comparison_ = std::make_unique<OffTapeComparison>(context_.comparison);
    return_.emplace(context_.engine, context_.tape_return, context_.return_rate_hz);
    co_await start_recording();
    co_await play_programme();
    co_await finish_on_tape();
    set_phase("judged", static_cast<double>(plan_.frames) / context_.installation.sample_rate_hz);
    co_return judge();
}

std::unique_ptr<transport::Job> make_print_job(PrintContext context, PrintPlan plan) {
    return std::make_unique<PrintJob>(std::move(context), std::move(plan));
}

} // namespace overbias::mastering
