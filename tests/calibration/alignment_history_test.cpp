// SPDX-License-Identifier: Apache-2.0
// An alignment that follows another one, and one that is gone on with after a restart.
#include "alignment_rig.hpp"
#include "clumsy_operator.hpp"
#include "tape/alignment_json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iostream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace overbias::calibration {

using test::align_reproduce;
using test::AlignmentRig;
using test::ClumsyOperator;
using test::deck_off;
using test::injected_drop_db;
using test::stock_with;
using testing::HasSubstr;

namespace {

/// Somebody who watches, and says what a test wants.
class Watcher : public OperatorPort {
  public:
    void show(const AlignmentView& view) override { views.push_back(view); }
    std::optional<OperatorWord> take() override { return std::exchange(says, std::nullopt); }
    [[nodiscard]] const AlignmentView* first(const std::string& step) const {
        const auto found =
            std::find_if(views.begin(), views.end(), [&](const AlignmentView& view) { return view.step_id == step; });
        return found == views.end() ? nullptr : &*found;
    }
    /// In the first round.
    [[nodiscard]] std::ptrdiff_t readings(const std::string& step) const {
        return std::count_if(views.begin(), views.end(),
                             [&](const AlignmentView& view) { return view.step_id == step && view.round == 1; });
    }
    std::vector<AlignmentView> views;
    std::optional<OperatorWord> says;
};

/// The record as a store gives it back.
tape::AlignmentRecord from_disk(const tape::AlignmentRecord& record) {
    auto back = tape::alignment_from_json(tape::alignment_json(record));
    EXPECT_TRUE(back.ok()) << back.error().message;
    return std::move(back).value();
}

} // namespace

TEST(NextAlignment, BeginsWhereTheLastOneEnded) {
    double first_s = 0.0;
    double second_s = 0.0;
    std::ptrdiff_t first_readings = 0; // of bias
    std::ptrdiff_t second_readings = 0;
    const std::uint64_t decks = 4;
    for (std::uint64_t seed = 1; seed <= decks; ++seed) {
        SCOPED_TRACE(seed);
        AlignmentRig rig(deck_off(seed));
        align_reproduce(*rig.deck);
        const auto off = rig.deck->screws();
        const auto align = [&](Watcher& watcher, const std::string& day) {
            auto context = rig.context();
            context.record.uuid = "00000000-0000-4000-8000-0000000000" + day;
            context.record.begun_at = "2024-05-" + day + "T10:15:00.000Z";
            context.operator_port = &watcher;
            const DeckTime begun = rig.timeline.now();
            rig.start(std::move(context), *record_alignment(stock_with(3.0), 15.0));
            const auto end = rig.finish();
            EXPECT_EQ(end.ending, controller::JobEnding::Pass) << end.reason;
            return seconds(rig.timeline.now() - begun);
        };
        Watcher first;
        first_s += align(first, "11");
        ASSERT_NE(first.first("record.bias"), nullptr);
        EXPECT_EQ(first.first("record.bias")->note, "");
        const auto last = rig.history.latest(rig.context().record.key);
        rig.deck->turn(off); // somebody has turned every screw back to where it was
        Watcher second;
        second_s += align(second, "12");
        first_readings += first.readings("record.bias");
        second_readings += second.readings("record.bias");
        for (const char* step : {"record.bias", "record.level", "record.high", "record.low", "record.phase"}) {
            ASSERT_NE(second.first(step), nullptr) << step;
            EXPECT_THAT(second.first(step)->note, HasSubstr("last time (2024-05-11):")) << step;
        }
        EXPECT_THAT(second.first("record.bias")->note, HasSubstr("% of the travel"));
        // where it is left is right at once, because nothing else has changed
        const AlignmentView& level = *second.first("record.level");
        EXPECT_LT(std::abs(*level.tracks[0].reading), 0.15);
        EXPECT_LT(std::abs(*level.tracks[1].reading), 0.15);
        EXPECT_NEAR(*second.first("record.low")->tracks[0].reading, 0.0, 0.3);
        for (std::size_t track = 0; track < 2; ++track) {
            EXPECT_NEAR(injected_drop_db(rig.deck->screws().tracks[track].bias_ma, deck_off(seed).bias_peak_ma[track]),
                        3.0, 0.25);
        }
    }
    std::cout << "aligned in " << first_s / decks << " s of deck time, again from the last values in "
              << second_s / decks << " s; " << first_readings << " and " << second_readings << " readings of bias\n";
    EXPECT_LT(second_s, first_s - 2.0 * decks);
    EXPECT_LT(second_readings, first_readings * 9 / 10);
}

