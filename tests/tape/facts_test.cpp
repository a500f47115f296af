// SPDX-License-Identifier: Apache-2.0
// Equalisation, fluxivity, levels and reels against published tables: none of these numbers feeds the code.
#include "tape/equalisation.hpp"
#include "tape/fluxivity.hpp"
#include "tape/level_chart.hpp"
#include "tape/reel.hpp"

#include <array>
#include <gtest/gtest.h>
#include <string>

namespace overbias::tape {
namespace {

TimeConstants constants_of(Equalisation equalisation, double speed_ips) {
    const auto found = time_constants(equalisation, speed_ips);
    EXPECT_TRUE(found.has_value());
    return found.value_or(TimeConstants{});
}

// MRL conversion tables 5-7 and 5-4 (Choosing and Using MRL Calibration Tapes), as quoted in homerecording.com thread
// 263259. MRL rounds the corner frequencies to 50 and 3150 Hz, which makes up to 0.09 dB.
constexpr std::array<double, 10> kMrlHz{63, 126, 250, 500, 1000, 2000, 4000, 8000, 16000, 20000};
constexpr double kMrlToleranceDb = 0.09;

TEST(Equalisation, MrlTable57NabSevenAndAHalfTapeAtFifteen) {
    // tape recorded at 7.5 ips played at 15: its tones come out an octave higher; readings re 2 kHz
    constexpr std::array<double, 10> reading_db{2.25, 0.45, -0.55, -0.84, -0.71, 0, 1.63, 3.48, 4.51, 4.67};
    const TimeConstants tape = constants_of(Equalisation::Nab, 7.5), machine = constants_of(Equalisation::Nab, 15);
    const auto reading = [&](double hz) { return flux_response_db(tape, hz / 2) - flux_response_db(machine, hz); };
    for (std::size_t i = 0; i < kMrlHz.size(); ++i) {
        EXPECT_NEAR(reading(kMrlHz[i]) - reading(2000), reading_db[i], kMrlToleranceDb) << kMrlHz[i] << " Hz";
    }
}

TEST(Equalisation, MrlTable54NabTapeOnIecMachine) {
    constexpr std::array<double, 10> reading_db{2.31, 0.83, 0.35, 0.18, 0, -0.48, -1.43, -2.33, -2.74, -2.79};
    const TimeConstants tape = constants_of(Equalisation::Nab, 15), machine = constants_of(Equalisation::Iec1, 15);
    for (std::size_t i = 0; i < kMrlHz.size(); ++i) {
        const double reading = flux_response_db(tape, kMrlHz[i]) - flux_response_db(machine, kMrlHz[i]);
        EXPECT_NEAR(reading, reading_db[i], kMrlToleranceDb) << kMrlHz[i] << " Hz";
    }
}

TEST(Equalisation, UpperCornerIsThreeDecibelsUnderThePlateau) {
    // corner frequencies as published beside the time constants (IASA TC-04 5.4.10); at the corner a single pole
    // is 3.01 dB down
    struct Corner {
        Equalisation equalisation;
        double speed_ips, hz;
    };
    for (const Corner& corner : {Corner{Equalisation::Aes, 30, 9095}, Corner{Equalisation::Iec1, 30, 4547},
                                 Corner{Equalisation::Iec1, 15, 4547}, Corner{Equalisation::Iec1, 7.5, 2274}}) {
        const TimeConstants constants = constants_of(corner.equalisation, corner.speed_ips);
        EXPECT_NEAR(flux_response_db(constants, corner.hz) - flux_response_db(constants, 1.0), -3.01, 0.01)
            << corner.speed_ips;
    }
    // NAB: both corners, far enough apart that each is seen alone
    const TimeConstants nab = constants_of(Equalisation::Nab, 3.75);
    EXPECT_NEAR(flux_response_db(nab, 1768) - flux_response_db(nab, 300), -3.01 + 0.01, 0.15);
    EXPECT_NEAR(flux_response_db(nab, 50.05) - flux_response_db(nab, 300), 3.01 - 0.01, 0.15);
}

TEST(Equalisation, NothingIsInventedWhereThereIsNoStandard) {
    EXPECT_FALSE(time_constants(Equalisation::Aes, 15).has_value());
    EXPECT_FALSE(time_constants(Equalisation::Nab, 30).has_value());
    EXPECT_FALSE(time_constants(Equalisation::Iec1, 22.5).has_value());
    EXPECT_EQ(equalisation_from_name(equalisation_name(Equalisation::Iec1)), Equalisation::Iec1);
    EXPECT_FALSE(equalisation_from_name("CCIR2").has_value());
}

TEST(Fluxivity, TableOfReferenceLevels) {
    // decibels as tabulated by users of the levels (B. Katz "Nano, nano"; MRL Publication 070), rounded to 0.01 dB
    struct Row {
        double nwb_per_m, reference, db;
    };
    for (const Row& row :
         {Row{200, 185, 0.68}, Row{250, 185, 2.62}, Row{320, 185, 4.76}, Row{355, 185, 5.66}, Row{370, 185, 6.02},
          Row{250, 200, 1.94}, Row{320, 250, 2.14}, Row{355, 320, 0.90}, Row{514, 185, 8.88}, Row{1040, 320, 10.24}}) {
        EXPECT_NEAR(level_db({.nwb_per_m = row.nwb_per_m}, {.nwb_per_m = row.reference}), row.db, 0.006)
            << row.nwb_per_m;
    }
}

TEST(Fluxivity, DinMarksAreNineTenthsOfADecibelHigh) {
    const Fluxivity din{.nwb_per_m = 320, .school = CalibrationSchool::Din};
    EXPECT_NEAR(ansi_nwb_per_m(din), 288.0, 1e-9); // AES e-library 8378
    EXPECT_NEAR(level_db(din, {.nwb_per_m = 320}), -0.9, 0.02);
    EXPECT_NEAR(as_school({.nwb_per_m = 288}, CalibrationSchool::Din).nwb_per_m, 320.0, 1e-9);
    EXPECT_NEAR(as_school(din, CalibrationSchool::Din).nwb_per_m, 320.0, 1e-9);
    EXPECT_EQ(fluxivity_text(din), "320 nWb/m DIN (+3.8 dB re 185 nWb/m ANSI)"); // 288 / 185
    EXPECT_EQ(school_from_name("DIN"), CalibrationSchool::Din);
    EXPECT_FALSE(school_from_name("din").has_value());
}

TEST(LevelChart, SentAndCapturedHaveTheirOwnReference) {
    constexpr LevelChart chart{.play_dbfs_at_operating_level = -14, .capture_dbfs_at_operating_level = -16};
    static_assert(chart.play_dbfs(0) == -14 && chart.capture_dbfs(0) == -16);
    EXPECT_DOUBLE_EQ(chart.play_dbfs(6), -8);
    EXPECT_DOUBLE_EQ(chart.sent_re_operating_db(-8), 6);
    EXPECT_DOUBLE_EQ(chart.captured_re_operating_db(-8), 8);
    EXPECT_DOUBLE_EQ(chart.capture_dbfs(6), -10);
    EXPECT_DOUBLE_EQ(chart.play_headroom_db(), 14);
}

TEST(Reel, PlayingTimesOfTwentyFiveHundredFeet) {
    EXPECT_DOUBLE_EQ(metres_from_feet(2500), 762.0);
    EXPECT_NEAR(play_time_s(762.0, 15), 33 * 60 + 20, 1e-9);
    EXPECT_NEAR(play_time_s(762.0, 30), 16 * 60 + 40, 1e-9);
    EXPECT_NEAR(tape_length_m(60, 15), 22.86, 1e-9);
    // full pack of a 10.5 inch reel: 5.04 inch radius on a 2.25 inch hub with 2.13 mil tape
    EXPECT_NEAR(pack_radius_m(762.0, 2.25 * 0.0254, 2.13e-3 * 0.0254) / 0.0254, 5.04, 0.01);
}

} // namespace
} // namespace overbias::tape
