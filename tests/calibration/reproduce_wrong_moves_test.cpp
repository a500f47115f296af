// SPDX-License-Identifier: Apache-2.0
// What can be wrong before and while the reproduce side is aligned, and that it is said in plain words, and that
// nothing is ever recorded on the calibration tape.
#include "reproduce_rig.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace overbias::calibration {

using test::AlignmentRig;
using test::reproduce_context;
using test::ReproduceOperator;
using test::ten_tones;
using test::ten_tones_content;
using test::three_tones;
using test::three_tones_content;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

namespace {

OperatorWord abort_it() {
    return {.says = OperatorSays::Abort, .value = std::nullopt};
}

/// Ends the job at the first step that is turned.
void abort_at_the_first_step(ReproduceOperator& person) {
    for (const char* step : {"reproduce.azimuth.coarse", "reproduce.level", "reproduce.azimuth", "reproduce.high"}) {
        person.answers[step] = abort_it;
    }
}

/// The tape the first time it is asked for, and the end the second time.
void thread_once(AlignmentRig& rig, ReproduceOperator& person, const deck_sim::TapeContent& content) {
    person.answers["reproduce.tape"] = [&rig, &person, content] {
        if (std::exchange(person.tape_is_on, true)) {
            return abort_it();
        }
        test::thread(rig, content);
        return OperatorWord{};
    };
}

ReproduceSetup all_tapes(const tape::CalibrationTape& chosen) {
    return {
        .tapes = {three_tones(), three_tones(tape::Equalisation::Nab), ten_tones(), ten_tones(tape::Equalisation::Nab)},
        .chosen = chosen};
}

std::string heard_words(const AlignmentRig& rig, const std::string& kind) {
    for (const transport::JobEvent& event : rig.events) {
        if (event.kind == kind) {
            return event.detail.at("heard");
        }
    }
    return {};
}

void expect_untouched(AlignmentRig& rig) {
    EXPECT_EQ(rig.deck->altered_cells(), 0U) << "nothing may be recorded";
}

} // namespace

TEST(ReproduceWrongMoves, MonitorOnInputIsFoundBeforeTheTapeIsAskedFor) {
    AlignmentRig rig({}, {"monitor_input"});
    ReproduceOperator person(rig, three_tones_content());
    rig.start(make_reproduce_job(reproduce_context(rig, person, true), all_tapes(three_tones())));
    const auto end = rig.finish();
    EXPECT_EQ(end.ending, controller::JobEnding::Refused);
    EXPECT_THAT(end.reason, HasSubstr("the monitor is on INPUT; switch it to REPRO"));
    EXPECT_THAT(person.confirmed, IsEmpty());
    EXPECT_EQ(rig.transport->state().arm_held, "") << "no calibration tape was asked for";
}

TEST(ReproduceWrongMoves, ARecordTallyIsStopAtOnce) {
    AlignmentRig rig({}, {"stuck_tally:line=tally_record,value=1,time_s=20"});
    ReproduceOperator person(rig, three_tones_content());
    person.answers["reproduce.level"] = [] { return OperatorWord{.says = OperatorSays::Skip, .value = std::nullopt}; };
    rig.start(make_reproduce_job(reproduce_context(rig, person, true), all_tapes(three_tones())));
    ASSERT_TRUE(rig.timeline.run_until([&] { return rig.transport->state().record_tally; },
                                       rig.timeline.now() + std::chrono::seconds(60)));
    EXPECT_THAT(person.confirmed, ElementsAre("reproduce.tape"));
    EXPECT_EQ(rig.transport->state().current, transport::Motion::Faulted);
    const auto end = rig.finish();
    EXPECT_EQ(end.ending, controller::JobEnding::Fault);
    EXPECT_THAT(end.reason, HasSubstr("record"));
    rig.timeline.run_for(std::chrono::seconds(5));
    EXPECT_EQ(rig.deck->truth().mode, deck_sim::Truth::Mode::Stopped);
    EXPECT_THAT(rig.transport->state().arm_held, HasSubstr("calibration tape")) << "it is still on the deck";
    expect_untouched(rig);
}

TEST(ReproduceWrongMoves, ARecordTallyThatIsLitAlreadyKeepsTheTapeOff) {
    AlignmentRig rig({}, {"stuck_tally:line=tally_record,value=1"});
    ReproduceOperator person(rig, three_tones_content());
    rig.start(make_reproduce_job(reproduce_context(rig, person, true), all_tapes(three_tones())));
    const auto end = rig.finish();
    EXPECT_NE(end.ending, controller::JobEnding::Pass);
    EXPECT_THAT(end.reason, HasSubstr("record"));
    EXPECT_THAT(person.confirmed, IsEmpty()) << "verified before the tape is asked for";
}

