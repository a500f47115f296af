// SPDX-License-Identifier: Apache-2.0
#include "controller/printing/print_requests.hpp"

#include "controller/tape_position.hpp"

#include <boost/json.hpp>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

namespace overbias::controller {

namespace json = boost::json;
using mastering::PrintRequest;
using mastering::PrintSession;

namespace {

std::optional<double> number(const json::object& given, std::string_view name) {
    const json::value* value = given.if_contains(name);
    return value == nullptr ? std::nullopt : std::optional(value->to_number<double>());
}

const char* state_word(const PrintSession& session, bool running) {
    if (running) {
        return "printing";
    }
    if (!session.recorded()) {
        return "refused";
    }
    return session.complete() ? "complete" : "interrupted";
}

} // namespace

Result<PrintRequest> read_print_request(const json::object& given, const PrintRequest& defaults,
                                        double play_speed_ips) {
    PrintRequest request = defaults;
    request.files = json::value_to<std::vector<std::string>>(given.at("files"));
    for (const std::string& file : request.files) {
        if (!std::filesystem::path(file).is_absolute()) {
            return Error{"print: '" + file + "' is not an absolute path; the daemon does not know your folder"};
        }
    }
    if (const json::value* start = given.if_contains("start")) {
        if (start->is_string()) {
            const auto parsed = parse_tape_position(std::string_view(start->as_string()), play_speed_ips);
            if (!parsed) {
                return Error{"print: start: " + parsed.error().message};
            }
            request.start_m = *parsed;
        } else {
            request.start_m = start->to_number<double>();
        }
    }
    request.trim_db = number(given, "trim_db").value_or(request.trim_db);
    request.gap_s = number(given, "gap_s").value_or(request.gap_s);
    request.slate.duration_s = number(given, "slate_s").value_or(request.slate.duration_s);
    request.slate.frequency_hz = number(given, "slate_hz").value_or(request.slate.frequency_hz);
    if (!(request.slate.frequency_hz >= 400.0 && request.slate.frequency_hz <= 4000.0)) {
        return Error{"print: slate of " + std::to_string(request.slate.frequency_hz) + " Hz: expected 400 to 4000 Hz"};
    }
    request.slate.level_re_operating_db =
        number(given, "slate_level_re_operating_db").value_or(request.slate.level_re_operating_db);
    request.lead_in_s = number(given, "lead_in_s").value_or(request.lead_in_s);
    request.post_roll_s = number(given, "post_roll_s").value_or(request.post_roll_s);
    if (const json::value* stop = given.if_contains("stop_on_bias_failure")) {
        request.stop_on_bias_failure = stop->as_bool();
    }
    return request;
}

json::object started_json(const mastering::SessionPrint& print, const std::string& job_id, double sample_rate_hz) {
    json::array files;
    double duration_s = 0.0;
    for (std::size_t s = print.from.side; s < print.sides.size(); ++s) {
        const mastering::PrintPlan& side = print.sides[s];
        duration_s += side.duration_s(sample_rate_hz);
        for (std::size_t t = s == print.from.side ? print.from.track : 0; t < side.files.size(); ++t) {
            const audio::SoundFileInfo& file = side.files[t];
            files.push_back({{"file", file.path.string()},
                             {"side", print.session.sides[s].name},
                             {"container", file.container},
                             {"sample_format", file.sample_format},
                             {"sample_rate_hz", file.sample_rate_hz},
                             {"sample_rate_converted", file.sample_rate_hz != sample_rate_hz},
                             {"channels", file.channels},
                             {"duration_s", file.duration_s()}});
        }
    }
    return {{"job", job_id},
            {"session", print.session.id},
            {"from", mastering::boundary_words(print.session, print.from)},
            {"duration_s", duration_s},
            {"card_rate_hz", sample_rate_hz},
            {"files", std::move(files)}};
}

json::object listed_json(const PrintSession& session, bool running) {
    json::array sides;
    std::size_t tracks = 0;
    for (const mastering::SessionSide& side : session.sides) {
        tracks += side.tracks.size();
        std::size_t done = 0;
        for (const mastering::SessionTrack& track : side.tracks) {
            done += track.done ? 1 : 0;
        }
        const bool ended = !side.runs.empty() && !side.runs.back().ended.empty();
        sides.push_back(
            json::object{{"name", side.name},
                         {"tracks", side.tracks.size()},
                         {"tracks_done", done},
                         {"verdict", side.verdict.empty() ? json::value(nullptr) : json::value(side.verdict)},
                         {"runs", side.runs.size()},
                         {"ended", ended ? json::value(side.runs.back().ended) : json::value(nullptr)}});
    }
    const auto boundary = mastering::next_boundary(session);
    json::value resume = nullptr;
    if (boundary && !running && session.recorded()) {
        resume = json::object{{"side", session.sides[boundary->side].name},
                              {"track", boundary->track + 1},
                              {"words", mastering::boundary_words(session, *boundary)}};
    }
    return {{"session", session.id},     {"made_utc", session.made_utc},
            {"title", session.title},    {"state", state_word(session, running)},
            {"tracks", tracks},          {"tracks_done", session.tracks_done()},
            {"sides", std::move(sides)}, {"resume", std::move(resume)}};
}

} // namespace overbias::controller
