// SPDX-License-Identifier: Apache-2.0
// Equalisation, fluxivity and reels against published tables: none of these numbers feeds the code.
#include "tape/equalisation.hpp"
#include "tape/fluxivity.hpp"
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
// 263259, to 0.01 dB. The lowest tone stands in the tables as 63 Hz and is twice 31.5 Hz there, which makes 0.05 dB.
constexpr std::array<double, 10> kMrlHz{63, 126, 250, 500, 1000, 2000, 4000, 8000, 16000, 20000};
constexpr double kMrlToleranceDb = 0.06;

TEST(Equalisation, MrlTable57NabSevenAndAHalfTapeAtFifteen) {
    // tape recorded at 7.5 ips played at 15: its tones come out an octave higher; readings re 2 kHz
    constexpr std::array<double, 10> reading_db{2.25, 0.45, -0.55, -0.84, -0.71, 0, 1.63, 3.48, 4.51, 4.67};
    const TimeConstants tape = constants_of(Equalisation::Nab, 7.5), machine = constants_of(Equalisation::Nab, 15);
    const auto reading = [&](double hz) { return mismatch_db(tape, 7.5, machine, 15, hz); };
    for (std::size_t i = 0; i < kMrlHz.size(); ++i) {
        EXPECT_NEAR(reading(kMrlHz[i]) - reading(2000), reading_db[i], kMrlToleranceDb) << kMrlHz[i] << " Hz";
    }
}

TEST(Equalisation, MrlTable54NabTapeOnIecMachine) {
    constexpr std::array<double, 10> reading_db{2.31, 0.83, 0.35, 0.18, 0, -0.48, -1.43, -2.33, -2.74, -2.79};
    const TimeConstants tape = constants_of(Equalisation::Nab, 15), machine = constants_of(Equalisation::Iec1, 15);
    for (std::size_t i = 0; i < kMrlHz.size(); ++i) {
        EXPECT_NEAR(mismatch_db(tape, 15, machine, 15, kMrlHz[i]), reading_db[i], kMrlToleranceDb)
            << kMrlHz[i] << " Hz";
        EXPECT_NEAR(mismatch_db(machine, 15, tape, 15, kMrlHz[i]), -reading_db[i], kMrlToleranceDb)
            << "an IEC1 tape on a NAB machine, " << kMrlHz[i] << " Hz";
    }
}

TEST(Equalisation, ATapeOfTheMachinesOwnStandardReadsFlat) {
    for (const double ips : {7.5, 15.0}) {
        const TimeConstants iec = constants_of(Equalisation::Iec1, ips);
        for (const double hz : {31.5, 1000.0, 16000.0}) {
            EXPECT_DOUBLE_EQ(mismatch_db(iec, ips, iec, ips, hz), 0.0);
        }
    }
    // An IEC1 tape for 7.5 ips (70 us) at 15 is one for 15 ips (35 us), every frequency doubled: the same curve on
    // tape.
    const TimeConstants seven = constants_of(Equalisation::Iec1, 7.5), fifteen = constants_of(Equalisation::Iec1, 15);
    const double octave_db = mismatch_db(seven, 7.5, fifteen, 15, 2000); // 1 kHz is another place on it
    for (const double hz : {100.0, 4000.0, 20000.0}) {
        EXPECT_NEAR(mismatch_db(seven, 7.5, fifteen, 15, hz), octave_db, 1e-9) << hz;
    }
}

TEST(Equalisation, TheSlateTellsTheReproduceSwitch) {
    // MRL table 5-4 at 10 kHz lies between -2.33 dB (8 kHz) and -2.74 dB (16 kHz)
    EXPECT_EQ(reproduce_equalisation_of_slate(Equalisation::Nab, 15, -2.5, 0.5), Equalisation::Iec1);
    EXPECT_EQ(reproduce_equalisation_of_slate(Equalisation::Iec1, 15, +2.5, 0.5), Equalisation::Nab);
    EXPECT_EQ(reproduce_equalisation_of_slate(Equalisation::Nab, 15, 0.2, 0.5), Equalisation::Nab);
    EXPECT_FALSE(reproduce_equalisation_of_slate(Equalisation::Nab, 15, +2.5, 0.5).has_value());
    EXPECT_FALSE(reproduce_equalisation_of_slate(Equalisation::Nab, 15, -1.2, 2.0).has_value()) << "two of them fit";
    EXPECT_FALSE(reproduce_equalisation_of_slate(Equalisation::Nab, 30, 0.0, 0.5).has_value()) << "no such standard";
}

