// SPDX-License-Identifier: Apache-2.0
// Prerecorded tapes on the deck: MRL's tables, their own faults, and that a record head spoils them.
#include "magnetics_rig.hpp"

#include "base/async/simulated_timeline.hpp"
#include "deck-sim/simulated_deck.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

namespace overbias::deck_sim {

using rig::TapeRig;

namespace {

constexpr double kCalRate = 48000.0;
constexpr double kCalHead_m = 0.0351;

/// A tape of 2 s a tone without announcements, that makes up for fringing.
TapeContent plain_tape(const std::vector<double>& tones_hz) {
    TapeContent content;
    content.fringing_db = 0.0;
    for (const double hz : tones_hz) {
        content.tones.push_back({.frequency_hz = hz, .seconds = 2.0});
    }
    return content;
}

/// A deck with the tape on it that has played `seconds` of it.
struct CalibrationRig : TapeRig {
    CalibrationRig(const Settings& given, const TapeContent& tape) : TapeRig(given), content(tape) {
        const auto mounted = path.mount(tape);
        EXPECT_TRUE(mounted) << (mounted ? "" : mounted.error().message);
        place_m = tape.begin_m + kCalHead_m;
        EXPECT_TRUE(start());
    }
    /// Plays on to `at_s` of the tape's programme, as the reproduce head sees it.
    void play_to(double at_s) {
        run(at_s * content.speed_ips * 0.0254 / speed_m_s - static_cast<double>(steps) * 1e-3);
    }
    [[nodiscard]] double level_db(std::size_t channel, double hz, double seconds = 1.0) const {
        return rig::db(std::abs(rig::tone(last(channel, seconds), hz, kCalRate))) + 14.0; // re operating level
    }
    TapeContent content;
};

/// What each tone of a plain tape reads on a deck of this equalisation at 15 ips.
std::vector<double> readings(const TapeContent& tape, Equalisation deck_standard) {
    Settings settings = rig::ideal();
    settings.equalisation = deck_standard;
    CalibrationRig deck(settings, tape);
    std::vector<double> levels;
    double at_s = 0.0;
    for (const TapeTone& tone : tape.tones) {
        deck.play_to(at_s + 1.8);
        levels.push_back(deck.level_db(0, tone.frequency_hz * 15.0 / tape.speed_ips, 0.6));
        at_s += tone.seconds + tone.gap_s;
    }
    return levels;
}

} // namespace

TEST(CalibrationTape, AnotherStandardReadsAsTheTableOfMrlSays) {
    const std::vector<double> tones{63, 126, 250, 500, 1000, 2000, 4000, 8000, 16000};
    const double nab_on_iec[] = {2.31, 0.83, 0.35, 0.18, 0, -0.48, -1.43, -2.33, -2.74};
    TapeContent tape = plain_tape(tones);
    const std::vector<double> own = readings(tape, Equalisation::Iec1);
    tape.equalisation = Equalisation::Nab;
    const std::vector<double> other = readings(tape, Equalisation::Iec1);
    for (std::size_t i = 0; i < tones.size(); ++i) {
        EXPECT_NEAR(other[i] - own[i], nab_on_iec[i], 0.07) << tones[i];
        EXPECT_NEAR(own[i], 0.0, 0.6) << tones[i];
    }
    EXPECT_NEAR(own[4], 0.0, 0.05);
}

TEST(CalibrationTape, ATapeOfHalfTheSpeedIsAnOctaveHighAndReadsAsTheTableSays) {
    // recorded at half of what is read
    const std::vector<double> recorded{63, 125, 250, 500, 1000, 2000, 4000, 8000};
    const double slow_on_fast[] = {0.45, -0.55, -0.84, -0.71, 0, 1.63, 3.48, 4.51};
    TapeContent slow = plain_tape(recorded);
    slow.equalisation = Equalisation::Nab;
    slow.speed_ips = 7.5;
    std::vector<double> doubled = recorded;
    for (double& hz : doubled) {
        hz *= 2.0;
    }
    TapeContent fast = plain_tape(doubled);
    fast.equalisation = Equalisation::Nab;
    const std::vector<double> wrong = readings(slow, Equalisation::Nab);
    const std::vector<double> right = readings(fast, Equalisation::Nab);
    for (std::size_t i = 0; i < recorded.size(); ++i) {
        EXPECT_NEAR((wrong[i] - wrong[4]) - (right[i] - right[4]), slow_on_fast[i], 0.07) << doubled[i];
    }
}

TEST(CalibrationTape, FluxivityLevelsAndFringing) {
    TapeContent tape = plain_tape({1000, 100, 1000});
    tape.fluxivity_db = 20.0 * std::log10(250.0 / 320.0);
    tape.tones[2].level_db = -10.0;
    const std::vector<double> compensated = readings(tape, Equalisation::Iec1);
    EXPECT_NEAR(compensated[0], -2.14, 0.02);
    EXPECT_NEAR(compensated[2] - compensated[0], -10.0, 0.02);
    tape.fringing_db = 0.6;
    const std::vector<double> high = readings(tape, Equalisation::Iec1);
    EXPECT_NEAR(high[1] - compensated[1], 0.6 / (1.0 + 0.25), 0.01); // 100 Hz is half of 200
    EXPECT_NEAR(high[0] - compensated[0], 0.6 / (1.0 + 25.0), 0.01);
}

TEST(CalibrationTape, ItsAzimuthIsItsOwnAndTheDecksIsReadAgainstIt) {
    struct Case {
        double tape_rad, deck_rad;
    };
    const auto right_leads_deg = [](const Case& one, double& level) {
        TapeContent tape = plain_tape({10000});
        tape.azimuth_rad = one.tape_rad;
        CalibrationRig deck(rig::ideal(), tape);
        Screws screws = deck.path.screws();
        screws.reproduce_azimuth_rad = one.deck_rad;
        deck.path.turn(screws);
        deck.play_to(1.9);
        level = deck.level_db(0, 10000);
        return std::arg(rig::tone(deck.last(1, 1.0), 10000.0, kCalRate) /
                        rig::tone(deck.last(0, 1.0), 10000.0, kCalRate)) *
               180.0 / std::numbers::pi;
    };
    double straight_db = 0.0;
    const double straight = right_leads_deg({0.0, 0.0}, straight_db);
    for (const Case& one : {Case{300e-6, 0.0}, Case{0.0, 300e-6}, Case{-3e-3, -3e-3}, Case{2.5e-3, -2.5e-3}}) {
        double level = 0.0;
        const double turned = right_leads_deg(one, level) - straight;
        const double apart = one.deck_rad - one.tape_rad;
        EXPECT_NEAR(std::remainder(turned - 11.34 * apart / 300e-6, 360.0), 0.0, 0.5);
        const double x = std::numbers::pi * 2e-3 * apart * 10000.0 / rig::kPlaySpeed_m_s;
        EXPECT_NEAR(level - straight_db, apart == 0.0 ? 0.0 : rig::db(std::sin(x) / x), 0.02);
    }
}

TEST(CalibrationTape, ComesInTheOrderGivenWithSpeechAndHoles) {
    TapeContent tape;
    tape.fringing_db = 0.0;
    tape.tones = {{.frequency_hz = 10000, .seconds = 2, .announcement_s = 1.5, .gap_s = 0.5},
                  {.frequency_hz = 1000, .seconds = 2, .announcement_s = 1.5, .gap_s = 0.5}};
    tape.holes = {{.at_s = 7.0, .length_ms = 40.0, .depth_db = 3.0}}; // 0.5 s into the second tone
    EXPECT_NEAR(tape.length_s(), 9.0, 1e-9);
    CalibrationRig deck(rig::ideal(), tape);
    deck.play_to(1.45);
    const double speech_db = rig::db(rig::rms(deck.last(0, 1.3))) + 14.0 + 3.01; // as the peak of a sine
    EXPECT_GT(speech_db, -17.0);
    EXPECT_LT(speech_db, -6.0);
    double loudest = 0.0; // no line of it is a tone
    for (double hz = 200.0; hz < 4000.0; hz += 1.0) {
        loudest = std::max(loudest, std::abs(rig::tone(deck.last(0, 1.3), hz, kCalRate)));
    }
    EXPECT_LT(rig::db(loudest) + 14.0, speech_db - 5.0);
    const auto left = deck.last(0, 1.0);
    const auto right = deck.last(1, 1.0);
    double both = 0.0;
    for (std::size_t i = 0; i < left.size(); ++i) {
        both += static_cast<double>(left[i]) * static_cast<double>(right[i]);
    }
    EXPECT_GT(both / (rig::rms(left) * rig::rms(right) * static_cast<double>(left.size())), 0.99);
    deck.play_to(1.98);
    EXPECT_LT(rig::db(rig::rms(deck.last(0, 0.3))) + 14.0, -60.0); // the gap
    deck.play_to(3.9);
    EXPECT_NEAR(deck.level_db(0, 10000), 0.0, 0.4);
    EXPECT_LT(deck.level_db(0, 1000), -60.0);
    deck.play_to(8.45);
    EXPECT_NEAR(deck.level_db(0, 1000, 0.5), 0.0, 0.05);
    // the hole: 7.0 to 7.04 s
    const auto all = std::span(deck.captured[0]);
    const auto level_at = [&](double at_s) {
        const auto middle = static_cast<std::size_t>((at_s + 61.37 / kCalRate / 2.0) * kCalRate);
        return rig::db(std::abs(rig::tone(all.subspan(middle - 480, 960), 1000.0, kCalRate))) + 14.0;
    };
    EXPECT_NEAR(level_at(6.95), 0.0, 0.1);
    EXPECT_NEAR(level_at(7.02), -3.0, 0.1);
    EXPECT_NEAR(level_at(7.10), 0.0, 0.1);
}

TEST(CalibrationTape, PlayingLeavesItAloneAndRecordingSpoilsIt) {
    CalibrationRig deck(rig::ideal(), plain_tape({1000, 1000, 1000}));
    std::vector<std::int16_t> before(20000);
    std::vector<std::int16_t> after(20000);
    const auto cell = static_cast<std::int64_t>((deck.content.begin_m + 0.5) / deck.path.cell_m());
    deck.path.copy_tape(cell, before);
    deck.play_to(2.0);
    deck.path.copy_tape(cell, after);
    EXPECT_EQ(before, after);
    EXPECT_EQ(deck.path.altered_cells(), 0U);
    deck.recording = true;
    deck.run(0.5);
    deck.recording = false;
    EXPECT_GT(deck.path.altered_cells(), 0U);
    deck.place_m = deck.content.begin_m + kCalHead_m + 2.2 * 0.381; // what was at the record head
    deck.run(0.3);
    EXPECT_LT(deck.level_db(0, 1000, 0.2), -50.0);
    deck.path.mount_blank();
    EXPECT_EQ(deck.path.altered_cells(), 0U);
    deck.place_m = deck.content.begin_m + kCalHead_m + 0.1;
    deck.run(0.3);
    EXPECT_LT(deck.level_db(0, 1000, 0.2), -60.0);
}

TEST(CalibrationTape, WhatCannotBeIsRefusedInWords) {
    TapeRig deck(rig::ideal());
    TapeContent tape = plain_tape({1000});
    tape.equalisation = Equalisation::Nab;
    tape.speed_ips = 30.0;
    const auto no_standard = deck.path.mount(tape);
    ASSERT_FALSE(no_standard);
    EXPECT_NE(no_standard.error().message.find("NAB"), std::string::npos);
    const auto too_high = deck.path.mount(plain_tape({40000}));
    ASSERT_FALSE(too_high);
    EXPECT_NE(too_high.error().message.find("40000"), std::string::npos);
}

TEST(TapeText, SaysWhatIsOnTheTape) {
    TapeContent usual;
    usual.equalisation = Equalisation::Nab;
    const auto tape = parse_tape("calibration:ips=7.5,tones=1000/10000@-10/50,seconds=20,announcement_s=2,gap_s=1,"
                                 "fluxivity_db=-2.5,azimuth_urad=150,fringing_db=0,begin_m=5",
                                 usual);
    ASSERT_TRUE(tape) << tape.error().message;
    EXPECT_EQ(tape->equalisation, Equalisation::Nab);
    EXPECT_EQ(tape->speed_ips, 7.5);
    EXPECT_EQ(tape->fluxivity_db, -2.5);
    EXPECT_NEAR(tape->azimuth_rad, 150e-6, 1e-12);
    EXPECT_EQ(tape->fringing_db, 0.0);
    EXPECT_EQ(tape->begin_m, 5.0);
    ASSERT_EQ(tape->tones.size(), 3U);
    EXPECT_EQ(tape->tones[1].frequency_hz, 10000.0);
    EXPECT_EQ(tape->tones[1].level_db, -10.0);
    EXPECT_EQ(tape->tones[2].level_db, 0.0);
    EXPECT_NEAR(tape->length_s(), 3.0 * (2.0 + 1.0 + 20.0 + 1.0), 1e-9);
    const auto flutter = parse_tape("flutter");
    ASSERT_TRUE(flutter);
    EXPECT_EQ(flutter->tones.at(0).frequency_hz, 3150.0);
    for (const char* wrong : {"cassette", "calibration:standard=RIAA", "calibration:tones=", "calibration:tones=1k",
                              "calibration:speed=15", "calibration:ips=60", "flutter:seconds"}) {
        const auto refused = parse_tape(wrong);
        ASSERT_FALSE(refused) << wrong;
        EXPECT_NE(refused.error().message.find("expected"), std::string::npos) << refused.error().message;
    }
    Settings settings = rig::ideal();
    settings.tape = *tape;
    TapeRig deck(settings); // it is on the deck from the beginning
    std::vector<std::int16_t> cells(20000);
    deck.path.copy_tape(static_cast<std::int64_t>((5.0 + 3.5 * 0.1905) / deck.path.cell_m()), cells);
    EXPECT_GT(*std::max_element(cells.begin(), cells.end()), 2000);
}

TEST(CalibrationTape, IsMountedOnTheDeckOnlyWhenItStands) {
    SimulatedTimeline timeline;
    SimulatedDeck deck(timeline, Settings{}, {});
    ASSERT_TRUE(deck.mount(plain_tape({1000})));
    deck.remote().press(RemoteDeck::Key::Play);
    timeline.run_for(std::chrono::seconds(2));
    const auto moving = deck.mount(plain_tape({1000}));
    ASSERT_FALSE(moving);
    EXPECT_NE(moving.error().message.find("stop"), std::string::npos);
    EXPECT_FALSE(deck.mount_blank());
    EXPECT_EQ(deck.altered_cells(), 0U);
}

} // namespace overbias::deck_sim