TEST(NextAlignment, FindsAPeakThatIsNotWhereItWas) {
    AlignmentRig rig(deck_off(4), {"bias_drift:programme_s=0,db=-3,over_s=1"});
    align_reproduce(*rig.deck);
    rig.start(*record_alignment(stock_with(3.0), 15.0));
    ASSERT_EQ(rig.finish().ending, controller::JobEnding::Pass);
    rig.deck->programme_starts(rig.timeline.now());
    rig.timeline.run_for(std::chrono::seconds(2));
    auto context = rig.context();
    context.record.uuid = "00000000-0000-4000-8000-000000000002";
    context.record.begun_at = "2024-05-04T10:15:00.000Z";
    rig.start(std::move(context), *record_alignment(stock_with(3.0), 15.0));
    const auto end = rig.finish();
    ASSERT_EQ(end.ending, controller::JobEnding::Pass) << end.reason;
    const auto record = rig.history.latest(rig.context().record.key);
    for (std::size_t track = 0; track < 2; ++track) {
        const double flows_ma = rig.deck->screws().tracks[track].bias_ma * std::pow(10.0, -3.0 / 20.0);
        const double drop = injected_drop_db(flows_ma, deck_off(4).bias_peak_ma[track]);
        EXPECT_NEAR(drop, 3.0, 0.25);
        EXPECT_NEAR(record->step("record.bias", static_cast<int>(track) + 1)->reading, drop, 0.1);
    }
}

TEST(NextAlignment, GoesOnWhereItWasBrokenOff) {
    AlignmentRig rig(deck_off(5));
    align_reproduce(*rig.deck);
    Watcher first;
    auto context = rig.context();
    context.operator_port = &first;
    rig.start(std::move(context), *record_alignment(stock_with(3.0), 15.0));
    rig.timeline.run_until([&] { return !first.views.empty() && first.views.back().step_id == "record.level"; },
                           rig.timeline.now() + std::chrono::seconds(60));
    first.says = OperatorWord{OperatorSays::Abort};
    EXPECT_EQ(rig.finish().ending, controller::JobEnding::Fail);
    const auto begun = rig.history.unfinished(rig.context().record.key, "record");
    ASSERT_TRUE(begun);
    EXPECT_NE(begun->step("record.bias", 1), nullptr);
    EXPECT_EQ(begun->step("record.level", 1), nullptr);
    Watcher second;
    auto again = rig.context();
    again.operator_port = &second;
    again.record = *begun;
    rig.start(std::move(again), *record_alignment(stock_with(3.0), 15.0));
    const auto end = rig.finish();
    EXPECT_EQ(end.ending, controller::JobEnding::Pass) << end.reason;
    ASSERT_FALSE(second.views.empty());
    EXPECT_EQ(second.views.front().step_id, "record.level");
    EXPECT_FALSE(rig.history.unfinished(rig.context().record.key, "record"));
}

