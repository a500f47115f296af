// SPDX-License-Identifier: Apache-2.0
// Recognising calibration tapes. What another equalisation or speed does to the levels is taken from MRL's printed
// conversion tables (5-7 and 5-4 of "Choosing and Using MRL Calibration Tapes", as quoted in homerecording.com thread
// 263259), never from the formula that the code uses.
#include "tape/calibration_tape_match.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace overbias::tape {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr std::array<double, 10> kTableHz{63, 126, 250, 500, 1000, 2000, 4000, 8000, 16000, 20000};
// 5-7: a NAB tape for 7.5 ips on a NAB machine at 15, by heard frequency, re 2 kHz
constexpr std::array<double, 10> kSevenAtFifteen_db{2.25, 0.45, -0.55, -0.84, -0.71, 0, 1.63, 3.48, 4.51, 4.67};
// 5-4: a NAB tape for 15 ips on an IEC1 machine at 15, re 1 kHz
constexpr std::array<double, 10> kNabOnIec_db{2.31, 0.83, 0.35, 0.18, 0, -0.48, -1.43, -2.33, -2.74, -2.79};

constexpr MachineSetting kNabMachine{.speed_ips = 15, .equalisation = Equalisation::Nab};
constexpr MachineSetting kIecMachine{.speed_ips = 15, .equalisation = Equalisation::Iec1};

const std::vector<CalibrationTape>& all_tapes() {
    static const std::vector<CalibrationTape> tapes = [] {
        const char* source = std::getenv("OVERBIAS_SOURCE_DIR");
        auto loaded = load_calibration_tapes(
            {source == nullptr ? std::filesystem::path("profiles") : std::filesystem::path(source) / "profiles"});
        EXPECT_TRUE(loaded.ok()) << loaded.error().message;
        return loaded ? *loaded : std::vector<CalibrationTape>();
    }();
    return tapes;
}

std::vector<CalibrationTape> only(const std::string& id) {
    const auto& tapes = all_tapes();
    const auto found =
        std::find_if(tapes.begin(), tapes.end(), [&](const CalibrationTape& each) { return each.id == id; });
    EXPECT_NE(found, tapes.end()) << id;
    return {*found};
}

/// A tape of the ten tones of the tables, in a known order.
CalibrationTape house_tape(Equalisation equalisation) {
    CalibrationTape tape;
    tape.id = equalisation == Equalisation::Nab ? "house-nab" : "house-iec1";
    tape.name = "House tape";
    tape.speed_ips = 15;
    tape.equalisation = equalisation;
    tape.order_known = tape.complete = tape.full_track = true;
    for (const double hz : {1000.0, 8000.0, 16000.0, 63.0, 126.0, 250.0, 500.0, 2000.0, 4000.0, 20000.0}) {
        tape.tones.push_back({.frequency_hz = hz, .level_db = 0.0, .duration_s = 20.0, .voice_before = {}});
    }
    return tape;
}

double table_at(const std::array<double, 10>& table, double hz) {
    const auto* const at = std::find(kTableHz.begin(), kTableHz.end(), hz);
    EXPECT_NE(at, kTableHz.end()) << hz;
    return table.at(static_cast<std::size_t>(at - kTableHz.begin()));
}

/// The house tape as it is heard: `tilt` times the table on top of a gain.
std::vector<HeardTone> heard_of(const CalibrationTape& tape, double tilt, double gain_db = -16.0) {
    std::vector<HeardTone> heard;
    for (const CalibrationTone& tone : tape.tones) {
        heard.push_back({.frequency_hz = tone.frequency_hz,
                         .level_db = tone.level_db + gain_db + tilt * table_at(kNabOnIec_db, tone.frequency_hz),
                         .duration_s = tone.duration_s});
    }
    return heard;
}

TEST(CalibrationTapeMatch, TheRightTapeOnTheRightMachine) {
    const std::vector<HeardTone> heard{{50, -16.3, 72.5}, {1000, -16.0, 71.8}, {10000, -15.8, 72}};
    const TapeMatch match = match_calibration_tape(heard, all_tapes(), kNabMachine);
    ASSERT_FALSE(match.fits.empty());
    const TapeFit& fit = match.fits.front();
    EXPECT_EQ(all_tapes()[fit.tape].id, "mrl-three-frequency-15-nab-250");
    EXPECT_EQ(match.equally_good, 2u) << "250 and 355 nWb/m sound alike; of another equalisation neither does";
    EXPECT_EQ(all_tapes()[match.fits[1].tape].id, "mrl-three-frequency-15-nab-355");
    EXPECT_TRUE(fit.speed_as_set && fit.in_order);
    EXPECT_THAT(fit.missing, IsEmpty());
    EXPECT_THAT(fit.foreign, IsEmpty());
    EXPECT_THAT(fit.outliers, IsEmpty());
    EXPECT_NEAR(fit.gain_db, -16.0, 0.31);
    EXPECT_EQ(match_text(fit, heard, all_tapes(), kNabMachine), "MRL three-frequency, 15 ips, NAB, 250 nWb/m.");
}

