// SPDX-License-Identifier: Apache-2.0
// Reading a reel plan: the visitor that takes values out of strict TOML, and what one key alone can't tell.
#include "base/toml/message_text.hpp"
#include "base/toml/strict_toml.hpp"
#include "mastering/comparison/words.hpp"
#include "mastering/plan/plan_toml_text.hpp"
#include "mastering/plan/reel_plan_fields.hpp"
#include "mastering/plan/reel_plan_text.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cctype>
#include <set>
#include <utility>

namespace overbias::mastering {

namespace {

constexpr std::array kEqualisations{tape::Equalisation::Nab, tape::Equalisation::Iec1, tape::Equalisation::Aes};
constexpr std::array kSchools{tape::CalibrationSchool::Ansi, tape::CalibrationSchool::Din};

class TomlReader {
  public:
    TomlReader(TomlSection section, const std::filesystem::path& folder) : section_(section), folder_(folder) {}

    void text(std::string_view key, std::string& value, Need need, std::string_view /*meaning*/) {
        if (section_.has(key)) {
            value = section_.text_or_empty(key);
        }
        if (need == Need::Always && value.empty()) {
            section_.error(key, "expected text, got " + std::string(section_.has(key) ? "\"\"" : "nothing") +
                                    "; this key is required");
        }
    }
    void file(std::string_view key, std::string& value, Need need, std::string_view meaning) {
        text(key, value, need, meaning);
        if (value.empty() || value.starts_with("upload:") || std::filesystem::path(value).is_absolute()) {
            return;
        }
        if (folder_.empty()) {
            section_.error(key, "expected an absolute path or \"upload:ID\", got \"" + value + "\"");
        } else {
            value = (folder_ / value).lexically_normal().string();
        }
    }
    void flag(std::string_view key, bool& value, std::string_view /*meaning*/) { value = section_.boolean(key, value); }
    void integer(std::string_view key, int& value, TomlBounds bounds, std::string_view /*meaning*/) {
        value = static_cast<int>(section_.integer(key, value, bounds));
    }
    void number(std::string_view key, double& value, TomlBounds bounds, Need need, std::string_view /*meaning*/) {
        value = need == Need::Always ? section_.required_number(key, bounds) : section_.number(key, value, bounds);
    }
    void optional_number(std::string_view key, std::optional<double>& value, TomlBounds bounds,
                         std::string_view /*meaning*/) {
        if (section_.has(key)) {
            value = section_.optional_number(key, bounds);
        }
    }
    void span(std::string_view key, TapeSpan& value, std::string_view /*meaning*/) {
        if (const auto read = read_span(key)) {
            value = *read;
        }
    }
    void optional_span(std::string_view key, std::optional<TapeSpan>& value, std::string_view /*meaning*/) {
        if (const auto read = read_span(key)) {
            value = *read;
        }
    }
    void length(std::string_view key, double& value_m, Need need, std::string_view /*meaning*/) {
        if (!section_.has(key)) {
            if (need == Need::Always) {
                section_.error(key,
                               "expected a length like \"2500 ft\" or \"762 m\", got nothing; this key is required");
            }
            return;
        }
        const std::string given = section_.text_or_empty(key);
        const auto span = tape_span_from_text(given);
        if (!span || span->unit == TapeSpan::Unit::Seconds ||
            !(span->metres(1.0) >= 10.0 && span->metres(1.0) <= 5000.0)) {
            section_.error(key, "expected 10 to 5000 m of tape, like \"2500 ft\" or \"762 m\", got \"" + given + "\"");
            return;
        }
        value_m = span->metres(1.0);
    }
    void equalisation(std::string_view key, tape::Equalisation& value, Need need, std::string_view /*meaning*/) {
        choice(key, value, kEqualisations, tape::equalisation_name, need);
    }
    void school(std::string_view key, tape::CalibrationSchool& value, Need need, std::string_view /*meaning*/) {
        choice(key, value, kSchools, tape::school_name, need);
    }
    void words(std::string_view key, std::vector<std::string>& value, const std::vector<std::string>& known,
               std::string_view /*meaning*/) {
        if (!section_.has(key)) {
            return;
        }
        value = section_.texts(key);
        for (const std::string& word : value) {
            if (!word.empty() && std::ranges::find(known, word) == known.end()) {
                section_.error(key, "expected some of " + list_text(known) + ", got \"" + word + "\"");
            }
        }
    }
    template <typename Visit>
    void table(std::string_view key, std::string_view /*meaning*/, Visit&& visit) {
        TomlReader inner(section_.section(key), folder_);
        visit(inner);
    }
    template <typename T, typename Visit>
    void tables(std::string_view key, std::vector<T>& value, std::string_view /*meaning*/, Visit&& visit) {
        if (!section_.has(key)) {
            return;
        }
        value.clear();
        for (TomlSection& each : section_.sections(key)) {
            TomlReader inner(each, folder_);
            visit(inner, value.emplace_back());
        }
    }

