// SPDX-License-Identifier: Apache-2.0
// The steps of a run of a side: to its start, into record, the programme, out again.
#include "mastering/side_print.hpp"

#include "base/figure.hpp"
#include "base/units.hpp"
#include "transport/motion_wait.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace overbias::mastering {

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
constexpr double kStillTimeoutS = 60.0;

/// Ends the playing of the queue however the run ends.
class PlayingGuard {
  public:
    explicit PlayingGuard(audio::BlockEngine& engine) : engine_(engine) {}
    PlayingGuard(const PlayingGuard&) = delete;
    PlayingGuard& operator=(const PlayingGuard&) = delete;
    ~PlayingGuard() { engine_.stop_playing(); }

  private:
    audio::BlockEngine& engine_;
};

const char* section_word(ProgrammeSection::Kind kind) {
    switch (kind) {
    case ProgrammeSection::Kind::Slate:
        return "slate";
    case ProgrammeSection::Kind::Tone:
        return "tone";
    case ProgrammeSection::Kind::Voice:
        return "voice slate";
    case ProgrammeSection::Kind::Track:
        return "track ";
    case ProgrammeSection::Kind::LeadIn:
    case ProgrammeSection::Kind::Gap:
    case ProgrammeSection::Kind::PostRoll:
        break;
    }
    return "silence";
}

} // namespace

PrintPlan side_from(const PrintPlan& whole, std::size_t track) {
    if (track == 0) {
        return whole;
    }
    PrintPlan rest = whole;
    const auto skipped = static_cast<std::ptrdiff_t>(track);
    rest.files.erase(rest.files.begin(), rest.files.begin() + skipped);
    rest.trims_db.erase(rest.trims_db.begin(), rest.trims_db.begin() + skipped);
    rest.tones.clear();
    rest.voice.reset();
    rest.first_track = track;
    const auto first = std::ranges::find_if(rest.sections, [track](const ProgrammeSection& section) {
        return section.kind == ProgrammeSection::Kind::Gap && section.index == static_cast<int>(track);
    });
    const std::int64_t cut = first == rest.sections.end() ? 0 : first->first_frame;
    rest.sections.erase(rest.sections.begin(), first);
    for (ProgrammeSection& section : rest.sections) {
        section.first_frame -= cut;
        section.index = section.index < 0 ? -1 : section.index - static_cast<int>(track);
    }
    rest.frames -= cut;
    return rest;
}

double track_from_slate_s(const PrintPlan& whole, std::size_t track, double sample_rate_hz) {
    using Kind = ProgrammeSection::Kind;
    const auto slate = std::ranges::find(whole.sections, Kind::Slate, &ProgrammeSection::kind);
    const auto at = std::ranges::find_if(whole.sections, [track](const ProgrammeSection& section) {
        return section.kind == Kind::Track && section.index == static_cast<int>(track);
    });
    return static_cast<double>(at->first_frame - slate->first_frame) / sample_rate_hz;
}

SidePrint::SidePrint(PrintContext& context, const ReelPlan& reel, const PrintPlan& whole, SessionSide& record,
                     std::size_t first_track, Owner owner)
    : context_(context), reel_(reel), whole_(whole), record_(record), first_track_(first_track),
      owner_(std::move(owner)), plan_(side_from(whole, first_track)), stream_(plan_, context_.installation),
      samples_(kDrainFrames * 2), floats_(kDrainFrames * 2) {
}

void SidePrint::refuse_if(const transport::CommandResult& answer, const std::string& what) const {
    if (answer.denied()) {
        throw JobStopped(JobStopped::Kind::Refused, what + " was refused: " + answer.reason);
    }
}