TEST(CalibrationTapeMatch, ATapeForHalfTheSpeed) {
    // every tone an octave up, levels as MRL prints them: the responses at -10 dB, 1 kHz at 0 dB comes as 2 kHz
    std::vector<HeardTone> heard{{.frequency_hz = 2000, .level_db = -12, .duration_s = {}}};
    for (const double hz : kTableHz) {
        heard.push_back({.frequency_hz = hz, .level_db = -22 + table_at(kSevenAtFifteen_db, hz), .duration_s = {}});
    }
    const TapeMatch match = match_calibration_tape(heard, all_tapes(), kNabMachine);
    ASSERT_FALSE(match.fits.empty());
    const TapeFit& fit = match.fits.front();
    EXPECT_EQ(all_tapes()[fit.tape].id, "mrl-multifrequency-7.5-nab-250");
    EXPECT_EQ(match.equally_good, 1u);
    EXPECT_EQ(fit.nominal_ratio, 2.0);
    EXPECT_TRUE(fit.speed_as_set) << "15 ips is what the machine is set to";
    EXPECT_THAT(fit.missing, IsEmpty());
    EXPECT_THAT(fit.outliers, IsEmpty());
    EXPECT_LT(fit.residual_db, 0.03);
    EXPECT_EQ(fit.tape_equalisation, Equalisation::Nab);
    EXPECT_EQ(fit.machine_equalisation, Equalisation::Nab);
    EXPECT_TRUE(fit.equalisation_certain);
    EXPECT_EQ(match_text(fit, heard, all_tapes(), kNabMachine),
              "MRL multifrequency, 7.5 ips, NAB, 250 nWb/m. It is a tape for 7.5 ips and the deck runs at 15 ips.");
}

TEST(CalibrationTapeMatch, TheDeckRunsAtTwiceItsSpeed) {
    const std::vector<HeardTone> heard{{2008, 0, {}}, {20080, 0, {}}, {100.4, 0, {}}};
    const auto tape = only("mrl-three-frequency-15-nab-250");
    const TapeMatch match = match_calibration_tape(heard, tape, kNabMachine);
    ASSERT_EQ(match.fits.size(), 1u);
    EXPECT_EQ(match.fits[0].nominal_ratio, 2.0);
    EXPECT_NEAR(match.fits[0].speed_error, 0.004, 1e-5);
    EXPECT_FALSE(match.fits[0].speed_as_set);
    EXPECT_THAT(
        match_text(match.fits[0], heard, tape, kNabMachine),
        HasSubstr("the deck runs at 30 ips and not at 15 ips as it is set; else it is the like of it for 7.5 ips"));
    // with the like of it among the tapes, that is the answer
    const TapeMatch better = match_calibration_tape(heard, all_tapes(), kNabMachine);
    EXPECT_THAT(all_tapes()[better.fits.front().tape].id, testing::StartsWith("mrl-three-frequency-7.5-"));
}

TEST(CalibrationTapeMatch, ATapeOfAnotherEqualisation) {
    const CalibrationTape iec = house_tape(Equalisation::Iec1), nab = house_tape(Equalisation::Nab);
    const std::vector<HeardTone> heard = heard_of(nab, 1.0);
    const std::vector<CalibrationTape> expected{iec};
    const TapeMatch match = match_calibration_tape(heard, expected, kIecMachine);
    ASSERT_EQ(match.fits.size(), 1u);
    EXPECT_EQ(match.fits[0].tape_equalisation, Equalisation::Nab);
    EXPECT_EQ(match.fits[0].machine_equalisation, Equalisation::Iec1);
    EXPECT_TRUE(match.fits[0].equalisation_certain);
    EXPECT_LT(match.fits[0].residual_db, 0.02);
    EXPECT_EQ(
        match_text(match.fits[0], heard, expected, kIecMachine),
        "House tape. Its levels are those of NAB heard on a deck set to IEC1: the tape is of another equalisation "
        "than IEC1.");
    // where both are known, it is the NAB one, and nothing is wrong but the switch
    const std::vector<CalibrationTape> both{iec, nab};
    const TapeMatch known = match_calibration_tape(heard, both, kIecMachine);
    EXPECT_EQ(known.fits.front().tape, 1u);
    EXPECT_EQ(known.equally_good, 1u);
    EXPECT_EQ(match_text(known.fits.front(), heard, both, kIecMachine),
              "House tape. It is a NAB tape and the deck is set to IEC1.");
}

