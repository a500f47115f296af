// SPDX-License-Identifier: Apache-2.0
// What the spec sheet of a deck says: [spec], limits at a speed, reels, bias, the equalisation switch.
#include "tape/deck_profile_read.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <string>
#include <utility>

namespace overbias::tape {

namespace {

struct SpecKey {
    const char* key;
    TomlBounds bounds;
};
constexpr std::array<SpecKey, 13> kSpecKeys{{{"speed_error_percent", {.min = 0.0, .max = 5.0}},
                                             {"slip_percent", {.min = 0.0, .max = 5.0}},
                                             {"counter_error_percent", {.min = 0.0, .max = 5.0}},
                                             {"start_time_s", {.min = 0.05, .max = 30.0}},
                                             {"stop_from_wind_s", {.min = 0.1, .max = 60.0}},
                                             {"wind_s_per_1000_m", {.min = 10.0, .max = 2000.0}},
                                             {"play_tension_min_gf", {.min = 1.0, .max = 2000.0}},
                                             {"play_tension_max_gf", {.min = 1.0, .max = 2000.0}},
                                             {"tension_max_gf", {.min = 1.0, .max = 5000.0}},
                                             {"signal_to_noise_db", {.min = 30.0, .max = 100.0}},
                                             {"erase_depth_db", {.min = 30.0, .max = 120.0}},
                                             {"crosstalk_db", {.min = 10.0, .max = 100.0}},
                                             {"third_harmonic_percent", {.min = 0.01, .max = 10.0}}}};

Equalisation read_lamp_meaning(TomlSection& table, const char* key, const DeckProfile& profile) {
    const std::string name = table.required_text(key);
    const auto one = equalisation_from_name(name);
    const bool wired =
        one && std::any_of(profile.speeds.begin(), profile.speeds.end(), [&](const DeckSpeed& speed) {
            return std::find(speed.equalisations.begin(), speed.equalisations.end(), *one) != speed.equalisations.end();
        });
    if (!name.empty() && !wired) {
        table.error(key, "\"" + name + "\" is not an equalisation that one of the deck's speeds has");
    }
    return one.value_or(Equalisation::Nab);
}

} // namespace

void read_sheet(TomlSection root, DeckProfile& profile) {
    profile.bias_frequency_khz = read_figure(root, "bias_frequency_khz", {.min = 30.0, .max = 1000.0});
    profile.bias_sources = read_bias_sources(root, profile.tracks, profile.bias_frequency_khz);
    TomlSection reels = root.section("reels");
    profile.longest_tape_m = read_figure(reels, "longest_tape_m", {.min = 10.0, .max = 5000.0});
    profile.hub_radius_mm = read_figure(reels, "hub_radius_mm", {.min = 10.0, .max = 120.0});
    profile.largest_radius_mm = read_figure(reels, "largest_radius_mm", {.min = 20.0, .max = 250.0});
    for (TomlSection& entry : root.sections("rotating_part")) {
        RotatingPartFigure part;
        part.name = entry.required_text("name");
        part.circumference_mm = required_figure(entry, "circumference_mm", {.min = 3.0, .max = 1000.0});
        profile.rotating_parts.push_back(std::move(part));
    }
    TomlSection spec = root.section("spec");
    for (const SpecKey& each : kSpecKeys) {
        if (auto figure = read_figure(spec, each.key, each.bounds)) {
            profile.spec.emplace_back(each.key, std::move(*figure));
        }
    }
}

void read_speed_limits(TomlSection& entry, DeckSpeed& speed) {
    speed.wow_flutter_percent = read_figure(entry, "wow_flutter_percent", {.min = 0.001, .max = 2.0});
    speed.signal_to_noise_db = read_figure(entry, "signal_to_noise_db", {.min = 30.0, .max = 100.0});
    speed.timing_us = read_figure(entry, "timing_us", {.min = 0.1, .max = 200.0});
    constexpr TomlBounds kHz{.min = 10.0, .max = 50000.0};
    for (TomlSection& limit : entry.sections("response")) {
        ResponseLimit one;
        one.from_hz = limit.required_number("from_hz", kHz);
        one.to_hz = limit.required_number("to_hz", kHz);
        one.within_db = {.value = limit.required_number("within_db", {.min = 0.1, .max = 10.0}),
                         .source = limit.required_text("source"),
                         .unsure = limit.boolean("unsure", false)};
        refuse_sure_guess(limit, one.within_db.source, one.within_db.unsure);
        if (one.to_hz <= one.from_hz) {
            limit.error("to_hz", "expected a frequency above from_hz");
        }
        speed.response.push_back(std::move(one));
    }
}

void read_equalisation_switch(TomlSection root, DeckProfile& profile) {
    TomlSection table = root.section("equalisation_lamp");
    if (!table.present()) {
        return;
    }
    EqualisationLamp one{.lamp = table.required_text("lamp")};
    one.lit = read_lamp_meaning(table, "lit", profile);
    one.dark = read_lamp_meaning(table, "dark", profile);
    const auto& lamps = profile.extras.lamps;
    if (std::none_of(lamps.begin(), lamps.end(), [&](const LampLine& lamp) { return lamp.name == one.lamp; })) {
        table.error("lamp", "there is no [[lamp]] called \"" + one.lamp + "\"");
    }
    if (one.lit == one.dark) {
        table.error("dark", "expected another equalisation than that of lit");
    }
    profile.equalisation_lamp = std::move(one);
}

std::optional<double> DeckSpeed::response_within_db(double frequency_hz) const noexcept {
    std::optional<double> tightest;
    for (const ResponseLimit& each : response) {
        const auto limit = as_limit(each.within_db);
        if (limit && frequency_hz >= each.from_hz && frequency_hz <= each.to_hz) {
            tightest = std::min(tightest.value_or(*limit), *limit);
        }
    }
    return tightest;
}

bool DeckProfile::asks_equalisation(double speed_ips) const noexcept {
    const DeckSpeed* one = speed(speed_ips);
    return one != nullptr && one->equalisations.size() > 1 && !equalisation_lamp;
}

} // namespace overbias::tape
