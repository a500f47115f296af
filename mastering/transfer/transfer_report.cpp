// SPDX-License-Identifier: Apache-2.0
// The verdict of a transfer and its report (docs/transferring.md describes each field). Pass says that every frame that
// was asked for is in the file and that nothing was clipped; what the monitoring has to say is told, never judged.
#include "base/figure.hpp"
#include "base/host_time.hpp"
#include "base/json/json_text.hpp"
#include "mastering/transfer/transfer_record.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <optional>
#include <utility>

namespace overbias::mastering {

namespace json = boost::json;

namespace {

json::value text_or_null(const std::string& text) {
    return text.empty() ? json::value(nullptr) : json::value(json::string(text));
}

/// Rounded to what it is worth; null when empty or no number.
json::value json_figure(const std::optional<double>& value, int decimals) {
    if (!value || !std::isfinite(*value)) {
        return nullptr;
    }
    const double unit = std::pow(10.0, decimals);
    return std::round(*value * unit) / unit;
}

json::array pair_of(const std::array<double, 2>& values, int decimals) {
    return {json_figure(values[0], decimals), json_figure(values[1], decimals)};
}

json::object loudness_json(const audio::BroadcastLoudness& loudness) {
    return {{"integrated_lufs", json_figure(loudness.integrated_lufs, 2)},
            {"range_lu", json_figure(loudness.range_lu, 2)},
            {"momentary_max_lufs", json_figure(loudness.momentary_max_lufs, 2)},
            {"short_term_max_lufs", json_figure(loudness.short_term_max_lufs, 2)},
            {"true_peak_dbtp", json_figure(loudness.true_peak_dbtp, 2)}};
}

json::array tracks_json(const TransferRecord& record) {
    json::array out;
    for (std::size_t n = 0; n < record.tracks.size(); ++n) {
        const TransferredTrack& track = record.tracks[n];
        out.push_back(json::object{{"number", n + 1},
                                   {"label", track.label},
                                   {"first_frame", track.place.first_frame},
                                   {"frames", track.place.end_frame - track.place.first_frame},
                                   {"start_s", json_figure(record.seconds(track.place.first_frame), 3)},
                                   {"end_s", json_figure(record.seconds(track.place.end_frame), 3)},
                                   {"start_counter_m", json_figure(record.counter_at(track.place.first_frame), 3)},
                                   {"end_counter_m", json_figure(record.counter_at(track.place.end_frame), 3)},
                                   {"loudness", loudness_json(track.levels.loudness)},
                                   {"true_peak_dbtp", pair_of(track.levels.true_peak_dbtp, 2)},
                                   {"sample_peak_dbfs", pair_of(track.levels.sample_peak_dbfs, 2)}});
    }
    return out;
}

json::array lost_json(const TransferRecord& record) {
    json::array out;
    for (const LostStretch& lost : record.lost) {
        out.push_back(json::object{{"at_s", json_figure(record.seconds(lost.file_frame), 4)},
                                   {"length_ms", json_figure(1000.0 * record.seconds(lost.frames), 3)},
                                   {"frames", lost.frames},
                                   {"counter_m", json_figure(record.counter_at(lost.file_frame), 3)},
                                   {"cause", lost.ring_full ? "disk_too_slow" : "card"}});
    }
    return out;
}

json::object holes_json(const TransferRecord& record) {
    json::array told;
    for (const SuspectedHole& hole : record.holes) {
        told.push_back(
            json::object{{"at_s", json_figure(record.seconds(hole.first_frame), 3)},
                         {"counter_m", json_figure(record.counter_at(hole.first_frame), 3)},
                         {"channel", hole.channel == SuspectedHole::Channel::Both
                                         ? "both"
                                         : (hole.channel == SuspectedHole::Channel::Left ? "left" : "right")},
                         {"length_ms", json_figure(hole.length_ms, 0)},
                         {"depth_db", json_figure(hole.depth_db, 1)}});
    }
    return {{"count", record.hole_count}, {"judged", false}, {"told", std::move(told)}};
}

json::object azimuth_json(const AzimuthOfStretch& one, bool with_place) {
    json::object out{{"delay_us", json_figure(one.delay_us, 2)},
                     {"spread_us", json_figure(one.spread_us, 2)},
                     {"averaging_s", json_figure(one.averaging_s, 1)},
                     {"confidence", json_figure(one.confidence, 2)},
                     {"reversed", one.reversed}};
    if (with_place) {
        out["at_s"] = json_figure(one.at_s, 1);
    }
    return out;
}

json::value whole_azimuth_json(const TransferRecord& record) {
    if (record.azimuth.empty()) {
        return nullptr;
    }
    json::array stretches;
    for (const AzimuthOfStretch& one : record.azimuth) {
        stretches.push_back(azimuth_json(one, true));
    }
    json::object out = record.whole_azimuth ? azimuth_json(*record.whole_azimuth, false) : json::object{};
    out["estimate"] = "from programme alone: no tolerance applies";
    out["stretches"] = std::move(stretches);
    return out;
}

json::array concerns_json(const TransferRecord& record) {
    json::array out;
    for (const PlacedConcern& one : record.concerns) {
        const auto severity = transport::concern_word(one.concern.severity);
        out.push_back(json::object{{"severity", json::string(severity.data(), severity.size())},
                                   {"monitor", one.concern.monitor},
                                   {"subject", one.concern.subject},
                                   {"words", one.concern.words},
                                   {"at_s", json_figure(record.seconds(one.file_frame), 2)},
                                   {"counter_m", json_figure(one.counter_m, 3)}});
    }
    return out;
}

/// By the tach, while the tape played.
json::value speed_json(const TransferRecord& record) {
    std::vector<double> speeds;
    for (const CounterAnchor& anchor : record.anchors) {
        if (anchor.speed_m_s) {
            speeds.push_back(*anchor.speed_m_s);
        }
    }
    if (speeds.empty()) {
        return nullptr;
    }
    const auto [least, most] = std::minmax_element(speeds.begin(), speeds.end());
    constexpr double kMetresPerInch = 0.0254;
    return json::object{{"source", "tach"},
                        {"mean_ips", json_figure(std::accumulate(speeds.begin(), speeds.end(), 0.0) /
                                                     static_cast<double>(speeds.size()) / kMetresPerInch,
                                                 3)},
                        {"least_ips", json_figure(*least / kMetresPerInch, 3)},
                        {"most_ips", json_figure(*most / kMetresPerInch, 3)}};
}

json::object request_json(const TransferRequest& request) {
    return {{"from_m", json_figure(request.from_m, 3)},
            {"to_m", json_figure(request.to_m, 3)},
            {"length_s", json_figure(request.length_s, 3)},
            {"until_silence_s", json_figure(request.until_silence_s, 3)},
            {"pre_roll_s", json_figure(request.pre_roll_s, 3)},
            {"post_roll_s", json_figure(request.post_roll_s, 3)},
            {"library_wind", request.library_wind},
            {"gap_rule", json::object{{"least_s", request.gaps.least_s},
                                      {"over_noise_db", request.gaps.over_noise_db},
                                      {"below_loudest_db", request.gaps.below_loudest_db},
                                      {"at_least_below_db", request.gaps.at_least_below_db}}}};
}

json::object reel_json(const TransferRecord& record) {
    const TransferRequest& request = record.request;
    const TransferIdentity& identity = record.identity;
    const auto figure_or_null = [](double value) { return value > 0.0 ? json::value(value) : json::value(nullptr); };
    return {{"title", text_or_null(request.title)},
            {"tape", text_or_null(request.tape)},
            {"project", text_or_null(request.project)},
            {"note", text_or_null(request.note)},
            {"operator", text_or_null(request.operator_name)},
            {"uuid", text_or_null(identity.reel_uuid)},
            {"deck", text_or_null(identity.deck_name)},
            {"deck_uuid", text_or_null(identity.deck_uuid)},
            {"head_block_uuid", text_or_null(identity.head_block_uuid)},
            {"stock", text_or_null(identity.stock)},
            {"batch", text_or_null(identity.batch)},
            {"equalisation", text_or_null(identity.equalisation)},
            {"speed_ips", figure_or_null(identity.tape_speed_ips)},
            {"operating_level_nwb_per_m", figure_or_null(identity.operating_level_nwb_per_m)},
            {"capture_dbfs_at_operating_level", json_figure(identity.capture_dbfs_at_operating_level, 3)},
            {"alignment", text_or_null(identity.alignment)},
            {"converter", text_or_null(identity.converter)}};
}

audio::BroadcastLoudness whole_loudness(const MonitorFigures& whole) {
    return {whole.integrated_lufs, whole.range_lu, std::max(whole.true_peak_dbtp[0], whole.true_peak_dbtp[1]),
            whole.momentary_max_lufs, whole.short_term_max_lufs};
}

std::string reason_of(const TransferRecord& record) {
    const bool all_asked_for = record.ending == TransferEnding::Place || record.ending == TransferEnding::Length ||
                               record.ending == TransferEnding::Silence ||
                               (record.request.open_ended() &&
                                (record.ending == TransferEnding::Stopped || record.ending == TransferEnding::TapeOut));
    if (!record.disk_trouble.empty() || !record.read_back.trouble.empty() ||
        record.read_back.audio_sha256 != record.written_sha256) {
        return "disk";
    }
    if (record.lost_frames() > 0) {
        return "lost_frames";
    }
    if (record.whole.clips[0] + record.whole.clips[1] > 0) {
        return "clipped";
    }
    return all_asked_for ? "" : word(record.ending);
}

std::string words_of(const TransferRecord& record, const std::string& reason) {
    std::string words = record.request.file.filename().string() + " holds " + figure(record.seconds(record.frames), 1) +
                        " s, " + std::to_string(record.tracks.size()) +
                        (record.tracks.size() == 1 ? " piece" : " pieces") + " of programme";
    const auto add = [&words](const std::string& what) { words += "; " + what; };
    if (!record.disk_trouble.empty()) {
        add(record.disk_trouble);
    } else if (!record.read_back.trouble.empty()) {
        add("it " + record.read_back.trouble);
    } else if (reason == "disk") {
        add("what the disk gives back is not what was captured; do not trust this file, check the disk");
    }
    if (const std::int64_t lost = record.lost_frames(); lost > 0) {
        add(figure(1000.0 * record.seconds(lost), 1) + " ms were lost in " + std::to_string(record.lost.size()) +
            (record.lost.size() == 1 ? " place" : " places") + ", silence stands there");
    }
    if (const auto clips = record.whole.clips[0] + record.whole.clips[1]; clips > 0) {
        add("clipped " + std::to_string(clips) + (clips == 1 ? " time" : " times") + ": lower the capture's level");
    }
    if (!record.ending_words.empty()) {
        add(record.ending_words);
    }
    return words;
}

} // namespace

std::optional<double> counter_at(std::span<const CounterAnchor> anchors, std::int64_t file_frame) {
    if (anchors.empty()) {
        return std::nullopt;
    }
    if (anchors.size() == 1) {
        return anchors.front().counter_m;
    }
    const auto after = std::upper_bound(anchors.begin() + 1, anchors.end() - 1, file_frame,
                                        [](std::int64_t frame, const auto& one) { return frame < one.file_frame; });
    const CounterAnchor &b = *after, &a = *(after - 1);
    const auto span = static_cast<double>(b.file_frame - a.file_frame);
    return a.counter_m +
           (span > 0.0 ? (b.counter_m - a.counter_m) * static_cast<double>(file_frame - a.file_frame) / span : 0.0);
}

std::optional<double> TransferRecord::counter_at(std::int64_t file_frame) const {
    return mastering::counter_at(anchors, file_frame);
}

std::int64_t TransferRecord::lost_frames() const {
    return std::accumulate(lost.begin(), lost.end(), std::int64_t{0},
                           [](std::int64_t sum, const LostStretch& one) { return sum + one.frames; });
}

TransferResult judge_transfer(const TransferRecord& record) {
    TransferResult result;
    result.reason = reason_of(record);
    result.pass = result.reason.empty();
    result.words = words_of(record, result.reason);
    result.frames = record.frames;
    result.file_sha256 = record.read_back.file_sha256;
    result.duration_s = record.seconds(record.frames);
    audio::BroadcastWaveFormat format;
    format.samples = record.request.samples;
    const json::object file{{"path", record.request.file.string()},
                            {"container", record.read_back.rf64 ? "RF64" : "WAV"},
                            {"sample_format", format.word()},
                            {"sample_rate_hz", record.rate_hz},
                            {"channels", format.channels},
                            {"frames", record.frames},
                            {"duration_s", json_figure(result.duration_s, 4)},
                            {"bytes", record.read_back.bytes},
                            {"rounded", record.rounded},
                            {"sha256", text_or_null(record.read_back.file_sha256)},
                            {"audio_sha256", text_or_null(record.read_back.audio_sha256)}};
    const json::object report{
        {"report", "overbias transfer"},
        {"report_version", 1},
        {"made_utc", utc_text(host_now().utc_ns)},
        {"began_utc", utc_text(record.began_utc_ns)},
        {"session", record.identity.session_uuid},
        {"verdict", result.pass ? "pass" : "fail"},
        {"reason", text_or_null(result.reason)},
        {"words", result.words},
        {"ended_by", word(record.ending)},
        {"file", file},
        {"request", request_json(record.request)},
        {"reel", reel_json(record)},
        {"counter", json::object{{"start_m", json_figure(record.counter_at(0), 3)},
                                 {"end_m", json_figure(record.counter_at(record.frames), 3)}}},
        {"speed", speed_json(record)},
        {"loudness", loudness_json(whole_loudness(record.whole))},
        {"true_peak_dbtp", pair_of(record.whole.true_peak_dbtp, 2)},
        {"sample_peak_dbfs", pair_of(record.whole.sample_peak_dbfs, 2)},
        {"clips", json::array{record.whole.clips[0], record.whole.clips[1]}},
        {"noise_dbfs", json_figure(record.whole.noise_dbfs, 1)},
        {"gap_threshold_dbfs", json_figure(record.whole.gap_threshold_dbfs, 1)},
        {"correlation", json_figure(record.whole.whole_correlation, 3)},
        {"azimuth", whole_azimuth_json(record)},
        {"tracks", tracks_json(record)},
        {"lost", lost_json(record)},
        {"dropouts_suspected", holes_json(record)},
        {"concerns", concerns_json(record)},
        {"software",
         "overbias" + (record.identity.program_version.empty() ? "" : " " + record.identity.program_version)}};
    result.report = json_indented(report) + '\n';
    return result;
}

} // namespace overbias::mastering
