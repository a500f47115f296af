// SPDX-License-Identifier: Apache-2.0
#include "paper_examples.hpp"

#include "base/json/json_text.hpp"

#include <array>
#include <boost/json.hpp>
#include <cmath>
#include <cstddef>
#include <utility>

namespace overbias::mastering::examples {

namespace json = boost::json;

namespace {

constexpr std::array kThirds{50.0,   63.0,   80.0,   100.0,  125.0,  160.0,  200.0,   250.0,  315.0,
                             400.0,  500.0,  630.0,  800.0,  1000.0, 1250.0, 1600.0,  2000.0, 2500.0,
                             3150.0, 4000.0, 5000.0, 6300.0, 8000.0, 1e4,    12500.0, 16000.0};

double rounded(double value, int decimals) {
    const double scale = std::pow(10.0, decimals);
    return std::round(value * scale) / scale;
}

json::array thirds(double tilt_db) {
    json::array all;
    for (std::size_t i = 0; i < kThirds.size(); ++i) {
        const double at = static_cast<double>(i) / 25.0;
        all.push_back(i < 2 ? json::value(nullptr)
                            : json::value(rounded(0.2 * std::sin(9.0 * at) + tilt_db * at * at, 2)));
    }
    return all;
}

json::object dropout(double tape_s, double programme_s, const char* channel, double length_ms, double depth_db,
                     bool over) {
    return {{"tape_m", rounded(tape_s * 0.381, 4)},
            {"tape_time_s", tape_s},
            {"programme_time_s", programme_s},
            {"channel", channel},
            {"length_ms", length_ms},
            {"depth_db", depth_db},
            {"kind", "spacing"},
            {"over_limit", over}};
}

json::object track(const char* file, double start_s, double length_s, double tilt_db) {
    json::array centres;
    for (const double each : kThirds) {
        centres.push_back(each);
    }
    return {{"file", file},
            {"sha256", "3f786850e387550fdab836ed7e6dc881de23001b3f786850e387550fdab836ed"},
            {"sample_rate_hz", 96000.0},
            {"sample_rate_converted", true},
            {"trim_db", -1.5},
            {"duration_s", length_s},
            {"verdict", "pass"},
            {"findings", json::array{}},
            {"start_tape_m", rounded(start_s * 0.381, 4)},
            {"start_tape_s", start_s},
            {"start_counter_m", rounded(12.5 + start_s * 0.381, 4)},
            {"end_counter_m", rounded(12.5 + (start_s + length_s) * 0.381, 4)},
            {"delay_ms", 133.342},
            {"level_difference_db", {0.12, -0.08}},
            {"level_re_slate_db", {0.03, -0.02}},
            {"third_octave_hz", std::move(centres)},
            {"third_octave_difference_db", {thirds(tilt_db), thirds(-0.3)}},
            {"speed_error_ppm", nullptr},
            {"speed_source", "no head delay at calibrated speed is stored"},
            {"speed_change_ppm", 12.0},
            {"phase_deg", 1.5},
            {"judged_share", 0.87},
            {"dropouts", json::array{}},
            {"not_proven", json::array{}},
            {"xruns", json::array{}}};
}

void add_version_2(json::object& track, double length_s) {
    json::array delay, left, right, judged, thirds_left;
    for (int i = 0; i < static_cast<int>(length_s); ++i) {
        delay.push_back(rounded(133.34 + 0.02 * std::sin(i / 20.0), 3));
        left.push_back(i % 37 == 0 ? json::value(nullptr) : json::value(rounded(0.1 + 0.1 * std::sin(i / 9.0), 2)));
        right.push_back(rounded(-0.1 + 0.08 * std::cos(i / 11.0), 2));
        judged.push_back(i % 50 < 8 ? 0.1 : 1.0);
        thirds_left.push_back(json::array{0.1, 0.2});
    }
    json::array hz, magnitude, points;
    for (int i = 0; i < 108; ++i) {
        hz.push_back(rounded(30.0 * std::pow(2.0, i / 12.0), 1));
        magnitude.push_back(rounded(0.3 * std::sin(i / 8.0), 2));
    }
    for (int level = -30; level <= 8; level += 2) {
        points.push_back(json::object{{"sent_re_operating_db", static_cast<double>(level)},
                                      {"difference_db", rounded(level < 0 ? 0.02 : -0.02 * level * level, 2)},
                                      {"frames", 40}});
    }
    track["seconds"] = json::object{{"step_s", 1.0},
                                    {"delay_ms", std::move(delay)},
                                    {"level_difference_db", json::array{std::move(left), std::move(right)}},
                                    {"third_octave_difference_db", json::array{thirds_left, thirds_left}},
                                    {"dropouts_judged", std::move(judged)}};
    track["judged"] = json::object{{"dropouts", 0.87}, {"level", 0.99}, {"response", 1.0}, {"azimuth", 1.0}};
    track["azimuth"] =
        json::object{{"mean_us", 1.24},  {"worst_us", 2.1},  {"worst_from_s", 31.0}, {"averaging_s", 10.0},
                     {"frame_s", 0.085}, {"spread_us", 0.7}, {"confidence", 0.93}};
    track["wow"] = json::object{{"percent", 0.021}, {"peak_percent", 0.03}, {"from_hz", 0.2},
                                {"to_hz", 5.0},     {"seconds", 60.0},      {"basis", "delay trace"}};
    track["residual"] = json::object{{"db", {-52.0, -51.5}}, {"from_hz", 100.0}, {"to_hz", 12500.0}};
    track["compression"] = json::array{points, points};
    track["transfer"] = json::object{{"frequency_hz", std::move(hz)},
                                     {"magnitude_db", json::array{magnitude, magnitude}},
                                     {"coherence", json::array{json::array{}, json::array{}}}};
    track["withheld"] = json::array{json::object{{"figure", "speed_error_ppm"}, {"reason", "no_calibration"}}};
    track["missing"] = json::array{};
}

json::object report(int version) {
    return {
        {"report", "overbias print"},
        {"report_version", version},
        {"made_utc", "2026-05-03T10:12:31.512Z"},
        {"session", "2b0c7c2e-7a5e-4d3c-9a63-52b7a5f0c001"},
        {"verdict", "pass"},
        {"reason", nullptr},
        {"findings", json::array{}},
        {"limits", json::object{{"delay_tolerance", 0.03},
                                {"level_difference_db", 1.0},
                                {"level_re_slate_db", 0.3},
                                {"third_octave_difference_db", 1.5},
                                {"dropout_depth_db", 6.0},
                                {"dropout_length_ms", 3.0},
                                {"speed_change_ppm", 2000.0},
                                {"phase_deg_at_1khz", 30.0},
                                {"not_proven_s", 0.02}}},
        {"reel", json::object{{"uuid", "7d6a1f6e-2f0b-4c0a-8a5e-9b9f3b6f0002"},
                              {"deck", "Two-track machine"},
                              {"deck_uuid", "11111111-2222-4333-8444-555555555555"},
                              {"head_block_uuid", "66666666-7777-4888-8999-aaaaaaaaaaaa"},
                              {"stock", "Stock 900"},
                              {"equalisation", "IEC1"},
                              {"speed_ips", 15.0},
                              {"operating_level_nwb_per_m", 320.0},
                              {"play_dbfs_at_operating_level", -18.0},
                              {"capture_dbfs_at_operating_level", -18.2341234567890123},
                              {"sample_rate_hz", 48000.0},
                              {"slate_counter_m", 12.5},
                              {"slate_counter_uncertainty_m", 0.01}}},
        {"off_tape", json::object{{"proven", true},
                                  {"text", "delay 133.342 ms, expected 133.333 ms within 3 %; before it was due the "
                                           "tone was 62 dB down; tape noise 6.1 dB over the noise at rest"}}},
        {"slate", json::object{{"found", true},
                               {"sent_re_operating_db", 0.0},
                               {"frequency_hz", 1000.0},
                               {"delay_ms", 133.342},
                               {"level_dbfs", {-18.1, -18.2}},
                               {"level_difference_db", {0.09, -0.06}}}},
        {"noise_dbfs", {-71.2, -70.9}},
        {"clock_difference_ppm", 3.2},
        {"xruns_outside_tracks", json::array{}},
        {"stop_on_bias_failure", false},
        {"concerns", json::array{}}};
}

json::object planned(const char* title, const char* version = "") {
    return {{"file", "/masters/x.wav"},
            {"title", title},
            {"version", version},
            {"artist", ""},
            {"isrc", "GB-ABC-26-00001"}};
}

} // namespace

json::object files_report() {
    json::object out = report(1);
    json::object one = track("/masters/K\xc3\xbchler Morgen.wav", 14.2, 31.5, 0.6);
    one["dropouts"] = json::array{dropout(22.7, 8.5, "left", 4.0, 4.5, false)};
    out["tracks"] = json::array{std::move(one)};
    return out;
}

json::object two_sided_report() {
    json::object out = report(2);
    constexpr std::array kTitles{
        "Overture",
        "J\xc3\xbcrgen und \xc5\x81ukasz gehen sehr lange miteinander durch den dunklen Wald (Fassung f\xc3\xbcr "
        "gro\xc3\x9f"
        "es Orchester, ungek\xc3\xbcrzt)",
        "Spacing",
        "\xce\x9d\xcf\x8d\xcf\x87\xcf\x84\xce\xb1",
        "Interlude",
        "The other side",
        "Donaudampfschifffahrtselektrizit\xc3\xa4tenhauptbetriebswerkbauunterbeamtengesellschaftsmitgliederversammlung",
        "Droop",
        "Reprise",
        "Finale"};
    json::array sides, plan_sides, tracks;
    for (std::size_t side = 0; side < 2; ++side) {
        json::array plan_tracks;
        double at_s = 74.0;
        for (std::size_t i = 5 * side; i < 5 * side + 5; ++i) {
            const double length_s = 120.0 + 37.0 * static_cast<double>(i % 5);
            json::object one = track("/masters/x.wav", at_s, length_s, i == 7 ? -3.0 : 0.4);
            add_version_2(one, length_s);
            one["side"] = side == 0 ? "A" : "B";
            one["title"] = kTitles[i];
            if (i == 2) {
                one["verdict"] = "fail";
                one["dropouts"] = json::array{dropout(at_s + 40.0, 40.0, "left", 21.0, 18.5, true),
                                              dropout(at_s + 90.25, 90.25, "right", 3.0, 4.2, false)};
                one["findings"] =
                    json::array{json::object{{"reason", "dropout"},
                                             {"channel", "left"},
                                             {"text", "drop-out of 21.0 ms and 18.5 dB, limit 3 ms and 6 dB"},
                                             {"from_s", 40.0},
                                             {"to_s", 40.021},
                                             {"from_hz", nullptr},
                                             {"to_hz", nullptr}}};
                one["not_proven"] =
                    json::array{json::object{{"from_s", 60.0}, {"to_s", 75.0}, {"reason", "no band could be judged"}}};
            }
            if (i == 3) {
                one["phase_deg"] = nullptr;
                one["azimuth"] = nullptr;
                one["withheld"].as_array().push_back(json::object{{"figure", "azimuth"}, {"reason", "mono"}});
                one["withheld"].as_array().push_back(json::object{{"figure", "phase_deg"}, {"reason", "mono"}});
            }
            if (i == 7) {
                one["verdict"] = "fail";
                one["findings"] =
                    json::array{json::object{{"reason", "frequency_response"},
                                             {"channel", "left"},
                                             {"text", "third octave at 12.5 kHz is 2.8 dB low, limit 1.5 dB"}}};
            }
            plan_tracks.push_back(planned(kTitles[i], i == 4 ? "instrumental" : ""));
            tracks.push_back(std::move(one));
            at_s += length_s + 4.0;
        }
        const char* name = side == 0 ? "A" : "B";
        plan_sides.push_back(json::object{{"name", name}, {"new_tape", true}, {"tracks", std::move(plan_tracks)}});
        json::array tones{json::object{{"name", "tone 2"},
                                       {"start_tape_s", 31.0},
                                       {"duration_s", 20.0},
                                       {"found", true},
                                       {"frequency_hz", 10000.0},
                                       {"level_difference_db", {0.2, 0.1}}},
                          json::object{{"name", "tone 3"},
                                       {"start_tape_s", 52.0},
                                       {"duration_s", 20.0},
                                       {"found", true},
                                       {"frequency_hz", 100.0},
                                       {"level_difference_db", {-0.3, -0.2}}}};
        sides.push_back(json::object{
            {"name", name},
            {"reel", json::object{{"uuid", side == 0 ? "reel-1" : "reel-2"}, {"number", static_cast<int>(side) + 1}}},
            {"slate", out.at("slate")},
            {"tones", std::move(tones)},
            {"off_tape", out.at("off_tape")},
            {"noise_dbfs", {-71.2, -70.9}},
            {"start_counter_m", 12.5},
            {"end_counter_m", rounded(12.5 + at_s * 0.381, 3)}});
    }
    out["verdict"] = "fail";
    out["reason"] = "frequency_response";
    out["findings"] = json::array{
        json::object{{"reason", "frequency_response"}, {"channel", nullptr}, {"text", "2 of 10 tracks have failed"}}};
    out["sides"] = std::move(sides);
    out["tracks"] = std::move(tracks);
    out["plan"] = json::object{
        {"title",
         "Nachtst\xc3\xbc"
         "cke f\xc3\xbcr Orchester und ein sehr altes Tonbandger\xc3\xa4t, vollst\xc3\xa4ndige Ausgabe in zwei Teilen"},
        {"version", "master"},
        {"artist", "Ensemble Dvo\xc5\x99\xc3\xa1k"},
        {"catalogue_number", "OB-0007"},
        {"client", "A Record Company"},
        {"studio", "Studio at the Hill"},
        {"engineer", "E. Engineer"},
        {"date", "2026-05-03"},
        {"noise_reduction", ""},
        {"azimuth_note", "set by the 10 kHz tone"},
        {"notes", "Side B was printed an hour later. Play the tones before you align to them."},
        {"tape", json::object{{"stock", "Stock 900"},
                              {"batch", "26-114"},
                              {"length", "762 m"},
                              {"speed_ips", 15.0},
                              {"head_leader", "12 ft"},
                              {"tail_leader", "6 ft"},
                              {"tails_out", true}}},
        {"slate", json::object{{"tones", json::array{json::object{{"frequency_hz", 1000.0},
                                                                  {"duration_s", 30.0},
                                                                  {"level_re_operating_db", 0.0},
                                                                  {"azimuth", false}},
                                                     json::object{{"frequency_hz", 10000.0},
                                                                  {"duration_s", 20.0},
                                                                  {"level_re_operating_db", -10.0},
                                                                  {"azimuth", true}},
                                                     json::object{{"frequency_hz", 100.0},
                                                                  {"duration_s", 20.0},
                                                                  {"level_re_operating_db", -10.0},
                                                                  {"azimuth", false}}}},
                               {"voice", ""}}},
        {"alignment", json::object{{"within_days", 30},
                                   {"override_name", "E. Engineer"},
                                   {"override_reason", "the reels leave today"}}},
        {"sides", std::move(plan_sides)}};
    out["alignment"] = json::object{{"uuid", "9c2d"},
                                    {"procedure", "record"},
                                    {"ended_at", "2026-03-01T09:00:00.000Z"},
                                    {"verdict", "pass"},
                                    {"bias_db", -3.1}};
    out["overrides"] = json::array{json::object{{"what", "alignment"},
                                                {"name", "E. Engineer"},
                                                {"reason", "the deck was aligned 63 days ago; the reels leave today"}}};
    return out;
}

std::string text_of(const json::object& given) {
    return json_indented(given) + "\n";
}

} // namespace overbias::mastering::examples
