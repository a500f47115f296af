// SPDX-License-Identifier: Apache-2.0
// What a reproduce alignment expects of a tape, and which tape it was. Oracles: MRL's printed table 5-4 (a NAB tape on
// an IEC1 deck at 15 ips) and the decibels between fluxivities, 20 log10 of their ratio.
#include "calibration/reproduce/reproduce_plan.hpp"
#include "calibration/reproduce/reproduce_tones.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <string>
#include <utility>
#include <vector>

namespace overbias::calibration {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

tape::CalibrationTape tape_with(const std::vector<double>& tones_hz,
                                tape::Equalisation equalisation = tape::Equalisation::Iec1) {
    tape::CalibrationTape tape;
    tape.id = std::string(tape::equalisation_name(equalisation)) + std::to_string(tones_hz.size());
    tape.name = "a tape of " + std::to_string(tones_hz.size()) + " tones";
    tape.speed_ips = 15.0;
    tape.equalisation = equalisation;
    tape.reference = {.fluxivity = {.nwb_per_m = 355.0, .school = tape::CalibrationSchool::Ansi}, .source = "a test"};
    for (const double hz : tones_hz) {
        tape.tones.emplace_back().frequency_hz = hz;
    }
    tape.complete = tape.full_track = true;
    return tape;
}

const ReproduceDeck kDeck{.speed_ips = 15.0,
                          .equalisation = tape::Equalisation::Iec1,
                          .operating_level = {.nwb_per_m = 250.0, .school = tape::CalibrationSchool::Ansi}};

std::vector<bool> all(const tape::CalibrationTape& tape) {
    return std::vector<bool>(tape.tones.size(), true);
}

std::vector<std::string> ids(const ReproducePlan& plan) {
    std::vector<std::string> out;
    for (const ReproduceStep& step : plan.steps) {
        out.push_back(step.id + (step.is_turned() ? "" : " (read)"));
    }
    return out;
}

std::array<std::vector<tape::HeardTone>, 2> heard(const std::vector<std::pair<double, double>>& tones) {
    std::array<std::vector<tape::HeardTone>, 2> out;
    for (const auto& [hz, db] : tones) {
        for (auto& track : out) {
            auto& tone = track.emplace_back();
            tone.frequency_hz = hz;
            tone.level_db = db;
        }
    }
    return out;
}

} // namespace

TEST(ReproducePlan, ExpectsWhatIsOnTheTape) {
    // 355 nWb/m against 250: +3.05 dB; against 320 by DIN, which are 288 by ANSI: +1.82 dB
    const auto own = tape_with({1000, 10000, 50});
    EXPECT_NEAR(expected_db(own, 0, kDeck), 3.05, 0.01);
    EXPECT_NEAR(expected_db(own, 1, kDeck), 3.05, 0.01);
    ReproduceDeck din = kDeck;
    din.operating_level = {.nwb_per_m = 320.0, .school = tape::CalibrationSchool::Din};
    EXPECT_NEAR(expected_db(own, 0, din), 1.82, 0.01);
    const std::vector<std::pair<double, double>> table_5_4{{63, 2.31},     {126, 0.83},   {250, 0.35},   {500, 0.18},
                                                           {1000, 0.0},    {2000, -0.48}, {4000, -1.43}, {8000, -2.33},
                                                           {16000, -2.74}, {20000, -2.79}};
    for (const auto& [hz, db] : table_5_4) {
        EXPECT_NEAR(expected_db(tape_with({hz}, tape::Equalisation::Nab), 0, kDeck), 3.05 + db, 0.1) << hz;
    }
    auto low = tape_with({1000});
    low.tones[0].level_db = -10.0;
    EXPECT_NEAR(expected_db(low, 0, kDeck), -6.95, 0.01);
}