TEST(ReproduceWrongMoves, ArmIsHeldFromTheThreadingUntilTheTapeIsOff) {
    AlignmentRig rig({});
    ReproduceOperator person(rig, three_tones_content());
    person.answers["reproduce.level"] = [&rig] {
        EXPECT_TRUE(rig.transport->arm().denied());
        EXPECT_TRUE(rig.transport->record().denied());
        return abort_it();
    };
    rig.start(make_reproduce_job(reproduce_context(rig, person, true), all_tapes(three_tones())));
    const auto end = rig.finish();
    EXPECT_THAT(end.reason, HasSubstr("ended by the operator at reproduce level"));
    EXPECT_TRUE(rig.transport->arm().denied()) << "nobody has said that the tape is off";
    EXPECT_FALSE(rig.transport->release_arm_hold().denied());
    expect_untouched(rig);
    EXPECT_TRUE(rig.history.unfinished(rig.context().record.key, "reproduce").has_value());
}

TEST(ReproduceWrongMoves, CancelledAtAnyTimeItLeavesTheDeckStoppedAndHeld) {
    for (const int after_s : {1, 4, 9, 23, 47}) {
        SCOPED_TRACE(after_s);
        AlignmentRig rig(test::deck_off(4));
        ReproduceOperator person(rig, three_tones_content());
        rig.start(make_reproduce_job(reproduce_context(rig, person, true), all_tapes(three_tones())));
        rig.timeline.run_for(std::chrono::seconds(after_s));
        EXPECT_TRUE(rig.runner->cancel("enough"));
        EXPECT_EQ(rig.finish().ending, controller::JobEnding::Cancelled);
        rig.timeline.run_for(std::chrono::seconds(5));
        EXPECT_EQ(rig.deck->truth().mode, deck_sim::Truth::Mode::Stopped);
        EXPECT_EQ(rig.transport->arm().denied(), person.tape_is_on);
        expect_untouched(rig);
    }
}

TEST(ReproduceWrongMoves, AnotherTapeIsNamed) {
    AlignmentRig rig({});
    ReproduceOperator person(rig, ten_tones_content(8.0));
    person.answers["reproduce.level"] = [] { return OperatorWord{.says = OperatorSays::Skip, .value = std::nullopt}; };
    rig.start(make_reproduce_job(reproduce_context(rig, person, true), all_tapes(three_tones())));
    const auto end = rig.finish();
    EXPECT_EQ(end.ending, controller::JobEnding::Refused);
    EXPECT_THAT(end.reason, HasSubstr("this is not three tones, IEC1 but the like of ten tones"));
    EXPECT_THAT(rig.transport->state().arm_held, HasSubstr("calibration tape"));
    expect_untouched(rig);
}

TEST(ReproduceWrongMoves, ATapeOfAnotherSpeedIsNamed) {
    AlignmentRig rig({});
    deck_sim::TapeContent content = three_tones_content();
    content.speed_ips = 7.5;
    ReproduceOperator person(rig, content);
    thread_once(rig, person, content);
    rig.start(make_reproduce_job(reproduce_context(rig, person, true), all_tapes(three_tones())));
    const auto end = rig.finish();
    EXPECT_EQ(end.ending, controller::JobEnding::Fail);
    EXPECT_THAT(end.reason, HasSubstr("the deck runs at 30 ips and not at 15 ips as it is set; else it is the like of "
                                      "it for 7.5 ips"));
    EXPECT_THAT(person.confirmed, ElementsAre("reproduce.tape", "reproduce.tape"));
}

TEST(ReproduceWrongMoves, ATapeOfAnotherEqualisationIsNamed) {
    AlignmentRig rig({});
    deck_sim::TapeContent content = ten_tones_content(4.0);
    content.equalisation = deck_sim::Equalisation::Nab;
    ReproduceOperator person(rig, content);
    thread_once(rig, person, content);
    rig.start(make_reproduce_job(reproduce_context(rig, person, true), all_tapes(ten_tones())));
    const auto end = rig.finish();
    EXPECT_THAT(end.reason, HasSubstr("the tape is of another equalisation than IEC1"));
}

