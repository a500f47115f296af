// SPDX-License-Identifier: Apache-2.0
// Speed, wow and flutter and the delay between the heads, on the simulated deck with all of its flutter and weave. What
// was injected is known from the deck's own settings and from its tape's speed, millisecond by millisecond.
#include "flutter_truth.hpp"
#include "speed_rig.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iostream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace overbias::calibration {

using test::AlignmentRig;
using testing::HasSubstr;

TEST(SpeedJob, FindsSpeedFlutterAndHeadDelay) {
    double worst_speed = 0.0, worst_flutter = 0.0, worst_delay = 0.0, mean_delay = 0.0;
    const std::uint64_t seeds = std::max<std::uint64_t>(test::alignment_seeds() / 2, 3);
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        SCOPED_TRACE(seed);
        const deck_sim::Settings settings = some_deck(seed);
        AlignmentRig rig(settings);
        test::FlutterTruth truth(rig.timeline, [&rig] { return rig.deck->truth().speed_m_s / kPlay_m_s; });
        TapeThreader person(rig, seed);
        std::optional<SpeedMeasured> measured;
        const auto end = measure_speed(rig, person, speed_setup(measured));
        ASSERT_EQ(end.ending, controller::JobEnding::NotJudged) << end.reason;
        ASSERT_TRUE(measured);
        ASSERT_TRUE(measured->head_delay);
        EXPECT_EQ(person.altered_cells, 0U); // of the calibration tape
        EXPECT_TRUE(rig.transport->state().arm_held.empty());
        const auto record = rig.history.latest(rig.context().record.key);
        ASSERT_TRUE(record);

        const double injected = injected_ppm(rig, settings);
        EXPECT_NEAR(measured->speed.error_ppm, injected, 20.0);
        EXPECT_NEAR(speed_reading(*record, "speed.error"), measured->speed.error_ppm, 1e-9);
        EXPECT_NEAR(speed_reading(*record, "speed.card_clock"), settings.capture_clock_ppm, 2.0);
        EXPECT_LT(std::abs(measured->speed.error_ppm - injected), 4.0 * measured->speed.uncertainty_ppm + 0.5);
        EXPECT_LT(measured->speed.uncertainty_ppm, 10.0);
        worst_speed = std::max(worst_speed, std::abs(measured->speed.error_ppm - injected));

        // thirty seconds, after the four in which the filters settle
        const double from_s = test::seconds_of(*person.reads_from) + 4.0;
        const double flutter = truth.weighted_two_sigma_percent(from_s, from_s + 30.0);
        EXPECT_NEAR(speed_reading(*record, "speed.wow_flutter") / flutter, 1.0, 0.03) << flutter;
        worst_flutter = std::max(worst_flutter, std::abs(speed_reading(*record, "speed.wow_flutter") / flutter - 1.0));

        const double delay_s = settings.record_to_reproduce_m / kPlay_m_s;
        const double off_ppm = 1e6 * (measured->head_delay->delay_s / delay_s - 1.0);
        EXPECT_NEAR(off_ppm, 0.0, 30.0); // what 10 degrees at 10 kHz may be
        worst_delay = std::max(worst_delay, std::abs(off_ppm));
        mean_delay += off_ppm / static_cast<double>(seeds);
        EXPECT_NEAR(speed_reading(*record, "speed.record_to_reproduce"), 1000.0 * settings.record_to_reproduce_m,
                    0.03e-3 * 1000.0 * settings.record_to_reproduce_m);
    }
    std::cout << "speed: " << seeds << " decks, worst speed " << worst_speed << " ppm, wow and flutter "
              << 100.0 * worst_flutter << " % of reading, head delay " << worst_delay << " ppm (mean " << mean_delay
              << ")\n";
}

/// Of two line-ups of one deck at two speeds the stored delay is one, and tells either speed from the other.
TEST(SpeedJob, AStoredHeadDelayTellsTheSpeedLater) {
    deck_sim::Settings settings = some_deck(3);
    std::vector<SpeedMeasured> found;
    for (const double speed_error : {0.0011, -0.0007}) {
        settings.speed_error = speed_error;
        AlignmentRig rig(settings);
        TapeThreader person(rig, 3);
        std::optional<SpeedMeasured> measured;
        const auto end = measure_speed(rig, person, speed_setup(measured));
        ASSERT_EQ(end.ending, controller::JobEnding::NotJudged) << end.reason;
        found.push_back(*measured);
    }
    const HeadDelay& stored = *found[0].head_delay;
    HeadDelay now = *found[1].head_delay; // as it came, with the speed as it was
    now.delay_s /= 1.0 - 0.0007;
    const SpeedError told = speed_from_head_delay(now, stored);
    EXPECT_NEAR(told.error_ppm, -700.0, 5.0);
    EXPECT_LT(told.uncertainty_ppm, 10.0);
}

