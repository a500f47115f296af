// SPDX-License-Identifier: Apache-2.0
#include "mastering/verify/verify_report.hpp"

#include "base/host_time.hpp"
#include "base/json/json_text.hpp"
#include "base/sha256.hpp"
#include "mastering/report/track_json.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

namespace overbias::mastering {

namespace json = boost::json;

namespace {

/// Times of a track that began to be heard later than its first frame count from its first frame.
TrackResult from_its_beginning(TrackResult track, double from_s) {
    if (from_s <= 0.0) {
        return track;
    }
    for (Dropout& dropout : track.dropouts) {
        dropout.programme_time_s += from_s;
    }
    for (auto* stretches : {&track.not_proven, &track.missing}) {
        for (Stretch& stretch : *stretches) {
            stretch.from_s += from_s;
            stretch.to_s += from_s;
        }
    }
    for (Finding& finding : track.findings) {
        for (auto* at_s : {&finding.from_s, &finding.to_s}) {
            if (*at_s) {
                **at_s += from_s;
            }
        }
    }
    track.not_proven.insert(track.not_proven.begin(), {0.0, from_s, "not heard: the tape was joined here"});
    return track;
}

json::object track_json(const VerifyReportInput& in, std::size_t index) {
    const VerifyFile& file = in.programme.files[in.result.files[index]];
    json::object out{{"file", file.info.path.string()},
                     {"title", file.title},
                     {"sha256", file.info.sha256},
                     {"sample_rate_hz", file.info.sample_rate_hz},
                     {"sample_rate_converted", file.info.sample_rate_hz != in.programme.rate_hz},
                     {"trim_db", file.trim_db},
                     {"duration_s", json_figure(file.info.duration_s(), 3)},
                     {"side", in.programme.side.empty() ? json::value(nullptr) : json::value(in.programme.side)},
                     {"heard_from_s", json_figure(in.result.from_s[index], 3)}};
    for (auto& [key, value] :
         json_of(from_its_beginning(in.result.comparison.tracks[index], in.result.from_s[index]))) {
        out.emplace(key, std::move(value));
    }
    return out;
}

/// A file of the row that was not heard at all.
json::object unheard_json(const VerifyFile& file) {
    return {{"file", file.info.path.string()},
            {"title", file.title},
            {"sha256", file.info.sha256},
            {"duration_s", json_figure(file.info.duration_s(), 3)},
            {"verdict", "fail"},
            {"findings", json::array{json::object{{"reason", "not_proven"},
                                                  {"channel", nullptr},
                                                  {"text", "this track was not played: begin earlier on the tape"}}}},
            {"dropouts", json::array{}}};
}

/// Figures that fail nothing, with what they are worth.
json::object playback_json(const ReplayResult& result, double rate_hz) {
    const ReplayFigures& figures = result.figures;
    json::array lost;
    for (const LostStretch& each : result.lost) {
        const std::string_view kind = each.kind == LostStretch::Kind::Missing    ? "missing"
                                      : each.kind == LostStretch::Kind::Repeated ? "repeated"
                                                                                 : "not_heard";
        lost.push_back(json::object{{"from_s", json_figure(static_cast<double>(each.from_frame) / rate_hz, 3)},
                                    {"to_s", json_figure(static_cast<double>(each.to_frame) / rate_hz, 3)},
                                    {"heard_at_s", json_figure(each.return_frame / rate_hz, 3)},
                                    {"kind", json::string(kind.data(), kind.size())}});
    }
    return {
        {"speed_error_ppm", json_figure(figures.speed_error_ppm, 0)},
        {"speed_uncertainty_ppm", json_figure(figures.speed_uncertainty_ppm, 1)},
        {"speed_basis", "place against programme, recording and playing machine together; the recording card's "
                        "crystal comes on top, tens of ppm"},
        {"wow_percent", json_figure(figures.wow_percent, 4)},
        {"wow_peak_percent", json_figure(figures.wow_peak_percent, 4)},
        {"wow_seconds", json_figure(figures.wow_seconds, 0)},
        {"wow_basis", "two standard deviations, unweighted, 0.2 to 5 Hz, place of the tape itself, recording and "
                      "playing machine together"},
        {"azimuth_us", json_figure(figures.azimuth_us, 2)},
        {"azimuth_spread_us", json_figure(figures.azimuth_spread_us, 2)},
        {"azimuth_basis", "right behind left, median of frames of 85 ms, 400 Hz to 5 kHz, programme's own taken out"},
        {"followed_share", json_figure(figures.followed_share, 3)},
        {"lost", std::move(lost)}};
}

std::string parse_error_text(const std::string& report, json::object& out) {
    boost::system::error_code error;
    json::value parsed = json::parse(report, error);
    if (error || !parsed.is_object()) {
        return "the print's report is not JSON";
    }
    out = std::move(parsed.as_object());
    return {};
}

} // namespace

VerifyOutcome make_verify_report(const VerifyReportInput& in) {
    const ReplayResult& result = in.result;
    json::object whole = json_of(result.comparison);
    json::array tracks;
    std::vector<bool> heard(in.programme.files.size());
    for (std::size_t n = 0; n < result.comparison.tracks.size() && n < result.files.size(); ++n) {
        heard[result.files[n]] = true;
    }
    VerifyOutcome out;
    out.pass = result.found && result.comparison.pass && in.stopped_by.empty();
    out.reason = !result.found ? "no_signal" : result.comparison.reason;
    for (std::size_t n = 0; n < heard.size(); ++n) {
        if (!heard[n]) {
            tracks.push_back(unheard_json(in.programme.files[n]));
            out.pass = false;
            out.reason = out.reason.empty() ? "not_proven" : out.reason;
        }
    }
    for (std::size_t n = 0; n < result.comparison.tracks.size() && n < result.files.size(); ++n) {
        tracks.push_back(track_json(in, n));
    }
    json::array findings = whole.contains("findings") ? whole.at("findings").as_array() : json::array();
    if (!result.found) {
        findings = {json::object{{"reason", "no_signal"},
                                 {"channel", nullptr},
                                 {"text", "the programme was not found on the tape: " + result.found_by}}};
    }
    if (!in.stopped_by.empty()) {
        findings.push_back(json::object{{"reason", "not_proven"}, {"channel", nullptr}, {"text", in.stopped_by}});
        out.reason = out.reason.empty() ? "not_proven" : out.reason;
    }
    json::object report{
        {"report", "overbias verify"},
        {"report_version", 2},
        {"made_utc", utc_text(host_now().utc_ns)},
        {"session", in.identity.session_uuid},
        {"verdict", out.pass ? "pass" : "fail"},
        {"reason", out.pass || out.reason.empty() ? json::value(nullptr) : json::value(out.reason)},
        {"findings", std::move(findings)},
        {"limits", json_of(in.comparison.limits)},
        {"mode", whole.at("mode")},
        {"reference", in.programme.what},
        {"tape", in.tape},
        {"side", in.programme.side.empty() ? json::value(nullptr) : json::value(in.programme.side)},
        {"found", json::object{{"by", result.found ? json::value(result.found_by) : json::value(nullptr)},
                               {"programme_s", json_figure(result.begins_programme_s, 3)}}},
        {"reel", json::object{{"uuid", in.identity.reel_uuid},
                              {"deck", in.identity.deck_name},
                              {"deck_uuid", in.identity.deck_uuid},
                              {"head_block_uuid", in.identity.head_block_uuid},
                              {"stock", in.identity.stock},
                              {"equalisation", in.identity.equalisation},
                              {"speed_ips", in.comparison.tape_speed_ips},
                              {"operating_level_nwb_per_m", in.identity.operating_level_nwb_per_m},
                              {"play_dbfs_at_operating_level", in.comparison.play_dbfs_at_operating_level},
                              {"capture_dbfs_at_operating_level", in.comparison.capture_dbfs_at_operating_level},
                              {"sample_rate_hz", in.programme.rate_hz}}},
        {"slate", whole.at("slate")},
        {"tones", whole.at("tones")},
        {"gaps", whole.at("gaps")},
        {"noise_dbfs", whole.at("noise_dbfs")},
        {"compared_band_hz", whole.at("compared_band_hz")},
        {"playback", playback_json(result, in.programme.rate_hz)},
        {"tracks", std::move(tracks)}};
    if (in.against) {
        json::object print;
        const std::string unreadable = parse_error_text(in.against->report, print);
        if (unreadable.empty()) {
            const auto take = [&print](std::string_view key) {
                const json::value* value = print.if_contains(key);
                return value == nullptr ? json::value(nullptr) : *value;
            };
            report["against"] =
                json::object{{"session", take("session")},
                             {"made_utc", take("made_utc")},
                             {"report", in.against->report_path.empty() ? json::value(nullptr)
                                                                        : json::value(in.against->report_path)},
                             {"report_sha256", sha256_hex(in.against->report)},
                             {"verdict", take("verdict")},
                             {"reason", take("reason")}};
            report["agrees"] = verify_agreement(print, report, in.programme.side);
        } else {
            report["against"] = json::object{{"error", unreadable}};
        }
    }
    out.report = json_indented(report) + '\n';
    return out;
}

} // namespace overbias::mastering
