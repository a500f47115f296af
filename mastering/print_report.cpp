// SPDX-License-Identifier: Apache-2.0
#include "mastering/print_report.hpp"

#include "base/host_time.hpp"
#include "base/json/json_text.hpp"

#include <array>
#include <boost/json.hpp>
#include <cmath>
#include <string_view>

namespace overbias::mastering {

namespace json = boost::json;

namespace {

/// Figures carry what they are worth: rounded to `decimals`, so a report is read and not deciphered.
json::value number(double value, int decimals) {
    if (!std::isfinite(value)) {
        return nullptr;
    }
    const double scale = std::pow(10.0, decimals);
    return std::round(value * scale) / scale;
}

json::value number(const std::optional<double>& value, int decimals) {
    return value ? number(*value, decimals) : json::value(nullptr);
}

json::array pair(const std::array<std::optional<double>, 2>& values, int decimals) {
    return {number(values[0], decimals), number(values[1], decimals)};
}

json::value channel_name(int channel) {
    switch (channel) {
    case 0:
        return "left";
    case 1:
        return "right";
    default:
        return nullptr;
    }
}

json::array findings(const std::vector<Finding>& all) {
    json::array out;
    for (const Finding& finding : all) {
        out.push_back(json::object{
            {"reason", finding.reason}, {"channel", channel_name(finding.channel)}, {"text", finding.text}});
    }
    return out;
}

json::object limits(const VerdictLimits& from) {
    return {{"delay_tolerance", from.delay_tolerance},
            {"level_difference_db", from.level_difference_db},
            {"level_re_slate_db", from.level_re_slate_db},
            {"third_octave_difference_db", from.third_octave_difference_db},
            {"dropout_depth_db", from.dropout_depth_db},
            {"dropout_length_ms", from.dropout_length_ms},
            {"speed_change_ppm", from.speed_change_ppm},
            {"phase_deg_at_1khz", from.phase_deg_at_1khz},
            {"not_proven_s", from.not_proven_s}};
}

json::array dropouts(const std::vector<Dropout>& all) {
    json::array out;
    for (const Dropout& dropout : all) {
        out.push_back(json::object{{"tape_m", number(dropout.tape_m, 4)},
                                   {"tape_time_s", number(dropout.tape_time_s, 4)},
                                   {"programme_time_s", number(dropout.programme_time_s, 4)},
                                   {"channel", channel_name(dropout.channel)},
                                   {"length_ms", number(dropout.length_ms, 1)},
                                   {"depth_db", number(dropout.depth_db, 1)},
                                   {"kind", dropout.kind},
                                   {"over_limit", dropout.over_limit}});
    }
    return out;
}

json::array xruns_of(const std::vector<PrintXrun>& all, std::size_t track) {
    json::array out;
    for (const PrintXrun& xrun : all) {
        if (xrun.track == track) {
            out.push_back(json::object{{"direction", xrun.direction},
                                       {"tape_time_s", number(xrun.tape_time_s, 3)},
                                       {"length_ms", number(xrun.length_ms, 2)}});
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
                                   {"tape_time_s", number(each.tape_time_s, 2)}});
    }
    return out;
}

/// What ended the print stands before what the comparison found.
json::array findings_of(const PrintReportInput& in) {
    json::array all = findings(in.result.findings);
    if (!in.stopped_by.empty()) {
        all.insert(all.begin(), json::object{{"reason", "bias_failure"},
                                             {"channel", nullptr},
                                             {"text", "the print was ended: " + in.stopped_by}});
    }
    return all;
}

json::object track_json(const PrintReportInput& in, std::size_t index) {
    const TrackResult& track = in.result.tracks[index];
    const audio::SoundFileInfo& file = in.plan.files[index];
    const std::array<std::optional<double>, 2> counter_m =
        index < in.track_counter_m.size() ? in.track_counter_m[index] : std::array<std::optional<double>, 2>{};
    json::array third_octaves;
    for (const auto& channel : track.third_octave_difference_db) {
        json::array bands;
        for (const auto& band : channel) {
            bands.push_back(number(band, 2));
        }
        third_octaves.push_back(std::move(bands));
    }
    json::array centres;
    for (double centre_hz : track.third_octave_hz) {
        centres.push_back(number(centre_hz, 1));
    }
    json::array not_proven;
    for (const Stretch& stretch : track.not_proven) {
        not_proven.push_back(json::object{
            {"from_s", number(stretch.from_s, 3)}, {"to_s", number(stretch.to_s, 3)}, {"reason", stretch.reason}});
    }
    return {{"file", file.path.string()},
            {"sha256", file.sha256},
            {"sample_rate_hz", file.sample_rate_hz},
            {"sample_rate_converted", index < in.converted.size() && in.converted[index]},
            {"trim_db", in.plan.request.trim_db},
            {"duration_s", number(file.duration_s(), 3)},
            {"verdict", track.pass ? "pass" : "fail"},
            {"findings", findings(track.findings)},
            {"start_tape_m", number(track.start_tape_m, 4)},
            {"start_tape_s", number(track.start_tape_s, 4)},
            {"start_counter_m", number(counter_m[0], 4)},
            {"end_counter_m", number(counter_m[1], 4)},
            {"delay_ms", number(track.delay_ms, 3)},
            {"level_difference_db", pair(track.level_difference_db, 2)},
            {"level_re_slate_db", pair(track.level_re_slate_db, 2)},
            {"third_octave_hz", std::move(centres)},
            {"third_octave_difference_db", std::move(third_octaves)},
            {"speed_error_ppm", number(track.speed_error_ppm, 0)},
            {"speed_source", track.speed_source},
            {"speed_change_ppm", number(track.speed_change_ppm, 0)},
            {"phase_deg", number(track.phase_deg, 1)},
            {"judged_share", number(track.judged_share, 3)},
            {"dropouts", dropouts(track.dropouts)},
            {"not_proven", std::move(not_proven)},
            {"xruns", xruns_of(in.xruns, index)}};
}

} // namespace