void SidePrint::fault(const std::string& what) {
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

void SidePrint::fill_queue() {
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

Task<void> SidePrint::pass_time(double for_s) {
    for (const DeckTime until = context_.timeline.now() + deck_seconds(for_s); context_.timeline.now() < until;) {
        co_await context_.timeline.sleep_for(kTick);
        drain();
    }
}

Task<void> SidePrint::wait_for(Motion motion, double timeout_s, std::string what) {
    const DeckTime deadline = context_.timeline.now() + deck_seconds(timeout_s);
    while (context_.transport.state().current != motion) {
        if (const std::string why = transport::why_wait_no_longer(context_.transport.state(), what, timeout_s,
                                                                  context_.timeline.now() >= deadline);
            !why.empty()) {
            fault(why);
        }
        drain();
        co_await context_.timeline.sleep_for(kTick);
    }
}

Task<void> SidePrint::locate(double to_m, std::string what) {
    set_phase("locate", 0);
    const auto answer = context_.transport.locate(std::max(0.0, to_m));
    refuse_if(answer, "locate");
    if (answer.status != transport::CommandStatus::Unchanged) {
        co_await context_.timeline.sleep_for(kTick);
        co_await wait_for(Motion::Stopped, kLocateTimeoutS, std::move(what));
    }
}

Task<void> SidePrint::go_to_start() {
    auto& transport = context_.transport;
    refuse_if(transport.select_monitor(transport::MonitorSelect::Repro), "listening off tape (REPRO)");
    if (transport.state().current != Motion::Stopped) {
        refuse_if(transport.stop(), "stop");
        co_await wait_for(Motion::Stopped, kStillTimeoutS, "standing still");
    }
    if (first_track_ > 0) {
        co_return; // it has to be heard where the tape stands
    }
    if (!plan_.request.start_m && record_.begins_m) {
        plan_.request.start_m = *record_.begins_m + (plan_.request.lead_in_s + kRecordAndLatencyS) *
                                                        metres_per_second(context_.installation.tape_speed_ips);
    }
    if (const auto start_m = plan_.request.start_m) {
        if (transport.state().position_knowledge != transport::PositionKnowledge::Known) {
            throw JobStopped(JobStopped::Kind::Refused, "print: the tape position is not known, so " +
                                                            figure(*start_m, 2) +
                                                            " m cannot be found; wind to the reel's zero and zero the "
                                                            "counter, or print from where the tape stands");
        }
        const double lead_s = kStartAllowanceS + kPrerollS + plan_.request.lead_in_s;
        co_await locate(*start_m - lead_s * metres_per_second(context_.installation.tape_speed_ips),
                        "arriving at the start");
    }
}

Task<void> SidePrint::start_recording() {
    auto& transport = context_.transport;
    set_phase("listening to the deck at rest", 0);
    co_await pass_time(kRestS);
    set_phase("pre-roll", 0);
    refuse_if(transport.play(), "play");
    co_await wait_for(Motion::Playing, kMotionTimeoutS, "play speed");
    co_await pass_time(kPrerollS);
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
    record_.runs.back().from_m = transport.state().position_m;
    owner_.emit({"record_on", {}, std::nullopt, transport.state().position_m});
}

Task<void> SidePrint::begin_programme() {
    fill_queue();
    context_.engine.start_playing();
    while ((played_from_ = context_.engine.played_from()) < 0) {
        // The played tap is left alone until the sections are known; it holds at least a second.
        co_await context_.timeline.sleep_for(kTick);
    }
    add_sections(played_from_);
    record_.slate_m = counter_at(played_from_ + plan_.sections[1].first_frame);
    record_.slate_uncertainty_m = context_.transport.state().position_uncertainty_m;
    owner_.changed(); // where it begins is known: it is begun anew there, should it be interrupted in its first track
}

void SidePrint::follow_sections() {
    const double rate_hz = context_.installation.sample_rate_hz;
    while (section_now_ + 1 < plan_.sections.size() &&
           played_to_ >= played_from_ + plan_.sections[section_now_ + 1].first_frame) {
        ++section_now_;
        section_counter_m_.push_back(counter_at(played_from_ + plan_.sections[section_now_].first_frame));
    }
    const ProgrammeSection& section = plan_.sections[section_now_];
    const bool in_track = section.kind == ProgrammeSection::Kind::Track;
    std::string phase = section_word(section.kind);
    if (in_track) {
        const std::size_t track = first_track_ + static_cast<std::size_t>(section.index);
        phase += std::to_string(track + 1) + " of " + std::to_string(record_.tracks.size()) + ": " +
                 record_.tracks.at(track).name;
    }
    if (phase != phase_told_) {
        phase_told_ = phase;
        owner_.emit(
            {in_track ? "track_start" : "section_start",
             {{"what", phase}},
             played_from_ + section.first_frame,
             tape_s(played_from_ + section.first_frame) * metres_per_second(context_.installation.tape_speed_ips)});
    }
    set_phase(std::move(phase), static_cast<double>(played_to_ - played_from_) / rate_hz);
}

/// A failure that shows while it records, or a loss: what the plan says to be done about it.
void SidePrint::live_failure(const std::string& word, const std::string& words) {
    const auto in = [&word](const std::vector<std::string>& list) {
        return std::ranges::find(list, word) != list.end();
    };
    if (in(reel_.live.stops) && ended_by_.empty()) {
        context_.transport.stop(); // first of all
        record_off_ = true;
        ended_by_ = word;
        ended_words_ = words;
        owner_.emit({"record_off", {{"why", words}}, std::nullopt, context_.transport.state().position_m});
    } else if (in(reel_.live.warns)) {
        const std::string once = word + " " + std::to_string(section_now_);
        if (std::ranges::find(warned_, once) == warned_.end()) {
            warned_.push_back(once);
            owner_.emit({"live_warning", {{"reason", word}, {"words", words}}, played_to_, std::nullopt});
        }
    }
}

void SidePrint::watch_limits() {
    const LiveComparison live = comparison_->live();
    if (live.dropouts > dropouts_told_) {
        dropouts_told_ = live.dropouts;
        owner_.emit({"dropout", {{"count", std::to_string(live.dropouts)}}, live.judged_to_frame, std::nullopt});
    }
    if (live.failing) {
        live_failure(*live.failing, "the comparison off tape says " + *live.failing + " at " +
                                        figure(std::max(0.0, tape_s(live.judged_to_frame)), 1) +
                                        " s after the slate's onset");
    }
}

Task<void> SidePrint::play_programme() {
    const double rate_hz = context_.installation.sample_rate_hz;
    section_counter_m_ = {counter_at(played_from_)};
    if (context_.programme_starts) {
        const auto track = std::ranges::find(plan_.sections, ProgrammeSection::Kind::Track, &ProgrammeSection::kind);
        const auto stamp = context_.engine.played_timestamp();
        const double to_track_s = static_cast<double>(played_from_ + track->first_frame - stamp.frame) / rate_hz;
        context_.programme_starts(stamp.at + deck_seconds(to_track_s));
    }
    // The engine tells the end: frames lost in an xrun move it.
    while (context_.engine.played_to() < 0 || played_to_ < context_.engine.played_to()) {
        co_await context_.timeline.sleep_for(kTick);
        fill_queue();
        drain();
        if (!ended_by_.empty()) {
            co_return; // record is off already
        }
        const auto& now = context_.transport.state();
        if (now.current != Motion::Recording) {
            fault(now.fault.empty()
                      ? "the deck left record by itself; expected it to record to the end of the programme"
                      : now.fault);
        }
        follow_sections();
        tell_proven();
        note_tracks();
        watch_limits();
        if (!ended_by_.empty()) {
            co_return;
        }
    }
}

Task<void> SidePrint::finish_on_tape() {
    if (record_off_ || !ended_by_.empty()) {
        record_.runs.back().to_m = context_.transport.state().position_m;
        co_await wait_for(Motion::Stopped, kStillTimeoutS, "standing still");
        co_return;
    }
    set_phase("stopping", plan_.duration_s(context_.installation.sample_rate_hz));
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
    record_.runs.back().to_m = end_m;
    refuse_if(context_.transport.stop(), "stop");
    owner_.emit({"record_off", {}, std::nullopt, end_m});
    co_await wait_for(Motion::Stopped, kStillTimeoutS, "standing still");
}

bool SidePrint::concern(const transport::Concern& concern) {
    if (context_.transport.state().current != Motion::Recording) {
        return false;
    }
    PrintConcern one{.concern = concern, .tape_time_s = std::nullopt};
    if (played_from_ >= 0) {
        one.tape_time_s = tape_s(played_to_);
    }
    concerns_.push_back(std::move(one));
    const bool ends = std::ranges::find(reel_.live.stops, "bias") != reel_.live.stops.end() && ended_by_.empty() &&
                      concern.severity == transport::Concern::Severity::Fail;
    if (ends) {
        ended_by_ = "bias_failure";
        ended_words_ = concern.words;
    }
    return ends;
}

Task<void> SidePrint::run() {
    const PlayingGuard guard(context_.engine);
    drop_old_frames();
    co_await go_to_start();
    drop_old_frames();
    return_.emplace(context_.engine, context_.tape_return, context_.return_rate_hz);
    if (first_track_ > 0) {
        co_await go_on();
    } else {
        comparison_ = std::make_unique<OffTapeComparison>(context_.comparison);
        co_await start_recording();
        co_await begin_programme();
    }
    co_await play_programme();
    co_await finish_on_tape();
    set_phase("judged", plan_.duration_s(context_.installation.sample_rate_hz));
    conclude();
}

} // namespace overbias::mastering