TEST(ReproducePlan, TakesTheTonesThatServe) {
    auto tape = tape_with({8000, 16000, 1000, 63, 125, 500, 20000, 1000});
    tape.tones[2].level_db = -10.0; // the louder 1 kHz is the last
    tape.fringing_compensated = true;
    const ReproducePlan plan = reproduce_plan(tape, all(tape), kDeck, {});
    EXPECT_THAT(ids(plan), ElementsAre("reproduce.azimuth.coarse", "reproduce.level", "reproduce.azimuth",
                                       "reproduce.high", "reproduce.low"));
    EXPECT_EQ(plan.steps[1].tone, 7U);
    EXPECT_EQ(plan.steps[2].tone, 0U);
    EXPECT_EQ(plan.steps[3].tone, 0U);
    EXPECT_EQ(plan.steps[4].tone, 3U);
    EXPECT_THAT(plan.others, ElementsAre(1, 2, 4, 5, 6));
    EXPECT_THAT(plan.missing, IsEmpty());
    EXPECT_THAT(plan.steps[4].note, HasSubstr("own recordings"));
}

TEST(ReproducePlan, FringingAndAesLeaveLfAlone) {
    auto tape = tape_with({1000, 10000, 50});
    ReproducePlan plan = reproduce_plan(tape, all(tape), kDeck, {});
    ASSERT_EQ(plan.steps.back().id, "reproduce.low");
    EXPECT_FALSE(plan.steps.back().is_turned());
    EXPECT_FALSE(plan.steps.back().tolerance.has_value());
    EXPECT_THAT(plan.steps.back().note, HasSubstr("reads high"));

    tape = tape_with({1000, 10000, 50}, tape::Equalisation::Aes);
    tape.speed_ips = 30.0;
    tape.full_track = false;
    ReproduceDeck aes = kDeck;
    aes.speed_ips = 30.0;
    aes.equalisation = tape::Equalisation::Aes;
    plan = reproduce_plan(tape, all(tape), aes, {});
    EXPECT_FALSE(plan.steps.back().is_turned());
    EXPECT_THAT(plan.steps.back().note, HasSubstr("AES at 30.00 ips has no LF adjustment"));
}

TEST(ReproducePlan, SaysWhatCannotBeAlignedWithoutATone) {
    const auto tape = tape_with({1000, 10000, 50});
    ReproducePlan plan = reproduce_plan(tape, {true, false, true}, kDeck, {});
    EXPECT_THAT(ids(plan), ElementsAre("reproduce.azimuth.coarse", "reproduce.level", "reproduce.low (read)"));
    EXPECT_THAT(plan.missing, HasSubstr("azimuth and HF were not aligned"));
    plan = reproduce_plan(tape, {false, true, true}, kDeck, {});
    EXPECT_THAT(plan.steps, IsEmpty());
    EXPECT_THAT(plan.missing, HasSubstr("1 kHz"));
    EXPECT_FALSE(listened_to_first(tape));
    EXPECT_TRUE(listened_to_first(tape_with({1000, 10000, 50, 1000}))) << "told apart by place";
    EXPECT_TRUE(listened_to_first(tape_with({1000, 10000, 50, 100, 16000})));
}

TEST(ReproducePlan, NamesATapeWithoutAChosenOne) {
    const auto three = tape_with({1000, 10000, 50});
    const auto hundred = tape_with({1000, 10000, 100});
    auto hotter = three;
    hotter.id = "hotter";
    hotter.name = "a hotter tape";
    hotter.reference->fluxivity.nwb_per_m = 250.0;
    const auto tones = heard({{1000, -14}, {10000, -14.5}, {100, -13.8}});
    const std::vector<tape::CalibrationTape> two{three, hundred};
    NamedTape name = name_tape(tones, two, nullptr, kDeck, false);
    EXPECT_EQ(name.verdict, NamedTape::Verdict::Right);
    ASSERT_TRUE(name.tape);
    EXPECT_EQ(name.tape->tones[2].frequency_hz, 100.0);
    EXPECT_THAT(name.tones, ElementsAre(0, 1, 2));

    const std::vector<tape::CalibrationTape> alike{three, hotter};
    name = name_tape(heard({{1000, -14}, {10000, -14.5}, {50, -13.8}}), alike, nullptr, kDeck, false);
    EXPECT_EQ(name.verdict, NamedTape::Verdict::Unclear) << "fluxivity can't be heard";
    EXPECT_THAT(name.words, HasSubstr("say which one it is"));

    auto flutter = tape_with({3150});
    flutter.reference.reset();
    flutter.equalisation.reset();
    const std::vector<tape::CalibrationTape> with_flutter{three, flutter};
    name = name_tape(heard({{3150, -14}}), with_flutter, nullptr, kDeck, false);
    EXPECT_EQ(name.verdict, NamedTape::Verdict::Wrong);
    EXPECT_THAT(name.words, HasSubstr("no reference level"));
    name = name_tape(heard({{700, -14}, {440, -14}}), two, nullptr, kDeck, false);
    EXPECT_EQ(name.verdict, NamedTape::Verdict::Wrong);
    EXPECT_THAT(name.words, HasSubstr("700 Hz, 440 Hz"));
}

