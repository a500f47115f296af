// SPDX-License-Identifier: Apache-2.0
// Reproduce alignment of the simulated deck from a calibration tape: by a clumsy hand, and by converters.
#include "reproduce_rig.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

namespace overbias::calibration {

using test::AlignmentRig;
using test::deck_off;
using test::metered;
using test::reproduce_context;
using test::ReproduceOperator;
using test::three_tones;
using test::three_tones_content;

namespace {

struct Worst {
    double level = 0, high = 0, low = 0, late = 0, told_level = 0, told_late = 0, longest_s = 0;
    static void note(double& worst, double value) { worst = std::max(worst, std::abs(value)); }
};

/// What the record says of the deck, and what the deck is.
void compare(AlignmentRig& rig, const deck_sim::TapeContent& content, const deck_sim::Settings& settings,
             bool head_was_turned, Worst& worst) {
    const auto record = rig.history.latest(rig.context().record.key);
    ASSERT_TRUE(record);
    const auto mid = metered(rig, content, 0, settings, 5.0);
    const auto high = metered(rig, content, 1, settings, 10.0);
    const auto low = metered(rig, content, 2, settings, 5.0);
    const tape::AlignmentStep* azimuth = record->step("reproduce.azimuth", 0);
    ASSERT_NE(azimuth, nullptr);
    EXPECT_EQ(azimuth->averaging_s, 10.0);
    EXPECT_NEAR(azimuth->reading, high.late_us, 0.5);
    Worst::note(worst.told_late, azimuth->reading - high.late_us);
    if (head_was_turned) {
        EXPECT_LT(std::abs(high.late_us), 3.5);
        Worst::note(worst.late, high.late_us);
    }
    for (std::size_t track = 0; track < 2; ++track) {
        const int channel = static_cast<int>(track) + 1;
        EXPECT_NEAR(mid.level_db[track], 0.0, 0.13);
        EXPECT_NEAR(high.level_db[track], 0.0, 0.53);
        EXPECT_NEAR(low.level_db[track], 0.0, 1.03);
        EXPECT_NEAR(record->step("reproduce.level", channel)->reading, mid.level_db[track], 0.05);
        EXPECT_NEAR(record->step("reproduce.high", channel)->reading, high.level_db[track], 0.05);
        EXPECT_NEAR(record->step("reproduce.low", channel)->reading, low.level_db[track], 0.05);
        Worst::note(worst.level, mid.level_db[track]);
        Worst::note(worst.high, high.level_db[track]);
        Worst::note(worst.low, low.level_db[track]);
        Worst::note(worst.told_level, record->step("reproduce.level", channel)->reading - mid.level_db[track]);
        Worst::note(worst.told_level, record->step("reproduce.high", channel)->reading - high.level_db[track]);
        Worst::note(worst.told_level, record->step("reproduce.low", channel)->reading - low.level_db[track]);
    }
}

std::ostream& operator<<(std::ostream& out, const Worst& worst) {
    return out << "worst level " << worst.level << " dB, HF " << worst.high << " dB, LF " << worst.low << " dB, timing "
               << worst.late << " us; told: levels " << worst.told_level << " dB, timing " << worst.told_late
               << " us; longest " << worst.longest_s << " s of deck time";
}

} // namespace

TEST(ReproduceJob, GuidesAClumsyHand) {
    Worst worst;
    for (std::uint64_t seed = 1; seed <= test::reproduce_seeds(); ++seed) {
        SCOPED_TRACE(seed);
        const deck_sim::Settings settings = deck_off(seed);
        AlignmentRig rig(settings);
        const auto content = three_tones_content();
        ReproduceOperator person(rig, content, seed);
        const DeckTime begun = rig.timeline.now();
        rig.start(make_reproduce_job(reproduce_context(rig, person, true),
                                     {.tapes = {three_tones()}, .chosen = three_tones()}));
        const auto end = rig.finish(1500.0);
        worst.longest_s = std::max(worst.longest_s, seconds(rig.timeline.now() - begun));
        ASSERT_EQ(end.ending, controller::JobEnding::Pass) << end.reason;
        EXPECT_EQ(rig.deck->altered_cells(), 0U) << "nothing may be recorded";
        EXPECT_EQ(rig.transport->state().arm_held, "") << "the tape is off";
        compare(rig, content, settings, true, worst);
    }
    std::cout << "guided: " << worst << "\n";
}

TEST(ReproduceJob, SetsLevelsByConverters) {
    Worst worst;
    for (std::uint64_t seed = 1; seed <= std::max<std::uint64_t>(test::reproduce_seeds() / 5, 1); ++seed) {
        SCOPED_TRACE(seed);
        const deck_sim::Settings settings = deck_off(seed);
        AlignmentRig rig(settings);
        deck_sim::Screws screws = rig.deck->screws();
        screws.reproduce_azimuth_rad = 1e-4; // nothing here can turn the head
        rig.deck->turn(screws);
        const auto content = three_tones_content();
        ReproduceOperator person(rig, content, seed);
        const DeckTime begun = rig.timeline.now();
        rig.start(make_reproduce_job(reproduce_context(rig, person, false),
                                     {.tapes = {three_tones()}, .chosen = three_tones()}));
        const auto end = rig.finish(900.0);
        worst.longest_s = std::max(worst.longest_s, seconds(rig.timeline.now() - begun));
        ASSERT_EQ(end.ending, controller::JobEnding::Pass) << end.reason;
        compare(rig, content, settings, false, worst);
    }
    std::cout << "automatic: " << worst << "\n";
}

TEST(ReproduceJob, TellsTheHeadsAngleAsItIs) {
    for (const double head_rad : {1.5e-3, 7.5e-3}) { // the second is most of a period of 10 kHz
        SCOPED_TRACE(head_rad);
        deck_sim::Settings settings;
        settings.azimuth_error_rad = 0.0;
        AlignmentRig rig(settings);
        deck_sim::Screws screws = rig.deck->screws();
        screws.reproduce_azimuth_rad = head_rad;
        rig.deck->turn(screws);
        ReproduceOperator person(rig, three_tones_content());
        rig.start(make_reproduce_job(reproduce_context(rig, person, false),
                                     {.tapes = {three_tones()}, .chosen = three_tones()}));
        const auto end = rig.finish(900.0);
        EXPECT_EQ(end.ending, controller::JobEnding::Fail) << "nothing here can turn the head";
        EXPECT_THAT(end.reason, testing::HasSubstr("reproduce azimuth: the right track comes "));
        EXPECT_THAT(end.reason, testing::HasSubstr(" us early, expected within "));
        const auto record = rig.history.latest(rig.context().record.key);
        ASSERT_TRUE(record);
        // the right track is read d tan(theta) / v before the left one: 4 mm, 0.381 m/s
        EXPECT_NEAR(record->step("reproduce.azimuth", 0)->reading, -1e6 * 4.0e-3 * std::tan(head_rad) / 0.381, 0.5);
    }
}

TEST(ReproduceJob, ListensToALongTapeFirstAndReadsItsOtherTones) {
    const deck_sim::Settings settings = deck_off(6);
    AlignmentRig rig(settings);
    deck_sim::Screws screws = rig.deck->screws();
    screws.reproduce_azimuth_rad = 1e-4;
    screws.speed_trim = 0.002; // tones come 0.24 % high, speed error and all
    rig.deck->turn(screws);
    // 355 nWb/m: 3.05 dB over the operating level; 1 kHz again, 10 dB softer; holes of 3 dB; tones shorter than 10 s
    deck_sim::TapeContent content = test::ten_tones_content(7.0);
    content.tones.push_back({.frequency_hz = 1000.0, .level_db = -10.0, .seconds = 7.0, .announcement_s = 1.5});
    content.fluxivity_db = 3.05;
    for (double at_s = 1.0; at_s < 100.0; at_s += 2.3) {
        content.holes.push_back({.at_s = at_s, .length_ms = 60.0, .depth_db = 3.0});
    }
    tape::CalibrationTape tape = test::ten_tones();
    tape.tones.push_back(tape.tones.front());
    tape.tones.back().level_db = -10.0;
    tape.reference->fluxivity.nwb_per_m = 355.0;
    ReproduceOperator person(rig, content);
    bool turned_while_listening = false;
    person.sees = [&](const AlignmentView& view) {
        turned_while_listening = turned_while_listening || (view.step_id == "reproduce.tape" && !view.tracks.empty());
    };
    rig.start(
        make_reproduce_job(reproduce_context(rig, person, false), {.tapes = {three_tones(), tape}, .chosen = tape}));
    const auto end = rig.finish(900.0);
    ASSERT_EQ(end.ending, controller::JobEnding::Pass) << end.reason;
    EXPECT_FALSE(turned_while_listening);
    const auto record = rig.history.latest(rig.context().record.key);
    ASSERT_TRUE(record);
    content.holes.clear();
    const auto mid = metered(rig, content, 0, settings, 5.0);
    const auto high = metered(rig, content, 1, settings, 5.0);
    const auto soft = metered(rig, content, 10, settings, 5.0);
    const auto top = metered(rig, content, 2, settings, 5.0);
    for (std::size_t track = 0; track < 2; ++track) {
        const int channel = static_cast<int>(track) + 1;
        EXPECT_NEAR(mid.level_db[track], 3.05, 0.13);
        EXPECT_NEAR(high.level_db[track], 3.05, 0.53);
        EXPECT_NEAR(record->step("reproduce.level", channel)->reading, mid.level_db[track] - 3.05, 0.05);
        EXPECT_NEAR(record->step("reproduce.high", channel)->reading, high.level_db[track] - 3.05, 0.05);
        const tape::AlignmentStep* response = record->step("reproduce.response.16000", channel);
        ASSERT_NE(response, nullptr);
        EXPECT_NEAR(response->reading, top.level_db[track] - 3.05, 0.06);
        EXPECT_FALSE(response->tolerance.has_value());
        ASSERT_NE(record->step("reproduce.response.1000", channel), nullptr);
        EXPECT_NEAR(record->step("reproduce.response.1000", channel)->reading, soft.level_db[track] + 6.95, 0.05);
        EXPECT_FALSE(record->step("reproduce.low", channel)->tolerance.has_value()) << "fringing";
    }
    EXPECT_GT(record->step("reproduce.azimuth", 0)->averaging_s, 3.0);
    EXPECT_LT(record->step("reproduce.azimuth", 0)->averaging_s, 7.0) << "what the tone has, and no more is claimed";
}

TEST(ReproduceJob, AsksForTheRewindWhereNobodyCountsTheTape) {
    const deck_sim::Settings settings = deck_off(9);
    AlignmentRig rig(settings);
    test::without_tach(rig);
    deck_sim::Screws screws = rig.deck->screws();
    screws.reproduce_azimuth_rad = 1e-4;
    rig.deck->turn(screws);
    const auto content = three_tones_content();
    ReproduceOperator person(rig, content);
    rig.start(
        make_reproduce_job(reproduce_context(rig, person, false), {.tapes = {three_tones()}, .chosen = three_tones()}));
    const auto end = rig.finish(1500.0);
    ASSERT_EQ(end.ending, controller::JobEnding::Pass) << end.reason;
    EXPECT_GE(std::count(person.confirmed.begin(), person.confirmed.end(), "reproduce.rewind"), 1);
    Worst worst;
    compare(rig, content, settings, false, worst);
}

TEST(ReproduceJob, GoesOnWithTheFirstStepThatIsNotInTheRecord) {
    AlignmentRig rig(deck_off(2));
    const auto content = three_tones_content();
    ReproduceOperator person(rig, content, 2);
    person.answers["reproduce.high"] = [] { return OperatorWord{.says = OperatorSays::Abort, .value = std::nullopt}; };
    rig.start(
        make_reproduce_job(reproduce_context(rig, person, true), {.tapes = {three_tones()}, .chosen = three_tones()}));
    EXPECT_EQ(rig.finish(900.0).ending, controller::JobEnding::Fail);
    const auto broken_off = rig.history.unfinished(rig.context().record.key, "reproduce");
    ASSERT_TRUE(broken_off);
    ASSERT_NE(broken_off->step("reproduce.level", 2), nullptr);

    ReproduceOperator again(rig, content, 2);
    std::string first_turned;
    again.sees = [&](const AlignmentView& view) {
        if (view.task == OperatorTask::Turn && first_turned.empty()) {
            first_turned = view.step_id;
        }
    };
    AlignmentContext context = reproduce_context(rig, again, true);
    context.record = *broken_off;
    rig.start(make_reproduce_job(std::move(context), {.tapes = {three_tones()}, .chosen = three_tones()}));
    const auto end = rig.finish(1500.0);
    EXPECT_EQ(end.ending, controller::JobEnding::Pass) << end.reason;
    EXPECT_EQ(first_turned, "reproduce.high");
}

TEST(ReproduceJob, BackIsTheStepBeforeAndTheTapeWoundToItsTone) {
    AlignmentRig rig(deck_off(3));
    ReproduceOperator person(rig, three_tones_content(), 3);
    std::vector<std::string> turned;
    person.sees = [&](const AlignmentView& view) {
        if (view.task == OperatorTask::Turn && (turned.empty() || turned.back() != view.step_id)) {
            turned.push_back(view.step_id);
        }
    };
    bool back = false;
    person.answers["reproduce.high"] = [&] {
        return OperatorWord{.says = std::exchange(back, true) ? OperatorSays::Abort : OperatorSays::Back,
                            .value = std::nullopt};
    };
    rig.start(
        make_reproduce_job(reproduce_context(rig, person, true), {.tapes = {three_tones()}, .chosen = three_tones()}));
    EXPECT_THAT(rig.finish(900.0).reason, testing::HasSubstr("ended by the operator"));
    ASSERT_GE(turned.size(), 3U);
    EXPECT_THAT(std::vector<std::string>(turned.end() - 3, turned.end()),
                testing::ElementsAre("reproduce.high", "reproduce.azimuth", "reproduce.high"));
}

TEST(ReproduceJob, FindsTheRightPeriodOfAHeadThatIsFarOff) {
    deck_sim::Settings settings;
    AlignmentRig rig(settings);
    deck_sim::Screws screws = rig.deck->screws();
    screws.reproduce_azimuth_rad = 7.5e-3; // 79 us: at 10 kHz it looks like 21 us to the other side
    rig.deck->turn(screws);
    const auto content = three_tones_content();
    ReproduceOperator person(rig, content, 3);
    rig.start(
        make_reproduce_job(reproduce_context(rig, person, true), {.tapes = {three_tones()}, .chosen = three_tones()}));
    const auto end = rig.finish(1500.0);
    ASSERT_EQ(end.ending, controller::JobEnding::Pass) << end.reason;
    // 3 us at 4 mm and 0.381 m/s is 0.29 mrad; another period would be 9.5 mrad off
    EXPECT_LT(std::abs(rig.deck->screws().reproduce_azimuth_rad + settings.azimuth_error_rad), 4e-4);
    EXPECT_TRUE(std::any_of(person.seen.begin(), person.seen.end(), [](const AlignmentView& view) {
        return view.step_id == "reproduce.azimuth.coarse" && view.task == OperatorTask::Turn;
    }));
}

} // namespace overbias::calibration
