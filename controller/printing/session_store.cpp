// SPDX-License-Identifier: Apache-2.0
#include "controller/printing/session_store.hpp"

#include "base/uuid.hpp"
#include "controller/report_file.hpp"
#include "mastering/session_text.hpp"

#include <algorithm>
#include <fstream>
#include <functional>
#include <iterator>
#include <system_error>
#include <utility>

namespace overbias::controller {

using mastering::PrintSession;

namespace {

/// When it was last in record; empty: never.
std::string recorded_utc(const PrintSession& session) {
    std::string utc;
    for (const mastering::SessionSide& side : session.sides) {
        for (const mastering::SessionRun& run : side.runs) {
            if (run.from_m) {
                utc = std::max(utc, run.begun_utc);
            }
        }
    }
    return utc;
}

/// (one that has not ended yet may come to record)
bool ended_unrecorded(const PrintSession& session) {
    bool ended = false;
    for (const mastering::SessionSide& side : session.sides) {
        for (const mastering::SessionRun& run : side.runs) {
            if (run.ended.empty()) {
                return false;
            }
            ended = true;
        }
    }
    return ended && !session.recorded();
}

} // namespace

Result<void> SessionStore::save(const PrintSession& session) const {
    return write_file_atomically(file(session.id), mastering::session_text(session));
}

Result<PrintSession> SessionStore::load(const std::string& id) const {
    if (!is_uuid(id)) {
        return Error{"'" + id + "' is not the UUID of a print session; 'overbias print-sessions' lists them"};
    }
    std::ifstream in(file(id), std::ios::binary);
    if (!in) {
        return Error{"there is no print session " + id + " in " + folder_.string() +
                     "; 'overbias print-sessions' lists them"};
    }
    const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    auto session = mastering::session_from_text(text);
    if (!session) {
        return Error{file(id).string() + ": " + session.error().message};
    }
    return session;
}

Result<PrintSession> SessionStore::newest_interrupted() const {
    Listed listed = list();
    const auto found = std::ranges::find_if(
        listed.sessions, [](const PrintSession& each) { return !each.complete() && each.recorded(); });
    if (found == listed.sessions.end()) {
        return Error{"there is no print that could go on; 'overbias print-sessions' lists those there are"};
    }
    return std::move(*found);
}

Result<PrintSession> SessionStore::newest_on_tape() const {
    Listed listed = list();
    const auto found = std::ranges::max_element(listed.sessions, {}, recorded_utc);
    if (found == listed.sessions.end() || !found->recorded()) {
        return Error{"there is no print on a tape yet; 'overbias print-sessions' lists those there are"};
    }
    return std::move(*found);
}

SessionStore::Listed SessionStore::list() const {
    Listed listed;
    std::error_code none;
    for (const auto& entry : std::filesystem::directory_iterator(folder_, none)) {
        const std::string id = entry.path().filename().string();
        std::error_code missing;
        if (!is_uuid(id) || !std::filesystem::exists(file(id), missing)) {
            continue;
        }
        if (auto session = load(id)) {
            listed.sessions.push_back(std::move(session).value());
        } else {
            listed.unreadable.push_back(session.error().message);
        }
    }
    std::ranges::sort(listed.sessions, std::greater<>(), &PrintSession::made_utc);
    return listed;
}

std::string SessionStore::needs_upload(const std::string& upload_id) const {
    // by its id, which is in the plan's words for it (upload:ID) and in the path it was read from
    const auto needs = [&upload_id](const PrintSession& session) {
        return session.plan.find(upload_id) != std::string::npos ||
               std::ranges::any_of(session.sides, [&](const mastering::SessionSide& side) {
                   return std::ranges::any_of(side.tracks, [&](const mastering::SessionTrack& track) {
                       return track.file.find(upload_id) != std::string::npos;
                   });
               });
    };
    for (const PrintSession& session : list().sessions) {
        if (!session.complete() && !ended_unrecorded(session) && needs(session)) {
            return "print " + session.id + (session.title.empty() ? "" : " (" + session.title + ")") +
                   " has not come to its end and needs it; go on with that print (print --resume), or give it up: "
                   "remove " +
                   file(session.id).parent_path().string();
        }
    }
    return {};
}

} // namespace overbias::controller
