// SPDX-License-Identifier: Apache-2.0
// Calibration tapes as profiles: what is read, refused, and warned of.
#include "tape/calibration_tape.hpp"
#include "tape/profile_path.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>

namespace overbias::tape {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using testing::HasSubstr;

fs::path profile_root() {
    const char* source = std::getenv("OVERBIAS_SOURCE_DIR");
    return source == nullptr ? fs::path("profiles") : fs::path(source) / "profiles";
}

constexpr const char* kWhole = R"(name = "Test tape"
maker = "Maker"
catalogue_number = "1234"
ips = 7.5
equalisation = "IEC1"
order = "as_listed"
complete = true
full_track = true
source = "leaflet of the tape"
made = "2023-05-03"
bought = "2024"

[fluxivity]
nwb_per_m = 320
school = "DIN"
source = "leaflet of the tape"

[[tone]]
frequency_hz = 1000
level_db = 0
duration_s = 30
voice_before = true

[[tone]]
frequency_hz = 31.5
level_db = -10
)";

class TapeFolder {
  public:
    TapeFolder() {
        std::string name = (fs::temp_directory_path() / "overbias-caltape-XXXXXX").string();
        EXPECT_NE(mkdtemp(name.data()), nullptr);
        root = name;
        fs::create_directory(root / "calibration-tapes");
    }
    ~TapeFolder() { fs::remove_all(root); }
    TapeFolder(const TapeFolder&) = delete;
    TapeFolder& operator=(const TapeFolder&) = delete;
    fs::path put(const std::string& id, const std::string& text) const {
        fs::path file = root / "calibration-tapes" / (id + ".toml");
        std::ofstream(file) << text;
        return file;
    }
    fs::path root;
};

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
}

std::string tape_complaint(const std::string& from, const std::string& to) {
    const TapeFolder folder;
    const auto tape = load_calibration_tape(folder.put("t", replaced(kWhole, from, to)));
    return tape ? std::string("accepted") : tape.error().message;
}

TEST(CalibrationTapes, IsReadWhole) {
    const TapeFolder folder;
    const auto tape = load_calibration_tape(folder.put("mine", kWhole));
    ASSERT_TRUE(tape.ok()) << tape.error().message;
    EXPECT_EQ(tape->id, "mine");
    EXPECT_EQ(tape->maker, "Maker");
    EXPECT_EQ(tape->catalogue_number, "1234");
    EXPECT_EQ(tape->speed_ips, 7.5);
    EXPECT_EQ(tape->equalisation, Equalisation::Iec1);
    EXPECT_TRUE(tape->order_known && tape->complete && tape->full_track);
    EXPECT_FALSE(tape->fringing_compensated || tape->unsure);
    ASSERT_TRUE(tape->reference.has_value());
    EXPECT_NEAR(ansi_nwb_per_m(tape->reference->fluxivity), 288, 1e-9);
    ASSERT_EQ(tape->tones.size(), 2u);
    EXPECT_EQ(tape->tones[0].duration_s, 30.0);
    EXPECT_EQ(tape->tones[0].voice_before, true);
    EXPECT_EQ(tape->tones[1].frequency_hz, 31.5);
    EXPECT_EQ(tape->tones[1].level_db, -10.0);
    EXPECT_FALSE(tape->tones[1].duration_s || tape->tones[1].voice_before);
    EXPECT_EQ(tape->made, 2023y / 5 / 3);
    EXPECT_EQ(tape->bought, 2024y / 1 / 1);
}

TEST(CalibrationTapes, MistakesAreNamed) {
    EXPECT_THAT(tape_complaint("\"IEC1\"", "\"AES\""), HasSubstr("t.toml:5: equalisation: \"AES\" is not an"));
    EXPECT_THAT(tape_complaint("\"as_listed\"", "\"sorted\""),
                HasSubstr("order: expected one of \"any\", \"as_listed\""));
    EXPECT_THAT(tape_complaint("made = \"2023-05-03\"", "made = \"3.5.2023\""),
                HasSubstr("t.toml:10: made: expected a date as"));
    EXPECT_THAT(tape_complaint("made = \"2023-05-03\"", "made = \"2023-02-30\""), HasSubstr("made: expected a date"));
    EXPECT_THAT(tape_complaint("bought = \"2024\"", "bought = \"2021\""), HasSubstr("bought before it was made"));
    EXPECT_THAT(tape_complaint("frequency_hz = 31.5", "frequency = 31.5"), HasSubstr("frequency_hz"));
    EXPECT_THAT(tape_complaint("school = \"DIN\"", "school = \"Din\""), HasSubstr("fluxivity.school"));
    EXPECT_THAT(tape_complaint("complete = true\n", ""), HasSubstr("complete"));
    EXPECT_THAT(tape_complaint("source = \"leaflet of the tape\"\nmade",
                               "source = \"working figure, no data sheet at hand\"\nmade"),
                HasSubstr("needs unsure = true"));
    EXPECT_THAT(tape_complaint("bought = \"2024\"", "bought = \"2023\""),
                HasSubstr("accepted")); // the year it was made
}

TEST(CalibrationTapes, Dates) {
    EXPECT_EQ(date_from_text("2024-05-03"), 2024y / 5 / 3);
    EXPECT_EQ(date_from_text("2024-05"), 2024y / 5 / 1);
    EXPECT_EQ(date_from_text("2024"), 2024y / 1 / 1);
    for (const char* wrong : {"", "24", "2024-", "2024-13", "2024-5-3", "2024/05/03", "2023-02-29", "2024-05-03 ",
                              "20240503", "-024-05-03", "2024-0a"}) {
        EXPECT_FALSE(date_from_text(wrong).has_value()) << wrong;
    }
    EXPECT_EQ(date_text(2024y / 5 / 3), "2024-05-03");
}

