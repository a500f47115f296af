// SPDX-License-Identifier: Apache-2.0
// The print of a session: its sides in turn, the operator's gates between them, what is stored on the way, the report.
#include "mastering/print_job.hpp"

#include "base/host_time.hpp"
#include "base/json/json_text.hpp"
#include "base/units.hpp"
#include "mastering/plan/reel_plan_text.hpp"
#include "mastering/plan/side_begin.hpp"
#include "mastering/print_report.hpp"
#include "mastering/side_print.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <stdexcept>
#include <utility>

namespace overbias::mastering {

using transport::JobOutcome;
using transport::JobStopped;
using transport::Motion;

namespace {

constexpr DeckDuration kGateTick = std::chrono::milliseconds(50);

class PrintJob final : public transport::Job {
  public:
    PrintJob(PrintContext context, SessionPrint print) : context_(std::move(context)), print_(std::move(print)) {
        if (print_.sides.size() != print_.session.sides.size()) {
            throw std::invalid_argument("print: " + std::to_string(print_.sides.size()) + " sides are laid out, and " +
                                        std::to_string(print_.session.sides.size()) + " are in the session");
        }
        context_.comparison.reference_rate_hz = context_.installation.sample_rate_hz;
        context_.comparison.return_rate_hz = context_.return_rate_hz;
        for (std::size_t side = print_.from.side; side < print_.sides.size();
             ++side) { // every file opens, or none moves
            sides_.push_back(make_side(side, side == print_.from.side ? print_.from.track : 0));
            whole_s_ += sides_.back()->duration_s();
        }
        progress_.phase = "ready";
    }

    [[nodiscard]] std::string name() const override { return "print"; }
    [[nodiscard]] transport::JobProgress progress() const override { return progress_; }
    [[nodiscard]] bool concern(const transport::Concern& concern) override {
        return now_ != nullptr && now_->concern(concern);
    }
    [[nodiscard]] bool confirm() override {
        if (progress_.gate.empty() || confirmed_) {
            return false;
        }
        confirmed_ = true;
        return true;
    }
    Task<JobOutcome> run() override;

  private:
    [[nodiscard]] std::unique_ptr<SidePrint> make_side(std::size_t side, std::size_t track);
    [[nodiscard]] bool wants_tape(std::size_t side, std::size_t track) const;
    Task<void> gate(std::string words);
    Task<void> change_tape(std::size_t side);
    void place_side(std::size_t side);
    void begin_run(std::size_t side, std::size_t track);
    void keep();
    [[nodiscard]] JobOutcome outcome() const;

