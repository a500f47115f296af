// SPDX-License-Identifier: Apache-2.0
#include "mastering/report/track_json.hpp"

#include <cmath>
#include <cstddef>
#include <utility>

namespace overbias::mastering {

namespace json = boost::json;

namespace {

json::array dropouts_json(const std::vector<Dropout>& all) {
    json::array out;
    for (const Dropout& dropout : all) {
        out.push_back(json::object{{"tape_m", json_figure(dropout.tape_m, 4)},
                                   {"tape_time_s", json_figure(dropout.tape_time_s, 4)},
                                   {"programme_time_s", json_figure(dropout.programme_time_s, 4)},
                                   {"channel", json_channel(dropout.channel)},
                                   {"length_ms", json_figure(dropout.length_ms, 1)},
                                   {"depth_db", json_figure(dropout.depth_db, 1)},
                                   {"kind", dropout.kind},
                                   {"over_limit", dropout.over_limit}});
    }
    return out;
}

json::array stretches_json(const std::vector<Stretch>& all) {
    json::array out;
    for (const Stretch& stretch : all) {
        out.push_back(json::object{{"from_s", json_figure(stretch.from_s, 3)},
                                   {"to_s", json_figure(stretch.to_s, 3)},
                                   {"reason", stretch.reason}});
    }
    return out;
}

template <typename Value>
json::array list_json(const std::vector<Value>& all, int decimals) {
    json::array out;
    out.reserve(all.size());
    for (const auto& value : all) {
        out.push_back(json_figure(value, decimals));
    }
    return out;
}

template <typename Value>
json::array lists_json(const std::array<std::vector<Value>, 2>& all, int decimals) {
    return {list_json(all[0], decimals), list_json(all[1], decimals)};
}

/// One list a figure, one entry a second.
json::object seconds_json(const std::vector<SecondFigures>& all) {
    json::array delay;
    json::array azimuth;
    json::array confidence;
    json::array dropouts;
    json::array level_judged;
    json::array response_judged;
    json::array level[2];
    json::array thirds[2];
    for (const SecondFigures& second : all) {
        delay.push_back(json_figure(second.delay_ms, 3));
        azimuth.push_back(json_figure(second.azimuth_us, 1));
        confidence.push_back(json_figure(second.azimuth_confidence, 2));
        dropouts.push_back(json_figure(static_cast<double>(second.dropouts_judged), 2));
        level_judged.push_back(second.level_judged);
        response_judged.push_back(second.response_judged);
        for (std::size_t c = 0; c < 2; ++c) {
            level[c].push_back(json_figure(second.level_difference_db[c], 2));
            json::array bands;
            for (const auto& band : second.third_octave_difference_db[c]) {
                bands.push_back(band ? json_figure(static_cast<double>(*band), 1) : json::value(nullptr));
            }
            thirds[c].push_back(std::move(bands));
        }
    }
    return {{"step_s", 1.0},
            {"delay_ms", std::move(delay)},
            {"level_difference_db", json::array{std::move(level[0]), std::move(level[1])}},
            {"third_octave_difference_db", json::array{std::move(thirds[0]), std::move(thirds[1])}},
            {"azimuth_us", std::move(azimuth)},
            {"azimuth_averaging_s", 1.0},
            {"azimuth_confidence", std::move(confidence)},
            {"dropouts_judged", std::move(dropouts)},
            {"level_judged", std::move(level_judged)},
            {"response_judged", std::move(response_judged)}};
}

json::value azimuth_json(const std::optional<Azimuth>& azimuth) {
    if (!azimuth) {
        return nullptr;
    }
    return json::object{
        {"mean_us", json_figure(azimuth->mean_us, 2)},           {"worst_us", json_figure(azimuth->worst_us, 2)},
        {"worst_from_s", json_figure(azimuth->worst_from_s, 1)}, {"averaging_s", azimuth->averaging_s},
        {"frame_s", json_figure(azimuth->frame_s, 4)},           {"spread_us", json_figure(azimuth->spread_us, 2)},
        {"confidence", json_figure(azimuth->confidence, 2)}};
}

json::value wow_json(const std::optional<Wow>& wow) {
    if (!wow) {
        return nullptr;
    }
    return json::object{{"percent", json_figure(wow->percent, 4)},
                        {"peak_percent", json_figure(wow->peak_percent, 4)},
                        {"from_hz", wow->from_hz},
                        {"to_hz", json_figure(wow->to_hz, 2)},
                        {"seconds", json_figure(wow->seconds, 1)},
                        {"basis", wow->basis}};
}

json::array compression_json(const std::vector<CompressionPoint>& all) {
    json::array out;
    for (const CompressionPoint& point : all) {
        out.push_back(json::object{{"sent_re_operating_db", point.sent_re_operating_db},
                                   {"difference_db", json_figure(point.difference_db, 2)},
                                   {"frames", point.frames}});
    }
    return out;
}

json::array withheld_json(const std::vector<Withheld>& all) {
    json::array out;
    for (const Withheld& each : all) {
        out.push_back(json::object{{"figure", each.figure}, {"reason", each.reason}});
    }
    return out;
}

} // namespace

json::value json_figure(double value, int decimals) {
    if (!std::isfinite(value)) {
        return nullptr;
    }
    const double scale = std::pow(10.0, decimals);
    return std::round(value * scale) / scale;
}

json::value json_figure(const std::optional<double>& value, int decimals) {
    return value ? json_figure(*value, decimals) : json::value(nullptr);
}

json::array json_pair(const std::array<std::optional<double>, 2>& values, int decimals) {
    return {json_figure(values[0], decimals), json_figure(values[1], decimals)};
}

json::value json_channel(int channel) {
    switch (channel) {
    case 0:
        return "left";
    case 1:
        return "right";
    default:
        return nullptr;
    }
}

json::array json_of(const std::vector<Finding>& all) {
    json::array out;
    for (const Finding& finding : all) {
        out.push_back(json::object{{"reason", finding.reason},
                                   {"channel", json_channel(finding.channel)},
                                   {"text", finding.text},
                                   {"from_s", json_figure(finding.from_s, 3)},
                                   {"to_s", json_figure(finding.to_s, 3)},
                                   {"place_within_s", json_figure(finding.place_within_s, 3)},
                                   {"from_hz", json_figure(finding.from_hz, 0)},
                                   {"to_hz", json_figure(finding.to_hz, 0)}});
    }
    return out;
}

json::object json_of(const VerdictLimits& from) {
    return {{"delay_tolerance", from.delay_tolerance},
            {"level_difference_db", from.level_difference_db},
            {"level_re_slate_db", from.level_re_slate_db},
            {"third_octave_difference_db", from.third_octave_difference_db},
            {"dropout_depth_db", from.dropout_depth_db},
            {"dropout_length_ms", from.dropout_length_ms},
            {"speed_change_ppm", from.speed_change_ppm},
            {"phase_deg_at_1khz", from.phase_deg_at_1khz},
            {"not_proven_s", from.not_proven_s},
            {"missing_s", from.missing_s},
            {"azimuth_us", from.azimuth_us},
            {"wow_percent", from.wow_percent},
            {"noise_rise_db", from.noise_rise_db}};
}

json::object json_of(const TrackResult& track) {
    json::array hot;
    for (const auto& channel : track.third_octave_hot) {
        json::array bands;
        for (const bool each : channel) {
            bands.emplace_back(each);
        }
        hot.push_back(std::move(bands));
    }
    return {
        {"verdict", track.pass ? "pass" : "fail"},
        {"findings", json_of(track.findings)},
        {"start_tape_m", json_figure(track.start_tape_m, 4)},
        {"start_tape_s", json_figure(track.start_tape_s, 4)},
        {"delay_ms", json_figure(track.delay_ms, 3)},
        {"level_difference_db", json_pair(track.level_difference_db, 2)},
        {"level_re_slate_db", json_pair(track.level_re_slate_db, 2)},
        {"third_octave_hz", list_json(track.third_octave_hz, 1)},
        {"third_octave_difference_db", lists_json(track.third_octave_difference_db, 2)},
        {"third_octave_hot", std::move(hot)},
        {"speed_error_ppm", json_figure(track.speed_error_ppm, 0)},
        {"speed_source", track.speed_source},
        {"speed_change_ppm", json_figure(track.speed_change_ppm, 0)},
        {"phase_deg", json_figure(track.phase_deg, 1)},
        {"judged_share", json_figure(track.judged_share, 3)},
        {"judged", json::object{{"dropouts", json_figure(track.judged.dropouts, 3)},
                                {"level", json_figure(track.judged.level, 3)},
                                {"response", json_figure(track.judged.response, 3)},
                                {"azimuth", json_figure(track.judged.azimuth, 3)}}},
        {"azimuth", azimuth_json(track.azimuth)},
        {"wow", wow_json(track.wow)},
        {"residual", json::object{{"db", json_pair(track.residual.db, 1)},
                                  {"from_hz", track.residual.from_hz},
                                  {"to_hz", track.residual.to_hz}}},
        {"compression", json::array{compression_json(track.compression[0]), compression_json(track.compression[1])}},
        {"transfer", json::object{{"frequency_hz", list_json(track.transfer.frequency_hz, 1)},
                                  {"magnitude_db", lists_json(track.transfer.magnitude_db, 2)},
                                  {"coherence", lists_json(track.transfer.coherence, 3)}}},
        {"seconds", seconds_json(track.seconds)},
        {"withheld", withheld_json(track.withheld)},
        {"dropouts", dropouts_json(track.dropouts)},
        {"missing", stretches_json(track.missing)},
        {"not_proven", stretches_json(track.not_proven)}};
}

} // namespace overbias::mastering
