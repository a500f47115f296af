// SPDX-License-Identifier: Apache-2.0
#include "deck-sim/tape_content.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace overbias::deck_sim {

namespace {

std::optional<double> number(std::string_view text) {
    double value = 0.0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool whole = failure == std::errc{} && end == text.data() + text.size() && std::isfinite(value);
    return whole ? std::optional(value) : std::nullopt;
}

std::string shown(double value) {
    std::array<char, 32> text{};
    const auto [end, failure] = std::to_chars(text.data(), text.data() + text.size(), value);
    return {text.data(), failure == std::errc{} ? end : text.data()};
}

std::string_view cut(std::string_view& rest, char at) {
    const std::size_t where = rest.find(at);
    const std::string_view front = rest.substr(0, where);
    rest = where == std::string_view::npos ? std::string_view{} : rest.substr(where + 1);
    return front;
}

struct Draft {
    TapeContent content;
    std::vector<std::pair<double, double>> tones; ///< Hz, dB
    double seconds = 10.0, announcement_s = 0.0, gap_s = 0.5;
};

/// What is wrong with the tones, or nothing.
std::string take_tones(Draft& draft, std::string_view text) {
    draft.tones.clear();
    while (!text.empty()) {
        std::string_view level = cut(text, '/');
        const auto hz = number(cut(level, '@'));
        const auto db = level.empty() ? std::optional(0.0) : number(level);
        if (!hz || !db) {
            return "expected frequencies in Hz like 1000/10000@-10/50";
        }
        draft.tones.emplace_back(*hz, *db);
    }
    return draft.tones.empty() ? "expected at least one frequency" : "";
}

struct Key {
    std::string_view name;
    double low, high;
    void (*set)(Draft& draft, double value);
};
constexpr std::array<Key, 8> kKeys{
    {{"ips", 1.875, 30.0, [](Draft& draft, double value) { draft.content.speed_ips = value; }},
     {"fluxivity_db", -20.0, 20.0, [](Draft& draft, double value) { draft.content.fluxivity_db = value; }},
     {"azimuth_urad", -10000.0, 10000.0, [](Draft& draft, double value) { draft.content.azimuth_rad = value * 1e-6; }},
     {"fringing_db", 0.0, 6.0, [](Draft& draft, double value) { draft.content.fringing_db = value; }},
     {"begin_m", 0.0, 1000.0, [](Draft& draft, double value) { draft.content.begin_m = value; }},
     {"seconds", 0.1, 3600.0, [](Draft& draft, double value) { draft.seconds = value; }},
     {"announcement_s", 0.0, 60.0, [](Draft& draft, double value) { draft.announcement_s = value; }},
     {"gap_s", 0.0, 60.0, [](Draft& draft, double value) { draft.gap_s = value; }}}};

/// What is wrong with a key, or nothing.
std::string take(Draft& draft, std::string_view name, std::string_view text) {
    if (name == "tones") {
        return take_tones(draft, text);
    }
    if (name == "standard") {
        constexpr std::array<std::pair<std::string_view, Equalisation>, 3> kStandards{
            {{"NAB", Equalisation::Nab}, {"IEC1", Equalisation::Iec1}, {"AES", Equalisation::Aes}}};
        for (const auto& [known, standard] : kStandards) {
            if (text == known) {
                draft.content.equalisation = standard;
                return {};
            }
        }
        return "expected NAB, IEC1 or AES";
    }
    const auto key = std::find_if(kKeys.begin(), kKeys.end(), [&](const Key& one) { return one.name == name; });
    if (key == kKeys.end()) {
        std::string names = "there is no such key; expected standard, tones";
        for (const Key& one : kKeys) {
            names.append(", ").append(one.name);
        }
        return names;
    }
    const auto value = number(text);
    if (!value || *value < key->low || *value > key->high) {
        return "expected a number of " + shown(key->low) + " to " + shown(key->high);
    }
    key->set(draft, *value);
    return {};
}

} // namespace

Result<TapeContent> parse_tape(std::string_view text, const TapeContent& usual) {
    std::string_view rest = text;
    const std::string kind(cut(rest, ':'));
    Draft draft;
    draft.content = usual;
    if (kind == "calibration") {
        draft.tones = {{1000.0, 0.0}, {10000.0, 0.0}, {50.0, 0.0}};
        draft.announcement_s = 3.0;
    } else if (kind == "flutter") {
        draft.tones = {{3150.0, 0.0}};
        draft.seconds = 300.0;
    } else {
        return Error{"tape: there is no kind '" + kind + "'; expected calibration or flutter"};
    }
    while (!rest.empty()) {
        std::string_view value = cut(rest, ',');
        const std::string_view name = cut(value, '=');
        if (const std::string wrong = take(draft, name, value); !wrong.empty()) {
            return Error{"tape '" + kind + "': " + std::string(name) + ": " + wrong + ", came '" + std::string(value) +
                         "'"};
        }
    }
    for (const auto& [hz, db] : draft.tones) {
        draft.content.tones.push_back({.frequency_hz = hz,
                                       .level_db = db,
                                       .seconds = draft.seconds,
                                       .announcement_s = draft.announcement_s,
                                       .gap_s = draft.gap_s});
    }
    return draft.content;
}

std::string tape_help() {
    std::string help = "KIND or KIND:key=value,key=value; kinds:\n"
                       "  calibration: tones 1000/10000/50, 10 s each, announced by a voice of 3 s\n"
                       "  flutter: 3150 Hz for 300 s\n"
                       "keys of both:\n"
                       "      standard=  NAB, IEC1 or AES; default the deck's\n"
                       "      tones=  Hz, and with @ dB re the reference fluxivity: 1000/10000@-10/50\n";
    for (const Key& key : kKeys) {
        help.append("      ").append(key.name).append("=  ");
        help.append(shown(key.low)).append(" to ").append(shown(key.high)).append("\n");
    }
    return help;
}

} // namespace overbias::deck_sim
