// SPDX-License-Identifier: Apache-2.0
// The quick check on the simulated deck: what it reads, how long it takes, and its verdict against the last full
// alignment.
#include "alignment_rig.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace overbias::calibration {

using test::align_reproduce;
using test::AlignmentRig;
using test::deck_off;
using test::injected_drop_db;
using test::stock_with;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

namespace {

/// A quick check that was begun on that day in May 2024.
controller::JobEnd check(AlignmentRig& rig, int day, const std::string& batch = "") {
    const auto stock = stock_with(3.0);
    auto context = rig.context();
    context.record.uuid = "00000000-0000-4000-8000-0000000000" + std::to_string(10 + day);
    context.record.begun_at = "2024-05-" + std::to_string(10 + day) + "T10:15:00.000Z";
    context.record.key.batch = batch;
    rig.events.clear();
    const DeckTime begun = rig.timeline.now();
    rig.start(std::move(context), quick_check({}, stock.overbias_at(15.0)));
    auto end = rig.finish();
    EXPECT_LT(seconds(rig.timeline.now() - begun), 120.0);
    return end;
}

/// The deck aligned, on the 3rd of May.
void align(AlignmentRig& rig) {
    align_reproduce(*rig.deck);
    rig.start(*record_alignment(stock_with(3.0), 15.0));
    const auto end = rig.finish();
    ASSERT_EQ(end.ending, controller::JobEnding::Pass) << end.reason;
}

std::string told(const AlignmentRig& rig) {
    const auto event = std::find_if(rig.events.begin(), rig.events.end(),
                                    [](const transport::JobEvent& each) { return each.kind == "compared"; });
    return event == rig.events.end() ? "" : event->detail.at("words");
}

} // namespace

TEST(QuickCheck, ReadsWithoutTurning) {
    AlignmentRig rig(deck_off(6));
    align_reproduce(*rig.deck);
    const auto before = rig.deck->screws();
    const auto end = check(rig, 1);
    EXPECT_EQ(end.ending, controller::JobEnding::Fail); // the record side is off
    EXPECT_THAT(end.reason, HasSubstr("record level of track"));
    EXPECT_THAT(told(rig), HasSubstr("nothing to compare with"));
    EXPECT_TRUE(rig.deck->screws() == before);
    const auto record = rig.history.latest(rig.context().record.key);
    ASSERT_TRUE(record);
    const auto mid = rig.recorded(1000.0, 0.0, 3.0).level_db;
    const auto high = rig.recorded(10000.0, -20.0, 10.0);
    for (int channel = 1; channel <= 2; ++channel) {
        const auto track = static_cast<std::size_t>(channel - 1);
        EXPECT_NEAR(record->step("record.level", channel)->reading, mid[track], 0.05);
        EXPECT_NEAR(record->step("record.high", channel)->reading, high.level_db[track], 0.05);
        EXPECT_EQ(record->step("record.bias", channel), nullptr); // nothing is known of the peak
    }
    EXPECT_NEAR(record->step("record.azimuth", 0)->reading, high.late_us, 0.5);
    EXPECT_TRUE(std::any_of(rig.events.begin(), rig.events.end(),
                            [](const transport::JobEvent& event) { return event.kind == "not_checked"; }));
}

TEST(QuickCheck, ReadsTheNoiseOfBiasedTape) {
    deck_sim::Settings settings;
    settings.reproduce_gain_error_db = {0.0, 0.0};
    for (const double noise_db : {-64.0, -58.0}) {
        SCOPED_TRACE(noise_db);
        settings.noise_a_weighted_db = noise_db;
        AlignmentRig rig(settings);
        check(rig, 1);
        const auto record = rig.history.latest(rig.context().record.key);
        ASSERT_TRUE(record);
        for (int channel = 1; channel <= 2; ++channel) {
            const tape::AlignmentStep* noise = record->step("proof.noise.a", channel);
            ASSERT_NE(noise, nullptr);
            // the electronics are 15 dB below the tape: together 0.14 dB more than it
            EXPECT_NEAR(noise->reading, noise_db + 0.14, 0.2);
            EXPECT_FALSE(noise->tolerance);
        }
    }
}

TEST(QuickCheck, PassesOnADeckThatHasStayedAsItWas) {
    AlignmentRig rig(deck_off(6));
    align(rig);
    const auto stands = rig.deck->screws();
    const auto end = check(rig, 1);
    EXPECT_EQ(end.ending, controller::JobEnding::Pass) << end.reason;
    EXPECT_TRUE(rig.deck->screws() == stands);
    const auto record = rig.history.latest(rig.context().record.key);
    ASSERT_NE(record->step("record.bias", 2), nullptr);
    EXPECT_NEAR(record->step("record.bias", 2)->reading,
                injected_drop_db(rig.deck->screws().tracks[1].bias_ma, deck_off(6).bias_peak_ma[1]), 0.1);
    EXPECT_THAT(told(rig), HasSubstr("than on 2024-05-03"));
    EXPECT_THAT(record->step("record.high", 1)->remark, HasSubstr("than on 2024-05-03"));
}

