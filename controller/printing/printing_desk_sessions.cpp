// SPDX-License-Identifier: Apache-2.0
// What the printing desk stores and tells: sessions, reports, gates; and its commands.
#include "base/host_time.hpp"
#include "base/journal.hpp"
#include "base/uuid.hpp"
#include "controller/printing/print_requests.hpp"
#include "controller/printing/printing_desk.hpp"
#include "controller/report_file.hpp"
#include "controller/state_json.hpp"

#include <boost/json.hpp>
#include <fstream>
#include <sstream>
#include <utility>

namespace overbias::controller {

namespace json = boost::json;
using mastering::PrintSession;

namespace {

Reply read_report(const std::filesystem::path& path, const std::string& id) {
    std::ifstream file(path);
    if (!file) {
        return Reply::error(ErrorCode::UnusableInput,
                            "job_report: there is no report of job " + id + " in " + path.parent_path().string());
    }
    std::stringstream text;
    text << file.rdbuf();
    boost::system::error_code error;
    const json::value report = json::parse(text.str(), error);
    return error ? Reply::error(ErrorCode::Fault, "job_report: '" + path.string() + "' is not JSON: " + error.message())
                 : Reply::with(report);
}

/// A job that did not come to its end by itself could not say so in its session.
void close_session(const SessionStore& store, const std::string& id, const std::string& why) {
    auto session = store.load(id);
    if (!session) {
        return; // the job had not begun to print
    }
    bool open = false;
    for (mastering::SessionSide& side : session->sides) {
        for (mastering::SessionRun& run : side.runs) {
            if (run.ended.empty()) {
                open = true;
                run.ended = why.empty() ? "ended" : why;
                run.ended_utc = utc_text(host_now().utc_ns);
            }
        }
    }
    if (!open) {
        return;
    }
    if (const auto saved = store.save(*session); !saved) {
        journal(JournalLevel::Error, "overbiasd", "the print session is not stored: " + saved.error().message);
    }
}

} // namespace

std::filesystem::path report_path(const std::filesystem::path& reports, const std::string& job_id) {
    return reports / (job_id + ".json");
}

mastering::SessionKeeper PrintingDesk::keeper() {
    return [this](const PrintSession& session, std::function<void(std::string)> kept) {
        parts_.worker.post([this, session, kept = std::move(kept)] {
            const auto saved = store_.save(session);
            const std::string why_not = saved ? std::string() : saved.error().message;
            if (!saved) {
                journal(JournalLevel::Error, "overbiasd", "the print session is not stored: " + why_not);
            }
            parts_.timeline.post([kept, why_not] { kept(why_not); });
        });
    };
}

void PrintingDesk::keep(JobEnd end, std::function<void(JobEnd)> kept) {
    const bool print = end.id == job_;
    if (end.report.empty() && !print) {
        return kept(std::move(end));
    }
    parts_.worker.post([this, print, session = session_, end = std::move(end), kept = std::move(kept)]() mutable {
        if (print) {
            close_session(store_, session, end.reason);
        }
        if (!end.report.empty()) {
            const std::filesystem::path path = report_path(parts_.reports, end.id);
            auto written = write_file_atomically(path, end.report);
            if (written && print && session != end.id) { // what is asked for by the session
                written = write_file_atomically(report_path(parts_.reports, session), end.report);
            }
            if (written) {
                end.report_path = path.string();
            } else {
                end.report_error = written.error().message;
            }
        }
        parts_.timeline.post([end = std::move(end), kept = std::move(kept)] { kept(end); });
    });
}

void PrintingDesk::sessions(const Answer& answer) {
    const std::string running = parts_.runner.running() && parts_.runner.id() == job_ ? session_ : "";
    parts_.worker.post([this, running, answer] {
        const SessionStore::Listed listed = store_.list();
        json::array sessions, unreadable;
        for (const PrintSession& session : listed.sessions) {
            sessions.push_back(listed_json(session, session.id == running));
        }
        for (const std::string& each : listed.unreadable) {
            unreadable.emplace_back(each);
        }
        json::object told{{"sessions", std::move(sessions)}, {"unreadable", std::move(unreadable)}};
        parts_.timeline.post([told = std::move(told), answer] { answer(Reply::with(told)); });
    });
}

void PrintingDesk::confirm(const Answer& answer) {
    const std::string gate = parts_.runner.progress().gate;
    if (const auto confirmed = parts_.runner.confirm(); !confirmed) {
        return answer(Reply::error(ErrorCode::Refused, "confirm was refused: " + confirmed.error().message));
    }
    answer(Reply::with(json::object{{"status", "accepted"}, {"gate", gate}}));
}

void PrintingDesk::job_report(const json::object& given, const Answer& answer) {
    std::string id;
    if (const json::value* asked = given.if_contains("job")) {
        id = json::value_to<std::string>(*asked);
    } else if (parts_.runner.last()) {
        id = parts_.runner.last()->id;
    }
    if (!is_uuid(id)) {
        return answer(
            id.empty() ? Reply::error(ErrorCode::UnusableInput, "job_report: no job has ended yet")
                       : Reply::error(ErrorCode::InvalidParams, "job_report: '" + id + "' is not the UUID of a job"));
    }
    parts_.worker.post([this, id, answer] {
        Reply reply = read_report(report_path(parts_.reports, id), id);
        parts_.timeline.post([reply = std::move(reply), answer] { answer(reply); });
    });
}

void PrintingDesk::add_commands(CommandRegistry& registry) {
    registry.add(
        {.name = "print",
         .help = "prints sound files, or the plan of a reel, to tape and judges them off tape while they are recorded",
         .parameters = {{"files", ParameterType::TextList, false, "absolute paths, in order"},
                        {"plan", ParameterType::ObjectOrText, false,
                         "in place of files and all else: a reel plan, or the path of its TOML file"},
                        {"toml", ParameterType::Text, false, "or its TOML text"},
                        {"name", ParameterType::Text, false, "what the text is called in messages"},
                        {"folder", ParameterType::Text, false,
                         "of the text: files that are not named by an absolute path lie there"},
                        {"split", ParameterType::Flag, false,
                         "of a plan: split sides that do not fit at a track boundary"},
                        {"start", ParameterType::Position, false,
                         "where the slate begins, by the counter; else where the tape stands"},
                        {"trim_db", ParameterType::Number, false, "level change of every file"},
                        {"gap_s", ParameterType::Number, false, "silence after the slate and between files"},
                        {"slate_s", ParameterType::Number, false, "length of the slate"},
                        {"slate_hz", ParameterType::Number, false, "frequency of the slate"},
                        {"slate_level_re_operating_db", ParameterType::Number, false, "level of the slate"},
                        {"lead_in_s", ParameterType::Number, false, "recorded silence before the slate"},
                        {"post_roll_s", ParameterType::Number, false, "recorded silence after the last file"},
                        {"stop_on_bias_failure", ParameterType::Flag, false,
                         "a failure that the bias monitor sees ends the print"}},
         .handler = [this](const json::object& given, const Caller& caller, const Answer& answer) {
             print(given, caller, answer);
         }});
    registry.add({.name = "print_resume",
                  .help = "goes on with an interrupted print at a track boundary, once the tape has told where that is",
                  .parameters = {{"session", ParameterType::Text, true,
                                  "its UUID (print_sessions), or \"latest\": the newest that can go on"},
                                 {"side", ParameterType::Text, false, "go on with this side ..."},
                                 {"track", ParameterType::Integer, false,
                                  "... before this track, from 1 (1: the side anew); absent: at the first boundary "
                                  "after which something is to be printed"}},
                  .handler = [this](const json::object& given, const Caller& caller, const Answer& answer) {
                      resume(given, caller, answer);
                  }});
    registry.add({.name = "print_sessions",
                  .help = "print sessions, newest first: their state, and where each can go on",
                  .role = Role::Observe,
                  .handler = [this](const json::object&, const Caller&, const Answer& answer) { sessions(answer); }});
    registry.add({.name = "confirm",
                  .help = "the operator has done what the running job waits for (its gate)",
                  .handler = [this](const json::object&, const Caller&, const Answer& answer) { confirm(answer); }});
    registry.add({.name = "job_report",
                  .help = "the report of a job that has ended",
                  .role = Role::Observe,
                  .parameters = {{"job", ParameterType::Text, false, "its UUID; the last job when absent"}},
                  .handler = [this](const json::object& given, const Caller&, const Answer& answer) {
                      job_report(given, answer);
                  }});
}

} // namespace overbias::controller
