// SPDX-License-Identifier: Apache-2.0
// Guided alignment of the simulated deck by somebody with a clumsy hand: screws with play, turns too long.
#include "alignment_rig.hpp"
#include "clumsy_operator.hpp"
#include "transport/drivers/manual_adjust.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iostream>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace overbias::calibration {

using test::align_reproduce;
using test::AlignmentRig;
using test::ClumsyOperator;
using test::deck_off;
using test::injected_drop_db;
using test::stock_with;

TEST(GuidedAlignment, GuidesAClumsyHand) {
    double worst_drop = 0.0;
    double worst_told = 0.0;
    double worst_level = 0.0;
    double worst_high = 0.0;
    double worst_low = 0.0;
    double worst_level_told = 0.0;
    double worst_phase_told = 0.0;
    double worst_late = 0.0;
    double worst_late_told = 0.0;
    double longest_s = 0.0;
    for (std::uint64_t seed = 1; seed <= std::max<std::uint64_t>(test::alignment_seeds() / 2, 3); ++seed) {
        SCOPED_TRACE(seed);
        AlignmentRig rig(deck_off(seed));
        const double head_rad = rig.deck->screws().record_azimuth_rad;
        align_reproduce(*rig.deck);
        deck_sim::Screws screws = rig.deck->screws();
        screws.record_azimuth_rad = head_rad;
        rig.deck->turn(screws);
        ClumsyOperator person(*rig.deck, seed);
        auto context = rig.context();
        context.guided = true;
        context.operator_port = &person;
        context.operator_name = "the operator";
        const DeckTime begun = rig.timeline.now();
        rig.start(std::move(context), *record_alignment(stock_with(3.0), 15.0, {}, true));
        const auto end = rig.finish(1200.0);
        longest_s = std::max(longest_s, seconds(rig.timeline.now() - begun));
        ASSERT_EQ(end.ending, controller::JobEnding::Pass) << end.reason;
        const auto record = rig.history.latest(rig.context().record.key);
        ASSERT_TRUE(record);
        EXPECT_EQ(record->step("record.bias", 1)->accepted_by, "the operator");
        const auto mid = rig.recorded(1000.0, 0.0, 3.0).level_db;
        const auto recorded_high = rig.recorded(10000.0, -20.0, 10.0);
        const auto low = rig.recorded(50.0, -10.0, 3.0).level_db;
        const auto& high = recorded_high.level_db;
        const double late_us = record->step("record.azimuth", 0)->reading;
        EXPECT_NEAR(recorded_high.late_us, 0.0, 3.5);
        EXPECT_NEAR(late_us, recorded_high.late_us, 0.5);
        EXPECT_NEAR(record->step("record.phase", 0)->reading, recorded_high.late_us, 0.5);
        worst_phase_told =
            std::max(worst_phase_told, std::abs(record->step("record.phase", 0)->reading - recorded_high.late_us));
        worst_late = std::max(worst_late, std::abs(recorded_high.late_us));
        worst_late_told = std::max(worst_late_told, std::abs(late_us - recorded_high.late_us));
        for (std::size_t track = 0; track < 2; ++track) {
            const int channel = static_cast<int>(track) + 1;
            const double drop =
                injected_drop_db(rig.deck->screws().tracks[track].bias_ma, deck_off(seed).bias_peak_ma[track]);
            EXPECT_NEAR(drop, 3.0, 0.25);
            EXPECT_NEAR(record->step("record.bias", channel)->reading, drop, 0.1);
            EXPECT_NEAR(mid[track], 0.0, 0.1);
            EXPECT_NEAR(record->step("record.level", channel)->reading, mid[track], 0.05);
            EXPECT_NEAR(high[track], 0.0, 0.5);
            EXPECT_NEAR(record->step("record.high", channel)->reading, high[track], 0.05);
            worst_drop = std::max(worst_drop, std::abs(drop - 3.0));
            worst_told = std::max(worst_told, std::abs(record->step("record.bias", channel)->reading - drop));
            worst_level = std::max(worst_level, std::abs(mid[track]));
            EXPECT_NEAR(low[track], 0.0, 0.5); // the limit is 1 dB, what is turned comes closer
            EXPECT_NEAR(record->step("record.low", channel)->reading, low[track], 0.05);
            worst_high = std::max(worst_high, std::abs(high[track]));
            worst_low = std::max(worst_low, std::abs(low[track]));
            worst_level_told =
                std::max({worst_level_told, std::abs(record->step("record.level", channel)->reading - mid[track]),
                          std::abs(record->step("record.high", channel)->reading - high[track]),
                          std::abs(record->step("record.low", channel)->reading - low[track])});
        }
    }
    std::cout << "guided: worst overbias " << worst_drop << " dB, told " << worst_told << ", level " << worst_level
              << " dB, HF " << worst_high << " dB, LF " << worst_low << " dB, levels told " << worst_level_told
              << " dB, timing " << worst_late << " us, told " << worst_late_told << ", phase told " << worst_phase_told
              << "; longest " << longest_s << " s of deck time\n";
}