TEST(QuickCheck, FindsHeadsThatHaveBecomeDirty) {
    AlignmentRig rig(deck_off(6), {"droop:programme_s=0,db=1.6,above_hz=4000"});
    align(rig);
    rig.deck->programme_starts(rig.timeline.now()); // from now on
    const auto end = check(rig, 1);
    EXPECT_EQ(end.ending, controller::JobEnding::Fail);
    EXPECT_THAT(end.reason, AllOf(HasSubstr("10 kHz of both tracks is"),
                                  HasSubstr("dB lower than on 2024-05-03: clean the heads, then align")));
    EXPECT_THAT(end.reason, Not(HasSubstr("1 kHz of")));
    const auto then = rig.history.earlier(rig.context().record.key, 1);
    const auto now = rig.history.latest(rig.context().record.key);
    const double fell = then->step("record.high", 1)->reading - now->step("record.high", 1)->reading;
    const auto lower = rig.recorded(10000.0, -20.0, 3.0).level_db;
    EXPECT_NEAR(fell, -lower[0] + then->step("record.high", 1)->reading, 0.05);
    // a check is no alignment: the next one is judged against the same
    const auto again = check(rig, 2);
    EXPECT_EQ(again.ending, controller::JobEnding::Fail);
    EXPECT_THAT(again.reason, AllOf(HasSubstr("than on 2024-05-03"), Not(HasSubstr("2024-05-11"))));
}

TEST(QuickCheck, FindsBiasThatHasDrifted) {
    AlignmentRig rig(deck_off(6), {"bias_drift:programme_s=0,db=-1,over_s=1,channel=left"});
    align(rig);
    rig.deck->programme_starts(rig.timeline.now());
    rig.timeline.run_for(std::chrono::seconds(2));
    const auto end = check(rig, 1);
    EXPECT_EQ(end.ending, controller::JobEnding::Fail);
    EXPECT_THAT(end.reason, AllOf(HasSubstr("the drop past the bias peak of track 1 is"),
                                  HasSubstr("dB lower than on 2024-05-03"), HasSubstr("bias has fallen")));
    EXPECT_THAT(end.reason, Not(HasSubstr("track 2")));
}

TEST(QuickCheck, FindsAHeadThatHasMoved) {
    AlignmentRig rig(deck_off(6));
    align(rig);
    deck_sim::Screws screws = rig.deck->screws();
    screws.record_azimuth_rad = 12e-3; // 126 us: more than a period of 10 kHz
    rig.deck->turn(screws);
    const auto end = check(rig, 1);
    EXPECT_EQ(end.ending, controller::JobEnding::Fail);
    EXPECT_THAT(end.reason, HasSubstr("a head or a tape guide has moved: align azimuth first"));
    const auto record = rig.history.latest(rig.context().record.key);
    const double injected_us = 1e6 * 4.0e-3 * std::tan(12e-3) / 0.381;
    EXPECT_NEAR(std::abs(record->step("record.azimuth", 0)->reading), injected_us,
                4.0); // bias and EQ have a part in it
}

TEST(QuickCheck, HasNothingToCompareWithOnAnotherTape) {
    AlignmentRig rig(deck_off(6));
    align(rig);
    const auto end = check(rig, 1, "another batch");
    EXPECT_EQ(end.ending, controller::JobEnding::Pass) << end.reason; // by the limits
    EXPECT_THAT(told(rig), HasSubstr("nothing to compare with"));
}

TEST(QuickCheck, GuidedNeedsNoHandAndNoAnswer) {
    AlignmentRig rig(deck_off(6));
    align(rig);
    class Watcher : public OperatorPort {
      public:
        void show(const AlignmentView& view) override { views.push_back(view); }
        std::optional<OperatorWord> take() override { return std::nullopt; }
        std::vector<AlignmentView> views;
    } watcher;
    auto context = rig.context();
    context.record.uuid = "00000000-0000-4000-8000-000000000002";
    context.record.begun_at = "2024-05-04T10:15:00.000Z";
    context.guided = true;
    context.operator_port = &watcher;
    rig.start(std::move(context), quick_check());
    EXPECT_EQ(rig.finish().ending, controller::JobEnding::Pass);
    ASSERT_FALSE(watcher.views.empty());
    for (const AlignmentView& view : watcher.views) {
        EXPECT_EQ(view.task, OperatorTask::Watch) << view.step_id;
        if (view.step_id == "record.level") {
            EXPECT_THAT(view.note, HasSubstr("last time (2024-05-03): track 1 "));
        }
    }
}

} // namespace overbias::calibration
