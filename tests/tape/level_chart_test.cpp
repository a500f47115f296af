// SPDX-License-Identifier: Apache-2.0
// The level chart: every conversion against one that was worked out by hand, its inverse, and what is not known.
#include "tape/alignment_json.hpp"
#include "tape/level_chart.hpp"

#include <array>
#include <cstddef>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace overbias::tape {
namespace {

using testing::HasSubstr;
using enum LevelScale;

constexpr std::array kScales{ReOperating, PlayDbfs, PlayDbu, PlayVu, CaptureDbfs, CaptureDbu, CaptureVu};

/// +18 dBu converters at -14 dBFS out; a capture pad that makes 0 dBFS of +22 dBu; VU meters at +4 dBu; 250 nWb/m.
LevelChart whole_chart() {
    LevelChart chart{.play_dbfs_at_operating_level = -14, .capture_dbfs_at_operating_level = -16};
    chart.set_play_line(-20.0, -2.0);   // 0 dBFS is 18 dBu, operating level 4 dBu
    chart.set_capture_line(4.0, -18.0); // 0 dBFS is 22 dBu, operating level 6 dBu
    chart.dbu_at_0_vu = 4.0;
    chart.operating_level = Fluxivity{.nwb_per_m = 250};
    return chart;
}

TEST(LevelChart, SentAndCapturedHaveTheirOwnReference) {
    constexpr LevelChart chart{.play_dbfs_at_operating_level = -14, .capture_dbfs_at_operating_level = -16};
    static_assert(chart.play_dbfs(0) == -14 && chart.capture_dbfs(0) == -16);
    static_assert(chart.convert(-8, PlayDbfs, CaptureDbfs) == -10);
    EXPECT_DOUBLE_EQ(chart.play_dbfs(6), -8);
    EXPECT_DOUBLE_EQ(chart.sent_re_operating_db(-8), 6);
    EXPECT_DOUBLE_EQ(chart.captured_re_operating_db(-8), 8);
    EXPECT_DOUBLE_EQ(chart.capture_dbfs(6), -10);
    EXPECT_DOUBLE_EQ(chart.play_headroom_db(), 14);
}

TEST(LevelChart, OneLevelOnEveryScale) {
    const LevelChart chart = whole_chart();
    // +3 dB re operating level
    constexpr std::array kSame{3.0, -11.0, 7.0, 3.0, -13.0, 9.0, 5.0};
    for (std::size_t from = 0; from < kScales.size(); ++from) {
        for (std::size_t to = 0; to < kScales.size(); ++to) {
            EXPECT_DOUBLE_EQ(chart.convert(kSame[from], kScales[from], kScales[to]).value_or(1e9), kSame[to])
                << from << " to " << to;
        }
    }
}

TEST(LevelChart, EveryConversionHasItsInverse) {
    LevelChart chart = whole_chart();
    chart.play_dbfs_at_operating_level = -13.37;
    chart.capture_dbu_at_full_scale = 21.94;
    chart.dbu_at_0_vu = 3.999;
    for (const LevelScale from : kScales) {
        for (const LevelScale to : kScales) {
            for (const double level : {-73.21, -0.1, 0.0, 5.55}) {
                const auto there = chart.convert(level, from, to);
                ASSERT_TRUE(there.has_value());
                EXPECT_NEAR(chart.convert(*there, to, from).value_or(1e9), level, 1e-12);
            }
        }
        const auto flux = chart.fluxivity(-3.0, from);
        ASSERT_TRUE(flux.has_value());
        EXPECT_NEAR(chart.level_of(*flux, from).value_or(1e9), -3.0, 1e-12);
    }
}

TEST(LevelChart, FluxivityKeepsItsSchool) {
    LevelChart chart = whole_chart();
    EXPECT_NEAR(chart.fluxivity(-8.0, PlayDbfs)->nwb_per_m, 498.816, 0.001); // 6 dB over 250: times 1.99526
    chart.operating_level = Fluxivity{.nwb_per_m = 320, .school = CalibrationSchool::Din};
    EXPECT_EQ(chart.fluxivity(0.0, ReOperating)->school, CalibrationSchool::Din);
    // 288 nWb/m by ANSI are the 320 of DIN (AES e-library 8378)
    EXPECT_NEAR(chart.level_of({.nwb_per_m = 288}, CaptureDbfs).value_or(1e9), -16.0, 1e-9);
    EXPECT_NEAR(chart.level_of({.nwb_per_m = 320}, CaptureDbfs).value_or(1e9), -15.08, 0.01);
}

TEST(LevelChart, WhatWasNotMeasuredIsNotKnown) {
    LevelChart chart{.play_dbfs_at_operating_level = -14, .capture_dbfs_at_operating_level = -16};
    EXPECT_FALSE(chart.convert(0, PlayDbfs, PlayDbu).has_value());
    EXPECT_FALSE(chart.convert(4, CaptureDbu, CaptureDbfs).has_value());
    EXPECT_FALSE(chart.fluxivity(0, ReOperating).has_value());
    EXPECT_FALSE(chart.level_of({.nwb_per_m = 250}, ReOperating).has_value());
    chart.set_play_line(0.0, 18.0);
    EXPECT_DOUBLE_EQ(chart.convert(-14, PlayDbfs, PlayDbu).value_or(1e9), 4.0);
    EXPECT_FALSE(chart.convert(0, PlayDbfs, PlayVu).has_value()) << "no VU meter is known";
    chart.dbu_at_0_vu = 4.0;
    EXPECT_TRUE(chart.convert(0, PlayDbfs, PlayVu).has_value());
    EXPECT_FALSE(chart.convert(0, PlayDbfs, CaptureVu).has_value()) << "the capture line is not known";
}

TEST(LevelChart, VoltsOfTheTrade) {
    EXPECT_NEAR(dbu_from_volts(1.228), 4.0, 0.004); // 0 VU of IEC 60268-17: 1.228 V, +4 dBu
    EXPECT_NEAR(volts_from_dbu(0.0), 0.7746, 0.00001);
    EXPECT_NEAR(dbu_from_volts(volts_from_dbu(-11.3)), -11.3, 1e-12);
}

TEST(LevelChart, AsTextAndBack) {
    LevelChart chart = whole_chart();
    chart.operating_level = Fluxivity{.nwb_per_m = 320, .school = CalibrationSchool::Din};
    chart.dbu_at_0_vu = 0.1 + 0.2;
    chart.capture_dbu_at_full_scale.reset();
    const auto back = level_chart_from_json(level_chart_json(chart));
    ASSERT_TRUE(back.ok()) << back.error().message;
    EXPECT_EQ(back->play_dbfs_at_operating_level, -14.0);
    EXPECT_EQ(back->capture_dbfs_at_operating_level, -16.0);
    EXPECT_EQ(back->play_dbu_at_full_scale, chart.play_dbu_at_full_scale);
    EXPECT_FALSE(back->capture_dbu_at_full_scale.has_value());
    EXPECT_EQ(back->dbu_at_0_vu, 0.1 + 0.2);
    ASSERT_TRUE(back->operating_level.has_value());
    EXPECT_EQ(back->operating_level->nwb_per_m, 320.0);
    EXPECT_EQ(back->operating_level->school, CalibrationSchool::Din);

    std::string text = level_chart_json(chart);
    text.replace(text.find("DIN"), 3, "XYZ");
    EXPECT_THAT(level_chart_from_json(text).error().message,
                HasSubstr("level chart.operating_level.school: expected \"ANSI\" or \"DIN\", got \"XYZ\""));
}

} // namespace
} // namespace overbias::tape
