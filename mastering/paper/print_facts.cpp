// SPDX-License-Identifier: Apache-2.0
#include "mastering/paper/print_facts.hpp"

#include "base/figure.hpp"
#include "base/json/json_text.hpp"
#include "mastering/paper/json_read.hpp"
#include "mastering/paper/read_sides.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <utility>

namespace overbias::mastering {

namespace json = boost::json;

namespace {

const json::value kNothing = nullptr;

const json::value& part(const json::value& in, std::string_view name) {
    const json::value* found = member(in, name);
    return found == nullptr ? kNothing : *found;
}

/// The first that says anything.
std::string first_of(std::initializer_list<std::string> all) {
    const auto* found = std::find_if(all.begin(), all.end(), [](const std::string& each) { return !each.empty(); });
    return found == all.end() ? std::string() : *found;
}

template <typename T>
std::optional<T> first_of(const std::optional<T>& a, const std::optional<T>& b) {
    return a ? a : b;
}

std::string words_of(const json::value& value) {
    if (const auto* text = value.if_string()) {
        return std::string(std::string_view(*text));
    }
    if (const auto* flag = value.if_bool()) {
        return *flag ? "yes" : "no";
    }
    if (const auto* number = value.if_double()) {
        std::string text = figure(*number, 4);
        text.erase(text.find_last_not_of('0') + 1);
        return text.back() == '.' ? text.substr(0, text.size() - 1) : text;
    }
    return json_line(value);
}

/// A key's words and its unit, which stands at its end.
std::pair<std::string, std::string> words_and_unit(std::string_view key) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 11> kUnits{{{"_deg_at_1khz", " deg at 1 kHz"},
                                                                                    {"_nwb_per_m", " nWb/m"},
                                                                                    {"_percent", " %"},
                                                                                    {"_ppm", " ppm"},
                                                                                    {"_dbfs", " dBFS"},
                                                                                    {"_db", " dB"},
                                                                                    {"_deg", " deg"},
                                                                                    {"_hz", " Hz"},
                                                                                    {"_ms", " ms"},
                                                                                    {"_us", " us"},
                                                                                    {"_s", " s"}}};
    std::string unit;
    for (const auto& [end, words] : kUnits) {
        if (unit.empty() && key.size() > end.size() && key.ends_with(end)) {
            key.remove_suffix(end.size());
            unit = words;
        }
    }
    std::string name(key);
    std::replace(name.begin(), name.end(), '_', ' ');
    return {name, unit};
}

/// Each plain member of an object, and of objects in it.
void add_values(std::vector<PaperValue>& to, const json::value& from, const std::string& before = {}) {
    if (const auto* object = from.if_object()) {
        for (const auto& each : *object) {
            const auto [words, unit] = words_and_unit(each.key());
            const std::string name = before + words;
            if (each.value().is_object()) {
                add_values(to, each.value(), name + ", ");
            } else if (!each.value().is_null() && !each.value().is_array() &&
                       !(each.value().is_string() && each.value().get_string().empty())) {
                to.push_back({name, words_of(each.value()) + (each.value().is_number() ? unit : "")});
            }
        }
    }
}

/// Who, and why. Of the report's own list, or of the plan where it has none.
std::vector<PaperValue> overrides_of(const json::value& report, const json::value& plan) {
    std::vector<PaperValue> all;
    for (const json::value& each : list_at(report, "overrides")) {
        const std::string what = text_at(each, "what");
        std::string why = text_at(each, "reason");
        all.push_back({first_of({text_at(each, "name"), "not named"}), what.empty() ? why : what + ": " + why});
    }
    const json::value& alignment = part(plan, "alignment");
    if (all.empty() && !text_at(alignment, "override_name").empty()) {
        all.push_back({text_at(alignment, "override_name"), "alignment: " + text_at(alignment, "override_reason")});
    }
    return all;
}

void read_reel(PrintFacts& facts, const json::value& report, const json::value& plan) {
    const json::value& reel = part(report, "reel");
    const json::value& tape = part(plan, "tape");
    facts.reel_uuid = text_at(reel, "uuid");
    facts.deck = text_at(reel, "deck");
    facts.deck_uuid = text_at(reel, "deck_uuid");
    facts.head_block_uuid = text_at(reel, "head_block_uuid");
    facts.machine_serial = text_at(reel, "machine_serial");
    facts.track_format = text_at(reel, "track_format");
    facts.tape_width = text_at(reel, "tape_width");
    facts.stock = first_of({text_at(reel, "stock"), text_at(tape, "stock")});
    facts.batch = first_of({text_at(reel, "batch"), text_at(tape, "batch")});
    facts.equalisation = first_of({text_at(reel, "equalisation"), text_at(tape, "equalisation")});
    facts.speed_ips = first_of(number_at(reel, "speed_ips"), number_at(tape, "speed_ips"));
    facts.operating_level_nwb_per_m =
        first_of(number_at(reel, "operating_level_nwb_per_m"), number_at(tape, "operating_level_nwb_per_m"));
    facts.sample_rate_hz = number_at(reel, "sample_rate_hz");
    facts.tape_length = text_at(tape, "length");
    facts.head_leader = text_at(tape, "head_leader");
    facts.tail_leader = text_at(tape, "tail_leader");
    facts.tails_out = flag_at(tape, "tails_out");
}

void read_plan(PrintFacts& facts, const json::value& plan) {
    facts.title = text_at(plan, "title");
    facts.version = text_at(plan, "version");
    facts.artist = text_at(plan, "artist");
    facts.catalogue_number = text_at(plan, "catalogue_number");
    facts.client = text_at(plan, "client");
    facts.studio = text_at(plan, "studio");
    facts.engineer = text_at(plan, "engineer");
    facts.date = first_of({text_at(plan, "date"), facts.made_utc.substr(0, 10)});
    facts.noise_reduction = text_at(plan, "noise_reduction");
    facts.azimuth_note = text_at(plan, "azimuth_note");
    facts.notes = text_at(plan, "notes");
}

} // namespace

