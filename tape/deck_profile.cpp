// SPDX-License-Identifier: Apache-2.0
#include "tape/deck_profile.hpp"

#include "tape/deck_profile_read.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace overbias::tape {

namespace {

constexpr TomlBounds kTimeoutBounds{.min = 0.1, .max = 600.0};
constexpr TomlBounds kDistanceBounds{.min = 5.0, .max = 300.0};

struct DriverWord {
    const char* word;
    DeckDriver driver;
};
constexpr std::array<DriverWord, 4> kDrivers{{{"parallel-remote", DeckDriver::ParallelRemote},
                                              {"sony-9-pin", DeckDriver::SonyNinePin},
                                              {"studer-ascii", DeckDriver::StuderAscii},
                                              {"direct-drive", DeckDriver::DirectDrive}}};

/// A way to make a deck safe, and the driver that has it (none: any).
struct SafeMeans {
    const char* word;
    bool DeckProfile::*given;
    std::optional<DeckDriver> only;
};
constexpr std::array<SafeMeans, 5> kSafeMeans{{{"stop_line", &DeckProfile::stop_line, DeckDriver::ParallelRemote},
                                               {"heartbeat_contact", &DeckProfile::heartbeat_contact, std::nullopt},
                                               {"nine_pin_stop", &DeckProfile::nine_pin_stop, DeckDriver::SonyNinePin},
                                               {"studer_stop", &DeckProfile::studer_stop, DeckDriver::StuderAscii},
                                               {"motor_brake", &DeckProfile::motor_brake, DeckDriver::DirectDrive}}};

void read_driver(TomlSection root, DeckProfile& profile) {
    profile.driver = root.required_text("driver");
    for (const DriverWord& each : kDrivers) {
        if (profile.driver == each.word) {
            profile.kind = each.driver;
            return;
        }
    }
    if (!profile.driver.empty()) {
        std::string words;
        for (const DriverWord& each : kDrivers) {
            words += (words.empty() ? "\"" : ", \"") + std::string(each.word) + "\"";
        }
        root.error("driver", "expected one of " + words + ", got \"" + profile.driver + "\"");
    }
}

void read_made_safe(TomlSection root, DeckProfile& profile) {
    TomlSection made_safe = root.section("made_safe");
    for (const std::string& word : made_safe.texts("means")) {
        const auto* const means =
            std::ranges::find_if(kSafeMeans, [&](const SafeMeans& each) { return word == each.word; });
        if (means == kSafeMeans.end() || (means->only && *means->only != profile.kind)) {
            std::string words;
            for (const SafeMeans& each : kSafeMeans) {
                if (!each.only || *each.only == profile.kind) {
                    words += (words.empty() ? "\"" : ", \"") + std::string(each.word) + "\"";
                }
            }
            made_safe.error("means", "expected words out of " + words + " (driver \"" + profile.driver + "\"), got \"" +
                                         word + "\"");
            continue;
        }
        profile.*(means->given) = true;
    }
}

void read_motion(TomlSection root, DeckProfile& profile) {
    TomlSection motion = root.section("motion");
    constexpr std::array kProofs{ProofOfPlay::Tally, ProofOfPlay::Tach, ProofOfPlay::ByHand};
    profile.proof_of_play = kProofs.at(motion.required_choice("proof_of_play", {"tally", "tach", "by_hand"}));
    if (profile.kind == DeckDriver::ParallelRemote && profile.proof_of_play == ProofOfPlay::Tally &&
        profile.tallies.play.empty()) {
        motion.error("proof_of_play", "\"tally\" needs tallies.play, which this profile does not have");
    }
    profile.senses_motion_itself = motion.required_boolean("senses_motion_itself");
    profile.settle_after_still_s = required_figure(motion, "settle_after_still_s", {.min = 0.0, .max = 30.0});
    profile.start_timeout_s = required_figure(motion, "start_timeout_s", kTimeoutBounds);
    profile.still_timeout_s = required_figure(motion, "still_timeout_s", kTimeoutBounds);
    profile.cue_limit_m_s = read_figure(motion, "cue_limit_m_s", {.min = 0.01, .max = 3.0});
    TomlSection sensors = root.section("tape_sensors");
    if (sensors.present()) {
        profile.tape_out_when =
            sensors.required_choice("tape_out_when", {"any", "both"}) == 0 ? TapeOutWhen::Any : TapeOutWhen::Both;
        profile.tape_out_source = sensors.required_text("source");
    }
    TomlSection tach = root.section("tach");
    profile.tach_edges_per_metre = read_figure(tach, "edges_per_metre", {.min = 1.0, .max = 100000.0});
    profile.tach_quadrature = tach.boolean("quadrature", false);
}

HeadBlock read_head_block(TomlSection& table) {
    return {.name = {},
            .record_to_reproduce_mm = read_figure(table, "record_to_reproduce_mm", kDistanceBounds),
            .erase_to_record_mm = read_figure(table, "erase_to_record_mm", kDistanceBounds),
            .tracks = static_cast<int>(table.required_integer("tracks", {.min = 1, .max = kMostTracks}))};
}

void read_head_blocks(TomlSection root, DeckProfile& profile) {
    TomlSection table = root.section("head_block");
    const HeadBlock first = read_head_block(table);
    profile.record_to_reproduce_mm = first.record_to_reproduce_mm;
    profile.erase_to_record_mm = first.erase_to_record_mm;
    profile.tracks = first.tracks;
    std::set<std::string> names;
    for (TomlSection& entry : root.sections("head_block_variant")) {
        const std::string name = entry.required_text("name");
        HeadBlock variant = read_head_block(entry);
        variant.name = name;
        if (!name.empty() && !names.insert(name).second) {
            entry.error("name", "another head block is called \"" + name + "\" already");
        }
        profile.head_block_variants.push_back(std::move(variant));
    }
    if (profile.extras.ready.size() > static_cast<std::size_t>(profile.tracks)) {
        table.error("tracks", "there are " + std::to_string(profile.extras.ready.size()) +
                                  " [[ready]] lines for fewer tracks, got " + std::to_string(profile.tracks));
    }
}

void read_speeds(TomlSection root, DeckProfile& profile, LineReader& lines) {
    for (TomlSection& entry : root.sections("speed")) {
        DeckSpeed speed;
        speed.speed_ips = entry.required_number("ips", {.min = 3.75, .max = 30.0});
        const std::vector<std::string> names = entry.texts("equalisations");
        if (names.empty()) {
            entry.error("equalisations", "expected at least one of \"NAB\", \"IEC1\", \"AES\", got none");
        }
        for (const std::string& name : names) {
            const auto equalisation = equalisation_from_name(name);
            if (!equalisation || !time_constants(*equalisation, speed.speed_ips)) {
                entry.error("equalisations",
                            "\"" + name + "\" is not an equalisation (NAB, IEC1, AES) with a standard at this speed");
                continue;
            }
            speed.equalisations.push_back(*equalisation);
        }
        if (profile.kind == DeckDriver::ParallelRemote) {
            read_speed_select(entry, speed, lines);
        }
        if (profile.kind == DeckDriver::StuderAscii) {
            speed.select_command = entry.text("select_command", "");
        }
        read_speed_limits(entry, speed);
        profile.speeds.push_back(std::move(speed));
    }
    if (profile.speeds.empty()) {
        root.error("speed", "expected at least one [[speed]], got none");
    }
}

void add_once(std::vector<std::string>& names, const std::string& name) {
    if (!name.empty() && std::ranges::find(names, name) == names.end()) {
        names.push_back(name);
    }
}

} // namespace