std::string make_print_report(const PrintReportInput& in) {
    json::array tracks;
    for (std::size_t i = 0; i < in.result.tracks.size() && i < in.plan.files.size(); ++i) {
        tracks.push_back(track_json(in, i));
    }
    const SlateResult& slate = in.result.slate;
    json::object report{
        {"report", "overbias print"},
        {"report_version", 1},
        {"made_utc", utc_text(host_now().utc_ns)},
        {"session", in.identity.session_uuid},
        {"verdict", in.result.pass && in.stopped_by.empty() ? "pass" : "fail"},
        {"reason", !in.stopped_by.empty()     ? json::value("bias_failure")
                   : in.result.reason.empty() ? json::value(nullptr)
                                              : json::value(in.result.reason)},
        {"findings", findings_of(in)},
        {"limits", limits(in.comparison.limits)},
        {"reel", json::object{{"uuid", in.identity.reel_uuid},
                              {"deck", in.identity.deck_name},
                              {"deck_uuid", in.identity.deck_uuid},
                              {"head_block_uuid", in.identity.head_block_uuid},
                              {"stock", in.identity.stock},
                              {"equalisation", in.identity.equalisation},
                              {"speed_ips", in.installation.tape_speed_ips},
                              {"operating_level_nwb_per_m", in.identity.operating_level_nwb_per_m},
                              {"play_dbfs_at_operating_level", in.comparison.play_dbfs_at_operating_level},
                              {"capture_dbfs_at_operating_level", in.comparison.capture_dbfs_at_operating_level},
                              {"sample_rate_hz", in.installation.sample_rate_hz},
                              {"slate_counter_m", number(in.slate_counter_m, 3)},
                              {"slate_counter_uncertainty_m", number(in.counter_uncertainty_m, 3)}}},
        {"off_tape", json::object{{"proven", in.result.off_tape}, {"text", in.result.off_tape_text}}},
        {"slate", json::object{{"found", slate.found},
                               {"sent_re_operating_db", in.plan.request.slate.level_re_operating_db},
                               {"frequency_hz", number(slate.frequency_hz, 3)},
                               {"delay_ms", number(slate.delay_ms, 3)},
                               {"level_dbfs", pair(slate.level_dbfs, 2)},
                               {"level_difference_db", pair(slate.level_difference_db, 2)}}},
        {"noise_dbfs", pair(in.result.noise_dbfs, 1)},
        {"clock_difference_ppm", number(in.result.clock_difference_ppm, 2)},
        {"tracks", std::move(tracks)},
        {"xruns_outside_tracks", xruns_of(in.xruns, SIZE_MAX)},
        {"stop_on_bias_failure", in.plan.request.stop_on_bias_failure},
        {"concerns", concerns_of(in.concerns)}};
    return json_indented(report) + '\n';
}

} // namespace overbias::mastering
