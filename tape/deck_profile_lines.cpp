// SPDX-License-Identifier: Apache-2.0
#include "tape/deck_profile_read.hpp"

namespace overbias::tape {

std::string LineReader::of_table(TomlSection& line, const std::string& place) {
    std::string name = line.required_text("line");
    once(line, "line", name);
    note_pin(line, name, place);
    return name;
}

std::string LineReader::optional(TomlSection& table, const char* key, const std::string& place) {
    const TomlType type = table.type_of(key);
    if (type == TomlType::Missing) {
        return {};
    }
    if (type == TomlType::Other) {
        TomlSection line = table.section(key);
        return of_table(line, place + "." + key);
    }
    std::string name = table.text(key, "");
    once(table, key, name);
    return name;
}

void LineReader::note_pin(TomlSection& line, const std::string& name, const std::string& place) {
    std::string pin;
    switch (line.type_of("pin")) {
    case TomlType::Missing:
        return;
    case TomlType::Integer:
        pin = std::to_string(line.integer("pin", 0, {.min = 1.0, .max = 999.0}));
        break;
    case TomlType::Text:
        pin = line.text("pin", "");
        break;
    default:
        line.error("pin",
                   "expected the pin's number or its name as text, or \"" + std::string(kFillIn) + "\" in a template");
        return;
    }
    if (pin == kFillIn) {
        profile_.to_fill_in.push_back(place + ".pin");
        return;
    }
    profile_.pins[name] = pin;
}

void LineReader::once(TomlSection& table, const char* key, const std::string& name) {
    if (!name.empty() && !used_.insert(name).second) {
        table.error(key, "line \"" + name + "\" has another duty already: every line has one name and one duty");
    }
}

namespace {

void read_keys(TomlSection root, DeckProfile& profile, LineReader& lines) {
    TomlSection keys = root.section("keys");
    const auto read_key = [&](const char* name, DeckKey& key) {
        TomlSection table = keys.section(name);
        key.line = lines.of_table(table, std::string("keys.") + name);
        key.pulse_s = table.number("pulse_ms", 100.0, {.min = 50.0, .max = 250.0}) / 1000.0;
    };
    read_key("stop", profile.stop);
    read_key("play", profile.play);
    read_key("record", profile.record);
    read_key("fast_forward", profile.fast_forward);
    read_key("rewind", profile.rewind);
    if (keys.has("edit")) {
        read_key("edit", profile.extras.edit);
        profile.extras.edit_held = keys.section("edit").choice("press", {"pulse", "held"}, 0) == 1;
    }
    if (keys.has("library_wind")) {
        TomlSection library = keys.section("library_wind");
        profile.extras.library_wind = lines.of_table(library, "keys.library_wind");
        profile.extras.library_wind_press = library.required_choice("press", {"held", "with_key"}) == 0
                                                ? LibraryWindPress::Held
                                                : LibraryWindPress::WithKey;
    }
    profile.record_lead_s = keys.number("record_lead_ms", 20.0, {.min = 0.0, .max = 200.0}) / 1000.0;
    profile.key_gap_s = keys.number("gap_ms", 10.0, {.min = 0.0, .max = 200.0}) / 1000.0;
    profile.record_exit = keys.choice("record_exit", {"press_play", "press_stop"}, 0) == 1 ? RecordExit::PressStop
                                                                                           : RecordExit::PressPlay;
}

void read_tallies(TomlSection root, DeckProfile& profile, LineReader& lines) {
    TomlSection tallies = root.section("tallies");
    const auto read_tally = [&](const char* name, std::string& line) {
        line = lines.optional(tallies, name, "tallies");
    };
    read_tally("stop", profile.tallies.stop);
    read_tally("play", profile.tallies.play);
    read_tally("record", profile.tallies.record);
    read_tally("fast_forward", profile.tallies.fast_forward);
    read_tally("rewind", profile.tallies.rewind);
    read_tally("tape_out", profile.tallies.tape_out);
    read_tally("still", profile.tallies.still);
    profile.tallies.debounce_s = tallies.number("debounce_ms", 10.0, {.min = 0.0, .max = 200.0}) / 1000.0;
    for (TomlSection& lamp : root.sections("lamp")) {
        LampLine one{.name = lamp.required_text("name"), .line = {}};
        one.line = lines.of_table(lamp, "lamp \"" + one.name + "\"");
        profile.extras.lamps.push_back(std::move(one));
    }
}

void read_held_lines(TomlSection root, DeckProfile& profile, LineReader& lines) {
    TomlSection held = root.section("held");
    profile.extras.lifter_defeat = lines.optional(held, "lifter_defeat", "held");
    profile.extras.thread = lines.optional(held, "thread", "held");
    int track = 0;
    for (TomlSection& entry : root.sections("ready")) {
        ++track;
        profile.extras.ready.push_back(lines.of_table(entry, "ready track " + std::to_string(track)));
    }
    if (track > kMostTracks) {
        root.error("ready",
                   "expected at most " + std::to_string(kMostTracks) + " tracks, got " + std::to_string(track));
    }
}

void read_socket(TomlSection root, DeckProfile& profile) {
    TomlSection table = root.section("socket");
    RemoteSocket& socket = profile.socket;
    if (!table.present()) {
        if (!profile.pins.empty()) {
            root.error("socket", "the profile names pins: expected [socket] with connector, pins_from and confidence");
        }
        return;
    }
    const auto required = [&](const char* key) {
        std::string text = table.required_text(key);
        if (text == kFillIn) {
            profile.to_fill_in.push_back(std::string("socket.") + key);
        }
        return text;
    };
    socket.connector = required("connector");
    if (!profile.pins.empty() || table.has("pins_from")) {
        socket.pins_from = required("pins_from");
        socket.confidence = table.required_choice("confidence", {"manual", "one_source"}) == 0
                                ? PinConfidence::Manual
                                : PinConfidence::OneSource;
    }
    socket.contact_max_v = read_figure(table, "contact_max_v", {.min = 0.1, .max = 250.0});
    socket.contact_max_ma = read_figure(table, "contact_max_ma", {.min = 0.1, .max = 5000.0});
    socket.lamp_dark_max_v = read_figure(table, "lamp_dark_max_v", {.min = 0.0, .max = 60.0});
    socket.lamp_lit_min_v = read_figure(table, "lamp_lit_min_v", {.min = 0.1, .max = 60.0});
    for (TomlSection& entry : table.sections("other_pin")) {
        SocketPin pin{.pin = {}, .carries = entry.required_text("carries")};
        pin.pin = entry.type_of("pin") == TomlType::Integer
                      ? std::to_string(entry.integer("pin", 0, {.min = 1.0, .max = 999.0}))
                      : entry.required_text("pin");
        socket.other_pins.push_back(std::move(pin));
    }
}

} // namespace

void read_speed_select(TomlSection& entry, DeckSpeed& speed, LineReader& lines) {
    if (entry.has("select_lines")) {
        speed.select_lines = entry.texts("select_lines");
    }
    if (!entry.has("select_key")) {
        return;
    }
    if (speed.select_lines) {
        entry.error("select_key", "expected select_lines or select_key, got both");
    }
    TomlSection table = entry.section("select_key");
    DeckKey key{.line =
                    lines.of_table(table, "speed " + std::to_string(static_cast<int>(speed.speed_ips)) + ".select_key"),
                .pulse_s = 0.1};
    key.pulse_s = table.number("pulse_ms", 100.0, {.min = 50.0, .max = 250.0}) / 1000.0;
    speed.select_key = std::move(key);
}

void read_parallel_remote(TomlSection root, DeckProfile& profile, LineReader& lines) {
    read_keys(root, profile, lines);
    read_tallies(root, profile, lines);
    read_held_lines(root, profile, lines);
}

void read_installation_lines(TomlSection root, DeckProfile& profile, LineReader& lines) {
    TomlSection monitor = root.section("monitor");
    profile.monitor_input_line = lines.optional(monitor, "input", "monitor");
    profile.monitor_sync_line = lines.optional(monitor, "sync", "monitor");
    if (profile.monitor_input_line.empty() != profile.monitor_sync_line.empty()) {
        monitor.error("input", "expected input and sync, or neither: a switch that is wired by half cannot be set");
    }
    TomlSection routing = root.section("routing");
    profile.routing.source = lines.optional(routing, "source", "routing");
    profile.routing.oscillator = lines.optional(routing, "oscillator", "routing");
    profile.routing.tape_return = lines.optional(routing, "tape_return", "routing");
    profile.routing.mute = lines.optional(routing, "mute", "routing");
    profile.routing.mono = lines.optional(routing, "mono", "routing");
    read_socket(root, profile);
}

} // namespace overbias::tape
