// SPDX-License-Identifier: Apache-2.0
// The speed procedure where something is not as it should be: the wrong tape, a tape forgotten, a tone too short, a
// deck that records, an operator who has had enough.
#include "speed_rig.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

namespace overbias::calibration {

using test::AlignmentRig;
using testing::HasSubstr;

TEST(SpeedJob, RecordsOnNothingThatCarriesTheTone) {
    AlignmentRig rig(some_deck(1));
    TapeThreader person(rig, 1);
    person.forgets_the_tape = 2;
    std::optional<SpeedMeasured> measured;
    const auto end = measure_speed(rig, person, speed_setup(measured));
    ASSERT_EQ(end.ending, controller::JobEnding::NotJudged) << end.reason;
    EXPECT_EQ(person.altered_cells, 0U); // as counted when it was last on the deck
    EXPECT_EQ(person.forgets_the_tape, 0);
    EXPECT_THAT(person.notes, testing::Contains(testing::MatchesRegex(
                                  "a tone of the calibration tape .31[0-9][0-9] Hz. comes off.*")));
}

/// A deck whose record ready is switched from here: safe while the calibration tape is on, and in the end as it stood.
TEST(SpeedJob, TracksAreSafeUntilTheTapeIsOff) {
    for (const bool ready_before : {true, false}) {
        SCOPED_TRACE(ready_before);
        deck_sim::Settings settings = some_deck(8);
        settings.tracks_ready = false;
        AlignmentRig rig(settings);
        for (int track = 1; ready_before && track <= 2; ++track) {
            ASSERT_FALSE(rig.transport->set_ready(track, true).denied());
        }
        TapeThreader person(rig, 8);
        std::uint32_t ready = 99;
        person.before_threading = [&](int) { ready = rig.transport->state().ready_tracks; };
        std::optional<SpeedMeasured> measured;
        SpeedSetup setup = speed_setup(measured);
        setup.averaging_s = 5.0;
        setup.head_delay_s = 6;
        const auto end = measure_speed(rig, person, std::move(setup));
        ASSERT_EQ(end.ending, controller::JobEnding::NotJudged) << end.reason;
        EXPECT_EQ(ready, 0U);
        EXPECT_TRUE(measured && measured->head_delay);
        EXPECT_EQ(rig.transport->state().ready_tracks, ready_before ? 3U : 0U);
    }
}

TEST(SpeedJob, EndedWhileItRecordsItStopsAndMakesSafe) {
    deck_sim::Settings settings = some_deck(9);
    settings.tracks_ready = false;
    AlignmentRig rig(settings);
    TapeThreader person(rig, 9);
    person.aborts_at = "speed.head_delay";
    std::optional<SpeedMeasured> measured;
    SpeedSetup setup = speed_setup(measured);
    setup.averaging_s = 5.0;
    const auto end = measure_speed(rig, person, std::move(setup));
    EXPECT_THAT(end.reason, HasSubstr("ended by the operator at delay between the heads"));
    EXPECT_GT(rig.deck->altered_cells(), 0U); // it did record
    EXPECT_FALSE(rig.deck->truth().recording);
    EXPECT_EQ(rig.deck->truth().mode, deck_sim::Truth::Mode::Stopped);
    EXPECT_EQ(rig.transport->state().ready_tracks, 0U);
    EXPECT_FALSE(measured);
}

TEST(SpeedJob, NamesAnotherTapeAndAnotherSpeed) {
    const auto told = [](const deck_sim::TapeContent& content) {
        AlignmentRig rig(some_deck(2));
        TapeThreader person(rig, 2);
        person.on_tape = content;
        std::optional<SpeedMeasured> measured;
        const auto end = measure_speed(rig, person, speed_setup(measured));
        EXPECT_EQ(end.ending, controller::JobEnding::Refused);
        EXPECT_FALSE(measured);
        rig.timeline.run_for(std::chrono::seconds(5));
        EXPECT_EQ(rig.transport->state().current, transport::Motion::Stopped);
        EXPECT_FALSE(rig.transport->state().arm_held.empty()); // the tape is still on the deck
        return end.reason;
    };
    EXPECT_THAT(told(on_the_reel(3000.0)), HasSubstr("this is not a flutter tape (other flutter tapes have 3000 Hz)"));
    deck_sim::TapeContent slower = on_the_reel();
    slower.speed_ips = 7.5;
    EXPECT_THAT(told(slower), HasSubstr("the deck runs at 2 times the speed the tape was made for (15.00 ips)"));
}

TEST(SpeedJob, TakesOneToneOfManyAndAsksAgainWhenItEndsTooSoon) {
    AlignmentRig rig(some_deck(4));
    TapeThreader person(rig, 4);
    deck_sim::TapeContent content;
    content.tones = {{.frequency_hz = 10000.0, .level_db = -10.0, .seconds = 5.0, .announcement_s = 2.0},
                     {.frequency_hz = 1000.0, .level_db = 0.0, .seconds = 7.0, .announcement_s = 2.0}};
    person.on_tape = content;
    std::optional<SpeedMeasured> measured;
    SpeedSetup setup = speed_setup(measured);
    setup.tape.tones = {{.frequency_hz = 10000.0, .level_db = -10.0, .duration_s = {}, .voice_before = {}},
                        {.frequency_hz = 1000.0, .level_db = 0.0, .duration_s = {}, .voice_before = {}}};
    setup.head_delay = false;
    // the second time there is more of it
    person.before_threading = [&](int times) {
        if (times == 2) {
            content.tones[1].seconds = 18.0;
            person.on_tape = content;
        }
    };
    const auto end = measure_speed(rig, person, std::move(setup));
    ASSERT_EQ(end.ending, controller::JobEnding::NotJudged) << end.reason;
    EXPECT_THAT(person.notes, testing::Contains(HasSubstr("expected it to play for 9 s or more")));
    EXPECT_THAT(person.notes, testing::Contains(testing::MatchesRegex("100[0-9][0-9] Hz plays")));
    EXPECT_NEAR(measured->speed.error_ppm, 1e6 * some_deck(4).speed_error, 20.0);
    const auto record = rig.history.latest(rig.context().record.key);
    EXPECT_LT(record->step("speed.error", 0)->averaging_s, 14.0);
    EXPECT_GT(record->step("speed.error", 0)->averaging_s, 11.0);
}

TEST(SpeedJob, ARecordTallyStopsTheDeck) {
    AlignmentRig rig(some_deck(5), {"stuck_tally:line=tally_record,value=1,time_s=20"});
    TapeThreader person(rig, 5);
    std::optional<SpeedMeasured> measured;
    const auto end = measure_speed(rig, person, speed_setup(measured));
    EXPECT_EQ(end.ending, controller::JobEnding::Fault);
    EXPECT_THAT(end.reason, HasSubstr("record"));
    EXPECT_EQ(rig.deck->truth().mode, deck_sim::Truth::Mode::Stopped);
    EXPECT_FALSE(rig.transport->state().arm_held.empty());
    EXPECT_EQ(rig.deck->altered_cells(), 0U);
}

TEST(SpeedJob, BrokenOffItLeavesRecordBarredAndGoesOnAfterTheTape) {
    AlignmentRig rig(some_deck(6));
    std::optional<SpeedMeasured> measured;
    {
        TapeThreader person(rig, 6);
        person.aborts_at = "speed.error";
        const auto end = measure_speed(rig, person, speed_setup(measured));
        EXPECT_THAT(end.reason, HasSubstr("ended by the operator at speed"));
        EXPECT_EQ(rig.deck->truth().mode, deck_sim::Truth::Mode::Stopped);
        EXPECT_FALSE(rig.transport->state().arm_held.empty());
    }
    {
        TapeThreader person(rig, 6);
        person.aborts_at = "speed.tape_off";
        const auto end = measure_speed(rig, person, speed_setup(measured));
        EXPECT_THAT(end.reason, HasSubstr("ended by the operator at calibration tape off"));
        EXPECT_FALSE(rig.transport->state().arm_held.empty());
        EXPECT_EQ(person.threaded, 1); // nothing was read the first time
        EXPECT_FALSE(measured);
    }
    TapeThreader person(rig, 6);
    const auto end = measure_speed(rig, person, speed_setup(measured));
    ASSERT_EQ(end.ending, controller::JobEnding::NotJudged) << end.reason;
    EXPECT_EQ(person.threaded, 0);
    ASSERT_TRUE(measured && measured->head_delay);
    EXPECT_NEAR(measured->speed.error_ppm, 1e6 * some_deck(6).speed_error, 20.0);
}

TEST(SpeedJob, RefusesWhatCanNotBeMeasured) {
    AlignmentRig rig(deck_sim::Settings{});
    TapeThreader person(rig, 1);
    const auto complaint = [&](const std::function<void(SpeedSetup&, AlignmentContext&)>& change) -> std::string {
        std::optional<SpeedMeasured> measured;
        SpeedSetup setup = speed_setup(measured);
        auto context = rig.context();
        context.operator_port = &person;
        change(setup, context);
        try {
            (void)make_speed_job(std::move(context), std::move(setup));
        } catch (const std::invalid_argument& why) {
            return why.what();
        }
        return "";
    };
    EXPECT_EQ(complaint([](SpeedSetup&, AlignmentContext&) {}), "");
    EXPECT_THAT(complaint([](SpeedSetup& setup, AlignmentContext&) { setup.tape.speed_ips = 30.0; }),
                HasSubstr("made for 30.00 ips, the deck is set to 15.00 ips"));
    EXPECT_THAT(complaint([](SpeedSetup& setup, AlignmentContext&) { setup.tape.tones[0].frequency_hz = 100.0; }),
                HasSubstr("has no tone that is of use"));
    EXPECT_THAT(complaint([](SpeedSetup& setup, AlignmentContext&) { setup.tone_hz = 10000.0; }),
                HasSubstr("has no tone of 10000 Hz"));
    EXPECT_THAT(complaint([](SpeedSetup& setup, AlignmentContext&) { setup.averaging_s = 3.0; }),
                HasSubstr("an averaging time of 3.0 s"));
    EXPECT_THAT(complaint([](SpeedSetup& setup, AlignmentContext&) { setup.head_delay_s = 2; }),
                HasSubstr("expected 6 s or more"));
    EXPECT_THAT(complaint([](SpeedSetup&, AlignmentContext& context) { context.operator_port = nullptr; }),
                HasSubstr("somebody has to thread the tapes"));
}

} // namespace overbias::calibration