TEST(CalibrationTapes, WarnsPastTwoYears) {
    CalibrationTape tape;
    tape.id = "mine";
    tape.name = "My tape";
    tape.made = 2022y / 5 / 3;
    tape.bought = 2024y / 5 / 3; // it lay in the shop for two years: the day it was made counts
    EXPECT_FALSE(age_warning(tape, 2024y / 5 / 3).has_value());
    ASSERT_TRUE(age_warning(tape, 2024y / 5 / 4).has_value());
    EXPECT_THAT(*age_warning(tape, 2024y / 5 / 4), HasSubstr("My tape was made on 2022-05-03, more than 2 years ago"));
    tape.made.reset();
    EXPECT_FALSE(age_warning(tape, 2026y / 5 / 3).has_value());
    EXPECT_THAT(age_warning(tape, 2026y / 5 / 4).value_or(""), HasSubstr("was bought on 2024-05-03"));
    EXPECT_THAT(age_warning(tape, 2024y / 5 / 2).value_or(""), HasSubstr("yet to come"));
    tape.bought.reset();
    EXPECT_THAT(age_warning(tape, 2024y / 5 / 2).value_or(""), HasSubstr("age of My tape is not known"));
    tape.made = 2020y / 2 / 29;
    EXPECT_FALSE(age_warning(tape, 2022y / 2 / 28).has_value());
    EXPECT_TRUE(age_warning(tape, 2022y / 3 / 1).has_value());
}

TEST(CalibrationTapes, LowTonesOfAFullTrackTapeAreNoReference) {
    EXPECT_DOUBLE_EQ(fringing_limit_hz(15), 1000);
    EXPECT_DOUBLE_EQ(fringing_limit_hz(7.5), 500);
    EXPECT_DOUBLE_EQ(fringing_limit_hz(30), 2000);
    CalibrationTape tape;
    tape.name = "My tape";
    tape.speed_ips = 7.5;
    tape.full_track = true;
    EXPECT_FALSE(fringing_warning(tape, 500).has_value());
    ASSERT_TRUE(fringing_warning(tape, 50).has_value());
    EXPECT_THAT(*fringing_warning(tape, 50), HasSubstr("50 Hz of My tape is no reference"));
    EXPECT_THAT(*fringing_warning(tape, 50), HasSubstr("below 500 Hz at 7.5 ips"));
    EXPECT_THAT(*fringing_warning(tape, 50), HasSubstr("not compensated"));
    tape.fringing_compensated = true;
    EXPECT_THAT(*fringing_warning(tape, 50), HasSubstr("compensated for it, for one width of track only"));
    tape.full_track = false;
    EXPECT_FALSE(fringing_warning(tape, 50).has_value());
}

TEST(CalibrationTapes, ShippedOnesLoad) {
    const auto tapes = load_calibration_tapes({profile_root()});
    ASSERT_TRUE(tapes.ok()) << tapes.error().message;
    EXPECT_GE(tapes->size(), 20u);
    for (const CalibrationTape& tape : *tapes) {
        EXPECT_GT(tape.source.size(), 10u) << tape.id;
        EXPECT_EQ(tape.equalisation.has_value(), tape.id.find("flutter") == std::string::npos) << tape.id;
        EXPECT_TRUE(find_profile(ProfileKind::CalibrationTape, tape.id, {profile_root()}).ok()) << tape.id;
    }
    // MRL Publication 070: tones of 72 s; at 3.75 ips 10 dB below the reference
    const auto named = [&](const std::string& id) {
        return *std::find_if(tapes->begin(), tapes->end(), [&](const CalibrationTape& each) { return each.id == id; });
    };
    for (const CalibrationTone& tone : named("mrl-three-frequency-3.75-nab-250").tones) {
        EXPECT_EQ(tone.level_db, -10.0);
        EXPECT_EQ(tone.duration_s, 72.0);
    }
    EXPECT_EQ(named("mrl-three-frequency-30-aes-355").reference->fluxivity.nwb_per_m, 355.0);
    EXPECT_EQ(named("mrl-three-frequency-30-aes-355").tones[0].level_db, 0.0);
    EXPECT_TRUE(named("mrl-multifrequency-15-nab-250").unsure);
}

TEST(CalibrationTapes, TheOwnersCopyGoesBeforeTheShippedOne) {
    const TapeFolder mine, shipped;
    mine.put("a", kWhole);
    shipped.put("a", replaced(kWhole, "Test tape", "Shipped"));
    shipped.put("b", kWhole);
    const auto tapes = load_calibration_tapes({mine.root, "/nowhere", shipped.root});
    ASSERT_TRUE(tapes.ok()) << tapes.error().message;
    ASSERT_EQ(tapes->size(), 2u);
    EXPECT_EQ((*tapes)[0].name, "Test tape");
    shipped.put("c", "name = 1");
    EXPECT_THAT(load_calibration_tapes({mine.root, shipped.root}).error().message, HasSubstr("c.toml:1: name"));
    EXPECT_THAT(find_profile(ProfileKind::CalibrationTape, "z", {mine.root}).error().message,
                HasSubstr("calibration tape profile \"z\" not found"));
}

} // namespace
} // namespace overbias::tape
