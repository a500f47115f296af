// SPDX-License-Identifier: Apache-2.0
#include "controller/loop_command.hpp"

#include "audio/tape_return.hpp"
#include "base/figure.hpp"
#include "base/uuid.hpp"
#include "calibration/procedure/echo_run.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace overbias::controller {

namespace json = boost::json;
using transport::JobOutcome;
using transport::JobStopped;

namespace {

constexpr DeckDuration kTick = std::chrono::milliseconds(10);
constexpr DeckDuration kPatience = std::chrono::seconds(10);
constexpr int kTimes = 5;
/// Between one time and the next: what a card without timestamps of its own can be read to, and a two-thousandth of the
/// shortest head delay.
constexpr double kAgreement_s = 30e-6;
constexpr std::size_t kDrainFrames = 4800;

/// Answers whoever asked, once: also when the job is ended from outside.
class OneAnswer {
  public:
    explicit OneAnswer(Answer answer) : answer_(std::move(answer)) {}
    OneAnswer(const OneAnswer&) = delete;
    OneAnswer& operator=(const OneAnswer&) = delete;
    ~OneAnswer() { give(Reply::error(ErrorCode::Refused, "loop: it was stopped before its end")); }
    void give(Reply reply) {
        if (answer_) {
            std::exchange(answer_, {})(std::move(reply));
        }
    }

  private:
    Answer answer_;
};

class LoopJob final : public transport::Job {
  public:
    LoopJob(const LoopDesk& desk, Answer answer)
        : desk_(desk), answer_(std::move(answer)), rate_hz_(desk.engine.sample_rate_hz()), samples_(kDrainFrames * 2) {
        progress_.phase = "ready";
    }
    [[nodiscard]] std::string name() const override { return "loop"; }
    [[nodiscard]] transport::JobProgress progress() const override { return progress_; }
    Task<JobOutcome> run() override {
        try {
            co_return co_await measure();
        } catch (const JobStopped& stopped) {
            answer_.give(Reply::error(stopped.kind() == JobStopped::Kind::Fault ? ErrorCode::Fault : ErrorCode::Refused,
                                      stopped.what()));
            throw;
        }
    }

  private:
    Task<JobOutcome> measure();
    Task<double> once(int time);
    void drop(audio::FrameTap& tap);
    [[noreturn]] static void fail(const std::string& what) {
        throw JobStopped(JobStopped::Kind::Refused, "loop: " + what);
    }

    LoopDesk desk_;
    OneAnswer answer_;
    double rate_hz_; ///< of the playback; everything is counted in its frames
    std::vector<std::int32_t> samples_;
    transport::JobProgress progress_;
};

void LoopJob::drop(audio::FrameTap& tap) {
    while (tap.read(samples_).frames > 0) {
    }
}

Task<double> LoopJob::once(int time) {
    progress_ = {"measurement " + std::to_string(time + 1) + " of " + std::to_string(kTimes),
                 static_cast<double>(time) / kTimes, 0.0};
    drop(desk_.tape_return);
    audio::TapeReturn tape_return(desk_.engine, desk_.tape_return, desk_.return_rate_hz);
    calibration::EchoRun run(desk_.engine, {});
    for (const DeckTime until = desk_.timeline.now() + kPatience; desk_.timeline.now() < until;) {
        drop(desk_.played);
        for (auto block = tape_return.read(samples_); block.frames > 0; block = tape_return.read(samples_)) {
            run.take(block.first_frame, std::span<const std::int32_t>(samples_).first(2 * block.frames));
        }
        run.turn(tape_return.timestamp());
        if (const auto found = run.next()) {
            if (!*found || !(*found)->problem.empty()) {
                fail(*found ? (*found)->problem : found->error().message);
            }
            co_return (*found)->delay_frames;
        }
        co_await desk_.timeline.sleep_for(kTick);
    }
    throw JobStopped(JobStopped::Kind::Fault, "loop: the card did not play the signal within 10 s");
}

Task<JobOutcome> LoopJob::measure() {
    progress_ = {"reading the card's clocks", 0.0, 0.0};
    while (static_cast<double>(desk_.engine.played_timestamp().frame) <
           calibration::EchoRun::kClocksSettle_s * rate_hz_) {
        if (desk_.engine.counters().lost.load(std::memory_order_relaxed)) {
            fail("the sound card is gone; check its cable and power");
        }
        co_await desk_.timeline.sleep_for(kTick);
    }
    std::array<double, kTimes> found{};
    for (int time = 0; time < kTimes; ++time) {
        found[static_cast<std::size_t>(time)] = co_await once(time);
    }
    const auto [least, most] = std::ranges::minmax(found);
    const double agreement = kAgreement_s * rate_hz_;
    if (most - least > agreement) {
        fail(std::to_string(kTimes) + " measurements differ by " + figure(most - least, 2) +
             " frames, expected at most " + figure(agreement, 2) + "; try again when this machine is less busy");
    }
    std::ranges::sort(found);
    const double frames = found[kTimes / 2];
    if (frames < 0.0) {
        fail("the signal came back " + figure(-frames, 2) +
             " frames before it was played; the card misreports its "
             "delay");
    }
    desk_.measured(frames);
    const json::object result{{"round_trip_frames", frames},
                              {"round_trip_ms", frames / rate_hz_ * 1000.0},
                              {"spread_frames", most - least},
                              {"sample_rate_hz", rate_hz_}};
    emit({"round_trip", {{"frames", figure(frames, 3)}, {"spread_frames", figure(most - least, 3)}}, {}, {}});
    answer_.give(Reply::with(result));
    co_return JobOutcome{transport::JobVerdict::Pass, {}, {}};
}

} // namespace

void add_loop_command(CommandRegistry& registry, const LoopDesk& desk) {
    registry.add(
        {.name = "loop",
         .help = "measures the converters' round trip, with a cable in place of the deck; the deck is not moved",
         .handler = [desk](const json::object&, const Caller&, const Answer& answer) {
             const std::string against = desk.obstacle();
             if (!against.empty()) {
                 return answer(Reply::error(ErrorCode::Refused, "loop was refused: " + against));
             }
             if (const auto free = desk.runner.reserve("loop"); !free) {
                 return answer(Reply::error(ErrorCode::Refused, "loop was refused: " + free.error().message));
             }
             const std::string id = new_uuid();
             desk.starting(id);
             // it answers by itself, at its end
             (void)desk.runner.start(std::make_unique<LoopJob>(desk, answer), id);
         }});
}

} // namespace overbias::controller