std::vector<PaperFinding> read_findings(const json::value& in) {
    std::vector<PaperFinding> all;
    for (const json::value& each : list_at(in, "findings")) {
        all.push_back(
            {.reason = text_at(each, "reason"), .text = text_at(each, "text"), .from_s = number_at(each, "from_s")});
    }
    return all;
}

Result<PrintFacts> read_print_facts(const json::value& report) {
    if (text_at(report, "report") != "overbias print") {
        return Error{"expected the report of a print (\"report\": \"overbias print\"), got " +
                     (text_at(report, "report").empty() ? "something else" : "\"" + text_at(report, "report") + "\"")};
    }
    const auto version = number_at(report, "report_version");
    if (!version || (*version != 1.0 && *version != 2.0)) {
        return Error{"expected a report of version 1 or 2, got " +
                     (version ? figure(*version, 0) : std::string("none")) + "; a newer Overbias has written it"};
    }
    PrintFacts facts;
    facts.session = text_at(report, "session");
    facts.made_utc = text_at(report, "made_utc");
    facts.verdict = text_at(report, "verdict");
    facts.reason = text_at(report, "reason");
    facts.findings = read_findings(report);
    if ((facts.verdict != "pass" && facts.verdict != "fail") || member(report, "tracks") == nullptr) {
        return Error{"expected a report with a verdict of pass or fail, and tracks; got one without: it is not whole"};
    }
    const json::value& plan = part(report, "plan");
    const json::value& limits = part(report, "limits");
    add_values(facts.limits, limits);
    facts.level_limit_db = number_at(limits, "level_difference_db");
    facts.third_octave_limit_db = number_at(limits, "third_octave_difference_db");
    read_reel(facts, report, plan);
    read_plan(facts, plan);
    read_sides(facts, report);
    facts.complete = flag_at(report, "complete").value_or(true);
    add_values(facts.alignment, part(report, "alignment"));
    facts.overrides = overrides_of(report, plan);
    return facts;
}

std::string PaperTrack::name() const {
    if (!title.empty()) {
        return title;
    }
    const std::size_t slash = file.rfind('/');
    const std::string base = slash == std::string::npos ? file : file.substr(slash + 1);
    const std::size_t point = base.rfind('.');
    return point == std::string::npos || point == 0 ? base : base.substr(0, point);
}

bool PaperTrack::only_loud(std::size_t channel, std::size_t band) const {
    const std::vector<bool>& bands = third_octave_hot[channel];
    return band < bands.size() && bands[band];
}

std::optional<double> PaperTrack::tape_s(double programme_s) const {
    return start_tape_s ? std::optional(*start_tape_s + programme_s) : std::nullopt;
}

LevelRe level_re(double nwb_per_m) {
    return {20.0 * std::log10(nwb_per_m / 185.0), 20.0 * std::log10(nwb_per_m / 320.0)};
}

std::string tape_time(double seconds, int decimals) {
    const double unit = std::pow(10.0, decimals);
    const auto parts = std::llround(std::abs(seconds) * unit);
    const auto scale = std::llround(unit);
    const long long whole = parts / scale, fraction = parts % scale;
    const long long hours = whole / 3600, minutes = whole / 60 % 60, rest = whole % 60;
    char text[64];
    if (hours > 0) {
        (void)std::snprintf(text, sizeof text, "%lld:%02lld:%02lld", hours, minutes, rest);
    } else {
        (void)std::snprintf(text, sizeof text, "%lld:%02lld", minutes, rest);
    }
    std::string out = (seconds < 0.0 && parts > 0 ? "-" : "") + std::string(text);
    if (decimals > 0) {
        const std::string digits = std::to_string(fraction);
        out += "." + std::string(static_cast<std::size_t>(decimals) - digits.size(), '0') + digits;
    }
    return out;
}

std::string plain_number(double value, int decimals) {
    std::string text = figure(value, decimals);
    if (text.find('.') != std::string::npos) {
        text.erase(text.find_last_not_of('0') + 1);
        if (text.back() == '.') {
            text.pop_back();
        }
    }
    return text;
}

std::string speed_words(double ips) {
    return plain_number(ips * 2.54, 2) + " cm/s, " + plain_number(ips, 3) + " ips";
}

std::string operating_level_words(double nwb_per_m) {
    const LevelRe re = level_re(nwb_per_m);
    return plain_number(nwb_per_m, 1) + " nWb/m (" + figure(re.re_185_db, 2, true) + " dB re 185, " +
           figure(re.re_320_db, 2, true) + " dB re 320 nWb/m)";
}

} // namespace overbias::mastering
