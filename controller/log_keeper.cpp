// SPDX-License-Identifier: Apache-2.0
#include "controller/log_keeper.hpp"

#include "base/figure.hpp"
#include "base/journal.hpp"
#include "base/json/json_text.hpp"
#include "base/uuid.hpp"

#include <boost/json.hpp>
#include <cmath>
#include <utility>

namespace overbias::controller {

namespace json = boost::json;

namespace {

constexpr std::size_t kSessionsLookedThrough = 100;
constexpr double kProvenEvery_m = 20.0; ///< of tape, when nothing changes

std::string text_at(const json::object& object, std::string_view key) {
    const json::value* value = object.if_contains(key);
    return value != nullptr && value->is_string() ? json::value_to<std::string>(*value) : std::string();
}

/// The print as the logbook keeps it; nothing when the report is none of a print.
std::optional<logbook::PrintRecord> print_record(const JobEnd& end) {
    boost::system::error_code error;
    const json::value parsed = json::parse(end.report, error);
    const json::object* report = error ? nullptr : parsed.if_object();
    if (report == nullptr || text_at(*report, "verdict").empty()) {
        return std::nullopt;
    }
    if (const std::string kind = text_at(*report, "report"); !kind.empty() && kind != "overbias print") {
        return std::nullopt; // a reel that was verified is no print: the papers are made of prints
    }
    logbook::PrintRecord print{.uuid = end.id,
                               .session_uuid = end.id,
                               .verdict = text_at(*report, "verdict"),
                               .reason = text_at(*report, "reason"),
                               .report_json = end.report,
                               .at = {},
                               .tracks = {}};
    if (const json::value* tracks = report->if_contains("tracks"); tracks != nullptr && tracks->is_array()) {
        for (const json::value& item : tracks->as_array()) {
            if (const json::object* track = item.if_object()) {
                const json::value* start = track->if_contains("start_tape_m");
                print.tracks.push_back({.file = text_at(*track, "file"),
                                        .file_sha256 = text_at(*track, "sha256"),
                                        .verdict = text_at(*track, "verdict"),
                                        .start_tape_m = start != nullptr && start->is_number()
                                                            ? std::optional(start->to_number<double>())
                                                            : std::nullopt});
            }
        }
    }
    return print;
}

} // namespace

LogKeeper::LogKeeper(logbook::Logbook& logbook, LogSubject subject,
                     std::function<std::optional<std::int64_t>()> audio_frame)
    : logbook_(logbook), subject_(std::move(subject)), audio_frame_(std::move(audio_frame)), session_(new_uuid()) {
    took(logbook_.put(subject_.deck, acknowledge()));
    took(logbook_.put(subject_.head_block, acknowledge()));
    took(logbook_.put(subject_.reel, acknowledge()));
    start_session(session_, "transport");
    tell_interrupted();
}

/// At start-up: what the last run left open, and how far its tape is known to be good.
void LogKeeper::tell_interrupted() const {
    const std::vector<std::string>& uuids = logbook_.interrupted_sessions();
    if (uuids.empty()) {
        return;
    }
    const auto sessions = logbook_.sessions(kSessionsLookedThrough);
    for (const std::string& uuid : uuids) {
        std::string proven;
        std::string kind = "session";
        for (const logbook::StoredSession& stored : sessions ? *sessions : std::vector<logbook::StoredSession>()) {
            if (stored.session.uuid == uuid) {
                kind = stored.session.kind + " session";
                if (stored.last_proven_m) {
                    proven = "; the last place proven off tape is " + figure(*stored.last_proven_m, 2) +
                             " m by the counter of then";
                }
            }
        }
        journal(JournalLevel::Warning, "logbook",
                kind + " " + uuid + " was interrupted: the daemon did not end in order then" + proven);
    }
}

LogKeeper::~LogKeeper() {
    took(logbook_.end_session(session_, logbook::SessionEnd::Closed, acknowledge()));
}

logbook::Acknowledged LogKeeper::acknowledge() const {
    return [shared = shared_](const Result<std::int64_t>& seq) {
        if (!seq) {
            journal(JournalLevel::Error, "logbook", seq.error().message);
        } else if (*seq >
                   shared->newest_seq.load(std::memory_order_relaxed)) { // the logbook's thread is the only writer
            shared->newest_seq.store(*seq, std::memory_order_relaxed);
        }
    };
}

void LogKeeper::took(const Result<void>& handed_over) {
    if (!handed_over && !refused_) {
        journal(JournalLevel::Error, "logbook", "an event is not logged: " + handed_over.error().message);
    }
    refused_ = !handed_over;
}

void LogKeeper::start_session(const std::string& uuid, const std::string& kind) {
    took(logbook_.start_session({.uuid = uuid,
                                 .deck_uuid = subject_.deck.uuid,
                                 .head_block_uuid = subject_.head_block.uuid,
                                 .reel_uuid = subject_.reel.uuid,
                                 .kind = kind,
                                 .simulated = subject_.deck.simulated,
                                 .start = {}},
                                acknowledge()));
}

void LogKeeper::append(const std::string& session, std::string kind, const json::object& detail,
                       std::optional<std::int64_t> frame, std::optional<double> tape_m) {
    took(logbook_.append({.session_uuid = session,
                          .kind = std::move(kind),
                          .detail_json = json_line(detail),
                          .at = {},
                          .audio_frame = frame ? frame : audio_frame_(),
                          .tape_m = tape_m},
                         acknowledge()));
}

void LogKeeper::command(const std::string& command, const std::string& answer, double tape_m) {
    append(session_, "command", {{"command", command}, {"answer", answer}}, std::nullopt, tape_m);
}

void LogKeeper::state(const transport::MachineState& state) {
    const auto word = [](std::string_view text) { return json::string(text.data(), text.size()); };
    append(session_, "state",
           {{"requested", word(name_of(state.requested))},
            {"current", word(name_of(state.current))},
            {"arm", word(name_of(state.arm))},
            {"record_tally", state.record_tally},
            {"tape_out", state.tape_out},
            {"position", word(name_of(state.position_knowledge))},
            {"uncertainty_m", state.position_uncertainty_m}},
           std::nullopt, state.position_m);
}

void LogKeeper::fault(const std::string& what, double tape_m) {
    append(session_, "fault", {{"fault", what}}, std::nullopt, tape_m);
}

void LogKeeper::card(bool lost, const std::string& problem, double tape_m) {
    append(session_, "card", {{"lost", lost}, {"problem", problem}}, std::nullopt, tape_m);
}

void LogKeeper::bias(const std::string& kind, const json::object& detail, double tape_m) {
    append(session_, kind, detail, std::nullopt, tape_m);
}

void LogKeeper::job_started(const std::string& job_id, const std::string& kind, const json::object& detail,
                            double tape_m) {
    start_session(job_id, kind);
    append(job_id, "job_started", detail, std::nullopt, tape_m);
}

void LogKeeper::another_reel(const std::string& uuid) {
    subject_.reel.uuid = uuid;
    took(logbook_.put(subject_.reel, acknowledge()));
}

bool LogKeeper::tells_of_proof(const std::string& job_id, const transport::JobEvent& event, double counter_m) {
    const auto failing = event.detail.find("failing");
    Proof now{.job = job_id,
              .failing = failing == event.detail.end() ? "" : failing->second,
              .off_tape = event.detail.contains("delay_ms"),
              .counter_m = counter_m};
    if (proof_ && proof_->job == now.job && proof_->failing == now.failing && proof_->off_tape == now.off_tape &&
        std::abs(counter_m - proof_->counter_m) < kProvenEvery_m) {
        return false;
    }
    proof_ = std::move(now);
    return true;
}

void LogKeeper::job_event(const std::string& job_id, const transport::JobEvent& event, double tape_m) {
    if (event.kind == "proven" && !tells_of_proof(job_id, event, event.counter_m.value_or(tape_m))) {
        return;
    }
    json::object detail;
    for (const auto& [key, value] : event.detail) {
        detail[key] = value;
    }
    // A job's own place counts from its slate: it stays in the detail, the counter's place is the event's.
    if (event.tape_m) {
        detail["from_slate_m"] = *event.tape_m;
    }
    append(job_id, event.kind, detail, event.audio_frame, event.counter_m.value_or(tape_m));
}

void LogKeeper::job_ended(const JobEnd& end, double tape_m) {
    append(end.id, "job_ended",
           {{"verdict", word(end.ending)},
            {"reason", end.reason},
            {"report", end.report_path},
            {"phase", end.progress.phase}},
           std::nullopt, tape_m);
    if (auto print = end.name == "transfer" ? std::nullopt : print_record(end)) {
        took(logbook_.record_print(std::move(*print), acknowledge()));
    }
    took(logbook_.end_session(end.id, logbook::SessionEnd::Closed, acknowledge()));
}

} // namespace overbias::controller
