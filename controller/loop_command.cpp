// SPDX-License-Identifier: Apache-2.0
#include "controller/loop_command.hpp"

#include "base/figure.hpp"
#include "base/uuid.hpp"
#include "controller/loop_measurement.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cmath>
#include <memory>
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

class LoopJob final : public transport::Job {
  public:
    LoopJob(const LoopDesk& desk, Answer answer)
        : desk_(desk), answer_(std::move(answer)), loop_(desk.engine.sample_rate_hz()), samples_(kDrainFrames * 2) {
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
    void drain(audio::FrameTap& tap, std::vector<std::int32_t>* to, std::int64_t& first);
    [[noreturn]] static void fail(const std::string& what) {
        throw JobStopped(JobStopped::Kind::Refused, "loop: " + what);
    }

    LoopDesk desk_;
    OneAnswer answer_;
    LoopMeasurement loop_;
    std::vector<std::int32_t> samples_;
    transport::JobProgress progress_;
};

/// Takes what waits in a tap; with `to` null it is thrown away.
void LoopJob::drain(audio::FrameTap& tap, std::vector<std::int32_t>* to, std::int64_t& first) {
    while (true) {
        const auto block = tap.read(samples_);
        if (block.frames == 0) {
            return;
        }
        if (to == nullptr) {
            continue;
        }
        if (to->empty()) {
            first = block.first_frame;
        } else if (block.first_frame != first + static_cast<std::int64_t>(to->size() / 2)) {
            fail("frames were lost on the way (xrun); try again when this machine is less busy");
        }
        to->insert(to->end(), samples_.begin(), samples_.begin() + static_cast<std::ptrdiff_t>(block.frames * 2));
    }
}

Task<double> LoopJob::once(int time) {
    progress_ = {"measurement " + std::to_string(time + 1) + " of " + std::to_string(kTimes),
                 static_cast<double>(time) / kTimes, 0.0};
    auto& engine = desk_.engine;
    const PlayingGuard guard(engine);
    std::int64_t unused = 0;
    drain(desk_.tape_return, nullptr, unused);
    const std::span<const std::int32_t> signal = loop_.signal();
    std::vector<std::int32_t> returned;
    std::int64_t returned_from = 0;
    std::size_t queued = 0;
    bool playing = false;
    for (const DeckTime until = desk_.timeline.now() + kPatience; desk_.timeline.now() < until;) {
        queued += engine.queue_write(signal.subspan(queued * 2)); // none while the last time is still being ended
        if (queued == signal.size() / 2 && !playing) {
            playing = true;
            engine.queue_finish();
            engine.start_playing();
        }
        drain(desk_.played, nullptr, unused);
        drain(desk_.tape_return, &returned, returned_from);
        const std::int64_t from = playing ? engine.played_from() : -1;
        if (from >= 0) {
            const auto out = engine.played_timestamp();
            const auto in = engine.return_timestamp();
            // the captured frame that was at the converter when the signal's first one was
            const double at_s =
                seconds(out.at) + static_cast<double>(from - out.frame) / loop_.sample_rate_hz() - seconds(in.at);
            const double begin = static_cast<double>(in.frame) + at_s * loop_.sample_rate_hz();
            const auto skip = static_cast<std::int64_t>(std::floor(begin)) - returned_from;
            if (!returned.empty() && skip < 0) {
                fail("the capture began after the signal; this is a fault of the card's clock readings");
            }
            if (static_cast<std::int64_t>(returned.size() / 2) >=
                skip + static_cast<std::int64_t>(loop_.window_frames())) {
                const auto found =
                    loop_.find(std::span<const std::int32_t>(returned).subspan(static_cast<std::size_t>(skip) * 2));
                if (!found) {
                    fail(found.error().message);
                }
                co_return found->frames - (begin - std::floor(begin));
            }
        }
        co_await desk_.timeline.sleep_for(kTick);
    }
    throw JobStopped(JobStopped::Kind::Fault, "loop: the card did not play the signal within 10 s");
}

Task<JobOutcome> LoopJob::measure() {
    std::array<double, kTimes> found{};
    for (int time = 0; time < kTimes; ++time) {
        found[static_cast<std::size_t>(time)] = co_await once(time);
    }
    const auto [least, most] = std::ranges::minmax(found);
    const double agreement = kAgreement_s * loop_.sample_rate_hz();
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
    const double rate_hz = loop_.sample_rate_hz();
    desk_.measured(frames);
    const json::object result{{"round_trip_frames", frames},
                              {"round_trip_ms", frames / rate_hz * 1000.0},
                              {"spread_frames", most - least},
                              {"sample_rate_hz", rate_hz}};
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
