// SPDX-License-Identifier: Apache-2.0
#include "mastering/print_report.hpp"

#include "base/host_time.hpp"
#include "base/json/json_text.hpp"
#include "base/units.hpp"
#include "mastering/comparison/words.hpp"
#include "mastering/report/track_json.hpp"
#include "mastering/session_resume.hpp"
#include "tape/equalisation.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <string_view>
#include <utility>

namespace overbias::mastering {

namespace json = boost::json;

namespace {

json::object object_of(const std::string& text) {
    return text.empty() ? json::object() : json::parse(text).as_object();
}

json::value member(const json::object& from, std::string_view name) {
    const json::value* found = from.if_contains(name);
    return found == nullptr ? json::value(nullptr) : *found;
}

json::array list_of(const json::object& from, std::string_view name) {
    const json::value* found = from.if_contains(name);
    return found != nullptr && found->is_array() ? found->get_array() : json::array();
}

json::array xruns_of(const std::vector<PrintXrun>& all, std::size_t track) {
    json::array out;
    for (const PrintXrun& xrun : all) {
        if (xrun.track == track) {
            out.push_back(json::object{{"direction", xrun.direction},
                                       {"tape_time_s", json_figure(xrun.tape_time_s, 3)},
                                       {"length_ms", json_figure(xrun.length_ms, 2)}});
        }
    }
    return out;
}

json::array concerns_of(const std::vector<PrintConcern>& all) {
    json::array out;
    for (const PrintConcern& each : all) {
        const std::string_view severity = transport::concern_word(each.concern.severity);
        out.push_back(json::object{{"severity", json::string(severity.data(), severity.size())},
                                   {"monitor", each.concern.monitor},
                                   {"subject", each.concern.subject},
                                   {"words", each.concern.words},
                                   {"tape_time_s", json_figure(each.tape_time_s, 2)}});
    }
    return out;
}

/// A run that began in the middle of a side has no slate: places count from where the slate was planned.
TrackResult placed(TrackResult track, double from_slate_s, double speed_ips) {
    const double speed_m_s = metres_per_second(speed_ips);
    const double later_s = from_slate_s - track.start_tape_s;
    track.start_tape_s = from_slate_s;
    track.start_tape_m = from_slate_s * speed_m_s;
    for (Dropout& dropout : track.dropouts) {
        dropout.tape_time_s += later_s;
        dropout.tape_m += later_s * speed_m_s;
    }
    return track;
}

/// What is found against runs as a whole. What ended a run stands before the rest, until the side has been gone on
/// with: then that stretch of the tape has been printed again.
json::array findings_of_runs(const PrintSession& session) {
    json::array out;
    for (const SessionSide& side : session.sides) {
        for (const SessionRun& run : side.runs) {
            const json::object report = object_of(run.report);
            if (&run == &side.runs.back() && report.contains("ended_by")) {
                out.insert(out.begin(), report.at("ended_by"));
            }
            for (const json::value& each : list_of(report, "findings")) {
                out.push_back(each);
            }
        }
    }
    return out;
}

/// Every word of a finding there is: of the runs as a whole, and of the tracks as they stand now.
std::vector<std::string> reasons_of(const PrintSession& session) {
    std::vector<std::string> all;
    const auto take = [&all](const json::array& findings) {
        for (const json::value& finding : findings) {
            all.push_back(json::value_to<std::string>(finding.at("reason")));
        }
    };
    take(findings_of_runs(session));
    for (const SessionSide& side : session.sides) {
        for (const SessionTrack& track : side.tracks) {
            take(list_of(object_of(track.report), "findings"));
        }
    }
    return all;
}

json::object run_json(const SessionRun& run) {
    json::object out{{"begun_utc", run.begun_utc},
                     {"ended_utc", run.ended_utc},
                     {"first_track", run.first_track + 1},
                     {"ended", run.ended.empty() ? "interrupted" : run.ended},
                     {"start_counter_m", json_figure(run.from_m, 3)},
                     {"end_counter_m", json_figure(run.to_m, 3)}};
    for (auto& each : object_of(run.report)) {
        out.emplace(each.key(), each.value());
    }
    return out;
}

/// The run that printed the slate which the side's tracks are judged by: the last one from the beginning.
std::string slate_run_report(const SessionSide& side) {
    const auto found =
        std::find_if(side.runs.rbegin(), side.runs.rend(), [](const SessionRun& run) { return run.first_track == 0; });
    return found == side.runs.rend() ? std::string() : found->report;
}

json::object side_json(const SessionSide& side) {
    json::array runs;
    for (const SessionRun& run : side.runs) {
        runs.push_back(run_json(run));
    }
    const json::object slate = object_of(slate_run_report(side));
    json::object out{
        {"name", side.name},
        {"reel", side.reel_uuid},
        {"new_tape", side.new_tape},
        {"verdict", side.verdict.empty() ? json::value(nullptr) : json::value(side.verdict)},
        {"start_counter_m", json_figure(side.slate_m, 3)},
        {"counter_uncertainty_m", json_figure(side.slate_uncertainty_m, 3)},
        {"end_counter_m", side.runs.empty() ? json::value(nullptr) : json_figure(side.runs.back().to_m, 3)}};
    for (const char* name :
         {"off_tape", "slate", "tones", "voices", "gaps", "noise_dbfs", "clock_difference_ppm", "compared_band_hz"}) {
        out[name] = member(slate, name);
    }
    out["runs"] = std::move(runs);
    return out;
}

json::array tracks_json(const PrintSession& session, const ReelPlan& plan) {
    json::array out;
    for (std::size_t s = 0; s < session.sides.size(); ++s) {
        const SessionSide& side = session.sides[s];
        for (std::size_t t = 0; t < side.tracks.size(); ++t) {
            if (side.tracks[t].report.empty()) {
                continue; // it was not reached
            }
            json::object track = object_of(side.tracks[t].report);
            if (s < plan.sides.size() && t < plan.sides[s].tracks.size()) {
                const PlanTrack& planned = plan.sides[s].tracks[t];
                track["title"] = planned.title;
                track["artist"] = planned.artist;
                track["version"] = planned.version;
                track["isrc"] = planned.isrc;
            }
            out.push_back(std::move(track));
        }
    }
    return out;
}

json::array overrides_json(const ReelPlan& plan) {
    json::array out;
    if (plan.alignment_override.given()) {
        out.push_back(json::object{
            {"what", "alignment"}, {"name", plan.alignment_override.name}, {"reason", plan.alignment_override.reason}});
    }
    return out;
}

/// Of all runs, one after the other.
json::array joined(const PrintSession& session, std::string_view name) {
    json::array out;
    for (const SessionSide& side : session.sides) {
        for (const SessionRun& run : side.runs) {
            for (json::value& each : list_of(object_of(run.report), name)) { // a copy
                out.push_back(std::move(each));
            }
        }
    }
    return out;
}

json::object reel_json(const PrintReportInput& in) {
    const SessionSide& first = in.session.sides.front();
    return {{"uuid", first.reel_uuid},
            {"deck", in.identity.deck_name},
            {"deck_uuid", in.identity.deck_uuid},
            {"head_block_uuid", in.identity.head_block_uuid},
            {"stock", in.identity.stock},
            {"batch", in.plan.tape.batch},
            {"equalisation", in.identity.equalisation},
            {"speed_ips", in.installation.tape_speed_ips},
            {"operating_level_nwb_per_m", in.identity.operating_level_nwb_per_m},
            {"play_dbfs_at_operating_level", in.comparison.play_dbfs_at_operating_level},
            {"capture_dbfs_at_operating_level", in.comparison.capture_dbfs_at_operating_level},
            {"sample_rate_hz", in.installation.sample_rate_hz},
            {"return_sample_rate_hz", in.comparison.return_rate_hz},
            {"slate_counter_m", json_figure(first.slate_m, 3)},
            {"slate_counter_uncertainty_m", json_figure(first.slate_uncertainty_m, 3)}};
}

} // namespace

std::string track_report(const TrackReportInput& in) {
    const SessionTrack& track = in.side.tracks.at(in.index);
    json::object out{{"side", in.side.name},
                     {"file", in.file.path.string()},
                     {"sha256", in.file.sha256},
                     {"sample_rate_hz", in.file.sample_rate_hz},
                     {"sample_rate_converted", in.converted},
                     {"trim_db", in.trim_db},
                     {"duration_s", json_figure(in.file.duration_s(), 3)},
                     {"start_counter_m", json_figure(track.start_m, 4)},
                     {"end_counter_m", json_figure(track.end_m, 4)}};
    for (auto& each : json_of(placed(in.result, in.from_slate_s, in.speed_ips))) {
        out.emplace(each.key(), each.value());
    }
    out["xruns"] = xruns_of(in.xruns, in.index);
    return json_line(out);
}

std::string run_report(const RunReportInput& in) {
    json::object out = json_of(in.result);
    if (in.slate_sent_re_operating_db) {
        out["slate"].as_object()["sent_re_operating_db"] = *in.slate_sent_re_operating_db;
    } else {
        out["slate"] = nullptr;
    }
    if (!in.ended_by.empty()) {
        out["ended_by"] = json::object{
            {"reason", in.ended_by}, {"channel", nullptr}, {"text", "the print was ended: " + in.ended_words}};
    }
    out["xruns_outside_tracks"] = xruns_of(in.xruns, SIZE_MAX);
    out["concerns"] = concerns_of(in.concerns);
    return json_line(out);
}

bool runs_are_good(const SessionSide& side) {
    return std::ranges::all_of(
        side.runs, [](const SessionRun& run) { return list_of(object_of(run.report), "findings").empty(); });
}

std::string gravest_reason(const PrintSession& session) {
    const std::vector<std::string> all = reasons_of(session);
    const auto worst = std::ranges::min_element(all, {}, [](const std::string& reason) { return gravity(reason); });
    return worst == all.end() ? std::string() : *worst;
}

std::string make_print_report(const PrintReportInput& in) {
    const std::string reason = gravest_reason(in.session);
    const bool pass = in.session.complete() && std::ranges::all_of(in.session.sides, &SessionSide::passed);
    const json::object slate = object_of(slate_run_report(in.session.sides.front()));
    json::array sides;
    for (const SessionSide& side : in.session.sides) {
        sides.push_back(side_json(side));
    }
    json::object report{
        {"report", "overbias print"},
        {"report_version", 2},
        {"made_utc", utc_text(host_now().utc_ns)},
        {"session", in.session.id},
        {"job", in.identity.job_uuid.empty() ? in.session.id : in.identity.job_uuid},
        {"complete", in.session.complete()},
        {"verdict", pass ? "pass" : "fail"},
        {"reason", reason.empty() ? json::value(nullptr) : json::value(reason)},
        {"findings", findings_of_runs(in.session)},
        {"limits", json_of(in.comparison.limits)},
        {"reel", reel_json(in)},
        {"alignment", in.identity.alignment.empty() ? json::value(nullptr) : json::parse(in.identity.alignment)},
        {"overrides", overrides_json(in.plan)}};
    for (const char* name : {"off_tape", "slate", "noise_dbfs", "clock_difference_ppm", "compared_band_hz"}) {
        report[name] = member(slate, name);
    }
    report["sides"] = std::move(sides);
    report["tracks"] = tracks_json(in.session, in.plan);
    report["xruns_outside_tracks"] = joined(in.session, "xruns_outside_tracks");
    report["stop_on_bias_failure"] = std::ranges::find(in.plan.live.stops, "bias") != in.plan.live.stops.end();
    report["concerns"] = joined(in.session, "concerns");
    report["plan"] = in.session.plan.empty() ? json::value(nullptr) : json::parse(in.session.plan);
    return json_indented(report) + '\n';
}

std::string report_of_session(const PrintSession& session) {
    json::array sides;
    for (const SessionSide& side : session.sides) {
        sides.push_back(side_json(side));
    }
    const auto plan = plan_of_session(session);
    const std::string reason = gravest_reason(session);
    const SessionSide none;
    const SessionSide& first = session.sides.empty() ? none : session.sides.front();
    return json_indented(
               json::object{{"report", "overbias print"},
                            {"report_version", 2},
                            {"made_utc", session.made_utc},
                            {"session", session.id},
                            {"complete", session.complete()},
                            {"verdict", "fail"},
                            {"reason", reason.empty() ? json::value(nullptr) : json::value(reason)},
                            {"findings", findings_of_runs(session)},
                            {"reel",
                             {{"uuid", first.reel_uuid},
                              {"equalisation", plan ? tape::equalisation_name(plan->tape.equalisation) : ""},
                              {"speed_ips", session.speed_ips},
                              {"sample_rate_hz", session.sample_rate_hz},
                              {"play_dbfs_at_operating_level", session.play_dbfs_at_operating_level
                                                                   ? json::value(*session.play_dbfs_at_operating_level)
                                                                   : json::value(nullptr)},
                              {"slate_counter_m", json_figure(first.slate_m, 3)}}},
                            {"sides", std::move(sides)},
                            {"tracks", tracks_json(session, plan ? *plan : ReelPlan{})}}) +
           '\n';
}

} // namespace overbias::mastering
