// SPDX-License-Identifier: Apache-2.0
#include "mastering/verify/verify_job.hpp"

#include "audio/tape_return.hpp"
#include "base/figure.hpp"
#include "base/units.hpp"
#include "transport/motion_wait.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>
#include <vector>

namespace overbias::mastering {

using transport::JobOutcome;
using transport::JobStopped;
using transport::Motion;

namespace {

constexpr DeckDuration kTick = std::chrono::milliseconds(10);
constexpr double kMotionTimeout_s = 10.0;
constexpr double kLocateTimeout_s = 900.0;
constexpr double kStillTimeout_s = 60.0;
constexpr double kLeastReach_s = 30.0; ///< the programme is searched at least so far around
constexpr double kPreroll_s = 3.0;     ///< of tape, before what is looked for: the tape has its speed by then
constexpr std::size_t kDrainFrames = 4800;
constexpr double kFullScale = 2147483648.0;

class VerifyJob final : public transport::Job {
  public:
    VerifyJob(VerifyContext context, VerifyTask task)
        : context_(std::move(context)), task_(std::move(task)), samples_(2 * kDrainFrames), floats_(2 * kDrainFrames) {
        progress_.phase = "ready";
        context_.comparison.sample_rate_hz = context_.engine.sample_rate_hz();
        context_.comparison.return_rate_hz = context_.return_rate_hz;
        replay_ = std::make_unique<Replay>(task_.programme, context_.comparison, Replay::Options{context_.apart});
    }

    [[nodiscard]] std::string name() const override { return "verify"; }
    [[nodiscard]] transport::JobProgress progress() const override { return progress_; }
    Task<JobOutcome> run() override;

  private:
    [[nodiscard]] bool locates() const { return task_.locate && task_.programme.begins_m.has_value(); }
    [[nodiscard]] double play_m_s() const { return metres_per_second(context_.transport.config().play_speed_ips); }
    void expect();
    Task<void> go_to_start();
    Task<void> play();
    Task<void> wait_for(Motion motion, double timeout_s, std::string what);
    void refuse_if(const transport::CommandResult& answer, const std::string& what) const;
    [[noreturn]] void fault(const std::string& what) const;
    void drop_old_frames();
    void drain();
    void tell();
    JobOutcome judge();

