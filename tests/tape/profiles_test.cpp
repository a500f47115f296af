// SPDX-License-Identifier: Apache-2.0
#include "tape/deck_profile.hpp"
#include "tape/profile_path.hpp"
#include "tape/tape_stock.hpp"

#include <cstdlib>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace overbias::tape {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

fs::path source_profiles() {
    const char* source = std::getenv("OVERBIAS_SOURCE_DIR");
    return source == nullptr ? fs::path("profiles") : fs::path(source) / "profiles";
}

/// A profile file of its own, with one text replaced.
class ProfileFile {
  public:
    ProfileFile(const fs::path& original, const std::string& from, const std::string& to) {
        std::ifstream in(original);
        std::string text((std::istreambuf_iterator<char>(in)), {});
        const std::size_t at = text.find(from);
        EXPECT_NE(at, std::string::npos) << from;
        text.replace(at, from.size(), to);
        std::string name = (fs::temp_directory_path() / "overbias-profile-XXXXXX").string();
        EXPECT_NE(mkdtemp(name.data()), nullptr);
        directory_ = name;
        std::ofstream(path()) << text;
    }
    ~ProfileFile() { fs::remove_all(directory_); }
    ProfileFile(const ProfileFile&) = delete;
    ProfileFile& operator=(const ProfileFile&) = delete;
    [[nodiscard]] fs::path path() const { return directory_ / "p.toml"; }

  private:
    fs::path directory_;
};

std::string deck_error(const std::string& from, const std::string& to) {
    const ProfileFile file(source_profiles() / "decks" / "simulated-plain.toml", from, to);
    const auto profile = load_deck_profile(file.path());
    return profile ? std::string("accepted") : profile.error().message;
}

TEST(DeckProfile, SimulatedDeckIsReadWhole) {
    const auto profile = load_deck_profile(source_profiles() / "decks" / "simulated.toml");
    ASSERT_TRUE(profile.ok()) << profile.error().message;
    EXPECT_EQ(profile->id, "simulated");
    EXPECT_EQ(profile->driver, "parallel-remote");
    EXPECT_EQ(profile->fast_forward.line, "fast_forward");
    EXPECT_DOUBLE_EQ(profile->record.pulse_s, 0.1);
    EXPECT_EQ(profile->tallies.tape_out, "tape_out");
    EXPECT_EQ(profile->monitor_sync_line, "monitor_sync");
    EXPECT_EQ(profile->proof_of_play, ProofOfPlay::Tally);
    EXPECT_NEAR(profile->tach_edges_per_metre->value, 16.0 / 0.0254, 0.001);
    EXPECT_DOUBLE_EQ(profile->record_to_reproduce_mm->value, 35.0);
    EXPECT_TRUE(profile->supports(15, Equalisation::Iec1));
    EXPECT_FALSE(profile->supports(15, Equalisation::Aes));
    EXPECT_FALSE(profile->supports(3.75, Equalisation::Nab));
    EXPECT_TRUE(profile->stop_line);
    EXPECT_FALSE(profile->heartbeat_contact);
}

TEST(DeckProfile, MistakesNameLineAndKey) {
    EXPECT_THAT(deck_error("settle_after_still_s = { value = 0.8,", "settle_after_still_s = { valu = 0.8,"),
                HasSubstr("motion.settle_after_still_s.valu: unknown key; did you mean \"value\"?"));
    EXPECT_THAT(deck_error(", source = \"play after shuttle, rtzaudio DTC Utils.c\"", ""),
                HasSubstr("motion.settle_after_still_s.source: expected text, got nothing"));
    EXPECT_THAT(deck_error("play = \"tally_play\"\n", ""), HasSubstr("\"tally\" needs tallies.play"));
    EXPECT_THAT(deck_error("play = \"tally_play\"", "play = \"tally_stop\""),
                HasSubstr("line \"tally_stop\" has another duty already"));
    EXPECT_THAT(deck_error("equalisations = [\"AES\"]", "equalisations = [\"NAB\"]"),
                HasSubstr("p.toml:92: speed[2].equalisations"));
    EXPECT_THAT(deck_error("stop = { line = \"stop\", pulse_ms = 100 }\n", ""),
                HasSubstr("keys.stop.line: expected text"));
    EXPECT_THAT(deck_error("sync = \"monitor_sync\"", ""), HasSubstr("wired by half"));
    EXPECT_THAT(deck_error("pulse_ms = 100", "pulse_ms = 500"),
                HasSubstr("keys.stop.pulse_ms: expected a number from 50 to 250, got 500"));
    EXPECT_THAT(deck_error("value = 35.0", "value = 3500"), HasSubstr("expected a number from 5 to 300, got 3500"));
    EXPECT_THAT(deck_error("\"stop_line\"", "\"hope\""), HasSubstr("got \"hope\""));
    EXPECT_THAT(deck_error("\"parallel-remote\"", "\"telepathy\""),
                HasSubstr("expected one of \"parallel-remote\", \"sony-9-pin\""));
}

