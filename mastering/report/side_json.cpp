// SPDX-License-Identifier: Apache-2.0
// What concerns a run as a whole, as JSON. (Declared in track_json.hpp.)
#include "mastering/report/track_json.hpp"

#include <cstddef>
#include <utility>

namespace overbias::mastering {

namespace json = boost::json;

namespace {

json::object slate_json(const SlateResult& slate) {
    return {{"found", slate.found},
            {"frequency_hz", json_figure(slate.frequency_hz, 3)},
            {"delay_ms", json_figure(slate.delay_ms, 3)},
            {"level_dbfs", json_pair(slate.level_dbfs, 2)},
            {"level_difference_db", json_pair(slate.level_difference_db, 2)},
            {"third_harmonic", json_pair(slate.third_harmonic, 5)}};
}

json::object tone_json(const ToneResult& tone) {
    return {{"name", tone.name},
            {"start_tape_m", json_figure(tone.start_tape_m, 4)},
            {"start_tape_s", json_figure(tone.start_tape_s, 4)},
            {"duration_s", json_figure(tone.duration_s, 3)},
            {"found", tone.found},
            {"frequency_hz", json_figure(tone.frequency_hz, 3)},
            {"level_dbfs", json_pair(tone.level_dbfs, 2)},
            {"level_re_operating_db", json_pair(tone.level_re_operating_db, 2)},
            {"level_difference_db", json_pair(tone.level_difference_db, 2)},
            {"phase_deg", json_figure(tone.phase_deg, 1)},
            {"azimuth_us", json_figure(tone.azimuth_us, 2)},
            {"azimuth_spread_us", json_figure(tone.azimuth_spread_us, 2)},
            {"averaging_s", json_figure(tone.averaging_s, 2)}};
}

json::object gap_json(const GapResult& gap) {
    json::array hum;
    for (const HumLine& line : gap.hum) {
        hum.push_back(json::object{{"frequency_hz", line.frequency_hz},
                                   {"dbfs", json::array{json_figure(line.dbfs[0], 1), json_figure(line.dbfs[1], 1)}}});
    }
    return {{"name", gap.name},
            {"start_tape_m", json_figure(gap.start_tape_m, 4)},
            {"start_tape_s", json_figure(gap.start_tape_s, 4)},
            {"duration_s", json_figure(gap.duration_s, 2)},
            {"noise_dbfs", json_pair(gap.noise_dbfs, 1)},
            {"noise_a_dbfs", json_pair(gap.noise_a_dbfs, 1)},
            {"noise_re_operating_db", json_pair(gap.noise_re_operating_db, 1)},
            {"noise_a_re_operating_db", json_pair(gap.noise_a_re_operating_db, 1)},
            {"hum", std::move(hum)}};
}

std::optional<double> number_at(const json::object& from, const char* key) {
    const json::value* value = from.if_contains(key);
    if (value == nullptr || !value->is_number()) {
        return std::nullopt;
    }
    return value->to_number<double>();
}

std::array<std::optional<double>, 2> pair_at(const json::object& from, const char* key) {
    std::array<std::optional<double>, 2> out;
    const json::value* value = from.if_contains(key);
    if (value != nullptr && value->is_array()) {
        const json::array& list = value->get_array();
        for (std::size_t c = 0; c < 2 && c < list.size(); ++c) {
            if (list[c].is_number()) {
                out[c] = list[c].to_number<double>();
            }
        }
    }
    return out;
}

} // namespace

json::object json_of(const ComparisonResult& result) {
    json::array tones;
    for (const ToneResult& tone : result.tones) {
        tones.push_back(tone_json(tone));
    }
    json::array voices;
    for (const VoiceResult& voice : result.voices) {
        voices.push_back(json::object{{"name", voice.name},
                                      {"start_tape_m", json_figure(voice.start_tape_m, 4)},
                                      {"start_tape_s", json_figure(voice.start_tape_s, 4)},
                                      {"duration_s", json_figure(voice.duration_s, 3)},
                                      {"there", voice.there ? json::value(*voice.there) : json::value(nullptr)}});
    }
    json::array gaps;
    for (const GapResult& gap : result.gaps) {
        gaps.push_back(gap_json(gap));
    }
    return {{"mode", result.mode},
            {"verdict", result.pass ? "pass" : "fail"},
            {"reason", result.reason.empty() ? json::value(nullptr) : json::value(result.reason)},
            {"findings", json_of(result.findings)},
            {"off_tape", json::object{{"proven", result.off_tape}, {"text", result.off_tape_text}}},
            {"slate", slate_json(result.slate)},
            {"tones", std::move(tones)},
            {"voices", std::move(voices)},
            {"gaps", std::move(gaps)},
            {"noise_dbfs", json_pair(result.noise_dbfs, 1)},
            {"clock_difference_ppm", json_figure(result.clock_difference_ppm, 2)},
            {"compared_band_hz", json::array{result.compared_band_hz[0], result.compared_band_hz[1]}}};
}

json::object json_of(const EarlierRun& run) {
    return {{"slate_level_dbfs", json_pair(run.slate_level_dbfs, 3)},
            {"slate_level_difference_db", json_pair(run.slate_level_difference_db, 3)},
            {"slate_third_harmonic", json_pair(run.slate_third_harmonic, 5)},
            {"head_delay_s", json_figure(run.head_delay_s, 7)},
            {"noise_dbfs", json_pair(run.noise_dbfs, 2)}};
}

EarlierRun earlier_run_from(const json::value& value) {
    EarlierRun run;
    if (const json::object* from = value.if_object(); from != nullptr) {
        run.slate_level_dbfs = pair_at(*from, "slate_level_dbfs");
        run.slate_level_difference_db = pair_at(*from, "slate_level_difference_db");
        run.slate_third_harmonic = pair_at(*from, "slate_third_harmonic");
        run.head_delay_s = number_at(*from, "head_delay_s");
        run.noise_dbfs = pair_at(*from, "noise_dbfs");
    }
    return run;
}

} // namespace overbias::mastering
