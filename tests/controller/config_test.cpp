// SPDX-License-Identifier: Apache-2.0
#include "controller/config.hpp"

#include "controller/default_places.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace overbias::controller {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

fs::path source_dir() {
    const char* source = std::getenv("OVERBIAS_SOURCE_DIR");
    return source == nullptr ? fs::path(".") : fs::path(source);
}

std::string text_of_file(const fs::path& path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// A configuration of a real deck that is complete.
const std::string kRealDeck = "[deck]\nprofile = \"generic-parallel\"\nrecord_to_reproduce_mm = 32.6\n"
                              "[tape]\nstock = \"generic-2500ft\"\nspeed_ips = 15\nequalisation = \"NAB\"\n"
                              "operating_level_nwb_per_m = 355\noperating_level_school = \"ANSI\"\n"
                              "[audio]\nplay_dbfs_at_operating_level = -16\ncapture_dbfs_at_operating_level = -15\n"
                              "round_trip_frames = 100.5\n"
                              "playback_device = \"hw:CARD=Deck,DEV=0\"\ncapture_device = \"hw:CARD=Deck,DEV=0\"\n";

std::string real_deck_with(const std::string& from, const std::string& to) {
    std::string text = kRealDeck;
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
}

std::string complaint(const std::string& text, bool simulate = false) {
    const auto config = parse_config(text, "c.toml", simulate);
    return config ? std::string("accepted") : config.error().message;
}

TEST(ConfigFile, SimulatedDefaults) {
    const auto config = simulated_config();
    ASSERT_TRUE(config.ok()) << config.error().message;
    EXPECT_TRUE(config->simulate);
    EXPECT_EQ(config->deck.profile.id, "simulated");
    EXPECT_DOUBLE_EQ(config->deck.record_to_reproduce_mm, 35.0);
    EXPECT_NEAR(config->deck.tach_edges_per_metre, 16.0 / 0.0254, 0.001);
    EXPECT_DOUBLE_EQ(config->deck.roller_slip_percent, 0.1);
    EXPECT_DOUBLE_EQ(parse_config("[deck]\nroller_slip_percent = 0.025\n", "c.toml", true)->deck.roller_slip_percent,
                     0.025);
    EXPECT_DOUBLE_EQ(config->tape.length_m, 762.0);
    EXPECT_DOUBLE_EQ(config->tape.speed_ips, 15.0);
    EXPECT_EQ(config->tape.equalisation, tape::Equalisation::Iec1);
    EXPECT_DOUBLE_EQ(config->audio.levels.play_dbfs_at_operating_level, -14.0);
    EXPECT_DOUBLE_EQ(config->audio.levels.capture_dbfs_at_operating_level, -14.0);
    EXPECT_NEAR(config->audio.round_trip_s(), 61.37 / 48000.0, 1e-12);
    EXPECT_EQ(config->daemon.state_dir, simulated_state_dir());
    EXPECT_EQ(config->daemon.socket, config->daemon.state_dir / "overbias.sock");
    EXPECT_FALSE(config->print.start_m.has_value()) << "a print begins where the tape stands";
    EXPECT_EQ(parse_config("[print]\nstart_m = 0\n", "c.toml", true)->print.start_m, 0.0);
}

TEST(ConfigFile, RealDeckIsReadWhole) {
    const auto config = parse_config(
        kRealDeck + "[daemon]\nstate_dir = \"/srv/tape\"\n[limits]\nlevel_difference_db = 0.5\n", "c.toml", false);
    ASSERT_TRUE(config.ok()) << config.error().message;
    EXPECT_FALSE(config->simulate);
    EXPECT_DOUBLE_EQ(config->deck.record_to_reproduce_mm, 32.6);
    EXPECT_DOUBLE_EQ(config->deck.tach_edges_per_metre, 0.0);
    EXPECT_DOUBLE_EQ(config->tape.length_m, 762.0); // the stock's
    EXPECT_EQ(config->tape.operating_level.school, tape::CalibrationSchool::Ansi);
    EXPECT_DOUBLE_EQ(config->audio.levels.play_dbfs_at_operating_level, -16.0);
    EXPECT_DOUBLE_EQ(config->audio.levels.capture_dbfs_at_operating_level, -15.0);
    EXPECT_EQ(config->audio.round_trip_frames, 100.5);
    EXPECT_EQ(config->daemon.state_dir, "/srv/tape");
    EXPECT_EQ(config->daemon.socket, "/run/overbias/overbias.sock");
    EXPECT_DOUBLE_EQ(config->limits.level_difference_db, 0.5);
    EXPECT_DOUBLE_EQ(config->limits.level_re_slate_db, mastering::VerdictLimits{}.level_re_slate_db);
}

TEST(ConfigFile, RealDeckHasNoDefaultForWhatOnlyTheOperatorKnows) {
    const std::string all = complaint("");
    for (const char* key :
         {"deck.profile", "tape.stock", "tape.length_m", "tape.speed_ips", "tape.equalisation",
          "tape.operating_level_nwb_per_m", "tape.operating_level_school", "audio.play_dbfs_at_operating_level",
          "audio.capture_dbfs_at_operating_level", "audio.playback_device", "audio.capture_device"}) {
        EXPECT_THAT(all, HasSubstr(std::string("c.toml: ") + key + ": expected")) << key;
    }
    EXPECT_EQ(std::count(all.begin(), all.end(), '\n'), 10);
    EXPECT_EQ(complaint("", true), "accepted");
    EXPECT_THAT(
        complaint(real_deck_with("play_dbfs_at_operating_level = -16\n", "")),
        HasSubstr("c.toml:10: audio.play_dbfs_at_operating_level: expected a number from -40 to 0, got nothing"));
}

TEST(ConfigFile, MistakesNameLineKeyExpectedAndGot) {
    EXPECT_EQ(complaint(real_deck_with("speed_ips = 15", "speed_isp = 15")),
              "c.toml:4: tape.speed_ips: expected a number from 3.75 to 30, got nothing; this key is required\n"
              "c.toml:6: tape.speed_isp: unknown key; did you mean \"speed_ips\"?");
    EXPECT_THAT(complaint(real_deck_with("speed_ips = 15", "speed_ips = 22.5")),
                HasSubstr("c.toml:6: tape.speed_ips: deck \"generic-parallel\" runs at 7.5, 15, 30 ips, got 22.5"));
    EXPECT_THAT(
        complaint(real_deck_with("\"NAB\"", "\"AES\"")),
        HasSubstr(
            "c.toml:7: tape.equalisation: deck \"generic-parallel\" has \"IEC1\", \"NAB\" at 15 ips, got \"AES\""));
    EXPECT_THAT(complaint(real_deck_with("\"NAB\"", "\"nab\"")),
                HasSubstr("expected one of \"NAB\", \"IEC1\", \"AES\", got \"nab\""));
    EXPECT_THAT(complaint(real_deck_with("\"ANSI\"", "\"MRL\"")), HasSubstr("expected \"ANSI\" or \"DIN\""));
    EXPECT_THAT(complaint(real_deck_with("\"generic-parallel\"", "\"ampex\"")),
                HasSubstr("c.toml:2: deck.profile: deck profile \"ampex\" not found in"));
    EXPECT_THAT(complaint(real_deck_with("record_to_reproduce_mm = 32.6\n", "")),
                HasSubstr("c.toml:1: deck.record_to_reproduce_mm: profile"));
    EXPECT_THAT(complaint(kRealDeck + "[daemon]\nsocket = \"here.sock\"\n"),
                HasSubstr("expected an absolute path, got \"here.sock\""));
    EXPECT_THAT(complaint(kRealDeck + "[daemon]\nsocket = \"/" + std::string(120, 'x') + "\"\n"),
                HasSubstr("at most 107 bytes"));
    EXPECT_THAT(complaint("[deck]\nuuid = \"mine\"\n", true), HasSubstr("c.toml:2: deck.uuid: expected a UUID"));
    EXPECT_THAT(complaint("[tape]\nlength_m = 762\nlength_ft = 2500\n", true),
                HasSubstr("c.toml:3: tape.length_ft: length_m is given too"));
    EXPECT_THAT(complaint("[print]\nstart_m = 760\n", true),
                HasSubstr("c.toml:2: print.start_m: expected a place on the tape"));
    EXPECT_THAT(complaint("[audio]\nconverter_bits = \"24\"\n", true),
                HasSubstr("expected an integer from 16 to 32, got \"24\""));
    EXPECT_THAT(load_config("/nowhere/c.toml", true).error().message, HasSubstr("/nowhere/c.toml"));
}

TEST(ConfigFile, ATemplateIsRefusedAndNamesWhatToFillIn) {
    const std::string told = complaint(real_deck_with("generic-parallel", "studer-a80"));
    EXPECT_THAT(told,
                HasSubstr("c.toml:2: deck.profile: \"studer-a80\" is a template and cannot drive a deck yet: copy "
                          "it, fill in keys.stop.pin, keys.play.pin, "));
    EXPECT_THAT(told, HasSubstr("socket.connector"));
    EXPECT_THAT(complaint(real_deck_with("generic-parallel", "ampex-atr-102"), true), HasSubstr("is a template"));
    EXPECT_EQ(complaint(real_deck_with("generic-parallel", "otari-mtr-12")), "accepted");
}

TEST(ConfigFile, AHeadBlockIsChosenByItsName) {
    const std::string text = real_deck_with("\"generic-parallel\"", "\"otari-mtr-90\"\nhead_block = \"8-track\"");
    const auto config = parse_config(text, "c.toml", false);
    ASSERT_TRUE(config.ok()) << config.error().message;
    EXPECT_EQ(config->deck.profile.tracks, 8);
    EXPECT_THAT(complaint(real_deck_with("\"generic-parallel\"", "\"otari-mtr-90\"\nhead_block = \"half\"")),
                HasSubstr("c.toml:3: deck.head_block: profile \"otari-mtr-90\" has no head block variant \"half\""));
}

TEST(ConfigFile, LengthInFeet) {
    const auto config = parse_config("[tape]\nlength_ft = 1250\n", "c.toml", true);
    ASSERT_TRUE(config.ok()) << config.error().message;
    EXPECT_NEAR(config->tape.length_m, 381.0, 1e-9);
}

TEST(ConfigFile, EveryExampleInTheTreeLoads) {
    int loaded = 0;
    for (const auto& entry : fs::directory_iterator(source_dir() / "docs" / "examples")) {
        if (entry.is_directory()) { // reel plans
            continue;
        }
        const bool simulate = entry.path().stem() == "simulated";
        const auto config = load_config(entry.path(), simulate);
        EXPECT_TRUE(config.ok()) << config.error().message;
        ++loaded;
    }
    EXPECT_GE(loaded, 2);
}

TEST(ConfigFile, DocumentationListsEveryKeyAndNoOther) {
    const std::string page = text_of_file(source_dir() / "docs" / "configuration.md");
    const std::vector<std::string> keys = config_keys();
    EXPECT_GT(keys.size(), 35u);
    for (const std::string& key : keys) {
        EXPECT_THAT(page, HasSubstr("\n| `" + key + "` |")) << key;
    }
    EXPECT_EQ(std::count(page.begin(), page.end(), '\n') > 0, true);
    std::size_t rows = 0;
    for (std::size_t at = page.find("\n| `"); at != std::string::npos; at = page.find("\n| `", at + 1)) {
        ++rows;
    }
    EXPECT_EQ(rows, keys.size()) << "docs/configuration.md documents a key that does not exist";
}

TEST(ConfigFile, DocumentedWholeConfigurationHasEveryKeyAndTheDocumentedDefaults) {
    const std::string page = text_of_file(source_dir() / "docs" / "configuration.md");
    const std::size_t from = page.find("```toml\n") + 8;
    const std::string example = page.substr(from, page.find("```", from) - from);
    const auto config = parse_config(example, "docs/configuration.md", false);
    ASSERT_TRUE(config.ok()) << config.error().message;
    for (const std::string& key : config_keys()) {
        // the first excludes length_m, the next two are directories of your own, the last names what few profiles have
        if (key != "tape.length_ft" && key != "daemon.profiles" && key != "alignment.own_profiles" &&
            key != "deck.head_block") {
            EXPECT_THAT(example, HasSubstr("\n" + key.substr(key.rfind('.') + 1) + " = ")) << key;
        }
    }
    // the example shows the defaults where there are any
    const auto defaults = simulated_config();
    ASSERT_TRUE(defaults.ok());
    EXPECT_EQ(config->print.slate_s, defaults->print.slate_s);
    EXPECT_EQ(config->print.slate_hz, defaults->print.slate_hz);
    EXPECT_EQ(config->print.gap_s, defaults->print.gap_s);
    EXPECT_EQ(config->print.lead_in_s, defaults->print.lead_in_s);
    EXPECT_EQ(config->print.post_roll_s, defaults->print.post_roll_s);
    EXPECT_EQ(config->print.spare_m, defaults->print.spare_m);
    EXPECT_EQ(config->limits.delay_tolerance, defaults->limits.delay_tolerance);
    EXPECT_EQ(config->limits.level_difference_db, defaults->limits.level_difference_db);
    EXPECT_EQ(config->limits.level_re_slate_db, defaults->limits.level_re_slate_db);
    EXPECT_EQ(config->limits.third_octave_difference_db, defaults->limits.third_octave_difference_db);
    EXPECT_EQ(config->limits.dropout_depth_db, defaults->limits.dropout_depth_db);
    EXPECT_EQ(config->limits.dropout_length_ms, defaults->limits.dropout_length_ms);
    EXPECT_EQ(config->limits.speed_change_ppm, defaults->limits.speed_change_ppm);
    EXPECT_EQ(config->limits.phase_deg_at_1khz, defaults->limits.phase_deg_at_1khz);
    EXPECT_EQ(config->limits.not_proven_s, defaults->limits.not_proven_s);
    EXPECT_EQ(config->daemon.state_dir, "/var/lib/overbias");
}

TEST(ConfigFile, TheLevelThatMutesACueIsChecked) {
    EXPECT_DOUBLE_EQ(simulated_config()->audio.cue_mute_dbfs, -20.0);
    EXPECT_DOUBLE_EQ(parse_config("[audio]\ncue_mute_dbfs = -32.5\n", "c.toml", true)->audio.cue_mute_dbfs, -32.5);
    for (const char* const beyond : {"0.5", "-61"}) {
        EXPECT_THAT(complaint(std::string("[audio]\ncue_mute_dbfs = ") + beyond + "\n", true),
                    HasSubstr("c.toml:2: audio.cue_mute_dbfs: "));
    }
}

TEST(ConfigFile, EveryLimitReachesTheField) {
    const auto config =
        parse_config("[limits]\ndelay_tolerance = 0.11\nlevel_difference_db = 2.2\nlevel_re_slate_db = 3.3\n"
                     "third_octave_difference_db = 4.4\ndropout_depth_db = 5.5\ndropout_length_ms = 6.6\n"
                     "speed_change_ppm = 77\nphase_deg_at_1khz = 88\nnot_proven_s = 9.9\n",
                     "c.toml", true);
    ASSERT_TRUE(config.ok()) << config.error().message;
    const mastering::VerdictLimits& limits = config->limits;
    EXPECT_EQ(limits.delay_tolerance, 0.11);
    EXPECT_EQ(limits.level_difference_db, 2.2);
    EXPECT_EQ(limits.level_re_slate_db, 3.3);
    EXPECT_EQ(limits.third_octave_difference_db, 4.4);
    EXPECT_EQ(limits.dropout_depth_db, 5.5);
    EXPECT_EQ(limits.dropout_length_ms, 6.6);
    EXPECT_EQ(limits.speed_change_ppm, 77);
    EXPECT_EQ(limits.phase_deg_at_1khz, 88);
    EXPECT_EQ(limits.not_proven_s, 9.9);
}

} // namespace
} // namespace overbias::controller
