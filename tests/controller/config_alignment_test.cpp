// SPDX-License-Identifier: Apache-2.0
// What the configuration says of alignments, and what of it is refused.
#include "controller/config.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>

namespace overbias::controller {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

std::string refusal(const std::string& text) {
    const auto config = parse_config(text, "c.toml", true);
    return config ? "none" : config.error().message;
}

TEST(AlignmentConfiguration, HasItsDefaultsAndWhatIsGiven) {
    const auto usual = parse_config("", "c.toml", true);
    ASSERT_TRUE(usual.ok());
    EXPECT_EQ(usual->alignment.overbias_db, 0.25);
    EXPECT_EQ(usual->alignment.limits_source, "usual practice; no standard at hand");
    EXPECT_FALSE(usual->alignment.low_db.has_value());
    EXPECT_FALSE(usual->audio.levels.play_dbu_at_full_scale.has_value());
    const auto given =
        parse_config("[tape]\nbatch = \"17-A\"\n[audio]\nplay_dbu_at_full_scale = 18.1\n"
                     "capture_dbu_at_full_scale = 17.9\ndbu_at_0_vu = 4\n"
                     "[alignment]\noperator = \"Meyer\"\nlevel_db = 0.2\nlow_db = 0.7\nlimits_source = \"page 41\"\n"
                     "voltmeter = \"V\"\nvu_meters = true\n",
                     "c.toml", true);
    ASSERT_TRUE(given.ok()) << given.error().message;
    EXPECT_EQ(given->tape.batch, "17-A");
    EXPECT_EQ(given->alignment.operator_name, "Meyer");
    EXPECT_EQ(given->alignment.level_db, 0.2);
    EXPECT_EQ(given->alignment.low_db, 0.7);
    EXPECT_EQ(given->alignment.limits_source, "page 41");
    EXPECT_TRUE(given->alignment.enters_volts);
    EXPECT_TRUE(given->alignment.vu_meters);
    EXPECT_EQ(given->audio.levels.play_dbu_at_full_scale, 18.1);
    EXPECT_EQ(given->audio.levels.capture_dbu_at_full_scale, 17.9);
    EXPECT_EQ(given->audio.levels.dbu_at_0_vu, 4.0);
}

TEST(AlignmentConfiguration, ALimitComesWithItsSource) {
    EXPECT_THAT(refusal("[alignment]\nhigh_db = 1.0\n"), HasSubstr("alignment.limits_source"));
    EXPECT_THAT(refusal("[alignment]\nlow_db = 1.0\n"), HasSubstr("alignment.limits_source"));
    EXPECT_THAT(refusal("[alignment]\nlimits_source = \"page 41\"\n"), HasSubstr("no limit is given"));
    EXPECT_THAT(refusal("[alignment]\nlevel_db = 0\nlimits_source = \"x\"\n"), HasSubstr("alignment.level_db"));
    EXPECT_THAT(refusal("[alignment]\nvoltmeter = \"mV\"\n"), HasSubstr("expected \"dBu\" or \"V\", got \"mV\""));
}

TEST(AlignmentConfiguration, CalibrationTapesOfOnesOwnAreReadAtTheStart) {
    std::string name = (fs::temp_directory_path() / "overbias-own-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    const fs::path folder = name;
    const std::string own = "[alignment]\nown_profiles = \"" + folder.string() + "\"\n";
    EXPECT_THAT(refusal("[alignment]\nown_profiles = \"tapes\"\n"), HasSubstr("expected an absolute path"));
    EXPECT_THAT(refusal(own), HasSubstr("expected a directory with calibration-tapes/ in it"));
    fs::create_directories(folder / "calibration-tapes");
    const auto config = parse_config(own, "c.toml", true);
    ASSERT_TRUE(config.ok()) << config.error().message;
    EXPECT_EQ(config->alignment.profile_directories.front(), folder);
    EXPECT_GE(config->alignment.profile_directories.size(), 2u);
    std::ofstream(folder / "calibration-tapes" / "mine.toml") << "speed = fast\n";
    EXPECT_THAT(refusal(own), HasSubstr("mine.toml"));
    fs::remove_all(folder);
}

} // namespace
} // namespace overbias::controller