  private:
    std::optional<TapeSpan> read_span(std::string_view key) {
        if (!section_.has(key)) {
            return std::nullopt;
        }
        const std::size_t errors = section_.errors_so_far();
        const std::string given = section_.text_or_empty(key);
        if (section_.errors_so_far() > errors) {
            return std::nullopt;
        }
        const auto span = tape_span_from_text(given);
        if (!span || span->value > plan_fields::kLongest) {
            section_.error(key,
                           "expected a length of tape like \"3 s\", \"12 ft\" or \"3.5 m\", got \"" + given + "\"");
            return std::nullopt;
        }
        return span;
    }
    template <typename T, std::size_t N, typename Name>
    void choice(std::string_view key, T& value, const std::array<T, N>& all, Name&& name, Need need) {
        std::vector<std::string> words;
        for (const T each : all) {
            words.emplace_back(name(each));
        }
        if (need == Need::Always || section_.has(key)) {
            value = all.at(section_.required_choice(key, words));
        }
    }

    TomlSection section_;
    const std::filesystem::path& folder_;
};

/// Two letters, three letters or digits, seven digits; hyphens between are the reader's (ISO 3901).
bool is_isrc(const std::string& text) {
    std::string plain;
    std::ranges::copy_if(text, std::back_inserter(plain), [](char c) { return c != '-'; });
    const auto all = [&plain](std::size_t from, std::size_t to, auto&& is) {
        return std::all_of(plain.begin() + static_cast<std::ptrdiff_t>(from),
                           plain.begin() + static_cast<std::ptrdiff_t>(to), is);
    };
    const auto upper = [](char c) { return c >= 'A' && c <= 'Z'; };
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    return plain.size() == 12 && all(0, 2, upper) && all(2, 5, [&](char c) { return upper(c) || digit(c); }) &&
           all(5, 12, digit);
}

bool is_sha256(const std::string& text) {
    return text.size() == 64 &&
           std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

/// What the keys of several tables say together.
void check_whole(TomlSection root, const ReelPlan& plan) {
    if (plan.sides.empty()) {
        root.error("sides", "expected at least one side ([[sides]]) with its tracks, got none");
    }
    if (plan.slate.tones.empty()) {
        root.section("slate").error("tones", "expected at least one tone: the proof finds start and level by it");
    }
    std::set<std::string> names;
    std::vector<TomlSection> sides = root.sections("sides");
    for (std::size_t s = 0; s < sides.size() && s < plan.sides.size(); ++s) {
        const PlanSide& side = plan.sides[s];
        if (!side.name.empty() && !names.insert(side.name).second) {
            sides[s].error("name", "there are two sides \"" + side.name + "\"; give each a name of its own");
        }
        if (side.tracks.empty()) {
            sides[s].error("tracks", "expected at least one track ([[sides.tracks]]), got none");
        }
        std::vector<TomlSection> tracks = sides[s].sections("tracks");
        for (std::size_t t = 0; t < tracks.size() && t < side.tracks.size(); ++t) {
            if (const std::string& isrc = side.tracks[t].isrc; !isrc.empty() && !is_isrc(isrc)) {
                tracks[t].error("isrc", "expected an ISRC like \"GB-ABC-24-00001\", got \"" + isrc + "\"");
            }
            if (const std::string& digest = side.tracks[t].sha256; !digest.empty() && !is_sha256(digest)) {
                tracks[t].error("sha256", "expected 64 lower-case hexadecimal digits, got \"" + digest + "\"");
            }
        }
    }
    const AlignmentOverride& let = plan.alignment_override;
    if (let.name.empty() != let.reason.empty()) {
        root.section("alignment")
            .error(
                let.name.empty() ? "override_name" : "override_reason",
                "expected both override_name and override_reason (they stand on the certificate), got only the other");
    }
}

/// What a file with nothing in it means.
ReelPlan plan_of_defaults(const PlanDefaults& defaults) {
    ReelPlan plan = defaults.otherwise;
    plan.tape.stock = defaults.stock;
    plan.tape.batch = defaults.batch;
    plan.tape.length_m = defaults.tape_length_m.value_or(0.0);
    plan.tape.speed_ips = defaults.speed_ips.value_or(0.0);
    plan.tape.equalisation = defaults.equalisation.value_or(tape::Equalisation::Iec1);
    plan.tape.operating_level = defaults.operating_level.value_or(tape::Fluxivity{});
    plan.studio = defaults.studio;
    plan.engineer = defaults.engineer;
    return plan;
}

Result<ReelPlan> read_document(TomlDocument& document, const PlanDefaults& defaults) {
    ReelPlan plan = plan_of_defaults(defaults);
    TomlSection root = document.root();
    TomlSection tape = root.section("tape");
    // Length and batch are those of the tape that is meant.
    const std::string given_stock = tape.has("stock") ? tape.text_or_empty("stock") : "";
    const std::string stock = given_stock.empty() ? defaults.stock : given_stock;
    bool length_known = defaults.tape_length_m.has_value();
    if (stock != defaults.stock) {
        plan.tape.batch.clear();
        const auto length_m = defaults.length_of_stock ? defaults.length_of_stock(stock) : std::nullopt;
        length_known = length_m.has_value();
        plan.tape.length_m = length_m.value_or(0.0);
    }
    const auto need = [](bool known) { return known ? Need::Default : Need::Always; };
    TomlReader reader(root, defaults.folder);
    plan_fields::plan(reader, plan,
                      {.stock = need(!defaults.stock.empty()),
                       .length = need(length_known),
                       .speed = need(defaults.speed_ips.has_value()),
                       .equalisation = need(defaults.equalisation.has_value()),
                       .operating_level = need(defaults.operating_level.has_value())});
    if (tape.has("operating_level_nwb_per_m") != tape.has("operating_level_school")) {
        tape.error(tape.has("operating_level_school") ? "operating_level_nwb_per_m" : "operating_level_school",
                   "a level is told by its fluxivity and the school that marked it: expected both, got one");
    }
    check_whole(root, plan);
    if (const auto all_well = document.finish(); !all_well) {
        return all_well.error();
    }
    plan.tape.stock = stock;
    plan.sides.front().new_tape = true;
    return plan;
}

/// Messages without the line: the text was made here, nobody has seen it.
std::string without_lines(const std::string& text, const std::string& name) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        std::string line = text.substr(at, end - at);
        if (line.starts_with(name + ":")) {
            std::size_t rest = name.size() + 1;
            while (rest < line.size() && std::isdigit(static_cast<unsigned char>(line[rest])) != 0) {
                ++rest;
            }
            if (rest < line.size() && line[rest] == ':') {
                line = name + line.substr(rest);
            }
        }
        out += (out.empty() ? "" : "\n") + line;
        at = end + 1;
    }
    return out;
}

} // namespace

