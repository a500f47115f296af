// SPDX-License-Identifier: Apache-2.0
// Position corrected by what is heard off tape, and position kept over a restart.
#include "says.hpp"
#include "transport/position/audio_correction.hpp"
#include "transport/position/stored_position.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace overbias::transport {

using test::says;

namespace {

DeckTime at_s(double time_s) {
    return DeckTime(deck_seconds(time_s));
}

/// Ten seconds of play from 100 m, noted every 5 ms; the counter knows its place to 10 cm.
CounterHistory played() {
    CounterHistory history;
    for (int i = 0; i <= 2000; ++i) {
        history.note(at_s(0.005 * i), 100.0 + 0.381 * 0.005 * i, 0.10);
    }
    return history;
}

} // namespace

TEST(CounterHistory, GivesThePlaceOfAPastTime) {
    const CounterHistory history = played();
    const auto place = history.at(at_s(4.0037));
    ASSERT_TRUE(place);
    EXPECT_NEAR(place->position_m, 100.0 + 0.381 * 4.0037, 1e-9);
    EXPECT_NEAR(place->speed_m_s, 0.381, 1e-9);
    EXPECT_DOUBLE_EQ(place->uncertainty_m, 0.10);
    EXPECT_FALSE(history.at(at_s(10.5))) << "not yet reached";
}

TEST(CounterHistory, KeepsTwentySecondsAndForgetsWhenTheCounterIsSet) {
    CounterHistory history;
    for (int i = 0; i <= 12000; ++i) { // a minute of wind
        history.note(at_s(0.005 * i), 8.3 * 0.005 * i, 0.1);
    }
    EXPECT_FALSE(history.at(at_s(35.0)));
    ASSERT_TRUE(history.at(at_s(41.0)));
    EXPECT_NEAR(history.at(at_s(41.0))->position_m, 8.3 * 41.0, 1e-6);
    history.note(at_s(60.02), 0.0, 0.001); // zeroed
    EXPECT_FALSE(history.at(at_s(50.0)));
    history.note(at_s(60.04), 0.166, 0.001);
    EXPECT_NEAR(history.at(at_s(60.03))->position_m, 0.083, 1e-9);
}

TEST(AudioCorrection, TheSlateShiftsTheCounter) {
    const CounterHistory history = played();
    // the slate lies at 101.2 m and passed the reproduce head at 3 s; the record head was 35 mm further
    const auto correction = correct_by_audio({.what = "the slate",
                                              .at = at_s(3.0),
                                              .time_uncertainty_s = 0.001,
                                              .tape_m = 101.2,
                                              .tape_uncertainty_m = 0.002,
                                              .head_offset_m = 0.035},
                                             history);
    ASSERT_TRUE(correction) << correction.error().message;
    EXPECT_NEAR(correction->shift_m, 101.235 - 101.143, 1e-9);
    EXPECT_NEAR(correction->uncertainty_m, std::hypot(0.002, 0.381 * 0.001), 1e-9);
    EXPECT_TRUE(says(correction->message, "the slate heard at 101.23 m")) << correction->message;
    EXPECT_TRUE(says(correction->message, "shifted by +92.0 mm")) << correction->message;
}

TEST(AudioCorrection, RefusesWhatIsFarBeyondTheUncertaintyUnlessForced) {
    const CounterHistory history = played();
    HeardPlace heard{.what = "track 2", .at = at_s(3.0), .time_uncertainty_s = 0.01, .tape_m = 101.143 + 0.299};
    EXPECT_TRUE(correct_by_audio(heard, history)) << "three times 10 cm";
    heard.tape_m = 101.143 + 0.302;
    const auto refused = correct_by_audio(heard, history);
    ASSERT_FALSE(refused);
    EXPECT_TRUE(says(refused.error().message, "track 2")) << refused.error().message;
    EXPECT_TRUE(says(refused.error().message, "3.0 times what both may be off")) << refused.error().message;
    const auto forced = correct_by_audio(heard, history, true);
    ASSERT_TRUE(forced);
    EXPECT_NEAR(forced->shift_m, 0.302, 1e-9);
    EXPECT_TRUE(correct_by_audio(heard, history, false, 5.0));
}

TEST(AudioCorrection, RefusesWhatItCannotPlace) {
    const CounterHistory history = played();
    EXPECT_TRUE(says(correct_by_audio({.what = "the slate", .at = at_s(11.0)}, history).error().message, "not kept"));
    EXPECT_FALSE(correct_by_audio({.what = "the slate", .at = at_s(3.0), .tape_m = NAN}, history, true));
    EXPECT_FALSE(
        correct_by_audio({.what = "the slate", .at = at_s(3.0), .time_uncertainty_s = -1.0, .tape_m = 101.0}, history));
}

TEST(AudioCorrection, ASecondHearingAfterTheShiftFindsNothingToCorrect) {
    CounterHistory history = played();
    const HeardPlace heard{.what = "the slate", .at = at_s(3.0), .tape_m = 101.2};
    const auto first = correct_by_audio(heard, history);
    ASSERT_TRUE(first);
    history.shift(first->shift_m);
    const auto second = correct_by_audio(heard, history);
    ASSERT_TRUE(second);
    EXPECT_NEAR(second->shift_m, 0.0, 1e-9);
}

TEST(StoredPosition, ATapeThatStoodKeepsItsUncertainty) {
    const StoredPosition stored{.position_m = 321.0, .uncertainty_m = 0.3, .speed_m_s = 0.0, .utc_s = 1000};
    const TakenOverPosition place = take_over(stored, 1000 + 86400, 762.0);
    EXPECT_DOUBLE_EQ(place.position_m, 321.0);
    EXPECT_DOUBLE_EQ(place.uncertainty_m, 0.3);
}

TEST(StoredPosition, ATapeThatMovedMayHaveGoneOn) {
    const StoredPosition stored{.position_m = 321.0, .uncertainty_m = 0.3, .speed_m_s = -5.0, .utc_s = 1000};
    EXPECT_DOUBLE_EQ(take_over(stored, 1010, 762.0).uncertainty_m, 50.3);
    EXPECT_DOUBLE_EQ(take_over(stored, 5000, 762.0).uncertainty_m, 762.3) << "no further than the tape reaches";
    EXPECT_DOUBLE_EQ(take_over(stored, 900, 762.0).uncertainty_m, 762.3) << "the clock was set back";
}

} // namespace overbias::transport