TEST(Equalisation, AesAtThirtyHasNoLowFrequencyAdjustment) {
    EXPECT_FALSE(has_low_frequency_adjustment(Equalisation::Aes, 30));
    EXPECT_TRUE(has_low_frequency_adjustment(Equalisation::Iec1, 30));
    EXPECT_TRUE(has_low_frequency_adjustment(Equalisation::Nab, 15));
    EXPECT_FALSE(has_low_frequency_adjustment(Equalisation::Nab, 30));
    // and the flux of AES at 30 ips is the same from 20 to 100 Hz: there is nothing to compensate
    const TimeConstants aes = constants_of(Equalisation::Aes, 30);
    EXPECT_NEAR(flux_response_db(aes, 20), flux_response_db(aes, 100), 0.001);
}

TEST(Equalisation, NamesOnBoxes) {
    EXPECT_EQ(equalisation_of_label("CCIR", 15), Equalisation::Iec1);
    EXPECT_EQ(equalisation_of_label("IEC2", 30), Equalisation::Aes);
    EXPECT_EQ(equalisation_of_label("IEC2", 15), Equalisation::Nab);
    EXPECT_EQ(equalisation_of_label("DIN studio", 7.5), Equalisation::Iec1);
    EXPECT_EQ(equalisation_of_label("DIN home", 7.5), Equalisation::Nab);
    EXPECT_FALSE(equalisation_of_label("DIN", 7.5).has_value()) << "two curves had that name";
    EXPECT_FALSE(equalisation_of_label("AES", 15).has_value());
    EXPECT_FALSE(equalisation_of_label("CCIR", 3.75).has_value());
    ASSERT_TRUE(ccir_time_constants_until_1966(7.5).has_value());
    EXPECT_NEAR(flux_response_db(*ccir_time_constants_until_1966(7.5), 1592) -
                    flux_response_db(*ccir_time_constants_until_1966(7.5), 1.0),
                -3.01, 0.01); // its corner as published (IASA TC-04 5.4.10)
    EXPECT_FALSE(ccir_time_constants_until_1966(15).has_value());
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

TEST(Fluxivity, LevelsAsTheirUsersNameThem) {
    // whole decibels as the trade names them: MRL Publication 070 and reviews of tapes ("+3", "+6", "+9", over 185),
    // and the table of test tapes at home2.swipnet.se/~w-144037/Audio/engtapes.htm (under 320)
    struct Row {
        double nwb_per_m, reference, whole_db;
    };
    for (const Row& row : {Row{250, 185, 3}, Row{355, 185, 6}, Row{521, 185, 9}, Row{250, 320, -2}, Row{200, 320, -4},
                           Row{185, 320, -5}}) {
        EXPECT_NEAR(level_db({.nwb_per_m = row.nwb_per_m}, {.nwb_per_m = row.reference}), row.whole_db, 0.5)
            << row.nwb_per_m;
    }
}

TEST(Fluxivity, LevelsInClosedForm) {
    EXPECT_NEAR(level_db({.nwb_per_m = 1850}, {.nwb_per_m = 185}), 20.0, 1e-9);
    EXPECT_NEAR(level_db({.nwb_per_m = 250}, {.nwb_per_m = 500}), -6.0206, 1e-4);
    EXPECT_NEAR(level_db({.nwb_per_m = 250}, {.nwb_per_m = 250}), 0.0, 1e-12);
    // one level over another is the sum of the steps between
    const Fluxivity low{.nwb_per_m = 185}, middle{.nwb_per_m = 320, .school = CalibrationSchool::Din},
        high{.nwb_per_m = 355};
    EXPECT_NEAR(level_db(high, low), level_db(high, middle) + level_db(middle, low), 1e-12);
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
