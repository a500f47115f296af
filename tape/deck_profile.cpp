// SPDX-License-Identifier: Apache-2.0
#include "tape/deck_profile.hpp"

#include "base/toml/strict_toml.hpp"

#include <algorithm>
#include <cmath>
#include <set>

namespace overbias::tape {

namespace {

constexpr TomlBounds kTimeoutBounds{.min = 0.1, .max = 600.0};

void read_keys(TomlSection root, DeckProfile& profile) {
    TomlSection keys = root.section("keys");
    const auto read_key = [&](const char* name, DeckKey& key) {
        TomlSection table = keys.section(name);
        key.line = table.required_text("line");
        key.pulse_s = table.number("pulse_ms", 100.0, {.min = 50.0, .max = 250.0}) / 1000.0;
    };
    read_key("stop", profile.stop);
    read_key("play", profile.play);
    read_key("record", profile.record);
    read_key("fast_forward", profile.fast_forward);
    read_key("rewind", profile.rewind);
    profile.record_lead_s = keys.number("record_lead_ms", 20.0, {.min = 0.0, .max = 200.0}) / 1000.0;
    profile.key_gap_s = keys.number("gap_ms", 10.0, {.min = 0.0, .max = 200.0}) / 1000.0;
    profile.record_exit = keys.choice("record_exit", {"press_play", "press_stop"}, 0) == 1 ? RecordExit::PressStop
                                                                                           : RecordExit::PressPlay;
}

void read_lines(TomlSection root, DeckProfile& profile) {
    TomlSection monitor = root.section("monitor");
    profile.monitor_input_line = monitor.text("input", "");
    profile.monitor_sync_line = monitor.text("sync", "");
    if (profile.monitor_input_line.empty() != profile.monitor_sync_line.empty()) {
        monitor.error("input", "expected input and sync, or neither: a switch that is wired by half cannot be set");
    }
    TomlSection tallies = root.section("tallies");
    std::set<std::string> used;
    const auto read_tally = [&](const char* name, std::string& line) {
        line = tallies.text(name, "");
        if (!line.empty() && !used.insert(line).second) {
            tallies.error(name, "line \"" + line + "\" is already another tally");
        }
    };
    read_tally("stop", profile.tallies.stop);
    read_tally("play", profile.tallies.play);
    read_tally("record", profile.tallies.record);
    read_tally("fast_forward", profile.tallies.fast_forward);
    read_tally("rewind", profile.tallies.rewind);
    read_tally("tape_out", profile.tallies.tape_out);
    profile.tallies.debounce_s = tallies.number("debounce_ms", 10.0, {.min = 0.0, .max = 200.0}) / 1000.0;
    TomlSection tach = root.section("tach");
    profile.tach_edges_per_metre = read_figure(tach, "edges_per_metre", {.min = 1.0, .max = 100000.0});
    profile.tach_quadrature = tach.boolean("quadrature", false);
}

Figure required_figure(TomlSection& table, const char* key, TomlBounds bounds) {
    auto figure = read_figure(table, key, bounds);
    if (!figure) {
        table.error(key, "expected { value = ..., source = \"...\" }, got nothing; this key is required");
    }
    return figure.value_or(Figure{});
}

void read_motion(TomlSection root, DeckProfile& profile) {
    TomlSection motion = root.section("motion");
    switch (motion.required_choice("proof_of_play", {"tally", "tach", "by_hand"})) {
    case 0:
        profile.proof_of_play = ProofOfPlay::Tally;
        break;
    case 1:
        profile.proof_of_play = ProofOfPlay::Tach;
        break;
    default:
        profile.proof_of_play = ProofOfPlay::ByHand;
        break;
    }
    if (profile.proof_of_play == ProofOfPlay::Tally && profile.tallies.play.empty()) {
        motion.error("proof_of_play", "\"tally\" needs tallies.play, which this profile does not have");
    }
    profile.senses_motion_itself = motion.required_boolean("senses_motion_itself");
    profile.settle_after_still_s = required_figure(motion, "settle_after_still_s", {.min = 0.0, .max = 30.0});
    profile.start_timeout_s = required_figure(motion, "start_timeout_s", kTimeoutBounds);
    profile.still_timeout_s = required_figure(motion, "still_timeout_s", kTimeoutBounds);
    for (const std::string& means : root.section("made_safe").texts("means")) {
        if (means == "stop_line") {
            profile.stop_line = true;
        } else if (means == "heartbeat_contact") {
            profile.heartbeat_contact = true;
        } else {
            root.section("made_safe")
                .error("means", "expected \"stop_line\" or \"heartbeat_contact\", got \"" + means + "\"");
        }
    }
}

void read_head_block(TomlSection root, DeckProfile& profile) {
    TomlSection head_block = root.section("head_block");
    profile.record_to_reproduce_mm = read_figure(head_block, "record_to_reproduce_mm", {.min = 5.0, .max = 300.0});
    profile.erase_to_record_mm = read_figure(head_block, "erase_to_record_mm", {.min = 5.0, .max = 300.0});
    profile.tracks = static_cast<int>(head_block.required_integer("tracks", {.min = 1, .max = 2}));
    for (TomlSection& entry : root.sections("speed")) {
        DeckSpeed speed{.speed_ips = entry.required_number("ips", {.min = 3.75, .max = 30.0}), .equalisations = {}};
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
        profile.speeds.push_back(std::move(speed));
    }
    if (profile.speeds.empty()) {
        root.error("speed", "expected at least one [[speed]], got none");
    }
}

} // namespace

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

Result<DeckProfile> load_deck_profile(const std::filesystem::path& path) {
    auto document = TomlDocument::read(path);
    if (!document) {
        return document.error();
    }
    TomlSection root = document->root();
    DeckProfile profile;
    profile.id = path.stem().string();
    profile.name = root.required_text("name");
    profile.driver = root.required_text("driver");
    if (!profile.driver.empty() && profile.driver != "parallel-remote") {
        root.error("driver", "expected \"parallel-remote\", got \"" + profile.driver + "\"");
    }
    read_keys(root, profile);
    read_lines(root, profile);
    read_motion(root, profile);
    read_head_block(root, profile);
    if (const auto ok = document->finish(); !ok) {
        return ok.error();
    }
    return profile;
}

} // namespace overbias::tape
