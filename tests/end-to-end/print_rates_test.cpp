// SPDX-License-Identifier: Apache-2.0
// Capture of another nominal rate than playback: the print is judged at the playback's.
#include "print_rig.hpp"
#include "written_programme.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace overbias::test {

struct TwoRates {
    int playback_hz, capture_hz;
};

class PrintRates : public ::testing::TestWithParam<TwoRates> {
  protected:
    static PrintRigOptions options(std::vector<std::string> faults = {}) {
        PrintRigOptions options;
        options.faults = std::move(faults);
        options.settings.sample_rate_hz = GetParam().playback_hz;
        options.settings.capture_sample_rate_hz = GetParam().capture_hz;
        options.tap_frames = 192000;
        return options;
    }
};

TEST_P(PrintRates, ACleanPrintPasses) {
    PrintRig rig(options());
    const PrintEnd end = rig.print(PrintRig::quick_request({demo_file(10)}));
    EXPECT_EQ(end.verdict(), "pass") << end.text();
    EXPECT_TRUE(end.track(0).at("dropouts").as_array().empty()) << end.text();
    EXPECT_NEAR(end.track(0).at("delay_ms").to_number<double>(), 35.1 / 381.0 * 1000.0, 0.3) << end.text();
    EXPECT_GT(end.track(0).at("judged_share").to_number<double>(), 0.5);
}

TEST_P(PrintRates, ADropoutIsReportedWhereItIs) {
    PrintRig rig(options({"dropout:programme_s=7.123,length_ms=20,depth_db=20,channel=right"}));
    const PrintEnd end = rig.print(PrintRig::quick_request({demo_file(10)}));
    EXPECT_EQ(end.reason(), "dropout") << end.text();
    const auto& dropouts = end.track(0).at("dropouts").as_array();
    ASSERT_EQ(dropouts.size(), 1U) << end.text();
    EXPECT_NEAR(dropouts[0].at("programme_time_s").to_number<double>(), 7.123, 0.010);
    EXPECT_EQ(dropouts[0].at("channel").as_string(), "right");
    EXPECT_NEAR(dropouts[0].at("length_ms").to_number<double>(), 20.0, 10.0);
}

TEST_P(PrintRates, FramesLostOnTheWayBackAreMarkedWhereTheyWere) {
    PrintRig rig(options({"xrun:programme_s=6,length_ms=80,direction=capture"}));
    const PrintEnd end = rig.print(PrintRig::quick_request({demo_file(10)}));
    EXPECT_TRUE(end.names("not_proven")) << end.text();
    EXPECT_TRUE(end.track(0).at("dropouts").as_array().empty()) << end.text();
    const auto& xruns = end.track(0).at("xruns").as_array();
    ASSERT_EQ(xruns.size(), 1U) << end.text();
    EXPECT_EQ(xruns[0].at("direction").as_string(), "capture");
    const double start_s = end.track(0).at("start_tape_s").to_number<double>();
    EXPECT_NEAR(xruns[0].at("tape_time_s").to_number<double>(), start_s + 6.0, 0.05) << end.text();
    EXPECT_NEAR(xruns[0].at("length_ms").to_number<double>(), 80.0, 25.0) << end.text();
}

INSTANTIATE_TEST_SUITE_P(Both, PrintRates, ::testing::Values(TwoRates{96000, 48000}, TwoRates{48000, 96000}),
                         [](const auto& rates) { return "Playback" + std::to_string(rates.param.playback_hz); });

} // namespace overbias::test