TEST(GuidedAlignment, NeedsNothingOfTheDeckButItsKeys) {
    AlignmentRig rig(deck_off(2));
    align_reproduce(*rig.deck);
    ClumsyOperator person(*rig.deck, 2);
    transport::ManualAdjust by_hand;
    const auto context = rig.context();
    AlignmentContext without{.timeline = context.timeline,
                             .transport = context.transport,
                             .adjust = by_hand,
                             .engine = context.engine,
                             .oscillator = context.oscillator,
                             .tape_return = context.tape_return,
                             .installation = context.installation,
                             .record = context.record,
                             .history = context.history,
                             .utc_now = context.utc_now,
                             .operator_port = &person,
                             .guided = true};
    rig.start(std::move(without), *record_alignment(stock_with(3.0), 15.0));
    const auto end = rig.finish();
    EXPECT_EQ(end.ending, controller::JobEnding::Pass) << end.reason;
}

TEST(GuidedAlignment, GuidesTheRecordHeadsAzimuth) {
    // Both tracks alike: bias and equaliser have a part in the timing of a track, which is not the head's.
    deck_sim::Settings settings = deck_off(8);
    settings.misaligned = 0;
    settings.bias_peak_ma = {5.0, 5.0};
    AlignmentRig rig(settings);
    deck_sim::Screws screws = rig.deck->screws();
    screws.record_azimuth_rad = 2e-3; // 21 us
    rig.deck->turn(screws);
    /// Turns the head one way, and the other way when that made it worse.
    class HeadTurner : public OperatorPort {
      public:
        explicit HeadTurner(deck_sim::SimulatedDeck& deck) : deck_(deck) {}
        void show(const AlignmentView& view) override {
            if (view.step_id != "record.azimuth") {
                says_ = OperatorWord{OperatorSays::Abort};
                return;
            }
            done_ = view.done();
            const TrackReading& between = view.tracks.front();
            if (++views_ % 25 != 0 || !between.turn || *between.turn == 0.0) {
                return;
            }
            way_ = std::abs(*between.turn) > before_ ? -way_ : way_;
            before_ = std::abs(*between.turn);
            deck_.set_screw(deck_sim::Screw::RecordAzimuth, 0,
                            deck_.screw(deck_sim::Screw::RecordAzimuth, 0) + way_ * before_ * 0.003);
        }
        std::optional<OperatorWord> take() override {
            if (const auto said = std::exchange(says_, std::nullopt)) {
                return said;
            }
            return std::exchange(done_, false) ? std::optional(OperatorWord{}) : std::nullopt;
        }

      private:
        deck_sim::SimulatedDeck& deck_;
        std::optional<OperatorWord> says_;
        double way_ = -1.0, before_ = 1e9;
        int views_ = 0;
        bool done_ = false;
    } person(*rig.deck);
    auto context = rig.context();
    context.guided = true;
    context.operator_port = &person;
    rig.start(std::move(context), *record_alignment(stock_with(3.0), 15.0, {}, true));
    EXPECT_THAT(rig.finish().reason, testing::HasSubstr("ended by the operator at bias"));
    const auto record = rig.history.unfinished(rig.context().record.key, "record");
    ASSERT_TRUE(record);
    const tape::AlignmentStep* azimuth = record->step("record.azimuth", 0);
    ASSERT_NE(azimuth, nullptr);
    // turned by theta toward tape that has yet to come, the right gap writes where the tape passes the reproduce head
    // d tan(theta) / v later: 4 mm, 0.381 m/s
    const double injected_us = 1e6 * 4.0e-3 * std::tan(rig.deck->screws().record_azimuth_rad) / 0.381;
    EXPECT_LT(std::abs(injected_us), 4.0);
    EXPECT_NEAR(azimuth->reading, injected_us, 0.5);
}

} // namespace overbias::calibration
