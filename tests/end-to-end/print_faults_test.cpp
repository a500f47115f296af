// SPDX-License-Identifier: Apache-2.0
// The whole way: sound file, engine, converter, tape, converter, verdict. Each fault of the simulated deck is named by
// the report.
#include "comparison_programmes.hpp"
#include "print_rig.hpp"
#include "written_programme.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace overbias::test {

namespace {

PrintEnd print_with(const std::vector<std::string>& faults) {
    PrintRig rig({.faults = faults});
    return rig.print(PrintRig::quick_request({demo_file()}));
}

} // namespace

TEST(Print, ACleanPrintPasses) {
    const PrintEnd end = print_with({});
    EXPECT_EQ(end.verdict(), "pass") << end.text();
    EXPECT_TRUE(end.track(0).at("dropouts").as_array().empty());
    EXPECT_NEAR(end.track(0).at("delay_ms").to_number<double>(), 35.1 / 381.0 * 1000.0, 0.3) << end.text();
    EXPECT_GT(end.track(0).at("judged_share").to_number<double>(), 0.5);
}

struct NamedFault {
    const char* fault;
    const char* reason;
};

class PrintFault : public ::testing::TestWithParam<NamedFault> {};

TEST_P(PrintFault, IsNamed) {
    const PrintEnd end = print_with({GetParam().fault});
    EXPECT_EQ(end.verdict(), "fail") << end.text();
    EXPECT_TRUE(end.names(GetParam().reason)) << end.text();
}

INSTANTIATE_TEST_SUITE_P(
    Faults, PrintFault,
    ::testing::Values(NamedFault{"monitor_input", "not_off_tape"}, NamedFault{"monitor_sync", "not_off_tape"},
                      NamedFault{"old_programme_playing", "not_off_tape"},
                      NamedFault{"swapped_channels", "channels_swapped"},
                      NamedFault{"polarity:channel=right", "polarity"},
                      NamedFault{"missing_channel:channel=left", "channel_missing"},
                      NamedFault{"droop:db=0.5,programme_s=8,channel=left", "level_droop"},
                      NamedFault{"droop:db=0.5,channel=right,programme_s=0", "level_droop"},
                      NamedFault{"droop:db=3,above_hz=3000,programme_s=8,channel=left", "frequency_response"},
                      NamedFault{"no_record_bias", "not_recorded_well"}));

TEST(Print, ChannelsThatAreMuchAlikeAreStillToldApart) {
    PrintRig rig({.faults = {"swapped_channels"}});
    const std::string file = write_programme("near_the_middle", comparison_test::programme("sparse_piano"));
    const PrintEnd end = rig.print(PrintRig::quick_request({file}));
    EXPECT_EQ(end.reason(), "channels_swapped") << end.text();
}

struct PlacedDropout {
    const char* kind;
    double at_s;
    int channel;
};

class PrintDropout : public ::testing::TestWithParam<PlacedDropout> {};

TEST_P(PrintDropout, IsReportedWhereItIs) {
    const PlacedDropout& want = GetParam();
    const std::string channel = want.channel == 0 ? "left" : "right";
    const PrintEnd end = print_with({std::string(want.kind) + ":programme_s=" + std::to_string(want.at_s) +
                                     ",length_ms=20,depth_db=20,channel=" + channel});
    EXPECT_EQ(end.verdict(), "fail") << end.text();
    EXPECT_EQ(end.reason(), "dropout") << end.text();
    const auto& dropouts = end.track(0).at("dropouts").as_array();
    ASSERT_EQ(dropouts.size(), 1U) << end.text();
    const auto& dropout = dropouts[0].as_object();
    EXPECT_NEAR(dropout.at("programme_time_s").to_number<double>(), want.at_s, 0.010);
    EXPECT_EQ(dropout.at("channel").as_string(), channel);
    EXPECT_NEAR(dropout.at("length_ms").to_number<double>(), 20.0, 10.0);
}

INSTANTIATE_TEST_SUITE_P(Places, PrintDropout,
                         ::testing::Values(PlacedDropout{"dropout", 12.5, 0}, PlacedDropout{"dropout", 7.123, 1},
                                           PlacedDropout{"spacing", 12.5, 0}, PlacedDropout{"spacing", 15.777, 1}));

TEST(Print, AHoleOfTenMillisecondsOnBothChannelsIsReportedTwice) {
    const PrintEnd end = print_with({"dropout:programme_s=9.25,length_ms=10,depth_db=12,channel=both"});
    EXPECT_EQ(end.reason(), "dropout") << end.text();
    const auto& dropouts = end.track(0).at("dropouts").as_array();
    ASSERT_EQ(dropouts.size(), 2U) << end.text();
    EXPECT_NE(dropouts[0].at("channel"), dropouts[1].at("channel"));
    for (const auto& dropout : dropouts) {
        EXPECT_NEAR(dropout.at("programme_time_s").to_number<double>(), 9.25, 0.005);
        EXPECT_NEAR(dropout.at("length_ms").to_number<double>(), 10.0, 4.0);
        EXPECT_EQ(dropout.at("kind").as_string(), "flat");
    }
}

TEST(Print, ASpacingLossUnderTrebleIsReportedInOtherProgrammes) {
    for (const char* name : {"pink", "loud_master"}) {
        PrintRig rig({.faults = {"spacing:programme_s=4.3,length_ms=20,depth_db=20,channel=right"}});
        const std::string file = write_programme(name, comparison_test::programme(name, 1, 8.0));
        const PrintEnd end = rig.print(PrintRig::quick_request({file}));
        ASSERT_EQ(end.track(0).at("dropouts").as_array().size(), 1U) << name << end.text();
        const auto& dropout = end.track(0).at("dropouts").as_array()[0];
        EXPECT_NEAR(dropout.at("programme_time_s").to_number<double>(), 4.3, 0.010) << name;
        EXPECT_EQ(dropout.at("channel").as_string(), "right") << name;
        EXPECT_EQ(dropout.at("kind").as_string(), "spacing") << name;
    }
}

} // namespace overbias::test
