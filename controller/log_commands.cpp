// SPDX-License-Identifier: Apache-2.0
#include "controller/log_commands.hpp"

#include "base/host_time.hpp"
#include "base/uuid.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <deque>

namespace overbias::controller {

namespace json = boost::json;
using logbook::Logbook;

namespace {

constexpr std::int64_t kMostEvents = 1000;
constexpr std::size_t kChunk = 1000;

json::value text_or_null(const std::string& text) {
    return text.empty() ? json::value(nullptr) : json::value(json::string(text));
}

template <typename T>
json::value value_or_null(const std::optional<T>& value) {
    return value ? json::value(*value) : json::value(nullptr);
}

json::object event_json(const logbook::StoredEvent& stored) {
    boost::system::error_code error;
    json::value detail = json::parse(stored.event.detail_json, error);
    return {{"seq", stored.seq},
            {"utc", utc_text(stored.event.at.utc_ns)},
            {"monotonic_ns", stored.event.at.monotonic_ns},
            {"boot_id", stored.event.at.boot_id},
            {"session", text_or_null(stored.event.session_uuid)},
            {"kind", stored.event.kind},
            {"detail", error ? json::value(json::string(stored.event.detail_json)) : std::move(detail)},
            {"audio_frame", value_or_null(stored.event.audio_frame)},
            {"tape_m", value_or_null(stored.event.tape_m)},
            {"hash", stored.hash}};
}

/// The last `count` events of a session, or of all.
Result<std::deque<logbook::StoredEvent>> last_events(Logbook& logbook, const std::string& session, std::size_t count,
                                                     std::int64_t newest_seq) {
    // Over all sessions the numbers follow each other; one session's are scattered, so it is read from its beginning.
    std::int64_t after = session.empty() ? std::max<std::int64_t>(0, newest_seq - static_cast<std::int64_t>(count)) : 0;
    std::deque<logbook::StoredEvent> last;
    while (true) {
        auto chunk = logbook.events(session, after, kChunk);
        if (!chunk) {
            return chunk.error();
        }
        for (logbook::StoredEvent& event : *chunk) {
            after = event.seq;
            last.push_back(std::move(event));
            if (last.size() > count) {
                last.pop_front();
            }
        }
        if (chunk->size() < kChunk) {
            return last;
        }
    }
}

Reply events(Logbook& logbook, const std::string& session, std::size_t count, std::int64_t newest_seq) {
    const auto last = last_events(logbook, session, count, newest_seq);
    if (!last) {
        return Reply::error(ErrorCode::Fault, "log: " + last.error().message);
    }
    json::array list;
    for (const logbook::StoredEvent& event : *last) {
        list.push_back(event_json(event));
    }
    return Reply::with(json::object{{"events", std::move(list)}});
}

Reply sessions(Logbook& logbook, std::size_t count) {
    const auto found = logbook.sessions(count);
    if (!found) {
        return Reply::error(ErrorCode::Fault, "log: " + found.error().message);
    }
    json::array list;
    for (const logbook::StoredSession& stored : *found) {
        list.push_back(
            {{"session", stored.session.uuid},
             {"kind", stored.session.kind},
             {"state", stored.state},
             {"simulated", stored.session.simulated},
             {"start_utc", utc_text(stored.session.start.utc_ns)},
             {"end_utc", stored.end_utc_ns ? json::value(utc_text(*stored.end_utc_ns)) : json::value(nullptr)},
             {"last_proven_m", value_or_null(stored.last_proven_m)},
             {"deck", stored.session.deck_uuid},
             {"reel", text_or_null(stored.session.reel_uuid)}});
    }
    return Reply::with(json::object{{"sessions", std::move(list)}});
}

Reply prints(Logbook& logbook, std::size_t count) {
    const auto found = logbook.prints(count);
    if (!found) {
        return Reply::error(ErrorCode::Fault, "log: " + found.error().message);
    }
    json::array list;
    for (const logbook::StoredPrint& stored : *found) {
        json::array tracks;
        for (const logbook::TrackRecord& track : stored.print.tracks) {
            tracks.push_back({{"file", track.file},
                              {"sha256", track.file_sha256},
                              {"verdict", track.verdict},
                              {"start_tape_m", value_or_null(track.start_tape_m)}});
        }
        list.push_back({{"print", stored.print.uuid},
                        {"utc", utc_text(stored.print.at.utc_ns)},
                        {"verdict", stored.print.verdict},
                        {"reason", text_or_null(stored.print.reason)},
                        {"report_sha256", stored.report_sha256},
                        {"tracks", std::move(tracks)}});
    }
    return Reply::with(json::object{{"prints", std::move(list)}});
}

Reply verify(Logbook& logbook) {
    const auto report = logbook.verify_chain();
    if (!report) {
        return Reply::error(ErrorCode::Fault, "log: " + report.error().message);
    }
    return Reply::with(json::object{{"intact", report->intact},
                                    {"events", report->events},
                                    {"broken_seq", value_or_null(report->broken_seq)},
                                    {"text", report->text}});
}

} // namespace

void add_log_commands(CommandRegistry& registry, LogKeeper& keeper, Worker& worker, Timeline& timeline) {
    registry.add(
        {.name = "log",
         .help = "what the logbook holds",
         .role = Role::Observe,
         .parameters =
             {{"what", ParameterType::Text, false, "events when absent", {"events", "sessions", "prints", "verify"}},
              {"last", ParameterType::Integer, false, "how many, 1 to 1000; 20 when absent"},
              {"session", ParameterType::Text, false, "events of this session only (UUID)"}},
         .handler = [&keeper, &worker, &timeline](const json::object& given, const Caller&, const Answer& answer) {
             const std::string what = given.contains("what") ? json::value_to<std::string>(given.at("what")) : "events";
             const std::int64_t last = given.contains("last") ? given.at("last").to_number<std::int64_t>() : 20;
             const std::string session =
                 given.contains("session") ? json::value_to<std::string>(given.at("session")) : "";
             if (last < 1 || last > kMostEvents) {
                 return answer(Reply::error(ErrorCode::InvalidParams,
                                            "log: last must be 1 to 1000, got " + std::to_string(last)));
             }
             if (!session.empty() && !is_uuid(session)) {
                 return answer(
                     Reply::error(ErrorCode::InvalidParams,
                                  "log: '" + session + "' is not a session's UUID; 'log --sessions' lists them"));
             }
             worker.post([&logbook = keeper.logbook(), &timeline, what, session, count = static_cast<std::size_t>(last),
                          newest = keeper.newest_seq(), answer] {
                 Reply reply = what == "sessions" ? sessions(logbook, count)
                               : what == "prints" ? prints(logbook, count)
                               : what == "verify" ? verify(logbook)
                                                  : events(logbook, session, count, newest);
                 timeline.post([answer, reply = std::move(reply)] { answer(reply); });
             });
         }});
}

} // namespace overbias::controller
