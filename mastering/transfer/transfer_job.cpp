// SPDX-License-Identifier: Apache-2.0
// The steps of a transfer: to its start, into play, to its end, the wind.
#include "mastering/transfer/transfer_job.hpp"

#include "base/figure.hpp"
#include "base/units.hpp"
#include "transport/motion_wait.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>
#include <string>
#include <utility>

namespace overbias::mastering {

using transport::JobOutcome;
using transport::JobStopped;
using transport::Motion;

namespace {

constexpr DeckDuration kTick = std::chrono::milliseconds(10);
constexpr DeckDuration kAnchorEvery = std::chrono::milliseconds(100);
constexpr DeckDuration kCardKeeperPatience = std::chrono::milliseconds(100);
constexpr double kStartAllowance_s = 1.0; ///< from the play key to play speed, for the place where play is pressed
constexpr double kAhead_s = 0.04;         ///< the recorder is told of its first frame before that comes
constexpr double kMotionTimeout_s = 10.0, kStillTimeout_s = 60.0, kLocateTimeout_s = 900.0;

class TransferJob final : public transport::Job {
  public:
    TransferJob(TransferContext context, TransferRequest request)
        : context_(std::move(context)), request_(std::move(request)) {
        progress_.phase = "ready";
    }
    ~TransferJob() override;
    TransferJob(const TransferJob&) = delete;
    TransferJob& operator=(const TransferJob&) = delete;

    [[nodiscard]] std::string name() const override { return "transfer"; }
    [[nodiscard]] transport::JobProgress progress() const override { return progress_; }
    Task<JobOutcome> run() override;
    [[nodiscard]] bool concern(const transport::Concern& concern) override;

  private:
    Task<void> go_to_start();
    Task<void> roll();
    Task<void> capture();
    Task<void> come_to_rest();
    Task<void> wind();
    Task<void> wait_for_file();
    Task<void> wait_for(Motion motion, double timeout_s, std::string what);

    void step();
    void tell();
    void begin_at(std::int64_t frame);
    [[nodiscard]] bool ends_here();
    void show();
    void refuse_if(const transport::CommandResult& answer, const std::string& what) const;
    [[noreturn]] void fault(const std::string& what);
    [[nodiscard]] std::int64_t frame_now() const;
    [[nodiscard]] double metres_a_second() const {
        return metres_per_second(context_.transport.config().play_speed_ips);
    }
    /// Of the file, where a length was asked for.
    [[nodiscard]] double whole_s() const {
        return (request_.from_m ? request_.pre_roll_s : 0.0) + request_.length_s.value_or(0.0) + request_.post_roll_s;
    }
    [[nodiscard]] std::int64_t frames(double length_s) const {
        return std::llround(length_s * context_.return_rate_hz);
    }