const std::vector<std::string>& live_words() {
    static const std::vector<std::string> words = [] {
        std::vector<std::string> all;
        for (const std::string_view reason : reasons()) {
            all.emplace_back(reason == "bias_failure" ? "bias" : reason);
        }
        return all;
    }();
    return words;
}

Result<ReelPlan> read_reel_plan(const std::filesystem::path& path, const PlanDefaults& defaults) {
    auto document = TomlDocument::read(path);
    if (!document) {
        return document.error();
    }
    PlanDefaults from_here = defaults;
    if (from_here.folder.empty()) {
        std::error_code failure;
        const std::filesystem::path whole = std::filesystem::absolute(path, failure);
        from_here.folder = (failure ? path : whole).parent_path();
    }
    return read_document(*document, from_here);
}

Result<ReelPlan> reel_plan_from_toml(std::string_view text, const std::string& name, const PlanDefaults& defaults) {
    auto document = TomlDocument::parse(text, name);
    return document ? read_document(*document, defaults) : document.error();
}

Result<ReelPlan> reel_plan_from_json(const boost::json::value& given, const PlanDefaults& defaults) {
    if (!given.is_object()) {
        return Error{"plan: expected an object with the keys of a plan, got " +
                     std::string(boost::json::to_string(given.kind()))};
    }
    const std::string name = "plan";
    auto plan = reel_plan_from_toml(toml_text(given.get_object()), name, defaults);
    return plan ? std::move(plan) : Error{without_lines(plan.error().message, name)};
}

ReelPlan plan_to_fill_in(const PlanDefaults& defaults, const std::vector<std::string>& files) {
    ReelPlan plan = plan_of_defaults(defaults);
    PlanSide& side = plan.sides.emplace_back();
    side.name = "A";
    for (const std::string& file : files) {
        PlanTrack& track = side.tracks.emplace_back();
        track.file = file;
        track.title = std::filesystem::path(file).stem().string();
    }
    return plan;
}

std::vector<std::string> reel_plan_keys() {
    // A plan with one of everything, so that every table is walked through.
    auto document = TomlDocument::parse("[[slate.tones]]\n[[sides]]\n[[sides.tracks]]\n", "keys");
    (void)read_document(*document, {});
    return document->asked_keys();
}

} // namespace overbias::mastering
