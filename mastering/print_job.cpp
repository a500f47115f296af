// SPDX-License-Identifier: Apache-2.0
#include "mastering/print_job.hpp"

#include "audio/tape_return.hpp"
#include "base/figure.hpp"
#include "base/units.hpp"
#include "mastering/print_report.hpp"
#include "mastering/programme_stream.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

namespace overbias::mastering {

using transport::JobOutcome;
using transport::JobProgress;
using transport::JobStopped;
using transport::Motion;

namespace {

constexpr DeckDuration kTick = std::chrono::milliseconds(10);
constexpr DeckDuration kCardKeeperPatience = std::chrono::milliseconds(100);
constexpr DeckDuration kProvenEvery = std::chrono::milliseconds(500);
constexpr double kRestS = 1.0;           ///< listening to the electronics before the tape moves
constexpr double kPrerollS = 1.0;        ///< in play, not in record
constexpr double kStartAllowanceS = 1.0; ///< from the play key to play speed, for the place where play is pressed
constexpr double kRecordAndLatencyS =
    0.13; ///< from the record key to the first frame leaving the card, for placing the slate
constexpr double kMotionTimeoutS = 10.0;
constexpr double kLocateTimeoutS = 900.0;
constexpr std::size_t kDrainFrames = 4800;
constexpr double kFullScale = 2147483648.0;

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

class PrintJob final : public transport::Job {
  public:
    PrintJob(PrintContext context, PrintPlan plan)
        : context_(std::move(context)), plan_(std::move(plan)), stream_(plan_, context_.installation),
          samples_(kDrainFrames * 2), floats_(kDrainFrames * 2) {
        progress_.phase = "ready";
    }

    [[nodiscard]] std::string name() const override { return "print"; }
    [[nodiscard]] JobProgress progress() const override { return progress_; }
    Task<JobOutcome> run() override;

  private:
    Task<void> go_to_start();
    Task<void> start_recording();
    Task<void> play_programme();
    Task<void> finish_on_tape();
    Task<void> wait_for(Motion motion, double timeout_s, std::string what);

    void fill_queue();
    void drop_old_frames();
    void drain();
    void take_xruns();
    void tell_proven();
    void add_sections();
    void refuse_if(const transport::CommandResult& answer, const std::string& what) const;
    [[noreturn]] void fault(const std::string& what);
    void set_phase(std::string phase, double done_s);
    [[nodiscard]] double tape_s(std::int64_t played_frame) const;
    JobOutcome judge();