Figure required_figure(TomlSection& table, const char* key, TomlBounds bounds) {
    auto figure = read_figure(table, key, bounds);
    if (!figure) {
        table.error(key, "expected { value = ..., source = \"...\" }, got nothing; this key is required");
    }
    return figure.value_or(Figure{});
}

std::vector<std::string> DeckProfile::made_safe_means() const {
    std::vector<std::string> words;
    for (const SafeMeans& each : kSafeMeans) {
        if (this->*(each.given)) {
            words.emplace_back(each.word);
        }
    }
    return words;
}

Result<void> DeckProfile::choose_head_block(const std::string& variant) {
    std::string names;
    for (const HeadBlock& each : head_block_variants) {
        if (each.name == variant) {
            record_to_reproduce_mm = each.record_to_reproduce_mm;
            erase_to_record_mm = each.erase_to_record_mm;
            tracks = each.tracks;
            return {};
        }
        names += (names.empty() ? "\"" : ", \"") + each.name + "\"";
    }
    return Error{"profile \"" + id + "\" has no head block variant \"" + variant + "\"; it has " +
                 (names.empty() ? "none" : names)};
}

const DeckSpeed* DeckProfile::speed(double speed_ips) const noexcept {
    const auto found = std::find_if(speeds.begin(), speeds.end(), [&](const DeckSpeed& one) {
        return std::abs(one.speed_ips - speed_ips) < 1e-6 * speed_ips;
    });
    return found == speeds.end() ? nullptr : &*found;
}