TEST(ReproduceWrongMoves, TheDecksEqualisationSwitchIsNamedAndPutRight) {
    AlignmentRig rig({});
    ASSERT_TRUE(rig.deck->select_equalisation(deck_sim::Equalisation::Iec1, deck_sim::Equalisation::Nab));
    const auto content = ten_tones_content(4.0);
    ReproduceOperator person(rig, content);
    abort_at_the_first_step(person);
    int asked = 0;
    person.answers["reproduce.tape"] = [&] {
        if (++asked == 2) {
            EXPECT_TRUE(person.was_told("the deck's equalisation switch does not stand at IEC1"));
            EXPECT_TRUE(rig.deck->select_equalisation(deck_sim::Equalisation::Iec1, deck_sim::Equalisation::Iec1));
        }
        test::thread(rig, content);
        return OperatorWord{};
    };
    rig.start(make_reproduce_job(reproduce_context(rig, person, true), all_tapes(ten_tones())));
    const auto end = rig.finish();
    EXPECT_EQ(asked, 2);
    EXPECT_THAT(end.reason, HasSubstr("ended by the operator at reproduce "));
    EXPECT_THAT(heard_words(rig, "wrong_tape"), HasSubstr("equalisation switch"));
}

TEST(ReproduceWrongMoves, WhoKnowsBetterSkipsTheQuestion) {
    AlignmentRig rig({});
    deck_sim::TapeContent content = ten_tones_content(4.0);
    content.equalisation = deck_sim::Equalisation::Nab;
    ReproduceOperator person(rig, content);
    abort_at_the_first_step(person);
    person.answers["reproduce.tape"] = [&] {
        if (std::exchange(person.tape_is_on, true)) {
            return OperatorWord{.says = OperatorSays::Skip, .value = std::nullopt};
        }
        test::thread(rig, content);
        return OperatorWord{};
    };
    rig.start(make_reproduce_job(reproduce_context(rig, person, true), all_tapes(ten_tones())));
    EXPECT_THAT(rig.finish().reason, HasSubstr("ended by the operator at reproduce "));
    EXPECT_THAT(person.confirmed, ElementsAre("reproduce.tape", "reproduce.tape"));
}

TEST(ReproduceWrongMoves, ATapeThatNobodyHasNamedIsListenedToAndNamed) {
    AlignmentRig rig({});
    ReproduceOperator person(rig, three_tones_content(5.0));
    abort_at_the_first_step(person);
    rig.start(make_reproduce_job(reproduce_context(rig, person, true), {.tapes = {ten_tones(), three_tones()}}));
    EXPECT_THAT(rig.finish().reason, HasSubstr("ended by the operator at reproduce "));
    EXPECT_THAT(heard_words(rig, "calibration_tape"), HasSubstr("three tones, IEC1."));
}

TEST(ReproduceWrongMoves, AMissingToneLeavesOutWhatItServes) {
    AlignmentRig rig({});
    deck_sim::TapeContent content = three_tones_content(8.0);
    content.tones.erase(content.tones.begin() + 1);
    ReproduceOperator person(rig, content);
    rig.start(make_reproduce_job(reproduce_context(rig, person, false), all_tapes(three_tones())));
    const auto end = rig.finish(900.0);
    EXPECT_EQ(end.ending, controller::JobEnding::Fail);
    EXPECT_THAT(end.reason, HasSubstr("10 kHz did not come on the whole tape"));
    const auto record = rig.history.latest(rig.context().record.key);
    ASSERT_TRUE(record);
    ASSERT_NE(record->step("reproduce.level", 1), nullptr);
    EXPECT_EQ(record->step("reproduce.level", 1)->within(), true);
    EXPECT_NE(record->step("reproduce.low", 1), nullptr);
    EXPECT_EQ(record->step("reproduce.high", 1), nullptr);
    EXPECT_EQ(rig.transport->state().arm_held, "") << "the tape was taken off";
}

TEST(ReproduceWrongMoves, ThreeTonesOnlyWarnOfTheSwitch) {
    AlignmentRig rig({});
    ASSERT_TRUE(rig.deck->select_equalisation(deck_sim::Equalisation::Iec1, deck_sim::Equalisation::Nab));
    ReproduceOperator person(rig, three_tones_content());
    int views = 0;
    person.answers["reproduce.level"] = [] { return OperatorWord{.says = OperatorSays::Skip, .value = std::nullopt}; };
    person.answers["reproduce.azimuth"] = person.answers["reproduce.level"];
    person.answers["reproduce.high"] = [&views] {
        return ++views < 20 ? OperatorWord{.says = OperatorSays::Accept, .value = std::nullopt} : abort_it();
    };
    rig.start(make_reproduce_job(reproduce_context(rig, person, true), all_tapes(three_tones())));
    (void)rig.finish();
    EXPECT_TRUE(person.was_told("about as if the deck's equalisation switch stood at NAB"));
}

