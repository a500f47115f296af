// SPDX-License-Identifier: Apache-2.0
// Capture of another nominal rate than playback: the print is judged at the playback's.
#include "print_rig.hpp"
#include "written_programme.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <gtest/gtest.h>
#include <random>
#include <vector>

namespace overbias::test {

namespace {

/// Noise over the whole band of a 192 kHz file, most of it above what is compared.
const std::string& wide_file() {
    static const std::string path = [] {
        std::mt19937 random(41);
        std::normal_distribution<float> noise(0.0F, 0.05F);
        std::vector<float> samples(static_cast<std::size_t>(2 * 192000 * 6));
        std::ranges::generate(samples, [&] { return noise(random); });
        return write_programme("wide-192", samples, 2, 192000);
    }();
    return path;
}

} // namespace

struct TwoRates {
    int playback_hz, capture_hz;
    double band_to_hz; ///< 0.45 times the lower rate, at most 20 kHz
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
    EXPECT_EQ(end.report.at("reel").at("sample_rate_hz").to_number<double>(), GetParam().playback_hz);
    EXPECT_EQ(end.report.at("reel").at("return_sample_rate_hz").to_number<double>(), GetParam().capture_hz);
    const auto& band = end.report.at("compared_band_hz").as_array();
    EXPECT_DOUBLE_EQ(band.at(0).to_number<double>(), 20.0);
    EXPECT_DOUBLE_EQ(band.at(1).to_number<double>(), GetParam().band_to_hz) << "of the slower converter";
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

TEST_P(PrintRates, WhatOnlyOneConverterCarriesIsNotCompared) {
    PrintRig rig(options());
    const PrintEnd end = rig.print(PrintRig::quick_request({wide_file()}));
    EXPECT_EQ(end.verdict(), "pass") << end.text();
    const auto& level = end.track(0).at("level_re_slate_db").as_array().at(0);
    ASSERT_TRUE(level.is_number()) << end.text();
    EXPECT_NEAR(level.to_number<double>(), 0.0, 0.3) << end.text();
}

INSTANTIATE_TEST_SUITE_P(Both, PrintRates,
                         ::testing::Values(TwoRates{96000, 48000, 20000.0}, TwoRates{48000, 96000, 20000.0},
                                           TwoRates{192000, 48000, 20000.0}, TwoRates{192000, 96000, 20000.0},
                                           TwoRates{192000, 44100, 19845.0}),
                         [](const auto& rates) {
                             return "Playback" + std::to_string(rates.param.playback_hz) + "Capture" +
                                    std::to_string(rates.param.capture_hz);
                         });

} // namespace overbias::test