    PrintContext context_;
    PrintPlan plan_;
    ProgrammeStream stream_;
    std::unique_ptr<OffTapeComparison> comparison_; ///< from the deck at rest on; before that, frames are thrown away
    std::optional<audio::TapeReturn> return_;       ///< as long as the comparison
    std::vector<std::int32_t> samples_;
    std::vector<float> floats_;
    std::vector<PrintXrun> xruns_;
    JobProgress progress_;
    std::int64_t played_from_ = -1; ///< playback frame of the plan's frame 0
    std::int64_t played_to_ = 0;    ///< playback frames seen so far
    std::size_t section_now_ = 0;
    std::uint64_t dropouts_told_ = 0;
    std::optional<DeckTime> card_lost_;
    DeckTime proven_told_{};
    std::int64_t proven_to_ = 0; ///< playback frame
    double slate_counter_m_ = 0;
    double counter_uncertainty_m_ = 0;
};

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

/// Seconds of tape from the slate's onset, at nominal speed.
double PrintJob::tape_s(std::int64_t played_frame) const {
    const std::int64_t slate = played_from_ + plan_.sections[1].first_frame;
    return static_cast<double>(played_frame - slate) / context_.installation.sample_rate_hz;
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

/// What waits in the taps is from before this print.
void PrintJob::drop_old_frames() {
    while (context_.played.read(samples_).frames > 0) {
    }
    while (context_.tape_return.read(samples_).frames > 0) {
    }
    std::array<audio::XrunMark, 16> marks;
    while (context_.engine.take_xruns(marks) > 0) {
    }
}

/// Hands everything that was played and captured to the comparison.
void PrintJob::drain() {
    if (context_.engine.counters().lost.load(std::memory_order_relaxed)) {
        // Whoever keeps the card stops the deck, and then this job. It ends itself where nobody does.
        card_lost_ = card_lost_.value_or(context_.timeline.now());
        if (context_.timeline.now() - *card_lost_ >= kCardKeeperPatience) {
            fault("the sound card is gone; expected it to run through the print; check its cable and power");
        }
        return;
    }
    if (!comparison_) {
        drop_old_frames();
        return;
    }
    const auto played = context_.engine.played_timestamp();
    const auto captured = return_->timestamp();
    comparison_->set_clocks({played.frame, seconds(played.at)}, {captured.frame, seconds(captured.at)});
    const auto pass = [this](auto& source, auto&& push) {
        for (;;) {
            const auto block = source.read(samples_);
            if (block.frames == 0) {
                return;
            }
            for (std::size_t i = 0; i < block.frames * 2; ++i) {
                floats_[i] = static_cast<float>(samples_[i] / kFullScale);
            }
            push(block.first_frame, std::span<const float>(floats_.data(), block.frames * 2));
        }
    };
    pass(context_.played, [this](std::int64_t first, std::span<const float> frames) {
        played_to_ = first + static_cast<std::int64_t>(frames.size() / 2);
        comparison_->push_reference(first, frames);
    });
    pass(*return_,
         [this](std::int64_t first, std::span<const float> frames) { comparison_->push_return(first, frames); });
    take_xruns();
}

void PrintJob::take_xruns() {
    std::array<audio::XrunMark, 16> marks;
    for (std::size_t count = context_.engine.take_xruns(marks); count > 0; count = context_.engine.take_xruns(marks)) {
        for (std::size_t i = 0; i < count && played_from_ >= 0; ++i) {
            const audio::XrunMark mark = return_->convert(marks[i]);
            PrintXrun xrun;
            xrun.direction = mark.queue_underrun ? "file" : mark.playback ? "playback" : "capture";
            // Both counters run from the same start, so for placing a mark the capture frame number, at the playback's
            // rate, serves as the playback one.
            xrun.tape_time_s = tape_s(mark.first_frame);
            xrun.length_ms = 1000.0 * static_cast<double>(mark.frames) / context_.installation.sample_rate_hz;
            for (const ProgrammeSection& section : plan_.sections) {
                const std::int64_t first = played_from_ + section.first_frame;
                if (section.kind == ProgrammeSection::Kind::Track && mark.first_frame < first + section.frames &&
                    mark.first_frame + mark.frames > first) {
                    xrun.track = static_cast<std::size_t>(section.track);
                }
            }
            if (mark.playback) {
                comparison_->mark_not_proven(mark.first_frame, mark.frames,
                                             mark.queue_underrun
                                                 ? "the file could not be read fast enough: silence was played"
                                                 : "frames lost on the way to the card (xrun)");
            } // frames lost on capture are seen as a jump in the numbers
            emit({"xrun",
                  {{"direction", xrun.direction}, {"length_ms", figure(xrun.length_ms, 2)}},
                  mark.first_frame,
                  xrun.tape_time_s * metres_per_second(context_.installation.tape_speed_ips)});
            xruns_.push_back(std::move(xrun));
        }
    }
}

/// Up to where the tape has been judged, by the counter: what is known of it when nothing after this is heard.
void PrintJob::tell_proven() {
    const DeckTime now = context_.timeline.now();
    const LiveComparison live = comparison_->live();
    if (now - proven_told_ < kProvenEvery || live.judged_to_frame <= std::max(proven_to_, played_from_)) {
        return;
    }
    proven_told_ = now;
    proven_to_ = live.judged_to_frame;
    const double from_slate_m = tape_s(proven_to_) * metres_per_second(context_.installation.tape_speed_ips);
    emit({"proven",
          {{"failing", live.failing.value_or("")}, {"dropouts", std::to_string(live.dropouts)}},
          proven_to_,
          from_slate_m,
          slate_counter_m_ + from_slate_m});
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

void PrintJob::add_sections() {
    for (const ProgrammeSection& section : plan_.sections) {
        const std::int64_t first = played_from_ + section.first_frame;
        switch (section.kind) {
        case ProgrammeSection::Kind::Slate:
            comparison_->add_section(SectionKind::Slate, "slate", first, section.frames);
            break;
        case ProgrammeSection::Kind::Silence:
            if (section.first_frame > 0) { // the lead-in is what the comparison hears before its first section
                comparison_->add_section(SectionKind::Gap, "gap", first, section.frames);
            }
            break;
        case ProgrammeSection::Kind::Track:
            comparison_->add_section(SectionKind::Track,
                                     plan_.files[static_cast<std::size_t>(section.track)].path.filename().string(),
                                     first, section.frames);
            break;
        }
    }
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
    const auto stamp = context_.engine.played_timestamp();
    const double to_slate_s = static_cast<double>(played_from_ + plan_.sections[1].first_frame - stamp.frame) / rate_hz;
    const auto& state = context_.transport.state();
    const double onset_in_s = to_slate_s - seconds(context_.timeline.now() - stamp.at);
    slate_counter_m_ = state.position_m + onset_in_s * metres_per_second(context_.installation.tape_speed_ips);
    counter_uncertainty_m_ = state.position_uncertainty_m;
    if (context_.programme_starts) {
        const auto track = std::ranges::find(plan_.sections, ProgrammeSection::Kind::Track, &ProgrammeSection::kind);
        const double to_track_s = static_cast<double>(played_from_ + track->first_frame - stamp.frame) / rate_hz;
        context_.programme_starts(stamp.at + deck_seconds(to_track_s));
    }
    // The engine tells the end: frames lost in an xrun move it.
    while (context_.engine.played_to() < 0 || played_to_ < context_.engine.played_to()) {
        co_await context_.timeline.sleep_for(kTick);
        fill_queue();
        drain();
        const auto& now = context_.transport.state();
        if (now.current != Motion::Recording) {
            fault(now.fault.empty()
                      ? "the deck left record by itself; expected it to record to the end of the programme"
                      : now.fault);
        }
        while (section_now_ + 1 < plan_.sections.size() &&
               played_to_ >= played_from_ + plan_.sections[section_now_ + 1].first_frame) {
            ++section_now_;
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
    outcome.report = make_print_report({plan_, context_.installation, context_.identity, context_.comparison, result,
                                        xruns_, std::move(converted), slate_counter_m_, counter_uncertainty_m_});
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

} // namespace

std::unique_ptr<transport::Job> make_print_job(PrintContext context, PrintPlan plan) {
    return std::make_unique<PrintJob>(std::move(context), std::move(plan));
}

} // namespace overbias::mastering
