// SPDX-License-Identifier: Apache-2.0
#include "tape/deck_profile_read.hpp"

#include <array>
#include <cstdint>

namespace overbias::tape {

namespace {

constexpr TomlBounds kWindBounds{.min = 1.0, .max = 50.0};

void read_nine_pin(TomlSection root, NinePinSettings& settings) {
    TomlSection table = root.section("nine_pin");
    constexpr std::array kRates{24, 25, 30};
    const std::int64_t rate = table.integer("frames_per_s", settings.frames_per_s, {.min = 24, .max = 30});
    if (rate != kRates[0] && rate != kRates[1] && rate != kRates[2]) {
        table.error("frames_per_s", "expected 24, 25 or 30, got " + std::to_string(rate));
    }
    settings.frames_per_s = static_cast<int>(rate);
    using Counter = NinePinSettings::Counter;
    constexpr std::array kCounters{Counter::Timer1ThenLtc, Counter::Timer1, Counter::Ltc, Counter::None};
    settings.counter = kCounters.at(table.choice("counter", {"timer_1_then_ltc", "timer_1", "ltc", "none"}, 0));
    settings.takes_record = table.boolean("takes_record", true);
    settings.shuttle_fraction = table.boolean("shuttle_fraction", true);
    settings.slowest_shuttle = read_figure(table, "slowest_shuttle", {.min = 0.01, .max = 1.0});
    settings.fastest_shuttle = read_figure(table, "fastest_shuttle", {.min = 0.1, .max = 100.0});
    if (settings.slowest_shuttle.has_value() != settings.fastest_shuttle.has_value()) {
        table.error("fastest_shuttle", "expected slowest_shuttle and fastest_shuttle, or neither");
    }
    settings.fastest_wind_m_s = read_figure(table, "fastest_wind_m_s", kWindBounds);
}

void read_studer(TomlSection root, DeckProfile& profile) {
    StuderSettings& settings = profile.studer;
    TomlSection table = root.section("studer");
    const auto text = [&](TomlSection& of, const char* key, const std::string& otherwise, const std::string& place) {
        std::string value = of.text(key, otherwise);
        if (value == kFillIn) {
            profile.to_fill_in.push_back(place + key);
            return otherwise;
        }
        return value;
    };
    TomlSection commands = table.section("commands");
    for (const char* name : {"play", "stop", "fast_forward", "rewind", "record", "record_exit", "edit_on", "edit_off",
                             "library_wind_forward", "library_wind_reverse", "lifter_defeat_on", "lifter_defeat_off"}) {
        if (std::string command = text(commands, name, "", "studer.commands."); !command.empty()) {
            settings.commands.emplace_back(name, std::move(command));
        }
    }
    if (!settings.commands.empty()) {
        settings.source = commands.required_text("source");
    }
    settings.identify = text(table, "identify", settings.identify, "studer.");
    settings.fastest_wind_m_s = read_figure(table, "fastest_wind_m_s", kWindBounds);
    settings.poll_s = read_figure(table, "poll_s", {.min = 0.005, .max = 1.0});
    settings.answer_s = read_figure(table, "answer_s", {.min = 0.02, .max = 1.0});
    if (TomlSection timer = table.section("timer"); timer.present()) {
        (void)timer.required_text("source");
        settings.timer_query = text(timer, "query", "", "studer.timer.");
        settings.timer_answer = text(timer, "answer", "", "studer.timer.");
    }
    for (TomlSection& item : table.sections("memory")) {
        (void)item.required_text("source");
        settings.memory.push_back({.name = item.required_text("name"),
                                   .query = item.required_text("query"),
                                   .answer = item.text("answer", "{value}"),
                                   .write = item.text("write", "")});
    }
    if (TomlSection status = table.section("status"); status.present()) {
        (void)status.required_text("source");
        settings.status_query = text(status, "query", "", "studer.status.");
        settings.status_answer = text(status, "answer", "", "studer.status.");
        for (TomlSection& rule : status.sections("rule")) {
            settings.status_rules.push_back({.answer = rule.required_text("answer"), .lit = rule.texts("lit")});
        }
        for (TomlSection& bit : status.sections("bit")) {
            settings.status_bits.push_back(
                {.tally = bit.required_text("tally"),
                 .bit = static_cast<int>(bit.required_integer("bit", {.min = 0, .max = 63}))});
        }
    }
}

} // namespace

void read_protocol(TomlSection root, DeckProfile& profile) {
    if (profile.kind == DeckDriver::SonyNinePin) {
        read_nine_pin(root, profile.nine_pin);
    } else if (profile.kind == DeckDriver::StuderAscii) {
        read_studer(root, profile);
    }
}

} // namespace overbias::tape
