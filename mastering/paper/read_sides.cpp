// SPDX-License-Identifier: Apache-2.0
#include "mastering/paper/read_sides.hpp"

#include "mastering/paper/json_read.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

namespace overbias::mastering {

namespace json = boost::json;

namespace {

const json::value kNothing = nullptr;

const json::value& part(const json::value& in, std::string_view name) {
    const json::value* found = member(in, name);
    return found == nullptr ? kNothing : *found;
}

const json::value& item(const json::array& list, std::size_t index) {
    return index < list.size() ? list[index] : kNothing;
}

std::vector<PaperStretch> stretches(const json::value& in, std::string_view name) {
    std::vector<PaperStretch> all;
    for (const json::value& each : list_at(in, name)) {
        all.push_back(
            {number_at(each, "from_s").value_or(0.0), number_at(each, "to_s").value_or(0.0), text_at(each, "reason")});
    }
    return all;
}

std::vector<PaperDropout> dropouts(const json::value& in) {
    std::vector<PaperDropout> all;
    for (const json::value& each : list_at(in, "dropouts")) {
        all.push_back({.tape_s = number_at(each, "tape_time_s"),
                       .programme_s = number_at(each, "programme_time_s"),
                       .channel = text_at(each, "channel"),
                       .kind = text_at(each, "kind"),
                       .length_ms = number_at(each, "length_ms").value_or(0.0),
                       .depth_db = number_at(each, "depth_db").value_or(0.0),
                       .over_limit = flag_at(each, "over_limit").value_or(true)});
    }
    return all;
}

std::vector<double> given_numbers(const json::value& in, std::string_view name) {
    std::vector<double> all;
    for (const auto& each : numbers_at(in, name)) {
        all.push_back(each.value_or(std::nan("")));
    }
    return all;
}

void read_figures(PaperTrack& track, const json::value& in) {
    track.delay_ms = number_at(in, "delay_ms");
    track.speed_error_ppm = number_at(in, "speed_error_ppm");
    track.speed_change_ppm = number_at(in, "speed_change_ppm");
    track.speed_source = text_at(in, "speed_source");
    track.phase_deg = number_at(in, "phase_deg");
    track.wow_percent = number_at(part(in, "wow"), "percent");
    const json::value& azimuth = part(in, "azimuth");
    track.azimuth = {.mean_us = number_at(azimuth, "mean_us"),
                     .worst_us = number_at(azimuth, "worst_us"),
                     .averaging_s = number_at(azimuth, "averaging_s"),
                     .confidence = number_at(azimuth, "confidence")};
    const json::value& judged = part(in, "judged");
    track.judged = {.dropouts = number_at(in, "judged_share"),
                    .level = number_at(judged, "level"),
                    .response = number_at(judged, "response"),
                    .azimuth = number_at(judged, "azimuth")};
    track.level_difference_db = pair_at(in, "level_difference_db");
    track.level_re_slate_db = pair_at(in, "level_re_slate_db");
    track.residual_db = pair_at(part(in, "residual"), "db");
    track.third_octave_hz = given_numbers(in, "third_octave_hz");
    track.third_octave_db = lists_at(in, "third_octave_difference_db");
    const json::array& hot = list_at(in, "third_octave_hot");
    for (std::size_t channel = 0; channel < track.third_octave_hot.size(); ++channel) {
        if (const auto* bands = item(hot, channel).if_array()) {
            for (const json::value& each : *bands) {
                track.third_octave_hot[channel].push_back(each.is_bool() && each.get_bool());
            }
        }
    }
    const json::value& transfer = part(in, "transfer");
    track.transfer_hz = given_numbers(transfer, "frequency_hz");
    track.transfer_db = lists_at(transfer, "magnitude_db");
    const json::value& seconds = part(in, "seconds");
    track.step_s = number_at(seconds, "step_s").value_or(1.0);
    track.level_over_time_db = lists_at(seconds, "level_difference_db");
    track.delay_over_time_ms = numbers_at(seconds, "delay_ms");
    track.dropouts_judged = numbers_at(seconds, "dropouts_judged");
    const json::array& compression = list_at(in, "compression");
    for (std::size_t channel = 0; channel < track.compression.size(); ++channel) {
        if (const auto* points = item(compression, channel).if_array()) {
            for (const json::value& each : *points) {
                const auto sent = number_at(each, "sent_re_operating_db"), got = number_at(each, "difference_db");
                if (sent && got) {
                    track.compression[channel].push_back({*sent, *got});
                }
            }
        }
    }
}

PaperTrack read_track(const json::value& in, const json::value& planned) {
    const auto text = [&](std::string_view name) {
        std::string own = text_at(in, name);
        return own.empty() ? text_at(planned, name) : own;
    };
    PaperTrack track;
    track.file = text("file");
    track.title = text("title");
    track.artist = text("artist");
    track.isrc = text("isrc");
    track.version = text("version");
    track.sha256 = text_at(in, "sha256");
    track.sample_rate_hz = number_at(in, "sample_rate_hz");
    track.trim_db = number_at(in, "trim_db");
    track.duration_s = number_at(in, "duration_s");
    track.converted = flag_at(in, "sample_rate_converted").value_or(false);
    track.verdict = text_at(in, "verdict");
    track.findings = read_findings(in);
    track.start_tape_m = number_at(in, "start_tape_m");
    track.start_tape_s = number_at(in, "start_tape_s");
    track.start_counter_m = number_at(in, "start_counter_m");
    track.end_counter_m = number_at(in, "end_counter_m");
    read_figures(track, in);
    track.dropouts = dropouts(in);
    track.not_proven = stretches(in, "not_proven");
    track.missing = stretches(in, "missing");
    for (const json::value& each : list_at(in, "withheld")) {
        track.withheld.push_back({text_at(each, "figure"), text_at(each, "reason")});
    }
    track.xruns = list_at(in, "xruns").size();
    return track;
}

/// What was sent as slate, from the plan; what of it was read off tape, from the side.
std::vector<PaperTone> tones(const json::value& side, const json::value& plan, const json::value& fallback_slate) {
    std::vector<PaperTone> all;
    const json::value& planned = part(plan, "slate");
    const json::value* own = member(side, "slate");
    const json::value& slate = own != nullptr ? *own : fallback_slate;
    const json::array& sent = list_at(planned, "tones");
    const json::array& measured = list_at(side, "tones"); // those after the first
    const std::size_t count = std::max<std::size_t>(sent.size(), measured.size() + (slate.is_object() ? 1 : 0));
    for (std::size_t i = 0; i < count; ++i) {
        const json::value& asked = item(sent, i);
        const json::value& got = i == 0 ? slate : item(measured, i - 1);
        PaperTone tone;
        const auto hz = number_at(asked, "frequency_hz");
        tone.frequency_hz = hz ? *hz : std::round(number_at(got, "frequency_hz").value_or(0.0));
        const auto level = number_at(asked, "level_re_operating_db");
        tone.level_re_operating_db = level ? level : number_at(got, "sent_re_operating_db");
        const auto length = number_at(asked, "duration_s");
        tone.duration_s = length ? length : number_at(got, "duration_s");
        tone.start_tape_s = i == 0 ? std::optional(0.0) : number_at(got, "start_tape_s");
        tone.level_difference_db = pair_at(got, "level_difference_db");
        tone.azimuth = flag_at(asked, "azimuth").value_or(false);
        all.push_back(tone);
    }
    const json::value& voice = item(list_at(side, "voices"), 0);
    if (!text_at(planned, "voice").empty() || voice.is_object()) {
        all.push_back({.duration_s = number_at(voice, "duration_s"),
                       .level_re_operating_db = {},
                       .start_tape_s = number_at(voice, "start_tape_s"),
                       .level_difference_db = {},
                       .voice = true});
    }
    return all;
}

/// Of the side itself, or of its first run.
const json::value& side_or_run(const json::value& side, std::string_view name) {
    const json::value* own = member(side, name);
    return own != nullptr ? *own : part(item(list_at(side, "runs"), 0), name);
}

PaperSide read_side(const json::value& in, const json::value& plan, const json::value& report, std::size_t index) {
    const json::value& planned = item(list_at(plan, "sides"), index);
    PaperSide side;
    side.name = text_at(in, "name");
    if (side.name.empty()) {
        side.name = text_at(planned, "name");
    }
    json::object seen; // a side without tones of its own has them in its first run
    for (const char* each : {"slate", "tones", "voices"}) {
        seen[each] = side_or_run(in, each);
    }
    side.tones = tones(seen, plan, index == 0 ? part(report, "slate") : kNothing);
    const json::value& own = side_or_run(in, "off_tape");
    const json::value& off_tape = own.is_null() && index == 0 ? part(report, "off_tape") : own;
    side.off_tape = flag_at(off_tape, "proven");
    side.off_tape_text = text_at(off_tape, "text");
    for (const json::value& each : list_at(in, "runs")) {
        const json::value& proof = part(each, "off_tape");
        side.runs.push_back(
            {.first_track = static_cast<std::size_t>(std::max(number_at(each, "first_track").value_or(1.0), 1.0)),
             .begun_utc = text_at(each, "begun_utc"),
             .ended = text_at(each, "ended"),
             .off_tape = flag_at(proof, "proven"),
             .off_tape_text = text_at(proof, "text")});
    }
    side.noise_dbfs = pair_at(in.is_object() ? in : report, "noise_dbfs");
    const auto counter = [&](const char* name) {
        const auto found = number_at(in, name);
        return found || index > 0 ? found : std::optional<double>();
    };
    side.start_counter_m = counter("start_counter_m");
    side.end_counter_m = counter("end_counter_m");
    if (!side.start_counter_m && index == 0) {
        side.start_counter_m = number_at(part(report, "reel"), "slate_counter_m");
    }
    return side;
}

/// A name, a number from 1, or (an object) its "name".
std::size_t side_of(const json::value& track, const std::vector<PaperSide>& sides) {
    std::string name = text_at(track, "side");
    if (name.empty()) {
        name = text_at(part(track, "side"), "name");
    }
    for (std::size_t i = 0; i < sides.size(); ++i) {
        if (!name.empty() && sides[i].name == name) {
            return i;
        }
    }
    const double number = number_at(track, "side").value_or(1.0);
    return std::min(sides.size() - 1, static_cast<std::size_t>(std::max(number, 1.0)) - 1);
}

/// Which reel each side lies on: what the plan says of new tapes; else sides of one reel's UUID share it.
std::size_t count_reels(std::vector<PaperSide>& sides, const json::array& given, const json::array& planned) {
    std::vector<std::string> seen;
    std::size_t reel = 0;
    for (std::size_t i = 0; i < sides.size(); ++i) {
        const json::value& own = part(item(given, i), "reel");
        const std::string uuid =
            own.is_string() ? std::string(std::string_view(own.get_string())) : text_at(own, "uuid");
        const auto told = flag_at(item(given, i), "new_tape");
        const auto fresh = told ? told : flag_at(item(planned, i), "new_tape");
        const auto known = std::find(seen.begin(), seen.end(), uuid);
        if (const auto number = number_at(own, "number"); number && *number >= 1.0) {
            reel = static_cast<std::size_t>(*number) - 1;
        } else if (own.is_number() && own.to_number<double>() >= 1.0) {
            reel = static_cast<std::size_t>(own.to_number<double>()) - 1;
        } else if (i > 0) {
            reel += fresh ? (*fresh ? 1 : 0) : (!uuid.empty() && known == seen.end() ? 1 : 0);
        }
        seen.push_back(uuid);
        sides[i].reel = std::min(reel, sides.size() - 1);
    }
    return 1 + std::max_element(sides.begin(), sides.end(), [](const auto& a, const auto& b) {
                   return a.reel < b.reel;
               })->reel;
}

} // namespace

void read_sides(PrintFacts& facts, const json::value& report) {
    const json::value& plan = part(report, "plan");
    const json::array& given = list_at(report, "sides");
    const json::array& planned = list_at(plan, "sides");
    const std::size_t count = std::max<std::size_t>({given.size(), planned.size(), 1});
    for (std::size_t i = 0; i < count; ++i) {
        facts.sides.push_back(read_side(item(given, i), plan, report, i));
    }
    facts.reels = count_reels(facts.sides, given, planned);
    for (const json::value& each : planned) {
        facts.planned_tracks += list_at(each, "tracks").size();
    }
    std::vector<std::size_t> on_side(count, 0);
    for (const json::value& each : list_at(report, "tracks")) {
        const std::size_t side = side_of(each, facts.sides);
        const json::array& its = list_at(item(planned, side), "tracks");
        facts.tracks.push_back(read_track(each, item(its, on_side[side]++)));
        facts.tracks.back().side = side;
        PaperSide& on = facts.sides[side];
        const PaperTrack& track = facts.tracks.back();
        if (track.start_tape_s && track.duration_s) {
            on.length_s = std::max(on.length_s.value_or(0.0), *track.start_tape_s + *track.duration_s);
        }
        if (track.end_counter_m && !number_at(item(given, side), "end_counter_m")) {
            on.end_counter_m = track.end_counter_m;
        }
    }
}

} // namespace overbias::mastering
