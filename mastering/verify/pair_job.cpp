// SPDX-License-Identifier: Apache-2.0
#include "mastering/verify/pair_job.hpp"

#include "base/figure.hpp"
#include "base/host_time.hpp"
#include "base/json/json_text.hpp"
#include "mastering/report/track_json.hpp"
#include "transport/motion_wait.hpp"

#include <boost/json.hpp>
#include <chrono>
#include <cstdint>
#include <utility>
#include <vector>

namespace overbias::mastering {

namespace json = boost::json;
using transport::JobOutcome;
using transport::JobStopped;
using transport::Motion;

namespace {

constexpr DeckDuration kTick = std::chrono::milliseconds(10);
constexpr double kRest_s = 1.0; ///< listening to the electronics before the tape moves
constexpr double kPreroll_s = 1.0;
constexpr double kMotionTimeout_s = 10.0, kStillTimeout_s = 60.0;
constexpr std::size_t kDrainFrames = 4800;
constexpr double kFullScale = 2147483648.0;

class PairJob final : public transport::Job {
  public:
    PairJob(PairContext context, PairTask task)
        : context_(std::move(context)), task_(std::move(task)), comparison_(context_.comparison),
          samples_(2 * kDrainFrames), floats_(2 * kDrainFrames) {
        progress_.phase = "ready";
    }

    [[nodiscard]] std::string name() const override { return "verify"; }
    [[nodiscard]] transport::JobProgress progress() const override { return progress_; }
    Task<JobOutcome> run() override;

  private:
    Task<void> begin_recording();
    Task<void> listen();
    Task<void> wait_for(Motion motion, double timeout_s, std::string what);
    Task<void> pass_time(double for_s);
    void refuse_if(const transport::CommandResult& answer, const std::string& what) const;
    [[noreturn]] void fault(const std::string& what) const { throw JobStopped(JobStopped::Kind::Fault, what); }
    void drain(bool keep);
    void tell();
    JobOutcome judge();