    VerifyContext context_;
    VerifyTask task_;
    std::unique_ptr<Replay> replay_;
    std::optional<audio::TapeReturn> return_;
    std::vector<std::int32_t> samples_;
    std::vector<float> floats_;
    transport::JobProgress progress_;
    std::string stopped_by_;
    std::uint64_t dropouts_told_ = 0;
};

void VerifyJob::refuse_if(const transport::CommandResult& answer, const std::string& what) const {
    if (answer.denied()) {
        throw JobStopped(JobStopped::Kind::Refused, what + " was refused: " + answer.reason);
    }
}

void VerifyJob::fault(const std::string& what) const {
    throw JobStopped(JobStopped::Kind::Fault, what);
}

/// Where of the row the return is expected to begin, if the counter can tell: now, with the tape at rest or in play.
void VerifyJob::expect() {
    const transport::MachineState& state = context_.transport.state();
    if (task_.programme.begins_m && state.position_knowledge == transport::PositionKnowledge::Known) {
        const double from_s = (state.position_m - *task_.programme.begins_m - context_.heard_later_m) / play_m_s();
        replay_->expect(from_s, std::max(kLeastReach_s, 3.0 * state.position_uncertainty_m / play_m_s()));
    }
}

Task<void> VerifyJob::wait_for(Motion motion, double timeout_s, std::string what) {
    const DeckTime deadline = context_.timeline.now() + deck_seconds(timeout_s);
    while (context_.transport.state().current != motion) {
        if (const std::string why = transport::why_wait_no_longer(context_.transport.state(), what, timeout_s,
                                                                  context_.timeline.now() >= deadline);
            !why.empty()) {
            fault(why);
        }
        drop_old_frames();
        co_await context_.timeline.sleep_for(kTick);
    }
}

Task<void> VerifyJob::go_to_start() {
    auto& transport = context_.transport;
    refuse_if(transport.select_monitor(transport::MonitorSelect::Repro), "listening off tape (REPRO)");
    if (transport.state().arm != transport::RecordArm::Safe) {
        refuse_if(transport.disarm(), "taking record arm away");
    }
    if (transport.state().current == Motion::Recording || transport.state().record_tally) {
        throw JobStopped(JobStopped::Kind::Refused, "verify: the deck is recording; stop it first");
    }
    if (!locates()) {
        co_return;
    }
    if (transport.state().current != Motion::Stopped) {
        refuse_if(transport.stop(), "stop");
        co_await wait_for(Motion::Stopped, kStillTimeout_s, "standing still");
    }
    const double begins_m = *task_.programme.begins_m + context_.heard_later_m;
    if (transport.state().position_knowledge != transport::PositionKnowledge::Known) {
        throw JobStopped(JobStopped::Kind::Refused,
                         "verify: the tape position is not known, so " + figure(begins_m, 2) +
                             " m cannot be found; zero the counter at the reel's zero, or wind to just before the "
                             "programme and verify from here");
    }
    progress_ = {"locating", 0.0, 0.0};
    const auto answer = transport.locate(std::max(0.0, begins_m - kPreroll_s * play_m_s()));
    refuse_if(answer, "locate");
    if (answer.status != transport::CommandStatus::Unchanged) {
        co_await context_.timeline.sleep_for(kTick);
        co_await wait_for(Motion::Stopped, kLocateTimeout_s, "arriving before the programme");
    }
}

Task<void> VerifyJob::play() {
    auto& transport = context_.transport;
    expect();
    if (transport.state().current != Motion::Playing) {
        refuse_if(transport.play(), "play");
        co_await wait_for(Motion::Playing, kMotionTimeout_s, "play speed");
    }
    drop_old_frames();
    return_.emplace(context_.engine, context_.tape_return, context_.return_rate_hz);
    emit({"verify_play",
          {{"programme", task_.programme.what}},
          std::nullopt,
          std::nullopt,
          transport.state().position_m});
    for (;;) {
        co_await context_.timeline.sleep_for(kTick);
        drain();
        tell();
        const ReplayStatus status = replay_->status();
        if (status.phase == ReplayStatus::Phase::Done) {
            co_return;
        }
        if (status.phase == ReplayStatus::Phase::Searching && status.heard_s > task_.patience_s) {
            co_return; // the report says that it was not found
        }
        const transport::MachineState& now = transport.state();
        if (now.current == Motion::Recording || now.record_tally) {
            fault("the deck went into record while a reel was verified");
        }
        if (!now.fault.empty() && now.current != Motion::TapeOut) {
            fault(now.fault);
        }
        if (now.current != Motion::Playing) {
            stopped_by_ = now.current == Motion::TapeOut ? "the tape ended before the programme did"
                                                         : "the deck stopped before the programme had ended";
            co_return;
        }
    }
}

/// What waits in the tap is from before.
void VerifyJob::drop_old_frames() {
    while (context_.tape_return.read(samples_).frames > 0) {
    }
}

void VerifyJob::drain() {
    if (context_.engine.counters().lost.load(std::memory_order_relaxed)) {
        fault("the sound card is gone; expected it to run through the verification; check its cable and power");
    }
    const auto stamp = return_->timestamp();
    replay_->set_clock({stamp.frame, seconds(stamp.at)});
    for (;;) {
        const auto block = return_->read(samples_);
        if (block.frames == 0) {
            return;
        }
        for (std::size_t n = 0; n < 2 * block.frames; ++n) {
            floats_[n] = static_cast<float>(samples_[n] / kFullScale);
        }
        if (const auto taken = replay_->push_return(block.first_frame, std::span(floats_).first(2 * block.frames));
            !taken) {
            fault(taken.error().message);
        }
    }
}

void VerifyJob::tell() {
    const ReplayStatus status = replay_->status();
    const double whole_s = static_cast<double>(task_.programme.frames) / task_.programme.rate_hz;
    if (status.phase == ReplayStatus::Phase::Searching) {
        progress_ = {"looking for the programme", 0.0, whole_s};
        return;
    }
    std::string phase = "silence";
    const auto at = static_cast<std::int64_t>(status.programme_s * task_.programme.rate_hz);
    for (const VerifySection& section : task_.programme.sections) {
        if (at >= section.first_frame && at < section.first_frame + section.frames) {
            phase =
                section.track < 0
                    ? section.name
                    : "track " + std::to_string(section.track + 1) + " of " +
                          std::to_string(task_.programme.files.size()) + ": " +
                          task_.programme.files[static_cast<std::size_t>(section.track)].info.path.filename().string();
        }
    }
    if (status.lost) {
        phase += " (lost: looking for it)";
    }
    if (phase != progress_.phase) {
        emit({"verify_section", {{"what", phase}}, std::nullopt, std::nullopt, context_.transport.state().position_m});
    }
    progress_ = {std::move(phase), std::clamp(status.programme_s / whole_s, 0.0, 1.0),
                 std::max(0.0, whole_s - status.programme_s)};
    if (status.live.dropouts > dropouts_told_) {
        dropouts_told_ = status.live.dropouts;
        emit({"dropout", {{"count", std::to_string(dropouts_told_)}}, std::nullopt, std::nullopt});
    }
}

JobOutcome VerifyJob::judge() {
    const auto result = replay_->finish();
    if (!result) {
        fault(result.error().message);
    }
    VerifyOutcome made = make_verify_report({.programme = task_.programme,
                                             .comparison = context_.comparison,
                                             .result = *result,
                                             .identity = context_.identity,
                                             .tape = "the reel on the deck",
                                             .against = task_.against,
                                             .stopped_by = stopped_by_});
    JobOutcome outcome;
    outcome.verdict = made.pass ? transport::JobVerdict::Pass : transport::JobVerdict::Fail;
    outcome.reason = made.pass ? "" : made.reason;
    outcome.report = std::move(made.report);
    return outcome;
}

Task<JobOutcome> VerifyJob::run() {
    co_await go_to_start();
    co_await play();
    if (context_.transport.state().current == Motion::Playing) {
        refuse_if(context_.transport.stop(), "stop");
        co_await wait_for(Motion::Stopped, kStillTimeout_s, "standing still");
    }
    progress_ = {"judged", 1.0, 0.0};
    co_return judge();
}

} // namespace

std::unique_ptr<transport::Job> make_verify_job(VerifyContext context, VerifyTask task) {
    return std::make_unique<VerifyJob>(std::move(context), std::move(task));
}

} // namespace overbias::mastering