bool DeckProfile::supports(double speed_ips, Equalisation equalisation) const noexcept {
    const DeckSpeed* one = speed(speed_ips);
    return one != nullptr &&
           std::find(one->equalisations.begin(), one->equalisations.end(), equalisation) != one->equalisations.end();
}

std::vector<std::string> DeckProfile::output_lines() const {
    std::vector<std::string> names;
    for (const DeckKey* key : {&stop, &play, &record, &fast_forward, &rewind, &extras.edit}) {
        add_once(names, key->line);
    }
    for (const std::string& line :
         {extras.library_wind, extras.lifter_defeat, extras.thread, monitor_input_line, monitor_sync_line,
          routing.source, routing.oscillator, routing.tape_return, routing.mute, routing.mono}) {
        add_once(names, line);
    }
    for (const std::string& line : extras.ready) {
        add_once(names, line);
    }
    for (const DeckSpeed& each : speeds) {
        add_once(names, each.select_key.value_or(DeckKey{}).line);
        for (const std::string& line : each.select_lines.value_or(std::vector<std::string>())) {
            add_once(names, line);
        }
    }
    for (const std::string& line : direct_drive.output_lines()) {
        add_once(names, line);
    }
    return names;
}

std::vector<std::string> DeckProfile::input_lines() const {
    std::vector<std::string> names;
    for (const std::string& line : {tallies.stop, tallies.play, tallies.record, tallies.fast_forward, tallies.rewind,
                                    tallies.tape_out, tallies.still}) {
        add_once(names, line);
    }
    for (const LampLine& lamp : extras.lamps) {
        add_once(names, lamp.line);
    }
    if (display_bus) {
        for (const std::string& line : display_bus->lines()) {
            add_once(names, line);
        }
    }
    for (const std::string& line : direct_drive.input_lines()) {
        add_once(names, line);
    }
    return names;
}

Result<DeckProfile> load_deck_profile(const std::filesystem::path& path) {
    auto document = TomlDocument::read(path);
    if (!document) {
        return document.error();
    }
    TomlSection root = document->root();
    DeckProfile profile;
    profile.id = path.stem().string();
    profile.name = root.required_text("name");
    read_driver(root, profile);
    LineReader lines(profile);
    if (profile.kind == DeckDriver::ParallelRemote) {
        read_parallel_remote(root, profile, lines);
    } else if (profile.kind == DeckDriver::DirectDrive) {
        read_direct_drive(root, profile.direct_drive, lines);
    } else {
        read_protocol(root, profile);
    }
    read_installation_lines(root, profile, lines);
    read_motion(root, profile);
    read_made_safe(root, profile);
    read_head_blocks(root, profile);
    read_speeds(root, profile, lines);
    read_equalisation_switch(root, profile);
    read_sheet(root, profile);
    if (profile.kind == DeckDriver::ParallelRemote) {
        read_counter(root, profile, lines);
    }
    if (const auto ok = document->finish(); !ok) {
        return ok.error();
    }
    return profile;
}

} // namespace overbias::tape