    TransferContext context_;
    TransferRequest request_;
    transport::JobProgress progress_;
    std::int64_t begin_frame_ = -1; ///< capture frame of the file's first
    DeckTime anchored_{};
    std::optional<DeckTime> card_lost_;
};

/// Whoever destroys it in the middle has stopped the deck, and tells the recorder why.
TransferJob::~TransferJob() {
    context_.recorder->stop_at(frame_now());
}

void TransferJob::refuse_if(const transport::CommandResult& answer, const std::string& what) const {
    if (answer.denied()) {
        const std::string text = what + " was refused: " + answer.reason;
        context_.recorder->end(frame_now(), TransferEnding::Fault, text);
        throw JobStopped(JobStopped::Kind::Refused, text);
    }
}

void TransferJob::fault(const std::string& what) {
    context_.recorder->end(frame_now(), TransferEnding::Fault, what);
    throw JobStopped(JobStopped::Kind::Fault, what);
}

/// Capture frame of what is heard now.
std::int64_t TransferJob::frame_now() const {
    const audio::StreamTimestamp stamp = context_.engine.return_timestamp();
    return stamp.frame + frames(std::max(0.0, seconds(context_.timeline.now() - stamp.at)));
}

void TransferJob::begin_at(std::int64_t frame) {
    begin_frame_ = frame;
    context_.recorder->begin(frame);
    if (request_.length_s) {
        context_.recorder->stop_at(frame + frames(whole_s()));
    }
}

/// What is due at every turn.
void TransferJob::step() {
    if (context_.keep_up) {
        context_.keep_up();
    }
    tell();
    const DeckTime now = context_.timeline.now();
    if (context_.engine.counters().lost.load(std::memory_order_relaxed)) {
        // Whoever keeps the card stops the deck, and then this job. It ends itself where nobody does.
        card_lost_ = card_lost_.value_or(now);
        if (now - *card_lost_ >= kCardKeeperPatience) {
            fault("the sound card is gone; expected it to run through the transfer; check its cable and power");
        }
        return;
    }
    if (const auto& state = context_.transport.state(); begin_frame_ >= 0 && now - anchored_ >= kAnchorEvery) {
        anchored_ = now;
        const bool by_tach = state.current == Motion::Playing && context_.transport.config().edges_per_metre > 0.0;
        context_.recorder->anchor(frame_now(), state.position_m,
                                  by_tach ? std::optional(state.speed_m_s) : std::nullopt);
    }
}

void TransferJob::tell() {
    for (TransferHappening& one : context_.recorder->take_happenings()) {
        emit({std::move(one.kind), std::move(one.detail), std::nullopt, std::nullopt, one.counter_m});
    }
}

Task<void> TransferJob::wait_for(Motion motion, double timeout_s, std::string what) {
    const DeckTime deadline = context_.timeline.now() + deck_seconds(timeout_s);
    while (context_.transport.state().current != motion) {
        if (const std::string why = transport::why_wait_no_longer(context_.transport.state(), what, timeout_s,
                                                                  context_.timeline.now() >= deadline);
            !why.empty()) {
            fault(why);
        }
        step();
        co_await context_.timeline.sleep_for(kTick);
    }
}

Task<void> TransferJob::go_to_start() {
    auto& transport = context_.transport;
    if (request_.library_wind && !transport.deck().library_wind) {
        refuse_if({transport::CommandStatus::Denied, "this deck has no library wind; transfer without it"},
                  "the library wind at the end");
    }
    if (transport.state().arm != transport::RecordArm::Safe) {
        refuse_if(transport.disarm(), "going record-safe");
    }
    refuse_if(transport.select_monitor(transport::MonitorSelect::Repro), "listening off tape (REPRO)");
    if (transport.state().current != Motion::Stopped) {
        refuse_if(transport.stop(), "stop");
        co_await wait_for(Motion::Stopped, kStillTimeout_s, "standing still");
    }
    if (!request_.from_m) {
        co_return;
    }
    if (transport.state().position_knowledge != transport::PositionKnowledge::Known) {
        refuse_if({transport::CommandStatus::Denied,
                   "the tape position is not known; wind to the reel's zero and zero the counter, or transfer from "
                   "where the tape stands"},
                  "finding " + figure(*request_.from_m, 2) + " m");
    }
    progress_.phase = "locate";
    const double lead_m = (request_.pre_roll_s + kStartAllowance_s) * metres_a_second();
    const auto answer = transport.locate(std::max(0.0, *request_.from_m - lead_m));
    refuse_if(answer, "locate");
    if (answer.status != transport::CommandStatus::Unchanged) {
        co_await context_.timeline.sleep_for(kTick);
        co_await wait_for(Motion::Stopped, kLocateTimeout_s, "arriving at the start");
    }
}

/// Into play, and to where the file begins.
Task<void> TransferJob::roll() {
    auto& transport = context_.transport;
    progress_.phase = "pre-roll";
    if (!request_.from_m) {
        begin_at(frame_now() + frames(kAhead_s / 2.0)); // with the play key: nothing of what lies here is left out
    }
    refuse_if(transport.play(), "play");
    co_await wait_for(Motion::Playing, kMotionTimeout_s, "play speed");
    context_.recorder->plays_since(frame_now());
    if (!request_.from_m) {
        co_return;
    }
    const double begin_m = *request_.from_m - request_.pre_roll_s * metres_a_second();
    const auto to_go_s = [&] { return (begin_m - transport.state().position_m) / metres_a_second(); };
    while (to_go_s() > kAhead_s) {
        if (transport.state().current != Motion::Playing) {
            fault("the deck left play by itself before the transfer began");
        }
        step();
        co_await context_.timeline.sleep_for(kTick);
    }
    begin_at(frame_now() + frames(std::max(kAhead_s / 2.0, to_go_s())));
}

/// True when the file has its end; the recorder knows it then.
bool TransferJob::ends_here() {
    const TransferLive live = context_.recorder->live();
    const auto& state = context_.transport.state();
    const std::int64_t now = frame_now();
    if (!live.disk_trouble.empty()) {
        context_.recorder->end(now, TransferEnding::Disk, "");
        return true;
    }
    if (live.phase == TransferLive::Phase::Checking || live.phase == TransferLive::Phase::Done) {
        return true; // the recorder itself saw that it can't go on
    }
    if (request_.to_m) {
        const double over_m = state.position_m - *request_.to_m - request_.post_roll_s * metres_a_second();
        if (over_m >= 0.0) {
            context_.recorder->end(now - frames(std::min(over_m / metres_a_second(), seconds(kTick))),
                                   TransferEnding::Place, "");
            return true;
        }
    }
    if (request_.length_s) {
        if (now >= begin_frame_ + frames(whole_s())) {
            context_.recorder->end(std::nullopt, TransferEnding::Length, "");
            return true;
        }
    }
    if (request_.until_silence_s && live.silent_s >= *request_.until_silence_s) {
        context_.recorder->end(now, TransferEnding::Silence, "");
        return true;
    }
    return false;
}

void TransferJob::show() {
    const double captured_s = static_cast<double>(frame_now() - begin_frame_) / context_.return_rate_hz;
    double whole = 0.0;
    if (request_.to_m) {
        const double left_m = *request_.to_m - context_.transport.state().position_m;
        whole = captured_s + std::max(0.0, left_m / metres_a_second() + request_.post_roll_s);
    } else if (request_.length_s) {
        whole = whole_s();
    }
    progress_.phase = "capturing " + request_.file.filename().string();
    progress_.fraction = whole > 0.0 ? std::clamp(captured_s / whole, 0.0, 1.0) : 0.0;
    progress_.remaining_s = std::max(0.0, whole - captured_s);
}

Task<void> TransferJob::capture() {
    emit({"transfer_begins",
          {{"file", request_.file.string()}},
          std::nullopt,
          std::nullopt,
          context_.transport.state().position_m});
    while (!ends_here()) {
        const auto& state = context_.transport.state();
        if (state.record_tally || state.current == Motion::Recording) { // the machine has stopped it already
            fault("the deck went into record during a transfer");
        }
        if (state.tape_out || state.current == Motion::TapeOut) {
            context_.recorder->end(frame_now(), TransferEnding::TapeOut, "the tape came to its end");
            co_return;
        }
        if (state.current != Motion::Playing) {
            if (!state.fault.empty()) {
                fault(state.fault);
            }
            throw JobStopped(JobStopped::Kind::Fault,
                             "the deck left play by itself; expected it to play to the end of the transfer");
        }
        show();
        co_await context_.timeline.sleep_for(kTick);
        step();
    }
}

Task<void> TransferJob::come_to_rest() {
    auto& transport = context_.transport;
    if (transport.state().current == Motion::TapeOut) {
        co_return;
    }
    progress_.phase = "stopping";
    refuse_if(transport.stop(), "stop");
    co_await wait_for(Motion::Stopped, kStillTimeout_s, "standing still");
}

/// To the tape's end; a tape that has come to it stops the machine, and with it this job.
Task<void> TransferJob::wind() {
    auto& transport = context_.transport;
    if (!request_.library_wind || transport.state().current != Motion::Stopped) {
        co_return;
    }
    progress_.phase = "library wind";
    refuse_if(transport.library_wind(transport::Direction::Forward), "the library wind");
    for (;;) {
        co_await context_.timeline.sleep_for(kTick);
        step();
        const Motion motion = transport.state().current;
        if (motion == Motion::Stopped || motion == Motion::TapeOut || motion == Motion::Faulted) {
            co_return;
        }
    }
}

Task<void> TransferJob::wait_for_file() {
    while (!context_.recorder->done()) {
        const TransferLive live = context_.recorder->live();
        progress_.phase = "reading the file back";
        progress_.fraction = live.checked;
        step();
        co_await context_.timeline.sleep_for(kTick);
    }
    tell();
}

bool TransferJob::concern(const transport::Concern& concern) {
    if (begin_frame_ >= 0) {
        context_.recorder->concern(concern, frame_now(), context_.transport.state().position_m);
    }
    return false; // a tape that is played can't be spoiled by what a monitor says
}

Task<JobOutcome> TransferJob::run() {
    co_await go_to_start();
    co_await roll();
    co_await capture();
    co_await come_to_rest();
    co_await wind();
    co_await wait_for_file();
    const TransferResult result = context_.recorder->result();
    JobOutcome outcome;
    outcome.verdict = result.pass ? transport::JobVerdict::Pass : transport::JobVerdict::Fail;
    outcome.reason = result.pass ? "" : result.words;
    outcome.report = result.report;
    co_return outcome;
}

} // namespace

std::unique_ptr<transport::Job> make_transfer_job(TransferContext context, TransferRequest request) {
    return std::make_unique<TransferJob>(std::move(context), std::move(request));
}

} // namespace overbias::mastering
