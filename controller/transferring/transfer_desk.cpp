// SPDX-License-Identifier: Apache-2.0
#include "controller/transferring/transfer_desk.hpp"

#include "base/figure.hpp"
#include "base/host_time.hpp"
#include "base/json/json_text.hpp"
#include "base/uuid.hpp"
#include "controller/transferring/transfer_json.hpp"
#include "controller/transferring/transfer_request_json.hpp"
#include "mastering/transfer/transfer_job.hpp"

#include <boost/json.hpp>
#include <cmath>
#include <cstddef>
#include <system_error>
#include <utility>

namespace overbias::controller {

namespace json = boost::json;
namespace fs = std::filesystem;
using mastering::TransferRecorder;
using mastering::TransferRequest;

namespace {

constexpr double kTapSeconds = 20.0;
constexpr double kMayLag_s = 2.0; ///< of what the tap holds, before simulated time waits
constexpr auto kTellEvery = std::chrono::milliseconds(250);
constexpr auto kPatience = std::chrono::milliseconds(1000); ///< of simulated time with a recorder that is behind

/// Whatever ended the job: what became of the file decides.
void judge(JobEnd& end, const mastering::TransferResult& result, const std::string& machine_fault) {
    end.report = result.report;
    const bool broken_off = end.ending == JobEnding::Cancelled || end.ending == JobEnding::Fault;
    if (result.pass && broken_off && machine_fault.empty()) { // STOP, or the tape's end, was its proper one
        end.ending = JobEnding::Pass;
        end.reason.clear();
    } else if (broken_off || end.ending == JobEnding::Refused) {
        const bool said = result.words.find(end.reason) != std::string::npos;
        end.reason = said ? result.words : end.reason + "; " + result.words;
    }
}

} // namespace

TransferDesk::TransferDesk(Parts parts)
    : parts_(std::move(parts)),
      tap_(parts_.engine.add_return_tap(static_cast<std::size_t>(std::lround(parts_.return_rate_hz * kTapSeconds)))) {
}

TransferDesk::~TransferDesk() {
    alive_.reset();
    if (recorder_) {
        recorder_->end(std::nullopt, mastering::TransferEnding::Stopped, "the daemon ended");
    }
    thread_.reset();
}

void TransferDesk::add_command(CommandRegistry& registry) {
    registry.add({.name = "transfer",
                  .help = "plays the tape record-safe into a Broadcast Wave file, with its checksum and a report",
                  .parameters = transfer_parameters(),
                  .handler = [this](const json::object& given, const Caller& caller, const Answer& answer) {
                      transfer(given, caller, answer);
                  }});
}

void TransferDesk::transfer(const json::object& given, const Caller& caller, const Answer& answer) {
    auto request = read_transfer_request(given, caller.local, parts_.config,
                                         {.folder = parts_.folder,
                                          .play_speed_ips = parts_.transport.config().play_speed_ips,
                                          .now_utc = utc_text(host_now().utc_ns)});
    if (!request) {
        return answer(Reply::error(ErrorCode::UnusableInput, request.error().message));
    }
    if (const auto reserved = parts_.runner.reserve("transfer"); !reserved) {
        return answer(Reply::error(ErrorCode::Refused, "transfer was refused: " + reserved.error().message));
    }
    if (const std::string obstacle = parts_.obstacle(); !obstacle.empty()) {
        parts_.runner.release();
        return answer(Reply::error(ErrorCode::Refused, "transfer was refused: " + obstacle));
    }
    mastering::TransferIdentity identity = parts_.identity();
    identity.session_uuid = new_uuid();
    const std::uint64_t reservation = parts_.runner.reservation();
    parts_.worker.post([this, alive = std::weak_ptr<bool>(alive_), &timeline = parts_.timeline, &tap = tap_,
                        rate_hz = parts_.return_rate_hz, folder = parts_.folder, request = std::move(request).value(),
                        identity, reservation, answer] {
        std::error_code error; // told by the file that can't be made
        if (request.file.parent_path() == folder) {
            fs::create_directories(folder, error);
        }
        using Made = Result<std::unique_ptr<TransferRecorder>>;
        auto recorder = std::make_shared<Made>(TransferRecorder::create(tap, rate_hz, request, identity));
        timeline.post([this, alive, recorder, request, id = identity.session_uuid, reservation, answer] {
            if (!alive.expired()) {
                made(std::move(*recorder), request, reservation, id, answer);
            }
        });
    });
}

void TransferDesk::made(Result<std::unique_ptr<TransferRecorder>> recorder, const TransferRequest& request,
                        std::uint64_t reservation, const std::string& id, const Answer& answer) {
    const bool stopped = parts_.runner.reservation() != reservation;
    std::string against = stopped ? "it was stopped while its file was made; nothing moved" : "";
    if (!stopped && recorder) {
        against = parts_.obstacle(); // it may have come up meanwhile
    }
    if (!recorder || !against.empty()) {
        if (!stopped) {
            parts_.runner.release();
        }
        if (!recorder) {
            return answer(Reply::error(ErrorCode::UnusableInput, "transfer: " + recorder.error().message));
        }
        (*recorder)->end(std::nullopt, mastering::TransferEnding::Stopped, "");
        while ((*recorder)->turn()) { // nothing was captured: it only takes its file away
        }
        return answer(Reply::error(ErrorCode::Refused, "transfer was refused: " + against));
    }
    recorder_ = std::move(recorder).value();
    thread_ = std::make_unique<TransferThread>(recorder_);
    id_ = id;
    when_finished_ = {};
    json::object detail{{"file", request.file.string()}};
    if (!request.title.empty()) {
        detail["title"] = request.title;
    }
    if (!request.tape.empty()) {
        detail["tape"] = request.tape;
    }
    if (parts_.starting) {
        parts_.starting(id, detail);
    }
    auto job = mastering::make_transfer_job({.timeline = parts_.timeline,
                                             .transport = parts_.transport,
                                             .engine = parts_.engine,
                                             .return_rate_hz = parts_.return_rate_hz,
                                             .recorder = recorder_,
                                             .keep_up = [this] { keep_up(); }},
                                            request);
    if (const auto started = parts_.runner.start(std::move(job), id); !started) { // the job is gone, and has ended it
        thread_.reset();
        recorder_.reset();
        return answer(Reply::error(ErrorCode::Refused, "transfer was refused: " + started.error().message));
    }
    audio::BroadcastWaveFormat format;
    format.samples = request.samples;
    answer(Reply::with(json::object{{"job", id},
                                    {"file", request.file.string()},
                                    {"report", mastering::transfer_report_path(request.file).string()},
                                    {"format", format.word()},
                                    {"sample_rate_hz", parts_.return_rate_hz},
                                    {"open_ended", request.open_ended()}}));
}

/// Simulated time runs faster than a disk; real time does not wait, the tap holds 20 s.
void TransferDesk::keep_up() {
    if (!parts_.timeline.simulated() || !thread_ || !recorder_) {
        return;
    }
    const auto reached = [this] {
        const std::int64_t captured = parts_.engine.return_timestamp().frame;
        const auto phase = recorder_->live().phase;
        return phase == mastering::TransferLive::Phase::Done ||
               (phase != mastering::TransferLive::Phase::Checking &&
                static_cast<double>(captured - recorder_->read_to()) <= kMayLag_s * parts_.return_rate_hz);
    };
    if (!reached()) {
        thread_->wait_until(reached, kPatience);
    }
}

void TransferDesk::keep(JobEnd end, std::function<void(JobEnd)> kept) {
    if (!recorder_ || end.id != id_) {
        return kept(std::move(end));
    }
    settle();
    when_finished_ = [this, end = std::move(end), kept = std::move(kept)]() mutable {
        const mastering::TransferResult result = recorder_->result();
        const std::string& fault = parts_.transport.state().fault;
        judge(end, result, fault);
        if (parts_.event && result.frames > 0) {
            parts_.event(id_, {"transferred",
                               {{"file", recorder_->file().string()},
                                {"sha256", result.file_sha256},
                                {"duration_s", figure(result.duration_s, 3)},
                                {"verdict", result.pass ? "pass" : "fail"},
                                {"reason", result.reason}},
                               std::nullopt,
                               std::nullopt});
        }
        thread_.reset();
        recorder_.reset();
        parts_.tell("transfer", "null");
        kept(std::move(end));
    };
    finished();
}

/// The job is gone and the machine at rest: what it says now is why, where the job has not told.
void TransferDesk::settle() {
    using mastering::TransferEnding;
    const transport::MachineState& state = parts_.transport.state();
    if (!state.fault.empty()) {
        recorder_->end(std::nullopt, TransferEnding::Fault, state.fault);
    } else if (state.tape_out || state.current == transport::Motion::TapeOut) {
        recorder_->end(std::nullopt, TransferEnding::TapeOut, "the tape came to its end");
    } else {
        recorder_->end(std::nullopt, TransferEnding::Stopped, "it was stopped");
    }
}

void TransferDesk::finished() {
    if (when_finished_ && recorder_->done()) {
        const auto tell = std::exchange(when_finished_, {});
        tell();
    }
}

void TransferDesk::tick() {
    if (!recorder_) {
        return;
    }
    const auto now = std::chrono::steady_clock::now();
    if (now - told_at_ >= kTellEvery) {
        told_at_ = now;
        parts_.tell("transfer", json_line(status()));
    }
    finished();
}

json::value TransferDesk::status() const {
    return recorder_ ? json::value(transfer_json(id_, recorder_->file(), recorder_->live())) : json::value(nullptr);
}

} // namespace overbias::controller