TEST(ReproducePlan, HintsAtTheSwitchOnlyWhenBothTracksSaySo) {
    const auto tape = tape_with({1000, 10000, 50});
    // an IEC1 tape on a NAB deck reads the other way round: +2.5 dB at 10 kHz
    EXPECT_THAT(equalisation_hint(tape, 1, kDeck, {2.2, 2.9}), HasSubstr("stood at NAB"));
    EXPECT_THAT(equalisation_hint(tape, 1, kDeck, {2.5, 0.3}), IsEmpty());
    EXPECT_THAT(equalisation_hint(tape, 1, kDeck, {-2.5, -2.5}), IsEmpty());
    EXPECT_THAT(equalisation_hint(tape, 0, kDeck, {2.5, 2.5}), IsEmpty()) << "1 kHz is the same in both";
}

TEST(ReproduceTones, FollowsAToneThroughTurnsAndLostFrames) {
    constexpr double kRate_hz = 48000.0;
    ReproduceTones tones(kRate_hz, -60.0);
    std::int64_t frame = 5000; // where the stream stands
    double phase = 0.0;
    const auto feed = [&](double hz, double left, double right, double seconds) {
        std::vector<std::int32_t> block(2 * 480);
        for (int n = 0; n < static_cast<int>(seconds * 100.0); ++n) {
            for (std::size_t i = 0; i < 480; ++i) {
                phase += 2.0 * std::numbers::pi * hz / kRate_hz;
                block[2 * i] = static_cast<std::int32_t>(2147483647.0 * left * std::sin(phase));
                block[2 * i + 1] = static_cast<std::int32_t>(2147483647.0 * right * std::sin(phase));
            }
            tones.take(frame, block);
            frame += 480;
        }
    };
    feed(1000.0, 0.0, 0.0, 2.0);
    EXPECT_NEAR(tones.silent_s(), 2.0, 0.1);
    const std::int64_t begin = frame;
    feed(1000.0, 0.2, 0.1, 2.0);
    ASSERT_TRUE(tones.playing());
    feed(1000.0, 0.05, 0.4, 2.0); // somebody turns at both
    ASSERT_TRUE(tones.playing());
    EXPECT_NEAR(static_cast<double>(tones.playing()->begin_frame - begin), 0.0, 0.02 * kRate_hz);
    EXPECT_NEAR(tones.playing()->frequency_hz, 1000.0, 0.1);
    const std::int64_t end = frame;
    feed(1000.0, 0.0, 0.0, 1.0);
    EXPECT_FALSE(tones.playing());
    ASSERT_EQ(tones.ended().size(), 1U);
    EXPECT_NEAR(static_cast<double>(tones.ended()[0].end_frame - end), 0.0, 0.03 * kRate_hz);
    feed(3000.0, 0.0, 0.1, 2.0); // the left track is dead
    ASSERT_TRUE(tones.playing());
    EXPECT_NEAR(tones.playing()->level_dbfs[1], -20.0, 0.1);
    EXPECT_LT(tones.playing()->level_dbfs[0], -100.0);
    frame += 4800; // the card lost some
    feed(3000.0, 0.0, 0.1, 1.0);
    EXPECT_EQ(tones.ended().size(), 2U);
    ASSERT_TRUE(tones.playing());
    EXPECT_GT(tones.playing()->begin_frame, tones.ended().back().begin_frame);
    tones.restart();
    EXPECT_FALSE(tones.playing());
    EXPECT_THAT(tones.ended(), IsEmpty());
}

} // namespace overbias::calibration
