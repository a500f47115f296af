// SPDX-License-Identifier: Apache-2.0
// The shipped deck profiles, and what the four kinds of deck say of themselves.
#include "tape/deck_profile.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <set>

namespace overbias::tape {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;

fs::path decks() {
    const char* source = std::getenv("OVERBIAS_SOURCE_DIR");
    return (source == nullptr ? fs::path("profiles") : fs::path(source) / "profiles") / "decks";
}

DeckProfile shipped(const std::string& name) {
    auto profile = load_deck_profile(decks() / (name + ".toml"));
    EXPECT_TRUE(profile.ok()) << profile.error().message;
    return profile ? std::move(profile).value() : DeckProfile{};
}

/// What is said of a shipped profile with one text replaced, or "accepted".
std::string complaint(const std::string& name, const std::string& from, const std::string& to) {
    std::ifstream in(decks() / (name + ".toml"));
    std::string text((std::istreambuf_iterator<char>(in)), {});
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    text.replace(at, from.size(), to);
    std::string folder = (fs::temp_directory_path() / "overbias-deck-XXXXXX").string();
    EXPECT_NE(mkdtemp(folder.data()), nullptr);
    std::ofstream(fs::path(folder) / "p.toml") << text;
    const auto profile = load_deck_profile(fs::path(folder) / "p.toml");
    fs::remove_all(folder);
    return profile ? std::string("accepted") : profile.error().message;
}

TEST(ShippedDecks, EachLoadsOrIsATemplateThatNamesWhatIsMissing) {
    const std::set<std::string> templates{"studer-a80", "studer-a810", "ampex-atr-102", "otari-mtr-15"};
    int loaded = 0;
    for (const auto& entry : fs::directory_iterator(decks())) {
        const auto profile = load_deck_profile(entry.path());
        ASSERT_TRUE(profile.ok()) << profile.error().message;
        ++loaded;
        std::ifstream in(entry.path());
        const std::string text((std::istreambuf_iterator<char>(in)), {});
        std::size_t waiting = 0;
        for (std::size_t at = text.find(" = \"fill in\""); at != std::string::npos;
             at = text.find(" = \"fill in\"", at + 1)) {
            ++waiting;
        }
        EXPECT_EQ(profile->to_fill_in.size(), waiting) << entry.path();
        if (templates.contains(profile->id)) {
            EXPECT_THAT(profile->to_fill_in, Contains("keys.stop.pin")) << entry.path();
            EXPECT_THAT(profile->pins, IsEmpty()) << profile->id << ": a pin without a source";
        }
    }
    EXPECT_GE(loaded, 14);
}

TEST(ShippedDecks, EachDriverThatCanStopItsDeckSaysSo) {
    for (const auto& entry : fs::directory_iterator(decks())) {
        const auto profile = load_deck_profile(entry.path());
        ASSERT_TRUE(profile.ok()) << profile.error().message;
        EXPECT_TRUE(profile->stops_without_daemon()) << entry.path();
    }
    EXPECT_THAT(shipped("simulated-heartbeat").made_safe_means(), ElementsAre("stop_line", "heartbeat_contact"));
    EXPECT_THAT(shipped("simulated-nine-pin").made_safe_means(), ElementsAre("nine_pin_stop"));
    EXPECT_THAT(shipped("simulated-studer").made_safe_means(), ElementsAre("studer_stop"));
    EXPECT_THAT(shipped("simulated-direct-drive").made_safe_means(), Contains("motor_brake"));
    EXPECT_THAT(
        complaint("simulated-plain", "\"stop_line\"", "\"nine_pin_stop\""),
        HasSubstr("expected words out of \"stop_line\", \"heartbeat_contact\" (driver \"parallel-remote\"), got "
                  "\"nine_pin_stop\""));
}

TEST(ShippedDecks, OtariPinsStandBesideTheirLines) {
    const DeckProfile twelve = shipped("otari-mtr-12");
    EXPECT_EQ(twelve.socket.confidence, PinConfidence::OneSource);
    const std::map<std::string, std::string> pins{{"record", "1"},
                                                  {"play", "2"},
                                                  {"stop", "3"},
                                                  {"rewind", "4"},
                                                  {"fast_forward", "5"},
                                                  {"tally_record", "7"},
                                                  {"tally_play", "8"},
                                                  {"tally_stop", "9"},
                                                  {"tally_rewind", "10"},
                                                  {"tally_fast_forward", "11"},
                                                  {"lamp_cue", "12"},
                                                  {"lamp_search", "36"},
                                                  {"lamp_search_zero", "37"},
                                                  {"lamp_shuttle", "38"},
                                                  {"lamp_auto_rewind", "39"}};
    EXPECT_EQ(twelve.pins, pins);
    EXPECT_DOUBLE_EQ(twelve.socket.lamp_lit_min_v->value, 3.5);

    const DeckProfile ninety = shipped("otari-mtr-90");
    EXPECT_EQ(ninety.socket.confidence, PinConfidence::Manual);
    EXPECT_EQ(ninety.pins.at("record"), "10");
    EXPECT_EQ(ninety.pins.at("stop"), "12");
    EXPECT_EQ(ninety.pins.at("tally_rewind"), "5");
    EXPECT_EQ(ninety.extras.lifter_defeat, "lifter_defeat");
    EXPECT_EQ(ninety.tracks, 24);
}

TEST(DeckProfileCounter, TheDisplayBusIsRead) {
    const DeckProfile profile = shipped("simulated-display-bus");
    ASSERT_TRUE(profile.display_bus);
    const DisplayBusSettings& bus = *profile.display_bus;
    EXPECT_EQ(bus.unit, DisplayBusSettings::Unit::Seconds);
    EXPECT_THAT(bus.lines(), ElementsAre("display_1", "display_2", "display_4", "display_8", "display_select_1",
                                         "display_select_2", "display_select_4"));
    ASSERT_EQ(bus.digits.size(), 5U);
    EXPECT_EQ(bus.digits.front().select, 4);
    EXPECT_DOUBLE_EQ(bus.digits.front().worth, 3600.0);
    EXPECT_DOUBLE_EQ(bus.resolution_m(0.381), 0.381);
    ASSERT_TRUE(bus.sign);
    EXPECT_EQ(bus.sign->minus, 11);
    EXPECT_TRUE(profile.counts_itself());
    EXPECT_THAT(profile.input_lines(), Contains("display_select_4"));
    EXPECT_FALSE(shipped("otari-mtr-12").display_bus) << "its pins are not known";
}

TEST(DeckProfileCounter, WhatDoesNotFitIsNamed) {
    const auto says = [](const std::string& from, const std::string& to) {
        return complaint("simulated-display-bus", from, to);
    };
    EXPECT_EQ(says("[counter]", "[counter]"), "accepted");
    EXPECT_THAT(says("source = \"design of", "# \"design of"), HasSubstr("counter.source"));
    EXPECT_THAT(says("data_4 = \"display_4\"", "data_4 = \"display_2\""), HasSubstr("has another duty already"));
    EXPECT_THAT(says("select_2 = \"display_select_2\"", ""),
                HasSubstr("counter.select_2: expected the name of a line"));
    EXPECT_THAT(says("worth = 600\n", "worth = 100\n"), HasSubstr("each worth 2 to 10 times the next one"));
    EXPECT_THAT(says("select = 3\n", "select = 2\n"), HasSubstr("select 2 is given twice"));
    EXPECT_THAT(says("below_zero = \"sign\"", "below_zero = \"wraps\""), HasSubstr("wraps_at"));
    EXPECT_THAT(says("plus = 15", "plus = 11"), HasSubstr("another nibble than that of minus"));
    EXPECT_THAT(says("start_timeout_s = { value = 5.0", "start_timeout_s = { value = 3.0"),
                HasSubstr("turns too seldom for motion.start_timeout_s"));
    EXPECT_THAT(says("ips = 15\n", "ips = 15\nselect_lines = []\n"), HasSubstr("another length of tape"));
    EXPECT_EQ(says("ips = 15\n", "ips = 15\n"), "accepted");
    EXPECT_THAT(says("data_1 = \"display_1\"", "data_1 = { line = \"display_1\", pin = 44 }"),
                HasSubstr("expected [socket]"));
    EXPECT_THAT(says("[motion]", "[tach]\nedges_per_metre = { value = 600, source = \"x\" }\n[motion]"),
                HasSubstr("expected one of them"));
}

TEST(DeckProfileLines, EveryExtraLineIsRead) {
    const DeckProfile profile = shipped("simulated-ready");
    EXPECT_EQ(profile.extras.edit.line, "edit");
    EXPECT_TRUE(profile.extras.edit_held);
    EXPECT_EQ(profile.extras.library_wind_press, LibraryWindPress::Held);
    EXPECT_THAT(profile.extras.ready, ElementsAre("ready_1", "ready_2"));
    EXPECT_EQ(profile.routing.mute, "route_mute");
    EXPECT_EQ(profile.speed(15)->select_key->line, "speed_low");
    EXPECT_FALSE(profile.speed(7.5)->select_key.has_value());
    for (const char* line : {"stop", "edit", "library_wind", "lifter_defeat", "thread", "ready_2", "speed_high",
                             "route_source", "route_oscillator", "route_tape_return", "route_mono", "monitor_sync"}) {
        EXPECT_EQ(std::ranges::count(profile.output_lines(), line), 1) << line;
    }
    EXPECT_THAT(profile.input_lines(), ElementsAre("tally_stop", "tally_play", "tally_record", "tally_fast_forward",
                                                   "tally_rewind", "tape_out"));
    EXPECT_THAT(shipped("otari-mtr-12").input_lines(), Contains("lamp_search_zero"));
}

TEST(DeckProfileLines, MistakesAreNamed) {
    EXPECT_THAT(
        complaint("otari-mtr-12", "[socket]\nconnector = \"50-pin D-sub; pins 18 and 33 are blocked\"\n", "[socket]\n"),
        HasSubstr("socket.connector: expected text"));
    EXPECT_THAT(complaint("simulated-plain", "line = \"stop\", pulse_ms = 100", "line = \"stop\", pin = 3"),
                HasSubstr("the profile names pins: expected [socket]"));
    EXPECT_THAT(complaint("otari-mtr-12", "pin = 3 }", "pin = 3.5 }"), HasSubstr("keys.stop.pin: expected the pin's"));
    EXPECT_THAT(complaint("simulated-ready", "tracks = 2", "tracks = 1"),
                HasSubstr("head_block.tracks: there are 2 [[ready]] lines for fewer tracks, got 1"));
    EXPECT_THAT(complaint("simulated-ready", "tracks = 2", "tracks = 25"), HasSubstr("from 1 to 24, got 25"));
    EXPECT_THAT(complaint("simulated", "select_key = { line = \"speed_low\" }",
                          "select_key = { line = \"speed_low\" }\nselect_lines = []"),
                HasSubstr("expected select_lines or select_key, got both"));
    EXPECT_THAT(complaint("simulated", "line = \"library_wind\", press = \"held\"", "line = \"library_wind\""),
                HasSubstr("keys.library_wind.press"));
    EXPECT_THAT(complaint("simulated", "mute = \"route_mute\"", "mute = \"stop\""),
                HasSubstr("line \"stop\" has another duty already"));
}

TEST(DeckProfileKinds, NinePin) {
    const DeckProfile profile = shipped("simulated-nine-pin");
    EXPECT_EQ(profile.kind, DeckDriver::SonyNinePin);
    EXPECT_EQ(profile.nine_pin.frames_per_s, 25);
    EXPECT_DOUBLE_EQ(profile.nine_pin.fastest_shuttle->value, 20.0);
    EXPECT_THAT(profile.output_lines(), Not(Contains("stop")));
    EXPECT_THAT(complaint("simulated-nine-pin", "frames_per_s = 25", "frames_per_s = 26"),
                HasSubstr("nine_pin.frames_per_s: expected 24, 25 or 30, got 26"));
    EXPECT_THAT(complaint("simulated-nine-pin", "slowest_shuttle", "#"), HasSubstr("expected slowest_shuttle and"));
    EXPECT_THAT(complaint("simulated-nine-pin", "[motion]", "[keys]\ngap_ms = 10\n\n[motion]"),
                HasSubstr("keys: unknown key"))
        << "contacts belong to another driver";
}

TEST(DeckProfileKinds, Studer) {
    const DeckProfile profile = shipped("simulated-studer");
    EXPECT_THAT(profile.studer.commands, Contains(Pair("fast_forward", "FWD")));
    EXPECT_EQ(profile.studer.status_rules.size(), 7u);
    EXPECT_THAT(profile.studer.status_rules[1].lit, ElementsAre("play", "record"));
    EXPECT_EQ(profile.studer.memory.size(), 2u);
    EXPECT_EQ(profile.speed(30)->select_command, "SSD");
    EXPECT_THAT(complaint("simulated-studer", "source = \"the simulated deck's own vocabulary; PLY", "# PLY"),
                HasSubstr("studer.commands.source: expected text, got nothing"));
    EXPECT_THAT(complaint("simulated-studer", "rewind = \"RWD\"", "rewnid = \"RWD\""),
                HasSubstr("studer.commands.rewnid: unknown key; did you mean \"rewind\"?"));
    EXPECT_FALSE(profile.studer.poll_s.has_value() || profile.studer.answer_s.has_value());
    EXPECT_EQ(complaint("simulated-studer", "[studer.commands]",
                        "[studer]\npoll_s = { value = 0.1, source = \"s\" }\n"
                        "answer_s = { value = 0.09, source = \"s\" }\n[studer.commands]"),
              "accepted");
    EXPECT_THAT(complaint("simulated-studer", "[studer.commands]",
                          "[studer]\nanswer_s = { value = 2.0, source = \"s\" }\n[studer.commands]"),
                HasSubstr("studer.answer_s.value: expected"));
}

TEST(DeckProfileKinds, DirectDrive) {
    const DeckProfile profile = shipped("simulated-direct-drive");
    const DirectDriveSettings& drive = profile.direct_drive;
    EXPECT_EQ(drive.supply.controller_id, 11);
    EXPECT_TRUE(drive.take_up.over_can);
    ASSERT_TRUE(drive.capstan && drive.supply_arm && drive.take_up_arm);
    EXPECT_EQ(drive.take_up_arm->input, 2);
    EXPECT_EQ(profile.tape_out_when, TapeOutWhen::Any);
    EXPECT_THAT(drive.output_lines(), ElementsAre("brake_supply", "brake_take_up", "pinch", "lifters", "record"));
    EXPECT_THAT(complaint("simulated-direct-drive", "controller_timeout_s", "# controller_timeout_s"),
                HasSubstr("direct_drive.figures.controller_timeout_s: expected { value = ..., source"));
    EXPECT_THAT(complaint("simulated-direct-drive", "spring_differential_brakes = true", ""),
                HasSubstr("direct_drive.spring_differential_brakes"));
    const std::vector<std::string> keys = direct_drive_figure_keys();
    EXPECT_EQ(std::set<std::string>(keys.begin(), keys.end()).size(), keys.size());
}

TEST(HeadBlocks, AVariantTakesThePlaceOfTheFirst) {
    DeckProfile profile = shipped("otari-mtr-90");
    ASSERT_TRUE(profile.choose_head_block("8-track").ok());
    EXPECT_EQ(profile.tracks, 8);
    EXPECT_EQ(profile.choose_head_block("4-track").error().message,
              "profile \"otari-mtr-90\" has no head block variant \"4-track\"; it has \"16-track\", \"8-track\"");
    EXPECT_THAT(complaint("otari-mtr-90", "name = \"8-track\"", "name = \"16-track\""),
                HasSubstr("another head block is called \"16-track\" already"));
}

TEST(SpecSheet, FiguresCarryTheirSources) {
    const DeckProfile a80 = shipped("studer-a80");
    EXPECT_THAT(a80.spec, Contains(Pair("stop_from_wind_s", testing::Field(&Figure::value, 3.0))));
    for (const auto& [key, figure] : a80.spec) {
        EXPECT_GT(figure.source.size(), 10u) << key;
    }
    EXPECT_DOUBLE_EQ(a80.speed(15)->wow_flutter_percent->value, 0.04);
    EXPECT_EQ(a80.tape_out_when, TapeOutWhen::Both);
    EXPECT_EQ(shipped("studer-a810").tape_out_when, TapeOutWhen::Any);
    EXPECT_THAT(
        complaint("studer-a80", "slip_percent = { value = 0.1, source = ", "slip_percent = { value = 0.1, sauce = "),
        HasSubstr("spec.slip_percent.source: expected text"));
}

/// As much as a proof judges, so that a demonstration shows what a verdict hangs on.
TEST(ShippedDecks, TheSimulatedOnesHaveASheetToBeJudgedBy) {
    for (const char* name :
         {"simulated", "simulated-bias", "simulated-direct-drive", "simulated-display-bus", "simulated-heartbeat",
          "simulated-nine-pin", "simulated-plain", "simulated-ready", "simulated-studer"}) {
        const DeckProfile deck = shipped(name);
        for (const char* key : {"speed_error_percent", "erase_depth_db", "crosstalk_db", "third_harmonic_percent"}) {
            EXPECT_THAT(deck.spec, Contains(Pair(key, testing::Field(&Figure::unsure, false)))) << name;
        }
        ASSERT_EQ(deck.speeds.size(), 3u) << name;
        for (const DeckSpeed& speed : deck.speeds) {
            EXPECT_TRUE(speed.wow_flutter_percent && speed.timing_us) << name << " at " << speed.speed_ips;
            EXPECT_EQ(speed.response_within_db(1000), 1.0) << name << " at " << speed.speed_ips;
            EXPECT_EQ(speed.response_within_db(50), 2.0) << name << " at " << speed.speed_ips;
        }
    }
    EXPECT_THAT(complaint("simulated", "timing_us = { value = 5, ", "timing_us = { value = 0.01, "),
                HasSubstr("timing_us"));
}

TEST(ShippedDecks, ResponseOfTheSpecSheet) {
    // Studer A80/R, Technische Daten: 15 ips 30 Hz to 18 kHz +-2 dB, 60 Hz to 15 kHz +-1 dB; 7.5 ips to 15 and 12 kHz
    const DeckProfile a80 = shipped("studer-a80");
    const DeckSpeed* fifteen = a80.speed(15);
    ASSERT_NE(fifteen, nullptr);
    EXPECT_EQ(fifteen->response_within_db(1000), 1.0);
    EXPECT_EQ(fifteen->response_within_db(15000), 1.0);
    EXPECT_EQ(fifteen->response_within_db(15001), 2.0);
    EXPECT_EQ(fifteen->response_within_db(30), 2.0);
    EXPECT_FALSE(fifteen->response_within_db(29).has_value());
    EXPECT_FALSE(fifteen->response_within_db(18001).has_value());
    EXPECT_EQ(a80.speed(7.5)->response_within_db(12001), 2.0);
    EXPECT_FALSE(a80.speed(7.5)->response_within_db(15001).has_value());
    EXPECT_FALSE(a80.speed(30)->response_within_db(1000).has_value()) << "the sheet tells of two speeds";
    // what no sheet tells is no limit
    const DeckProfile atr = shipped("ampex-atr-102");
    ASSERT_FALSE(atr.speed(30)->response.empty());
    EXPECT_FALSE(atr.speed(30)->response_within_db(1000).has_value());
    EXPECT_FALSE(as_limit(*atr.bias_frequency_khz).has_value());
    EXPECT_THAT(complaint("studer-a80", "to_hz = 12000", "to_hz = 50"),
                HasSubstr("response[1].to_hz: expected a freq"));
    EXPECT_THAT(complaint("ampex-atr-102", "quarter inch\"\nunsure = true", "quarter inch\""),
                HasSubstr("needs unsure = true"));
}

TEST(ShippedDecks, TheEqualisationSwitchIsAskedOrShown) {
    const DeckProfile mtr = shipped("otari-mtr-12");
    EXPECT_TRUE(mtr.asks_equalisation(15));
    EXPECT_FALSE(mtr.asks_equalisation(3.75)) << "it has no such speed";
    EXPECT_FALSE(shipped("ampex-atr-102").asks_equalisation(3.75)) << "NAB is all there is";
    const std::string lamp = "[equalisation_lamp]\nlamp = \"search\"\nlit = \"NAB\"\ndark = \"IEC1\"\n\n[motion]";
    EXPECT_EQ(complaint("otari-mtr-12", "[motion]", lamp), "accepted");
    EXPECT_THAT(complaint("otari-mtr-12", "[motion]",
                          "[equalisation_lamp]\nlamp = \"eq\"\nlit = \"NAB\"\ndark = "
                          "\"IEC1\"\n\n[motion]"),
                HasSubstr("equalisation_lamp.lamp: there is no [[lamp]] called \"eq\""));
    EXPECT_THAT(complaint("otari-mtr-12", "[motion]",
                          "[equalisation_lamp]\nlamp = \"search\"\nlit = \"NAB\"\ndark "
                          "= \"NAB\"\n\n[motion]"),
                HasSubstr("equalisation_lamp.dark: expected another"));
    EXPECT_THAT(complaint("otari-mtr-12", "[motion]",
                          "[equalisation_lamp]\nlamp = \"search\"\nlit = \"CCIR\"\ndark "
                          "= \"NAB\"\n\n[motion]"),
                HasSubstr("equalisation_lamp.lit: \"CCIR\" is not an equalisation that one of the deck's speeds has"));
    DeckProfile with_lamp = mtr;
    with_lamp.equalisation_lamp = EqualisationLamp{.lamp = "search"};
    EXPECT_FALSE(with_lamp.asks_equalisation(15));
}

TEST(BiasSources, AreReadWithTheProfilesTracksAndBiasFrequency) {
    const auto with = [](const std::string& block) {
        return complaint("studer-a820", "\n[[speed]]", "\n[[bias_monitor]]\n" + block + "\n[[speed]]");
    };
    const std::string divided = "kind = \"divided\"\ncapture_channel = 3\ndivide_by = 8\n";
    EXPECT_EQ(with(divided + "track = 2\n"), "accepted");
    EXPECT_THAT(with(divided + "track = 3\n"), HasSubstr("bias_monitor"));
    EXPECT_THAT(with(divided + "track = 2\nspead = 1\n"), HasSubstr("spead"));
    EXPECT_THAT(complaint("simulated", "\n[[speed]]", "\n[[bias_monitor]]\n" + divided + "track = 1\n\n[[speed]]"),
                HasSubstr("bias_frequency_khz")); // the simulated deck's profile has none
}

} // namespace
} // namespace overbias::tape