    PrintContext context_;
    SessionPrint print_;
    std::vector<std::unique_ptr<SidePrint>> sides_; ///< from print_.from.side on
    SidePrint* now_ = nullptr;
    transport::JobProgress progress_;
    double whole_s_ = 0.0, done_s_ = 0.0;
    bool confirmed_ = false;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

std::unique_ptr<SidePrint> PrintJob::make_side(std::size_t side, std::size_t track) {
    const std::string of = print_.sides.size() > 1 ? "side " + print_.session.sides[side].name + ": " : "";
    return std::make_unique<SidePrint>(
        context_, print_.plan, print_.sides[side], print_.session.sides[side], track,
        SidePrint::Owner{.emit = [this](const transport::JobEvent& event) { emit(event); },
                         .phase =
                             [this, of](const std::string& phase, double done_s) {
                                 const double all_s = done_s_ + done_s;
                                 progress_.phase = of + phase;
                                 progress_.fraction = std::clamp(all_s / whole_s_, 0.0, 1.0);
                                 progress_.remaining_s = std::max(0.0, whole_s_ - all_s);
                             },
                         .changed = [this] { keep(); }});
}

/// What is told of tracks that are done is on the disk by then.
void PrintJob::keep() {
    if (!context_.keep_session) {
        return;
    }
    std::string done = std::to_string(print_.session.tracks_done());
    context_.keep_session(print_.session,
                          [this, alive = std::weak_ptr<bool>(alive_), done](const std::string& why_not) {
                              if (!alive.expired()) {
                                  emit({why_not.empty() ? "session_stored" : "session_not_stored",
                                        {{"tracks_done", done}, {"problem", why_not}},
                                        std::nullopt,
                                        std::nullopt});
                              }
                          });
}

bool PrintJob::wants_tape(std::size_t side, std::size_t track) const {
    return side > 0 && track == 0 && print_.session.sides[side].new_tape;
}

Task<void> PrintJob::gate(std::string words) {
    confirmed_ = false;
    progress_.phase = "waiting for the operator";
    progress_.gate = std::move(words);
    emit({"gate", {{"words", progress_.gate}}, std::nullopt, std::nullopt});
    while (!confirmed_) {
        if (!context_.transport.state().fault.empty()) {
            throw JobStopped(JobStopped::Kind::Fault, context_.transport.state().fault);
        }
        co_await context_.timeline.sleep_for(kGateTick);
    }
    progress_.gate.clear();
    emit({"gate_confirmed", {}, std::nullopt, std::nullopt});
}

/// Whatever the counter said of the tape before is nothing to this one: it counts from where this one's beginning is
/// said to be.
Task<void> PrintJob::change_tape(std::size_t side) {
    const int tape = print_.plan.reel_of(side);
    std::string words = "thread tape " + std::to_string(tape) + " of " + std::to_string(print_.plan.reels()) +
                        ": side " + print_.session.sides[side].name +
                        ", heads out, its beginning at the heads, then confirm: the counter is zeroed there";
    for (;;) {
        co_await gate(words);
        const auto& state = context_.transport.state();
        if (state.tape_out || state.current != Motion::Stopped) {
            words = "the tape is " + std::string(state.tape_out ? "out" : "not at rest") + ": " + words;
            continue;
        }
        const auto zeroed = context_.transport.zero_counter();
        if (!zeroed.denied()) {
            break;
        }
        words = "zeroing the counter was refused (" + zeroed.reason + "): " + words;
    }
    print_.session.sides[side].reel_uuid = context_.new_reel ? context_.new_reel() : context_.identity.reel_uuid;
}

/// Where recording begins, where the plan gives no place.
void PrintJob::place_side(std::size_t side) {
    SessionSide& record = print_.session.sides[side];
    const PlanSide& planned = print_.plan.sides.at(side);
    const double speed_ips = context_.installation.tape_speed_ips;
    if (record.begins_m || planned.start_m) {
        return;
    }
    if (record.new_tape) {
        // (with no leader the first side is printed from where the tape stands, unless the session says otherwise)
        if (side > 0 || print_.plan.tape.head_leader.metres(speed_ips) > 0.0) {
            record.begins_m = begins_on_new_tape_m(print_.plan.tape, speed_ips);
        }
    } else if (side > 0 && !print_.session.sides[side - 1].runs.empty()) {
        if (const auto before_m = print_.session.sides[side - 1].runs.back().to_m) {
            record.begins_m = begins_behind_m(planned, *before_m, speed_ips);
        }
    }
}

void PrintJob::begin_run(std::size_t side, std::size_t track) {
    SessionSide& record = print_.session.sides[side];
    if (record.reel_uuid.empty()) {
        record.reel_uuid =
            record.new_tape || side == 0 ? context_.identity.reel_uuid : print_.session.sides[side - 1].reel_uuid;
    }
    if (track == 0) {
        if (record.slate_m && !record.begins_m && !print_.plan.sides.at(side).start_m && !record.runs.empty()) {
            record.begins_m = record.runs.front().from_m; // begun anew over what was begun
        }
        for (SessionRun& run : record.runs) {
            run.report.clear(); // nothing of it is left on the tape
        }
        record.earlier = {};
    }
    for (std::size_t t = track; t < record.tracks.size(); ++t) { // they are printed now, perhaps again
        SessionTrack& open = record.tracks[t];
        open.done = false;
        open.verdict.clear();
        open.report.clear();
        open.start_m.reset();
        open.end_m.reset();
    }
    record.verdict.clear();
    record.runs.push_back({.begun_utc = utc_text(host_now().utc_ns),
                           .ended_utc = {},
                           .first_track = track,
                           .ended = {},
                           .from_m = {},
                           .to_m = {},
                           .report = {}});
    keep();
}

JobOutcome PrintJob::outcome() const {
    const PrintReportInput input{print_.session, print_.plan, context_.installation, context_.identity,
                                 context_.comparison};
    const bool pass = print_.session.complete() && std::ranges::all_of(print_.session.sides, &SessionSide::passed);
    JobOutcome outcome;
    outcome.verdict = pass ? transport::JobVerdict::Pass : transport::JobVerdict::Fail;
    outcome.reason = pass ? "" : gravest_reason(print_.session);
    outcome.report = make_print_report(input);
    return outcome;
}

Task<JobOutcome> PrintJob::run() {
    for (std::size_t i = 0; i < sides_.size(); ++i) {
        const std::size_t side = print_.from.side + i;
        const std::size_t track = i == 0 ? print_.from.track : 0;
        if (wants_tape(side, track)) {
            co_await change_tape(side);
        }
        place_side(side);
        begin_run(side, track);
        now_ = sides_[i].get();
        try {
            co_await now_->run();
        } catch (const JobStopped& stopped) {
            SessionRun& run = print_.session.sides[side].runs.back();
            run.ended_utc = utc_text(host_now().utc_ns);
            run.ended = stopped.what();
            keep();
            throw;
        }
        now_ = nullptr;
        done_s_ += sides_[i]->duration_s();
        if (!sides_[i]->ended_by().empty()) {
            break;
        }
        emit({"side_done",
              {{"side", print_.session.sides[side].name}, {"verdict", print_.session.sides[side].verdict}},
              std::nullopt,
              std::nullopt});
    }
    progress_.phase = "judged";
    co_return outcome();
}

/// A session of one side, for a side that somebody has laid out.
SessionPrint session_of(PrintPlan side, const PrintContext& context) {
    ReelPlan reel = reel_plan_of(side.request, context.installation);
    for (const char* word : {"not_off_tape", "no_signal"}) {
        reel.live.stops.emplace_back(word);
    }
    SessionPrint print{.session = {}, .plan = std::move(reel), .sides = {std::move(side)}, .from = {}};
    print.session = begin_session(print.plan, print.sides, context.identity, context.installation);
    return print;
}

} // namespace

PrintSession begin_session(const ReelPlan& plan, const std::vector<PrintPlan>& sides, const PrintIdentity& identity,
                           const PrintInstallation& installation) {
    PrintSession session{.id = identity.session_uuid,
                         .made_utc = utc_text(host_now().utc_ns),
                         .title = plan.title,
                         .plan = json_line(reel_plan_json(plan)),
                         .plan_file = {},
                         .speed_ips = installation.tape_speed_ips,
                         .sample_rate_hz = installation.sample_rate_hz,
                         .play_dbfs_at_operating_level = installation.play_dbfs_at_operating_level,
                         .deck_uuid = identity.deck_uuid,
                         .head_block_uuid = identity.head_block_uuid,
                         .sides = {}};
    for (std::size_t s = 0; s < sides.size(); ++s) {
        SessionSide side;
        side.name = plan.sides.at(s).name;
        side.new_tape = plan.sides[s].new_tape;
        side.timing_seed = sides[s].request.timing_seed;
        for (const audio::SoundFileInfo& file : sides[s].files) {
            SessionTrack track;
            track.name = plan.sides[s].tracks.at(side.tracks.size()).name();
            track.file = file.path.string();
            track.sha256 = file.sha256;
            track.duration_s = file.duration_s();
            side.tracks.push_back(std::move(track));
        }
        session.sides.push_back(std::move(side));
    }
    return session;
}

std::unique_ptr<transport::Job> make_session_job(PrintContext context, SessionPrint print) {
    return std::make_unique<PrintJob>(std::move(context), std::move(print));
}

std::unique_ptr<transport::Job> make_print_job(PrintContext context, PrintPlan plan) {
    SessionPrint print = session_of(std::move(plan), context);
    return make_session_job(std::move(context), std::move(print));
}

} // namespace overbias::mastering