TEST(CalibrationTapeMatch, TheDecksSwitchStandsWrong) {
    const std::vector<CalibrationTape> nab{house_tape(Equalisation::Nab)};
    const std::vector<HeardTone> heard = heard_of(nab[0], 1.0);
    const TapeMatch match = match_calibration_tape(heard, nab, kNabMachine);
    ASSERT_EQ(match.fits.size(), 1u);
    EXPECT_EQ(match.fits[0].tape_equalisation, Equalisation::Nab);
    EXPECT_EQ(match.fits[0].machine_equalisation, Equalisation::Iec1);
    EXPECT_TRUE(match.fits[0].equalisation_certain);
    EXPECT_THAT(match_text(match.fits[0], heard, nab, kNabMachine),
                HasSubstr("the deck's equalisation switch does not stand at NAB"));
    // the other way round: an IEC1 tape where NAB is reproduced
    const std::vector<CalibrationTape> iec{house_tape(Equalisation::Iec1)};
    const TapeMatch other = match_calibration_tape(heard_of(iec[0], -1.0), iec, kIecMachine);
    EXPECT_EQ(other.fits[0].machine_equalisation, Equalisation::Nab);
    // a machine whose setting nobody told
    const TapeMatch told = match_calibration_tape(heard, nab, {.speed_ips = 15, .equalisation = {}});
    EXPECT_EQ(told.fits[0].machine_equalisation, Equalisation::Iec1);
}

TEST(CalibrationTapeMatch, ThreeTonesAndADropOutDoNotProveAnotherEqualisation) {
    const auto tape = only("mrl-three-frequency-15-nab-250");
    const std::vector<HeardTone> heard{{1000, 0, {}}, {10000, -3, {}}, {50, 0, {}}};
    const TapeMatch match = match_calibration_tape(heard, tape, kNabMachine);
    ASSERT_EQ(match.fits.size(), 1u);
    EXPECT_EQ(match.fits[0].tape_equalisation, Equalisation::Nab);
    EXPECT_EQ(match.fits[0].machine_equalisation, Equalisation::Nab);
    EXPECT_FALSE(match.fits[0].equalisation_certain);
    EXPECT_THAT(match.fits[0].outliers, ElementsAre(1));
    EXPECT_THAT(match_text(match.fits[0], heard, tape, kNabMachine), HasSubstr("Off in level: 10 kHz."));
}

TEST(CalibrationTapeMatch, AHighLowToneAndALowHighOneAreNotCalledCertain) {
    // fringing at 50 Hz and a deck whose 10 kHz is not set: just what NAB reads on an IEC1 machine
    const auto tape = only("mrl-three-frequency-15-nab-250");
    const std::vector<HeardTone> heard{{1000, 0, {}}, {10000, -2.4, {}}, {50, 3, {}}};
    const TapeMatch match = match_calibration_tape(heard, tape, kNabMachine);
    ASSERT_EQ(match.fits.size(), 1u);
    EXPECT_FALSE(match.fits[0].equalisation_certain);
    EXPECT_THAT(match_text(match.fits[0], heard, tape, kNabMachine), HasSubstr("Its levels are nearest to those of"));
    auto track_wide = tape; // without fringing, three tones are still too few
    track_wide[0].full_track = false;
    const std::vector<HeardTone> high{{1000, 0, {}}, {10000, -2.5, {}}, {50, 3.2, {}}};
    EXPECT_FALSE(match_calibration_tape(high, track_wide, kNabMachine).fits[0].equalisation_certain);
}

