// SPDX-License-Identifier: Apache-2.0
// Clean programmes of every kind on the default deck, which is not ideal: none may give a false alarm.
#include "comparison_programmes.hpp"
#include "print_rig.hpp"
#include "written_programme.hpp"

#include <boost/json.hpp>
#include <cmath>
#include <gtest/gtest.h>
#include <numbers>

namespace overbias::test {

class CleanProgramme : public ::testing::TestWithParam<std::string> {};

TEST_P(CleanProgramme, GivesNoFalseAlarm) {
    for (const std::uint64_t seed : {1U, 2U}) { // two decks: other noise, weave and flutter phases
        PrintRigOptions options;
        options.settings.seed = seed;
        PrintRig rig(options);
        const std::string file = write_programme(GetParam(), comparison_test::programme(GetParam()));
        const PrintEnd end = rig.print(PrintRig::quick_request({file}));
        EXPECT_EQ(end.verdict(), "pass") << "seed " << seed << "\n" << end.text();
        EXPECT_TRUE(end.track(0).at("dropouts").as_array().empty()) << end.text();
        const double judged = end.track(0).at("judged_share").to_number<double>();
        if (GetParam() == "silence") {
            EXPECT_EQ(judged, 0.0);
            EXPECT_FALSE(end.track(0).at("not_proven").as_array().empty()) << "silence must be called not proven";
        }
        if (GetParam() == "pink" || GetParam() == "loud_master") {
            EXPECT_GT(judged, 0.8);
        }
    }
}

INSTANTIATE_TEST_SUITE_P(All, CleanProgramme, ::testing::ValuesIn(comparison_test::programme_names()),
                         [](const auto& name) { return name.param; });

/// A limited master 18 dB over operating level: the tape clips in every beat, and what is lost beside the beat is no
/// drop-out.
TEST(HotProgramme, GivesNoFalseAlarm) {
    PrintRigOptions options;
    options.settings.seed = 4;
    options.settings.equalisation = deck_sim::Equalisation::Nab; // lifts the bass on the way to the tape
    options.settings.play_dbfs_at_operating_level = options.settings.capture_dbfs_at_operating_level = -18.4;
    PrintRig rig(options);
    const std::string file = write_programme("hot", comparison_test::programme("loud_master", 3, 15.0));
    const PrintEnd end = rig.print(PrintRig::quick_request({file}));
    EXPECT_EQ(end.verdict(), "pass") << end.text();
}

TEST(ThirtyInchesPerSecond, GivesNoFalseAlarm) {
    PrintRigOptions options;
    options.settings.play_speed_ips = 30.0;
    options.settings.equalisation = deck_sim::Equalisation::Aes;
    PrintRig rig(options);
    const PrintEnd end = rig.print(PrintRig::quick_request({demo_file(15)}));
    EXPECT_EQ(end.verdict(), "pass") << end.text();
}

TEST(PrintedFiles, SeveralFilesOfOtherRatesAndMonoAreJudgedEachByItself) {
    std::vector<float> mono(44100 * 6), high(96000 * 2 * 6);
    double phase = 0;
    std::uint32_t noise = 1;
    for (std::size_t i = 0; i < high.size() / 2; ++i) {
        noise = noise * 1664525U + 1013904223U;
        phase += 2 * std::numbers::pi * 220.0 / 96000.0;
        const double hiss = (static_cast<double>(noise >> 8) / 8388608.0 - 1.0) * 0.05;
        high[2 * i] = static_cast<float>(0.15 * std::sin(phase) + hiss);
        high[2 * i + 1] = static_cast<float>(0.15 * std::sin(1.5 * phase) - hiss);
        if (i < mono.size()) {
            mono[i] = static_cast<float>(0.1 * std::sin(phase * 3) + hiss);
        }
    }
    PrintRig rig;
    const PrintEnd end = rig.print(PrintRig::quick_request(
        {write_programme("mono", mono, 1, 44100), write_programme("high", high, 2, 96000), demo_file(8)}));
    EXPECT_EQ(end.verdict(), "pass") << end.text();
    ASSERT_EQ(end.report.at("tracks").as_array().size(), 3U);
    EXPECT_TRUE(end.track(0).at("sample_rate_converted").as_bool());
    EXPECT_TRUE(end.track(1).at("sample_rate_converted").as_bool());
    EXPECT_FALSE(end.track(2).at("sample_rate_converted").as_bool());
    // slate 4 s, first gap 2 to 2.25 s (every print has its own); then 6 s, gap 2 s: sample-exact
    const double first_s = end.track(0).at("start_tape_s").to_number<double>();
    EXPECT_GE(first_s, 5.999);
    EXPECT_LE(first_s, 6.251);
    EXPECT_NEAR(end.track(1).at("start_tape_s").to_number<double>(), first_s + 8.0, 0.002);
    EXPECT_NEAR(end.track(2).at("start_tape_s").to_number<double>(), first_s + 16.0, 0.002);
}

} // namespace overbias::test