TEST(ReproduceWrongMoves, ADeadTrackIsNamed) {
    deck_sim::Settings settings;
    settings.bias_capture = true;
    AlignmentRig rig(settings);
    ReproduceOperator person(rig, three_tones_content());
    const AlignmentContext usual = reproduce_context(rig, person, true);
    AlignmentContext dead{.timeline = usual.timeline,
                          .transport = usual.transport,
                          .adjust = usual.adjust,
                          .engine = usual.engine,
                          .oscillator = usual.oscillator,
                          .tape_return = *rig.dead_right_return,
                          .installation = usual.installation,
                          .record = usual.record,
                          .history = usual.history,
                          .utc_now = usual.utc_now,
                          .operator_port = &person,
                          .guided = true};
    rig.start(make_reproduce_job(std::move(dead), all_tapes(three_tones())));
    const auto end = rig.finish();
    EXPECT_EQ(end.ending, controller::JobEnding::Refused);
    EXPECT_THAT(end.reason, HasSubstr("track 2 is dead: 1 kHz comes off track 1"));
}

TEST(ReproduceWrongMoves, ReversedPolarityIsNamed) {
    AlignmentRig rig({}, {"reproduce_polarity:channel=right"});
    ReproduceOperator person(rig, three_tones_content());
    rig.start(make_reproduce_job(reproduce_context(rig, person, true), all_tapes(three_tones())));
    const auto end = rig.finish();
    EXPECT_EQ(end.ending, controller::JobEnding::Refused);
    EXPECT_THAT(end.reason, HasSubstr("polarity is reversed"));
}

TEST(ReproduceWrongMoves, VoiceWrongOrderAMissingToneAndDropOutsAreNoObstacle) {
    AlignmentRig rig({});
    deck_sim::TapeContent content = ten_tones_content(4.0);
    std::rotate(content.tones.begin(), content.tones.begin() + 2, content.tones.begin() + 4);
    content.tones.erase(content.tones.begin() + 4); // 125 Hz
    for (const double at_s : {3.0, 9.0, 15.5, 29.0, 43.0}) {
        content.holes.push_back({.at_s = at_s, .length_ms = 120.0, .depth_db = 3.0});
    }
    ReproduceOperator person(rig, content);
    abort_at_the_first_step(person);
    rig.start(make_reproduce_job(reproduce_context(rig, person, true), all_tapes(ten_tones())));
    const auto end = rig.finish();
    EXPECT_THAT(end.reason, HasSubstr("ended by the operator at reproduce "));
    const std::string heard = heard_words(rig, "calibration_tape");
    EXPECT_THAT(heard, HasSubstr("ten tones, IEC1."));
    EXPECT_THAT(heard, HasSubstr("Not heard: 125 Hz."));
    EXPECT_THAT(heard, HasSubstr("another order"));
    EXPECT_THAT(heard, Not(HasSubstr("Off in level")));
}

TEST(ReproduceWrongMoves, WhatCannotBeIsRefusedBeforeItBegins) {
    AlignmentRig rig({});
    ReproduceOperator person(rig, three_tones_content());
    const auto message = [&](AlignmentContext context, ReproduceSetup setup) -> std::string {
        try {
            (void)make_reproduce_job(std::move(context), std::move(setup));
        } catch (const std::invalid_argument& error) {
            return error.what();
        }
        return "no error";
    };
    AlignmentContext nobody = reproduce_context(rig, person, true);
    nobody.operator_port = nullptr;
    EXPECT_THAT(message(std::move(nobody), all_tapes(three_tones())), HasSubstr("somebody has to thread"));
    AlignmentContext no_level = reproduce_context(rig, person, true);
    no_level.installation.chart.operating_level.reset();
    EXPECT_THAT(message(std::move(no_level), all_tapes(three_tones())), HasSubstr("operating level"));
    tape::CalibrationTape other = three_tones();
    other.speed_ips = 7.5;
    EXPECT_THAT(message(reproduce_context(rig, person, true), all_tapes(other)), HasSubstr("made for 7.50 ips"));
    other = three_tones();
    other.reference.reset();
    EXPECT_THAT(message(reproduce_context(rig, person, true), all_tapes(other)), HasSubstr("reference"));
    EXPECT_THAT(message(reproduce_context(rig, person, true), {}), HasSubstr("no calibration tape is known"));
}

} // namespace overbias::calibration