TEST(CalibrationTapeMatch, AMissingToneAForeignOneAndAnotherOrder) {
    const std::vector<CalibrationTape> tapes{house_tape(Equalisation::Nab)};
    std::vector<HeardTone> heard = heard_of(tapes[0], 0.0);
    heard.erase(heard.begin() + 4); // 126 Hz
    TapeMatch match = match_calibration_tape(heard, tapes, kNabMachine);
    ASSERT_EQ(match.fits.size(), 1u);
    EXPECT_THAT(match.fits[0].missing, ElementsAre(4));
    EXPECT_TRUE(match.fits[0].in_order);
    EXPECT_THAT(match_text(match.fits[0], heard, tapes, kNabMachine), HasSubstr("Not heard: 126 Hz."));

    std::swap(heard[1], heard[2]);
    match = match_calibration_tape(heard, tapes, kNabMachine);
    EXPECT_FALSE(match.fits[0].in_order);
    EXPECT_THAT(match_text(match.fits[0], heard, tapes, kNabMachine), HasSubstr("another order"));

    heard.push_back({.frequency_hz = 3150, .level_db = -16, .duration_s = {}});
    match = match_calibration_tape(heard, tapes, kNabMachine);
    EXPECT_THAT(match.fits[0].foreign, ElementsAre(9));
    EXPECT_EQ(match.fits[0].tones[9], TapeFit::kNone);
    EXPECT_THAT(match_text(match.fits[0], heard, tapes, kNabMachine), HasSubstr("Not of this tape: 3.15 kHz."));

    // one that is heard twice, because the tape was stopped and went on, is no stranger
    heard.pop_back();
    heard.push_back(heard.back());
    match = match_calibration_tape(heard, tapes, kNabMachine);
    EXPECT_THAT(match.fits[0].foreign, IsEmpty());
}

TEST(CalibrationTapeMatch, TonesOfOneFrequencyAreToldApartByLevel) {
    const auto tape = only("mrl-multifrequency-7.5-nab-250"); // 1 kHz at 0 and at -10 dB
    const MachineSetting machine{.speed_ips = 7.5, .equalisation = Equalisation::Nab};
    std::vector<HeardTone> heard;
    for (const CalibrationTone& tone : tape[0].tones) {
        heard.push_back({.frequency_hz = tone.frequency_hz, .level_db = tone.level_db - 8, .duration_s = {}});
    }
    std::reverse(heard.begin(), heard.end());
    TapeMatch match = match_calibration_tape(heard, tape, machine);
    ASSERT_EQ(match.fits.size(), 1u);
    EXPECT_THAT(match.fits[0].missing, IsEmpty());
    EXPECT_EQ(match.fits[0].tones.back(), 0u);
    EXPECT_NEAR(match.fits[0].gain_db, -8, 1e-9);
    heard.pop_back(); // the one at 0 dB
    match = match_calibration_tape(heard, tape, machine);
    EXPECT_THAT(match.fits[0].missing, ElementsAre(0));
}

TEST(CalibrationTapeMatch, FlutterTapesAreToldByTheirSpeed) {
    for (const auto& [hz, id] : {std::pair{3150.0, "mrl-flutter-15"}, std::pair{6310.0, "mrl-flutter-7.5"},
                                 std::pair{1574.0, "mrl-flutter-30"}}) {
        const std::vector<HeardTone> heard{{hz, -20, {}}};
        const TapeMatch match = match_calibration_tape(heard, all_tapes(), kNabMachine);
        ASSERT_FALSE(match.fits.empty());
        EXPECT_EQ(all_tapes()[match.fits.front().tape].id, id);
        EXPECT_EQ(match.equally_good, 1u);
        EXPECT_FALSE(match.fits.front().tape_equalisation.has_value());
        EXPECT_NEAR(match.fits.front().speed_error,
                    std::abs(hz - 6310) < 1 ? 10.0 / 6300
                    : hz < 2000             ? -1.0 / 1575
                                            : 0,
                    1e-6);
    }
}

TEST(CalibrationTapeMatch, WhatIsNoCalibrationTapeIsNone) {
    const std::vector<HeardTone> music{{440, -10, {}}, {554.4, -12, {}}, {659.3, -9, {}}, {1000, -20, {}}};
    const TapeMatch match = match_calibration_tape(music, all_tapes(), kNabMachine);
    EXPECT_THAT(match.fits, IsEmpty());
    EXPECT_EQ(match.equally_good, 0u);
    EXPECT_THAT(match_calibration_tape({}, all_tapes(), kNabMachine).fits, IsEmpty());
    EXPECT_THAT(match_calibration_tape(music, {}, kNabMachine).fits, IsEmpty());
}