    PairContext context_;
    PairTask task_;
    PairComparison comparison_;
    std::vector<std::int32_t> samples_;
    std::vector<float> floats_;
    transport::JobProgress progress_;
    std::string ended_;
    std::uint64_t dropouts_told_ = 0;
};

void PairJob::refuse_if(const transport::CommandResult& answer, const std::string& what) const {
    if (answer.denied()) {
        throw JobStopped(JobStopped::Kind::Refused, what + " was refused: " + answer.reason);
    }
}

Task<void> PairJob::pass_time(double for_s) {
    for (const DeckTime until = context_.timeline.now() + deck_seconds(for_s); context_.timeline.now() < until;) {
        co_await context_.timeline.sleep_for(kTick);
        drain(true);
    }
}

Task<void> PairJob::wait_for(Motion motion, double timeout_s, std::string what) {
    const DeckTime deadline = context_.timeline.now() + deck_seconds(timeout_s);
    while (context_.transport.state().current != motion) {
        if (const std::string why = transport::why_wait_no_longer(context_.transport.state(), what, timeout_s,
                                                                  context_.timeline.now() >= deadline);
            !why.empty()) {
            fault(why);
        }
        co_await context_.timeline.sleep_for(kTick);
        drain(true);
    }
}

/// Both taps to the comparison; `keep`: else what waits in them is from before.
void PairJob::drain(bool keep) {
    if (context_.engine.counters().lost.load(std::memory_order_relaxed)) {
        fault("the sound card is gone; expected it to run through the recording; check its cable and power");
    }
    const audio::StreamTimestamp stamp = context_.engine.return_timestamp();
    if (keep) {
        comparison_.set_clock({stamp.frame, seconds(stamp.at)});
    }
    const auto pass = [&](audio::FrameTap& tap, auto&& push) {
        for (auto block = tap.read(samples_); block.frames > 0; block = tap.read(samples_)) {
            for (std::size_t n = 0; keep && n < 2 * block.frames; ++n) {
                floats_[n] = static_cast<float>(samples_[n] / kFullScale);
            }
            if (keep) {
                push(block.first_frame, std::span<const float>(floats_.data(), 2 * block.frames));
            }
        }
    };
    pass(context_.tape_return,
         [this](std::int64_t first, std::span<const float> frames) { comparison_.push_return(first, frames); });
    pass(context_.source,
         [this](std::int64_t first, std::span<const float> frames) { comparison_.push_source(first, frames); });
}

Task<void> PairJob::begin_recording() {
    auto& transport = context_.transport;
    refuse_if(transport.select_monitor(transport::MonitorSelect::Repro), "listening off tape (REPRO)");
    drain(false);
    if (!task_.record) {
        if (transport.state().current != Motion::Recording) {
            throw JobStopped(JobStopped::Kind::Refused,
                             "verify: the deck does not record; put it into record first (overbias arm, overbias "
                             "record), or let this do it (--record)");
        }
        comparison_.recording_from(context_.engine.return_timestamp().frame);
        co_return;
    }
    if (transport.state().current != Motion::Stopped) {
        refuse_if(transport.stop(), "stop");
        co_await wait_for(Motion::Stopped, kStillTimeout_s, "standing still");
    }
    progress_ = {"listening to the deck at rest", 0.0, 0.0};
    co_await pass_time(kRest_s);
    progress_ = {"pre-roll", 0.0, 0.0};
    refuse_if(transport.play(), "play");
    co_await wait_for(Motion::Playing, kMotionTimeout_s, "play speed");
    co_await pass_time(kPreroll_s);
    refuse_if(transport.arm(), "arming record");
    refuse_if(transport.record(), "record");
    co_await wait_for(Motion::Recording, kMotionTimeout_s, "record (its tally)");
    emit({"record_on", {}, std::nullopt, transport.state().position_m});
    comparison_.recording_from(context_.engine.return_timestamp().frame);
}

void PairJob::tell() {
    const PairStatus status = comparison_.status();
    std::string phase = status.programme         ? "programme " + std::to_string(status.programmes)
                        : status.programmes == 0 ? "waiting for programme"
                                                 : "silence after programme " + std::to_string(status.programmes);
    if (phase != progress_.phase) {
        emit({"section_start", {{"what", phase}}, std::nullopt, context_.transport.state().position_m});
    }
    progress_ = {std::move(phase), 0.0, 0.0};
    if (status.live.dropouts > dropouts_told_) {
        dropouts_told_ = status.live.dropouts;
        emit({"dropout", {{"count", std::to_string(dropouts_told_)}}, std::nullopt, std::nullopt});
    }
}

Task<void> PairJob::listen() {
    auto& transport = context_.transport;
    for (;;) {
        co_await context_.timeline.sleep_for(kTick);
        drain(true);
        tell();
        const PairStatus status = comparison_.status();
        if (!status.programme && status.programmes > 0 && status.since_s >= task_.end_silence_s) {
            ended_ = "the source was silent for " + figure(task_.end_silence_s, 0) + " s";
            break;
        }
        if (status.programmes == 0 && status.heard_s >= task_.patience_s) {
            ended_ = "no programme came within " + figure(task_.patience_s, 0) + " s";
            break;
        }
        const transport::MachineState& now = transport.state();
        if (!now.fault.empty()) {
            fault(now.fault);
        }
        if (now.current != Motion::Recording) {
            ended_ = "the deck left record";
            co_return;
        }
    }
    if (task_.record) {
        const double end_m = transport.state().position_m;
        refuse_if(transport.stop(), "stop");
        emit({"record_off", {}, std::nullopt, end_m});
        co_await wait_for(Motion::Stopped, kStillTimeout_s, "standing still");
    }
}

JobOutcome PairJob::judge() {
    const PairResult result = comparison_.finish();
    json::object whole = json_of(result.comparison);
    const bool any = !result.pieces.empty();
    const bool pass = any && result.comparison.pass;
    const std::string reason = any ? result.comparison.reason : "no_signal";
    json::array tracks;
    for (std::size_t n = 0; n < result.comparison.tracks.size() && n < result.pieces.size(); ++n) {
        const PairPiece& piece = result.pieces[n];
        json::object track{{"title", result.comparison.tracks[n].name},
                           {"file", nullptr},
                           {"sha256", nullptr},
                           {"programme", piece.programme + 1},
                           {"heard_at_s", json_figure(piece.at_s, 3)},
                           {"from_s", json_figure(piece.from_s, 3)},
                           {"duration_s", json_figure(piece.duration_s, 3)}};
        for (auto& [key, value] : json_of(result.comparison.tracks[n])) {
            track.emplace(key, std::move(value));
        }
        tracks.push_back(std::move(track));
    }
    json::array findings = whole.at("findings").as_array();
    if (!any) {
        findings.push_back(json::object{{"reason", "no_signal"},
                                        {"channel", nullptr},
                                        {"text", "no programme came on the source pair: " + ended_}});
    }
    json::object report{{"report", "overbias verify"},
                        {"report_version", 2},
                        {"made_utc", utc_text(host_now().utc_ns)},
                        {"session", context_.identity.session_uuid},
                        {"verdict", pass ? "pass" : "fail"},
                        {"reason", pass || reason.empty() ? json::value(nullptr) : json::value(reason)},
                        {"findings", std::move(findings)},
                        {"limits", json_of(context_.comparison.limits)},
                        {"mode", "live"},
                        {"reference", task_.source},
                        {"tape", task_.tape},
                        {"ended", ended_},
                        {"reel", json::object{{"uuid", context_.identity.reel_uuid},
                                              {"deck", context_.identity.deck_name},
                                              {"deck_uuid", context_.identity.deck_uuid},
                                              {"head_block_uuid", context_.identity.head_block_uuid},
                                              {"stock", context_.identity.stock},
                                              {"equalisation", context_.identity.equalisation},
                                              {"speed_ips", context_.comparison.tape_speed_ips},
                                              {"sample_rate_hz", context_.comparison.sample_rate_hz}}},
                        {"off_tape", whole.at("off_tape")},
                        {"gaps", whole.at("gaps")},
                        {"noise_dbfs", whole.at("noise_dbfs")},
                        {"compared_band_hz", whole.at("compared_band_hz")},
                        {"tracks", std::move(tracks)}};
    JobOutcome outcome;
    outcome.verdict = pass ? transport::JobVerdict::Pass : transport::JobVerdict::Fail;
    outcome.reason = pass ? "" : reason;
    outcome.report = json_indented(report) + '\n';
    return outcome;
}

Task<JobOutcome> PairJob::run() {
    co_await begin_recording();
    co_await listen();
    progress_ = {"judged", 1.0, 0.0};
    co_return judge();
}

} // namespace

std::unique_ptr<transport::Job> make_pair_job(PairContext context, PairTask task) {
    return std::make_unique<PairJob>(std::move(context), std::move(task));
}

} // namespace overbias::mastering