/// Everything but the tape deck and what the store kept is gone: killed at each step in turn.
TEST(NextAlignment, GoesOnAtTheStepAfterARestart) {
    const std::array<std::string, 4> steps{"record.bias", "record.level", "record.high", "record.low"};
    for (std::size_t killed_at = 1; killed_at < steps.size(); ++killed_at) {
        SCOPED_TRACE(steps[killed_at]);
        deck_sim::Screws stood;
        std::vector<tape::AlignmentRecord> stored;
        {
            AlignmentRig rig(deck_off(5));
            align_reproduce(*rig.deck);
            rig.start(*record_alignment(stock_with(3.0), 15.0));
            rig.timeline.run_until(
                [&] {
                    const auto record = rig.history.unfinished(rig.context().record.key, "record");
                    return record && record->step(steps[killed_at - 1], 2) != nullptr;
                },
                rig.timeline.now() + std::chrono::seconds(60));
            ASSERT_FALSE(rig.ended());
            stored.push_back(from_disk(*rig.history.unfinished(rig.context().record.key, "record")));
            stood = rig.deck->screws();
        }
        AlignmentRig rig(deck_off(5));
        rig.deck->turn(stood);
        ASSERT_TRUE(rig.history.store(stored.front()));
        Watcher watcher;
        auto context = rig.context();
        context.operator_port = &watcher;
        const auto begun = rig.history.unfinished(context.record.key, "record");
        ASSERT_TRUE(begun);
        context.record = *begun;
        rig.start(std::move(context), *record_alignment(stock_with(3.0), 15.0));
        const auto end = rig.finish();
        EXPECT_EQ(end.ending, controller::JobEnding::Pass) << end.reason;
        ASSERT_FALSE(watcher.views.empty());
        EXPECT_EQ(watcher.views.front().step_id, steps[killed_at]);
        for (std::size_t track = 0; track < 2; ++track) {
            EXPECT_NEAR(injected_drop_db(rig.deck->screws().tracks[track].bias_ma, deck_off(5).bias_peak_ma[track]),
                        3.0, 0.25);
        }
        EXPECT_EQ(rig.history.records().size(), 1U);
    }
}

TEST(NextAlignment, GuidedGoesOnAtTheStepAfterARestart) {
    deck_sim::Screws stood;
    std::optional<tape::AlignmentRecord> stored;
    const auto guided = [](AlignmentRig& rig, OperatorPort& person) {
        auto context = rig.context();
        context.guided = true;
        context.operator_port = &person;
        context.operator_name = "the operator";
        return context;
    };
    const std::vector<std::string> done_before{"record.azimuth", "record.bias"};
    {
        AlignmentRig rig(deck_off(7));
        align_reproduce(*rig.deck);
        ClumsyOperator person(*rig.deck, 7);
        rig.start(guided(rig, person), *record_alignment(stock_with(3.0), 15.0, {}, true));
        rig.timeline.run_until(
            [&] {
                const auto record = rig.history.unfinished(rig.context().record.key, "record");
                return record && record->step("record.bias", 2) != nullptr;
            },
            rig.timeline.now() + std::chrono::seconds(300));
        ASSERT_FALSE(rig.ended());
        stored = from_disk(*rig.history.unfinished(rig.context().record.key, "record"));
        stood = rig.deck->screws();
    }
    for (const std::string& id : done_before) {
        EXPECT_TRUE(std::any_of(stored->steps.begin(), stored->steps.end(), [&](const tape::AlignmentStep& each) {
            return each.id == id;
        })) << id;
    }
    AlignmentRig rig(deck_off(7));
    rig.deck->turn(stood);
    /// Remembers what it was asked.
    class Asked : public ClumsyOperator {
      public:
        using ClumsyOperator::ClumsyOperator;
        void show(const AlignmentView& view) override {
            if (asked.empty() || asked.back() != view.step_id) {
                asked.push_back(view.step_id);
            }
            ClumsyOperator::show(view);
        }
        std::vector<std::string> asked;
    } person(*rig.deck, 8);
    auto context = guided(rig, person);
    context.record = *stored;
    rig.start(std::move(context), *record_alignment(stock_with(3.0), 15.0, {}, true));
    const auto end = rig.finish(600.0);
    EXPECT_EQ(end.ending, controller::JobEnding::Pass) << end.reason;
    ASSERT_FALSE(person.asked.empty());
    EXPECT_EQ(person.asked.front(), "record.level");
}

} // namespace overbias::calibration