TEST(Profiles, EveryProfileInTheTreeLoadsAndEveryFigureHasASource) {
    int decks = 0, tapes = 0;
    for (const auto& entry : fs::directory_iterator(source_profiles() / "decks")) {
        const auto profile = load_deck_profile(entry.path());
        EXPECT_TRUE(profile.ok()) << profile.error().message;
        ++decks;
    }
    for (const auto& entry : fs::directory_iterator(source_profiles() / "tapes")) {
        const auto stock = load_tape_stock(entry.path());
        ASSERT_TRUE(stock.ok()) << stock.error().message;
        for (const Overbias& one : stock->overbias) {
            EXPECT_GT(one.source.size(), 10u) << entry.path();
        }
        ++tapes;
    }
    EXPECT_GE(decks, 2);
    EXPECT_GE(tapes, 3);
}

TEST(Profiles, DocumentationNamesEveryKeyThatAProfileUses) {
    std::string page;
    for (const char* name : {"profiles.md", "bias-monitor.md"}) { // [[bias_monitor]] has a page of its own
        std::ifstream in(source_profiles().parent_path() / "docs" / name);
        page.append(std::istreambuf_iterator<char>(in), {});
    }
    for (const char* folder : {"decks", "tapes", "calibration-tapes"}) {
        for (const auto& entry : fs::directory_iterator(source_profiles() / folder)) {
            std::ifstream lines(entry.path());
            for (std::string line; std::getline(lines, line);) {
                const std::size_t end = line.find(" = ");
                if (end != std::string::npos && line.front() != '#') {
                    EXPECT_THAT(page, testing::ContainsRegex("[.`]" + line.substr(0, end) + "`"))
                        << entry.path() << ": " << line;
                }
            }
        }
    }
}

TEST(TapeStock, OverbiasBelongsToASpeedAndHasNoDefault) {
    const auto stock = load_tape_stock(source_profiles() / "tapes" / "rtm-lpr35.toml");
    ASSERT_TRUE(stock.ok()) << stock.error().message;
    ASSERT_NE(stock->overbias_at(3.75), nullptr);
    EXPECT_DOUBLE_EQ(stock->overbias_at(3.75)->overbias_db, 4.5);
    EXPECT_EQ(stock->overbias_at(15), nullptr);
    EXPECT_FALSE(stock->operating_level.has_value());
}

TEST(TapeStock, GenericTapeIsTwoPointOneThreeMil) {
    const auto stock = load_tape_stock(source_profiles() / "tapes" / "generic-2500ft.toml");
    ASSERT_TRUE(stock.ok()) << stock.error().message;
    EXPECT_NEAR(stock->total_thickness_um->value, 2.13 * 25.4, 0.01);
    EXPECT_NEAR(stock->length_m->value, 2500 * 0.3048, 1e-9);
}

TEST(ProfilePath, FoundByNameOrFileAndAnErrorListsWhatThereIs) {
    const auto found = find_profile(ProfileKind::Deck, "simulated", {"/nowhere", source_profiles()});
    ASSERT_TRUE(found.ok()) << found.error().message;
    EXPECT_EQ(found->filename(), "simulated.toml");
    EXPECT_TRUE(find_profile(ProfileKind::Tape, (source_profiles() / "tapes" / "rtm-sm900.toml").string(), {}).ok());
    const auto absent = find_profile(ProfileKind::Tape, "gp9", {source_profiles()});
    ASSERT_FALSE(absent.ok());
    EXPECT_THAT(absent.error().message, HasSubstr("\"rtm-lpr35\", \"rtm-sm468\", \"rtm-sm900\""));
    EXPECT_EQ(profile_directories("/here"), (std::vector<fs::path>{"/here"}));
    EXPECT_GE(profile_directories({}).size(), 2u);
    EXPECT_TRUE(find_profile(ProfileKind::Deck, "simulated", profile_directories({})).ok()); // the source tree
}

} // namespace
} // namespace overbias::tape