TEST(CalibrationTapeMatch, WhileItPlaysMoreMayCome) {
    const std::vector<HeardTone> first{{1000, -16, {}}};
    const TapeMatch begin = match_calibration_tape(first, all_tapes(), kNabMachine, true);
    EXPECT_GT(begin.equally_good, 3u) << "1 kHz alone is on many tapes";
    const std::vector<HeardTone> two{{1000, -16, {}}, {100, -16, {}}};
    const TapeMatch later = match_calibration_tape(two, all_tapes(), kNabMachine, true);
    ASSERT_FALSE(later.fits.empty());
    EXPECT_EQ(all_tapes()[later.fits.front().tape].id, "three-tone-15-nab");
    EXPECT_THAT(later.fits.front().missing, ElementsAre(1));

    // a long tape that has only begun; were it over, most of it would be missing and it would be the short one
    const std::vector<HeardTone> some{{1000, -16, {}}, {10000, -16, {}}, {8000, -16, {}}, {16000, -16, {}}};
    const auto first_of = [&](bool playing) {
        return all_tapes()[match_calibration_tape(some, all_tapes(), kNabMachine, playing).fits.front().tape].id;
    };
    EXPECT_EQ(first_of(true), "mrl-multifrequency-15-nab-250");
    EXPECT_EQ(first_of(false), "mrl-three-frequency-15-nab-250");
}

TEST(CalibrationTapeMatch, ThePlayingTimeTellsTapesOfTheSameTonesApart) {
    std::vector<CalibrationTape> tapes(2, house_tape(Equalisation::Nab));
    for (CalibrationTone& tone : tapes[1].tones) {
        tone.duration_s = 45.0;
    }
    std::vector<HeardTone> heard = heard_of(tapes[1], 0.0);
    EXPECT_EQ(match_calibration_tape(heard, tapes, kNabMachine).fits.front().tape, 1u);
    EXPECT_EQ(match_calibration_tape(heard, tapes, kNabMachine).equally_good, 1u);
}

TEST(CalibrationTapeMatch, ClumsyMachinesAndWornTapes) {
    // a machine that is not aligned, a tape with drop-outs and one tone missing, voice cut off: the tape, its
    // equalisation and the deck's are still found
    const std::vector<CalibrationTape> tapes{house_tape(Equalisation::Iec1), house_tape(Equalisation::Nab)};
    std::mt19937 random(1); // NOLINT(cert-msc51-cpp): a test repeats
    const auto between = [&](double low, double high) {
        return std::uniform_real_distribution<double>(low, high)(random);
    };
    for (int trial = 0; trial < 300; ++trial) {
        const bool nab_tape = random() % 2 == 0, nab_machine = random() % 2 == 0;
        const double tilt = nab_tape == nab_machine ? 0.0 : nab_tape ? 1.0 : -1.0;
        const CalibrationTape& tape = tapes[nab_tape ? 1 : 0];
        std::vector<HeardTone> heard = heard_of(tape, tilt, between(-30, 5));
        const double speed = 1.0 + between(-0.03, 0.03), high_error_db = between(-0.7, 0.7);
        const double fringing_db = between(0.0, 1.0);
        for (HeardTone& tone : heard) {
            tone.level_db += between(-0.15, 0.15) + (tone.frequency_hz > 9000 ? high_error_db : 0.0) +
                             (tone.frequency_hz < 100 ? fringing_db : 0.0);
            tone.frequency_hz *= speed * (1.0 + between(-0.002, 0.002));
        }
        const std::size_t dropped = 3 + random() % 7;
        heard[dropped].level_db -= 3.0;
        heard[(dropped + 3) % heard.size()].level_db -= 3.0;
        heard.erase(heard.begin() + static_cast<std::ptrdiff_t>(random() % heard.size()));
        std::shuffle(heard.begin(), heard.end(), random);
        const MachineSetting machine = nab_machine ? kNabMachine : kIecMachine;
        const TapeMatch match = match_calibration_tape(heard, tapes, machine);
        ASSERT_EQ(match.fits.size(), 2u);
        const TapeFit& fit = match.fits.front();
        EXPECT_EQ(fit.tape, nab_tape ? 1u : 0u) << trial;
        EXPECT_EQ(fit.tape_equalisation, nab_tape ? Equalisation::Nab : Equalisation::Iec1) << trial;
        EXPECT_EQ(fit.machine_equalisation, nab_machine ? Equalisation::Nab : Equalisation::Iec1) << trial;
        EXPECT_EQ(fit.missing.size(), 1u) << trial;
        EXPECT_THAT(fit.foreign, IsEmpty()) << trial;
        EXPECT_NEAR(fit.speed_error, speed - 1.0, 0.002) << trial;
        EXPECT_EQ(fit.nominal_ratio, 1.0) << trial;
    }
}

} // namespace
} // namespace overbias::tape