/// What the stored delay does not hold for: a record equaliser that was turned since.
TEST(SpeedJob, AnEqualiserThatIsTurnedMovesTheHeadDelay) {
    std::vector<double> delay_s;
    for (const double high_db : {0.0, 3.0}) {
        AlignmentRig rig(some_deck(3));
        deck_sim::Screws screws = rig.deck->screws();
        for (deck_sim::TrackScrews& track : screws.tracks) {
            track.record_high_db += high_db;
        }
        rig.deck->turn(screws);
        TapeThreader person(rig, 3);
        std::optional<SpeedMeasured> measured;
        const auto end = measure_speed(rig, person, speed_setup(measured));
        ASSERT_EQ(end.ending, controller::JobEnding::NotJudged) << end.reason;
        delay_s.push_back(measured->head_delay->delay_s);
    }
    const double moved_us = 1e6 * (delay_s[1] - delay_s[0]);
    std::cout << "speed: 3 dB of record HF move the head delay by " << moved_us << " us\n";
    // a first-order shelf of 3 dB about 8 kHz advances low frequencies by (1.19 - 0.84) / (2 pi 8 kHz) = 7 us at most
    EXPECT_LT(moved_us, -2.0);
    EXPECT_GT(moved_us, -7.0);
}

TEST(SpeedJob, GuidesAClumsyHandToTheSpeed) {
    for (std::uint64_t seed = 1; seed <= std::max<std::uint64_t>(test::alignment_seeds() / 5, 2); ++seed) {
        SCOPED_TRACE(seed);
        deck_sim::Settings settings = some_deck(seed);
        settings.speed_error = seed % 2 == 0 ? 0.004 : -0.005;
        AlignmentRig rig(settings);
        TapeThreader person(rig, seed);
        person.on_tape = on_the_reel(3150.0, 400.0);
        std::optional<SpeedMeasured> measured;
        SpeedSetup setup = speed_setup(measured);
        setup.head_delay = false;
        setup.speed_limit_ppm = tape::Figure{.value = 300.0, .source = "this test"};
        const auto end = measure_speed(rig, person, std::move(setup), true);
        ASSERT_EQ(end.ending, controller::JobEnding::Pass) << end.reason;
        EXPECT_GT(person.turns, 0);
        EXPECT_NEAR(injected_ppm(rig, settings), 0.0, 150.0);
        EXPECT_NEAR(measured->speed.error_ppm, injected_ppm(rig, settings), 20.0);
        EXPECT_FALSE(measured->head_delay);
        EXPECT_TRUE(rig.transport->state().arm_held.empty()); // it was said to be off
    }
}

TEST(SpeedJob, SaysWhatIsBeyondTheDecksLimits) {
    deck_sim::Settings settings = some_deck(7);
    settings.speed_error = 0.003;
    settings.tape_length_m = 400.0;
    AlignmentRig rig(settings);
    TapeThreader person(rig, 7);
    std::optional<SpeedMeasured> measured;
    SpeedSetup setup = speed_setup(measured);
    setup.head_delay = false;
    setup.speed_limit_ppm = tape::Figure{.value = 2000.0, .source = "this test"};
    setup.wow_flutter_percent = tape::Figure{.value = 0.001, .source = "this test"};
    setup.parts = [] { return std::vector<dsp::RotatingPart>{{.name = "tape roller", .frequency_hz = 3.0}}; };
    const auto end = measure_speed(rig, person, std::move(setup));
    EXPECT_EQ(end.ending, controller::JobEnding::Fail);
    EXPECT_THAT(end.reason, HasSubstr("speed reads 3"));
    EXPECT_THAT(end.reason, HasSubstr("wow and flutter, weighted reads 0.0"));
    const auto record = rig.history.latest(rig.context().record.key);
    ASSERT_TRUE(record);
    // the deck's capstan turns at a frequency that nobody has named
    bool capstan = false;
    for (const tape::AlignmentStep& step : record->steps) {
        const std::string unnamed = "speed.line.";
        if (step.id.rfind(unnamed, 0) == 0 && step.id.size() > 3 && step.id.substr(step.id.size() - 3) == "_hz") {
            const double hz = std::stod(step.id.substr(unnamed.size()));
            if (std::abs(hz - settings.capstan_hz) < 0.1) {
                capstan = true;
                EXPECT_NEAR(step.reading, 100.0 * settings.capstan_flutter_peak, 5.0 * settings.capstan_flutter_peak);
            }
        }
    }
    EXPECT_TRUE(capstan);
    const tape::AlignmentStep* roller = record->step("speed.line.tape_roller", 0);
    ASSERT_NE(roller, nullptr);
    EXPECT_NEAR(roller->reading, 100.0 * settings.roller_flutter_peak, 10.0 * settings.roller_flutter_peak);
}

} // namespace overbias::calibration
