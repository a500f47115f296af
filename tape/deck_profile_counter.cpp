// SPDX-License-Identifier: Apache-2.0
// [counter]: how the deck's own counter is read off its display bus.
#include "tape/deck_profile_read.hpp"

#include <algorithm>
#include <cmath>

namespace overbias::tape {

namespace {

constexpr TomlBounds kSelectBounds{.min = 0, .max = 7};
constexpr TomlBounds kNibbleBounds{.min = 0, .max = 15};
constexpr double kMetresPerSecondOfIps = 0.0254;
constexpr double kStart_s = 1.0; ///< until the tape runs; then three units until its speed can be told

std::string line_of(TomlSection& table, const char* key, LineReader& lines) {
    std::string name = lines.optional(table, key, "counter");
    if (name.empty()) {
        table.error(key,
                    "expected the name of a line, got nothing; the bus has four data lines and three select lines");
    }
    return name;
}

bool whole(double value) {
    return std::abs(value - std::round(value)) < 1e-6;
}

void read_digits(TomlSection& table, DisplayBusSettings& bus) {
    for (TomlSection& entry : table.sections("digit")) {
        const int select = static_cast<int>(entry.required_integer("select", kSelectBounds));
        const double worth = entry.required_number("worth", {.min = 0.001, .max = 1e6});
        if (!bus.digits.empty()) {
            const double ratio = worth > 0.0 ? bus.digits.back().worth / worth : 0.0;
            if (!whole(ratio) || ratio < 2.0 - 1e-6 || ratio > 10.0 + 1e-6) {
                entry.error("worth", "expected the digits from left to right, each worth 2 to 10 times the next one");
            }
        }
        bus.digits.push_back({.select = select, .worth = worth});
    }
    if (bus.digits.empty()) {
        table.error("digit", "expected a [[counter.digit]] for each digit, from left to right, got none");
    }
}

void read_below_zero(TomlSection& table, DisplayBusSettings& bus) {
    if (table.required_choice("below_zero", {"sign", "wraps"}) == 1) {
        bus.wraps_at = table.required_number("wraps_at", {.min = 1.0, .max = 1e7});
        if (!bus.digits.empty() && !whole(bus.wraps_at / bus.digits.back().worth)) {
            table.error("wraps_at", "expected a multiple of the last digit's worth");
        }
        return;
    }
    TomlSection sign = table.section("sign");
    bus.sign = DisplayBusSettings::Sign{.select = static_cast<int>(sign.required_integer("select", kSelectBounds)),
                                        .minus = static_cast<int>(sign.required_integer("minus", kNibbleBounds)),
                                        .plus = static_cast<int>(sign.required_integer("plus", kNibbleBounds))};
    if (bus.sign->minus == bus.sign->plus) {
        sign.error("plus", "expected another nibble than that of minus");
    }
}

void check_selects(TomlSection& table, const DisplayBusSettings& bus) {
    std::set<int> used;
    const auto once = [&](int select) {
        if (!used.insert(select).second) {
            table.error("digit", "select " + std::to_string(select) + " is given twice: each shows one place");
        }
    };
    for (const DisplayBusSettings::Digit& digit : bus.digits) {
        once(digit.select);
    }
    if (bus.sign) {
        once(bus.sign->select);
    }
}

/// A counter that turns slowly shows late that the tape has started; and one that counts time shows another length at
/// another speed.
void check_against_the_rest(TomlSection& table, const DisplayBusSettings& bus, const DeckProfile& profile) {
    double slowest_ips = 0.0;
    bool switched = false;
    for (const DeckSpeed& speed : profile.speeds) {
        slowest_ips = slowest_ips > 0.0 ? std::min(slowest_ips, speed.speed_ips) : speed.speed_ips;
        switched = switched || speed.select_key || speed.select_lines;
    }
    if (switched && bus.unit == DisplayBusSettings::Unit::Seconds) {
        table.error("unit",
                    "the counter shows time, so that its steps are another length of tape at another speed, and "
                    "this profile lets us switch the speed: leave out select_key and select_lines");
    }
    const double play_m_s = slowest_ips * kMetresPerSecondOfIps;
    if (play_m_s > 0.0 && !bus.digits.empty()) {
        const double least_s = kStart_s + 3.0 * bus.resolution_m(play_m_s) / play_m_s;
        if (profile.start_timeout_s.value < least_s) {
            table.error("digit",
                        "the last digit turns too seldom for motion.start_timeout_s: at the slowest speed play "
                        "is seen only after three of its units and the start, and the timeout is shorter");
        }
    }
    if (!profile.pins.empty() && profile.socket.pins_from.empty()) {
        table.error("data_1", "the profile names pins: expected [socket] with connector, pins_from and confidence");
    }
    if (profile.tach_edges_per_metre) {
        table.error("kind", "the profile has [tach] too: expected one of them");
    }
}

} // namespace

void read_counter(TomlSection root, DeckProfile& profile, LineReader& lines) {
    TomlSection table = root.section("counter");
    if (!table.present()) {
        return;
    }
    (void)table.required_choice("kind", {"display-bus"});
    DisplayBusSettings bus;
    bus.unit = static_cast<DisplayBusSettings::Unit>(table.required_choice("unit", {"s", "ft", "m"}));
    bus.source = table.required_text("source");
    if (bus.source == kFillIn) {
        profile.to_fill_in.emplace_back("counter.source");
    }
    constexpr std::array kData{"data_1", "data_2", "data_4", "data_8"};
    constexpr std::array kSelect{"select_1", "select_2", "select_4"};
    std::ranges::transform(kData, bus.data.begin(), [&](const char* key) { return line_of(table, key, lines); });
    std::ranges::transform(kSelect, bus.select.begin(), [&](const char* key) { return line_of(table, key, lines); });
    read_digits(table, bus);
    read_below_zero(table, bus);
    check_selects(table, bus);
    bus.fastest_wind_m_s = read_figure(table, "fastest_wind_m_s", {.min = 1.0, .max = 50.0});
    bus.still_below_m_s = read_figure(table, "still_below_m_s", {.min = 0.005, .max = 0.2});
    check_against_the_rest(table, bus, profile);
    profile.display_bus = std::move(bus);
}

} // namespace overbias::tape
