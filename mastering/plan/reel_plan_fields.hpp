// SPDX-License-Identifier: Apache-2.0
// Every key of a reel plan, once: a visitor is led over a plan and told key, place, bounds and meaning of each. Reading
// TOML, writing JSON and the template to be filled in are visitors, so they can't differ in their keys.
//
// A visitor has: text, flag, integer, number, optional_number, span, optional_span, word (one of a list), words (some
// of a list), table (a lambda visits it) and tables (one for each entry of a vector). `Need::Always` marks what has no
// default.
#pragma once

#include "base/toml/strict_toml.hpp"
#include "mastering/plan/reel_plan.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace overbias::mastering {

enum class Need { Always, Default };

/// What of the tape no default is known of.
struct PlanNeeds {
    Need stock = Need::Always, length = Need::Always, speed = Need::Always, equalisation = Need::Always,
         operating_level = Need::Always;
};

/// Words that live.warns and live.stops take: reasons of a failure, the bias monitor's as "bias".
[[nodiscard]] const std::vector<std::string>& live_words();

namespace plan_fields {

inline constexpr double kLongest = 10000.0; ///< of a span, in its unit

template <typename V>
void tape(V& v, PlanTape& tape, const PlanNeeds& needs) {
    v.text("stock", tape.stock, needs.stock, "tape stock: the name of its profile");
    v.text("batch", tape.batch, Need::Default, "its batch, as on the box; an alignment holds for it");
    v.length("length", tape.length_m, needs.length, "of the tape on each reel, \"2500 ft\" or \"762 m\"");
    v.number("speed_ips", tape.speed_ips, {.min = 1.0, .max = 60.0}, needs.speed, "nominal speed");
    v.equalisation("equalisation", tape.equalisation, needs.equalisation, "NAB, IEC1 or AES");
    v.number("operating_level_nwb_per_m", tape.operating_level.nwb_per_m, {.min = 100.0, .max = 1500.0},
             needs.operating_level, "fluxivity of operating level, as the calibration tape is marked");
    v.school("operating_level_school", tape.operating_level.school, needs.operating_level,
             "by whose method it is marked: ANSI or DIN");
    v.span("head_leader", tape.head_leader,
           "at the head of each reel, not recorded on: \"12 ft\", \"3.5 m\", \"10 s\"");
    v.span("tail_leader", tape.tail_leader, "at its tail");
    v.span("spare", tape.spare, "kept free before the tail leader");
    v.flag("tails_out", tape.tails_out, "stored tails out: said on label and sheet");
}

template <typename V>
void tone(V& v, SlateTone& tone) {
    v.number("frequency_hz", tone.frequency_hz, {.min = 20.0, .max = 40000.0}, Need::Default,
             "of the first one 400 to 4000 Hz: the proof finds its place by it");
    v.number("duration_s", tone.duration_s, {.min = 0.5, .max = 300.0}, Need::Default, "of the first one 2 to 120 s");
    v.number("level_re_operating_db", tone.level_re_operating_db, {.min = -40.0, .max = 12.0}, Need::Default,
             "level on tape");
    v.flag("azimuth", tone.azimuth, "said on label and sheet: set azimuth by this one");
}

template <typename V>
void slate(V& v, ReelSlate& slate) {
    v.number("lead_in_s", slate.lead_in_s, {.min = 0.5, .max = 60.0}, Need::Default,
             "recorded silence before the first tone");
    v.span("tone_gap", slate.tone_gap, "between tones, and before the voice");
    v.file("voice", slate.voice, Need::Default, "sound file with a voice slate, played after the tones");
    v.number("voice_trim_db", slate.voice_trim_db, {.min = -60.0, .max = 20.0}, Need::Default, "level change of it");
    v.tables("tones", slate.tones, "tones of the slate, in order; the first is the reference of the proof",
             [](V& each, SlateTone& one) { tone(each, one); });
}

template <typename V>
void limits(V& v, VerdictLimits& all) {
    // every field by name: a limit that is added to the verdict does not compile until a plan can give it
    auto& [delay, level, slate_level, third_octave, dropout_depth, dropout_length, speed_change, phase, not_proven,
           missing, azimuth, wow, noise_rise] = all;
    const auto limit = [&v](std::string_view key, double& value, double min, double max, std::string_view meaning) {
        v.number(key, value, {.min = min, .max = max}, Need::Default, meaning);
    };
    limit("delay_tolerance", delay, 0.001, 0.2, "share of the head delay beyond which it is not off tape");
    limit("level_difference_db", level, 0.05, 20.0, "level off tape against level sent");
    limit("level_re_slate_db", slate_level, 0.05, 20.0, "programme against the slate as read off tape");
    limit("third_octave_difference_db", third_octave, 0.1, 20.0, "response in third octaves");
    limit("dropout_depth_db", dropout_depth, 1.0, 40.0, "drop-outs shallower than this are only told");
    limit("dropout_length_ms", dropout_length, 0.5, 1000.0, "drop-outs shorter than this are only told");
    limit("speed_change_ppm", speed_change, 10.0, 50000.0, "change of speed during the print");
    limit("phase_deg_at_1khz", phase, 1.0, 180.0, "phase between channels");
    limit("not_proven_s", not_proven, 0.0, 60.0, "longest stretch that may be missing for lost frames");
    limit("missing_s", missing, 0.1, 60.0, "longest stretch without programme that is no failure");
    limit("azimuth_us", azimuth, 0.5, 100.0, "time between channels");
    limit("wow_percent", wow, 0.01, 5.0, "wow from the delay trace");
    limit("noise_rise_db", noise_rise, 1.0, 40.0, "noise of a gap against the side's first");
}

template <typename V>
void track(V& v, PlanTrack& track) {
    v.file("file", track.file, Need::Always, "sound file: a path, or \"upload:ID\"");
    v.text("title", track.title, Need::Default, "the file's name stands in where there is none");
    v.text("version", track.version, Need::Default, "\"instrumental\", \"vocal up\"");
    v.text("artist", track.artist, Need::Default, "where it is not the reel's");
    v.text("isrc", track.isrc, Need::Default, "\"GB-ABC-24-00001\"");
    v.number("trim_db", track.trim_db, {.min = -60.0, .max = 20.0}, Need::Default, "level change of the file");
    v.optional_span("gap", track.gap, "before this track, where it is not the plan's");
    v.text("sha256", track.sha256, Need::Default, "that the file must have");
}

template <typename V>
void side(V& v, PlanSide& side) {
    v.text("name", side.name, Need::Always, "\"A\"");
    v.flag("new_tape", side.new_tape, "another reel than the side before");
    v.optional_number("start_m", side.start_m, {.min = 0.0, .max = 5000.0},
                      "counter place of the first tone; else recording begins where the head leader ends");
    v.optional_span("gap", side.gap, "to the side before on the same tape; 10 s where it says nothing");
    v.tables("tracks", side.tracks, "what is printed, in order", [](V& each, PlanTrack& one) { track(each, one); });
}

template <typename V>
void plan(V& v, ReelPlan& p, const PlanNeeds& needs) {
    v.text("title", p.title, Need::Always, "of the reel or set");
    v.text("version", p.version, Need::Default, "\"master\", \"safety copy\"");
    v.text("artist", p.artist, Need::Default, "");
    v.text("catalogue_number", p.catalogue_number, Need::Default, "");
    v.text("client", p.client, Need::Default, "");
    v.text("studio", p.studio, Need::Default, "");
    v.text("engineer", p.engineer, Need::Default, "");
    v.text("date", p.date, Need::Default, "on the box; else the day of the print");
    v.text("noise_reduction", p.noise_reduction, Need::Default,
           "type of noise reduction the programme is encoded with");
    v.text("azimuth_note", p.azimuth_note, Need::Default, "what the next studio has to know of azimuth");
    v.text("notes", p.notes, Need::Default, "");
    v.span("gap", p.gap, "after the slate, and between tracks: \"3 s\", \"6 ft\", \"2 m\"");
    v.number("post_roll_s", p.post_roll_s, {.min = 1.0, .max = 600.0}, Need::Default,
             "recorded silence after the last track of a side");
    v.flag("split_sides", p.split_sides, "a side that does not fit goes on at a track boundary on a new tape");
    v.table("tape", "", [&](V& each) { tape(each, p.tape, needs); });
    v.table("slate", "", [&](V& each) { slate(each, p.slate); });
    v.table("limits", "of the verdict", [&](V& each) { limits(each, p.limits); });
    v.table("live", "what is done with what is heard while it is printed; everything is marked", [&](V& each) {
        each.words("warns", p.live.warns, live_words(), "told at once");
        each.words("stops", p.live.stops, live_words(), "end the print");
    });
    v.table("alignment", "", [&](V& each) {
        each.integer("within_days", p.alignment_within_days, {.min = 0.0, .max = 3650.0},
                     "a deck aligned longer ago is refused; 0: not asked for");
        each.text("override_name", p.alignment_override.name, Need::Default,
                  "who lets it print all the same; stands on the certificate");
        each.text("override_reason", p.alignment_override.reason, Need::Default, "and why");
    });
    v.tables("sides", p.sides, "in the order of printing", [](V& each, PlanSide& one) { side(each, one); });
}

} // namespace plan_fields

} // namespace overbias::mastering
