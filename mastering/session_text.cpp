// SPDX-License-Identifier: Apache-2.0
#include "mastering/session_text.hpp"

#include "base/json/json_text.hpp"
#include "mastering/report/track_json.hpp"

#include <boost/json.hpp>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <optional>
#include <utility>

namespace overbias::mastering {

namespace json = boost::json;

namespace {

constexpr int kVersion = 1;

json::value number_or_null(const std::optional<double>& value) {
    return value ? json::value(*value) : json::value(nullptr);
}

std::optional<double> number_at(const json::object& from, std::string_view key) {
    const json::value* value = from.if_contains(key);
    return value != nullptr && value->is_number() ? std::optional(value->to_number<double>()) : std::nullopt;
}

std::string text_at(const json::object& from, std::string_view key) {
    return json::value_to<std::string>(from.at(key));
}

/// Text that is JSON itself is kept as such, so that a session can be read.
json::value kept(const std::string& text) {
    return text.empty() ? json::value(nullptr) : json::parse(text);
}

std::string kept_at(const json::object& from, std::string_view key) {
    const json::value& value = from.at(key);
    return value.is_null() ? std::string() : json_line(value);
}

json::object track_json(const SessionTrack& track) {
    return {{"name", track.name},
            {"file", track.file},
            {"sha256", track.sha256},
            {"duration_s", track.duration_s},
            {"done", track.done},
            {"verdict", track.verdict},
            {"start_m", number_or_null(track.start_m)},
            {"end_m", number_or_null(track.end_m)},
            {"report", kept(track.report)}};
}

SessionTrack track_from(const json::object& from) {
    const std::string file = text_at(from, "file");
    return {.name = from.contains("name") ? text_at(from, "name") // older ones have none
                                          : std::filesystem::path(file).filename().string(),
            .file = file,
            .sha256 = text_at(from, "sha256"),
            .duration_s = from.at("duration_s").to_number<double>(),
            .done = from.at("done").as_bool(),
            .verdict = text_at(from, "verdict"),
            .report = kept_at(from, "report"),
            .start_m = number_at(from, "start_m"),
            .end_m = number_at(from, "end_m")};
}

json::object run_json(const SessionRun& run) {
    return {{"begun_utc", run.begun_utc}, {"ended_utc", run.ended_utc},           {"first_track", run.first_track},
            {"ended", run.ended},         {"from_m", number_or_null(run.from_m)}, {"to_m", number_or_null(run.to_m)},
            {"report", kept(run.report)}};
}

SessionRun run_from(const json::object& from) {
    return {.begun_utc = text_at(from, "begun_utc"),
            .ended_utc = text_at(from, "ended_utc"),
            .first_track = from.at("first_track").to_number<std::size_t>(),
            .ended = text_at(from, "ended"),
            .from_m = number_at(from, "from_m"),
            .to_m = number_at(from, "to_m"),
            .report = kept_at(from, "report")};
}

json::object side_json(const SessionSide& side) {
    json::array tracks, runs;
    for (const SessionTrack& track : side.tracks) {
        tracks.push_back(track_json(track));
    }
    for (const SessionRun& run : side.runs) {
        runs.push_back(run_json(run));
    }
    return {{"name", side.name},
            {"reel", side.reel_uuid},
            {"new_tape", side.new_tape},
            {"timing_seed", side.timing_seed},
            {"begins_m", number_or_null(side.begins_m)},
            {"slate_m", number_or_null(side.slate_m)},
            {"slate_uncertainty_m", side.slate_uncertainty_m},
            {"earlier", json_of(side.earlier)},
            {"verdict", side.verdict},
            {"tracks", std::move(tracks)},
            {"runs", std::move(runs)}};
}

SessionSide side_from(const json::object& from) {
    SessionSide side{.name = text_at(from, "name"),
                     .reel_uuid = text_at(from, "reel"),
                     .new_tape = from.at("new_tape").as_bool(),
                     .timing_seed = from.at("timing_seed").to_number<std::uint64_t>(),
                     .begins_m = number_at(from, "begins_m"),
                     .slate_m = number_at(from, "slate_m"),
                     .slate_uncertainty_m = from.at("slate_uncertainty_m").to_number<double>(),
                     .earlier = earlier_run_from(from.at("earlier")),
                     .tracks = {},
                     .runs = {},
                     .verdict = text_at(from, "verdict")};
    for (const json::value& track : from.at("tracks").as_array()) {
        side.tracks.push_back(track_from(track.as_object()));
    }
    for (const json::value& run : from.at("runs").as_array()) {
        side.runs.push_back(run_from(run.as_object()));
    }
    return side;
}

} // namespace

std::string session_text(const PrintSession& session) {
    json::array sides;
    for (const SessionSide& side : session.sides) {
        sides.push_back(side_json(side));
    }
    return json_indented(json::object{{"print_session", kVersion},
                                      {"id", session.id},
                                      {"made_utc", session.made_utc},
                                      {"title", session.title},
                                      {"plan_file", session.plan_file},
                                      {"speed_ips", session.speed_ips},
                                      {"sample_rate_hz", session.sample_rate_hz},
                                      {"play_dbfs_at_operating_level",
                                       number_or_null(session.play_dbfs_at_operating_level)},
                                      {"deck_uuid", session.deck_uuid},
                                      {"head_block_uuid", session.head_block_uuid},
                                      {"sides", std::move(sides)},
                                      {"plan", kept(session.plan)}}) +
           '\n';
}

Result<PrintSession> session_from_text(std::string_view text) {
    try {
        const json::value parsed = json::parse(text);
        const json::object& from = parsed.as_object();
        if (from.at("print_session").to_number<int>() != kVersion) {
            return Error{"a print session of version " + json_line(from.at("print_session")) + ": expected " +
                         std::to_string(kVersion)};
        }
        PrintSession session{.id = text_at(from, "id"),
                             .made_utc = text_at(from, "made_utc"),
                             .title = text_at(from, "title"),
                             .plan = kept_at(from, "plan"),
                             .plan_file = text_at(from, "plan_file"),
                             .speed_ips = from.at("speed_ips").to_number<double>(),
                             .sample_rate_hz = from.at("sample_rate_hz").to_number<double>(),
                             .play_dbfs_at_operating_level = number_at(from, "play_dbfs_at_operating_level"),
                             .deck_uuid = text_at(from, "deck_uuid"),
                             .head_block_uuid = text_at(from, "head_block_uuid"),
                             .sides = {}};
        for (const json::value& side : from.at("sides").as_array()) {
            session.sides.push_back(side_from(side.as_object()));
        }
        return session;
    } catch (const std::exception& failure) {
        return Error{std::string("this is no stored print session: ") + failure.what()};
    }
}

} // namespace overbias::mastering
