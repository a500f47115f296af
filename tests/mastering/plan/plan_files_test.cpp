// SPDX-License-Identifier: Apache-2.0
// The files of a plan: what can't be used is refused by name, what will be changed on the way is told.
#include "plan_rig.hpp"

#include <array>
#include <cstdio>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <memory>
#include <mutex>
#include <set>
#include <string>

namespace overbias::mastering {
namespace {

using testing::Burst;
using ::testing::Each;
using ::testing::ElementsAre;
using testing::finding;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::kinds;
using testing::PlanRig;

/// By another program.
std::string sha256sum(const std::string& file) {
    const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(("sha256sum '" + file + "'").c_str(), "r"), pclose);
    std::array<char, 65> digest{};
    EXPECT_EQ(fread(digest.data(), 1, 64, pipe.get()), 64U);
    return digest.data();
}

TEST(PlanFiles, NothingIsSaidOfAPlanThatIsAllRight) {
    PlanRig rig;
    const PlanCheck check =
        check_plan(PlanRig::plan({rig.file("a.wav", 2.0, {{.from_s = 0.5, .to_s = 1.5}})}), PlanRig::context());
    EXPECT_TRUE(check.printable());
    EXPECT_THAT(kinds(check.refusals), IsEmpty());
    EXPECT_THAT(kinds(check.warnings), IsEmpty());
    EXPECT_THAT(kinds(check.notes), IsEmpty());
    ASSERT_EQ(check.files.size(), 1U);
    EXPECT_FALSE(check.files[0].converted);
}

TEST(PlanFiles, AFileThatIsNotThereIsRefusedAndNamed) {
    PlanRig rig;
    ReelPlan plan = PlanRig::plan({rig.file("a.wav", 1.0), (rig.folder() / "gone.wav").string()});
    const PlanCheck check = check_plan(plan, PlanRig::context());
    const PlanFinding missing = finding(check.refusals, "file_missing");
    EXPECT_EQ(missing.side, "A");
    EXPECT_EQ(missing.track, 1);
    EXPECT_THAT(missing.words, HasSubstr("gone.wav"));
    EXPECT_THAT(missing.words, HasSubstr("side A, track 2"));
    EXPECT_FALSE(check.printable());
    EXPECT_FALSE(check.sides.at(0).laid_out.has_value()) << "a side of which a file is missing has no length";
}

TEST(PlanFiles, WhatIsNoSoundOrHasSixChannelsIsRefused) {
    PlanRig rig;
    const std::string text = rig.sounds().write_bytes("words.wav", "this is no sound").string();
    const std::string surround =
        rig.sounds().write("51.wav", audio::testing::kWav24, 48000, 6, std::vector<double>(6 * 4800, 0.1)).string();
    const PlanCheck check = check_plan(PlanRig::plan({text, surround}), PlanRig::context());
    EXPECT_THAT(kinds(check.refusals), ElementsAre("file_unusable", "file_unusable"));
    EXPECT_THAT(check.refusals.at(1).words, HasSubstr("6 channels"));
}

TEST(PlanFiles, TheDigestIsThatOfTheFileAndADifferentOneIsRefused) {
    PlanRig rig;
    ReelPlan plan = PlanRig::plan({rig.file("a.wav", 1.0, {{.to_s = 1.0}})});
    plan.sides[0].tracks[0].sha256 = sha256sum(plan.sides[0].tracks[0].file);
    const PlanCheck right = check_plan(plan, PlanRig::context());
    EXPECT_TRUE(right.printable());
    EXPECT_EQ(right.files.at(0).info.sha256, plan.sides[0].tracks[0].sha256);

    plan.sides[0].tracks[0].sha256 = std::string(64, 'a');
    const PlanCheck wrong = check_plan(plan, PlanRig::context());
    EXPECT_THAT(kinds(wrong.refusals), ElementsAre("hash_differs"));
    EXPECT_THAT(wrong.refusals.at(0).words, HasSubstr(right.files.at(0).info.sha256));
}

TEST(PlanFiles, EachFileOfAnotherRateIsNamed) {
    PlanRig rig;
    const PlanCheck check = check_plan(
        PlanRig::plan({rig.file("cd.wav", 1.0, {{.to_s = 1.0}}, 44100), rig.file("same.wav", 1.0, {{.to_s = 1.0}}),
                       rig.file("high.wav", 1.0, {{.to_s = 1.0}}, 96000)}),
        PlanRig::context());
    EXPECT_TRUE(check.printable());
    EXPECT_THAT(kinds(check.warnings), ElementsAre("sample_rate", "sample_rate"));
    EXPECT_THAT(check.warnings.at(0).words, HasSubstr("cd.wav"));
    EXPECT_THAT(check.warnings.at(0).words, HasSubstr("44100"));
    EXPECT_THAT(check.warnings.at(1).words, HasSubstr("high.wav"));
    EXPECT_TRUE(check.files[0].converted);
    EXPECT_FALSE(check.files[1].converted);
}

TEST(PlanFiles, ATrimOverFullScaleIsRefused) {
    PlanRig rig;
    ReelPlan plan = PlanRig::plan({rig.file("a.wav", 1.0, {{.peak_dbfs = -3.0, .to_s = 1.0}})});
    plan.sides[0].tracks[0].trim_db = 2.9;
    EXPECT_TRUE(check_plan(plan, PlanRig::context()).printable());
    plan.sides[0].tracks[0].trim_db = 3.5;
    const PlanCheck check = check_plan(plan, PlanRig::context());
    EXPECT_THAT(kinds(check.refusals), ElementsAre("over_full_scale"));
}

TEST(PlanFiles, AConversionOverFullScaleIsRefused) {
    // Samples at 45 and 135 degrees of a sine of a quarter of the rate: what lies between them is 3 dB higher.
    PlanRig rig;
    const double quarter_hz = 44100.0 / 4.0;
    const PlanCheck check = check_plan(
        PlanRig::plan({rig.file(
            "a.wav", 1.0,
            {{.frequency_hz = quarter_hz, .peak_dbfs = 2.9, .to_s = 1.0, .phase_rad = 0.25 * 3.14159265358979}},
            44100)}),
        PlanRig::context());
    EXPECT_THAT(kinds(check.refusals), ElementsAre("over_full_scale"));
}

TEST(PlanFiles, FilesAreWhatTheResolverSays) {
    PlanRig rig;
    const std::string there = rig.file("a.wav", 1.0, {{.to_s = 1.0}});
    PlanCheckContext context = PlanRig::context();
    context.resolve = [&](const std::string& file) -> Result<std::filesystem::path> {
        if (file == "upload:7") {
            return std::filesystem::path(there);
        }
        return Error{file + ": no such upload"};
    };
    EXPECT_TRUE(check_plan(PlanRig::plan({"upload:7"}), context).printable());
    const PlanCheck unknown = check_plan(PlanRig::plan({"upload:8"}), context);
    EXPECT_THAT(finding(unknown.refusals, "file_missing").words, HasSubstr("upload:8: no such upload"));
}

TEST(PlanFiles, TheVoiceSlateIsCheckedToo) {
    PlanRig rig;
    ReelPlan plan = PlanRig::plan({rig.file("a.wav", 1.0, {{.to_s = 1.0}})});
    plan.slate.voice = (rig.folder() / "voice.wav").string();
    EXPECT_THAT(kinds(check_plan(plan, PlanRig::context()).refusals), ElementsAre("file_missing"));
    plan.slate.voice = rig.file("voice.wav", 2.0, {{.to_s = 1.0}});
    const PlanCheck check = check_plan(plan, PlanRig::context());
    EXPECT_TRUE(check.printable());
    EXPECT_EQ(check.files.at(0).track, -1);
}

TEST(PlanFiles, SeveralThreadsSayTheSameAndTellHowFarTheyAre) {
    PlanRig rig;
    std::vector<std::string> files;
    for (int i = 0; i < 6; ++i) {
        files.push_back(
            rig.file("t" + std::to_string(i) + ".wav", 1.0 + 0.1 * i, {{.peak_dbfs = -20.0 - i, .to_s = 1.0}}));
    }
    PlanCheckContext context = PlanRig::context();
    const PlanCheck one = check_plan(PlanRig::plan(files), context);
    context.threads = 4;
    double done = 0.0;
    bool falls = false;
    std::set<std::string> told;
    context.progress = [&](double share, const std::string& what) {
        falls = falls || share < done;
        done = share;
        told.insert(what);
    };
    ReelPlan plan = PlanRig::plan(files);
    plan.sides.front().tracks.front().title = "Fog"; // as the plan calls it: an upload has no name on disk
    const PlanCheck four = check_plan(plan, context);
    EXPECT_EQ(told.count("Fog"), 1U);
    EXPECT_EQ(told.count("t0.wav"), 0U);
    EXPECT_FALSE(falls);
    EXPECT_NEAR(done, 1.0, 1e-9);
    for (std::size_t i = 0; i < files.size(); ++i) {
        EXPECT_EQ(one.files[i].info.sha256, four.files[i].info.sha256);
        EXPECT_EQ(one.files[i].integrated_lufs, four.files[i].integrated_lufs);
        EXPECT_NEAR(four.files[i].sample_peak_dbfs[0].value_or(0.0), -20.0 - static_cast<double>(i), 0.05);
    }
}

TEST(PlanFiles, ACheckThatIsStoppedIsNoPermission) {
    PlanRig rig;
    PlanCheckContext context = PlanRig::context();
    context.cancelled = [] { return true; };
    EXPECT_FALSE(check_plan(PlanRig::plan({rig.file("a.wav", 1.0, {{.to_s = 1.0}})}), context).printable());
}

} // namespace
} // namespace overbias::mastering
