// SPDX-License-Identifier: Apache-2.0
// Record alignment of the simulated deck by its converters: random starting errors, the reproduce side aligned, weave,
// flutter and noise on.
#include "alignment_rig.hpp"
#include "transport/drivers/manual_adjust.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace overbias::calibration {

using test::align_reproduce;
using test::AlignmentRig;
using test::deck_off;
using test::injected_drop_db;
using test::stock_with;

TEST(AlignmentJob, AlignsTheRecordSideFromRandomErrors) {
    std::vector<double> took_s;
    double worst_drop = 0.0;
    double worst_level = 0.0;
    double worst_high = 0.0;
    double worst_told = 0.0;
    double worst_peak = 0.0;
    double most_off = 0.0; ///< at the beginning
    for (std::uint64_t seed = 1; seed <= test::alignment_seeds(); ++seed) {
        SCOPED_TRACE(seed);
        const double overbias = 2.5 + 0.25 * static_cast<double>(seed % 7);
        AlignmentRig rig(deck_off(seed));
        align_reproduce(*rig.deck);
        const double peak_ma = deck_off(seed).bias_peak_ma[0];
        most_off =
            std::max(most_off, std::abs(injected_drop_db(rig.deck->screws().tracks[0].bias_ma, peak_ma) - overbias));
        const DeckTime begun = rig.timeline.now();
        auto procedure = record_alignment(stock_with(overbias), 15.0);
        ASSERT_TRUE(procedure);
        rig.start(*procedure);
        const auto end = rig.finish();
        took_s.push_back(seconds(rig.timeline.now() - begun));
        ASSERT_EQ(end.ending, controller::JobEnding::Pass) << end.reason;
        EXPECT_EQ(rig.transport->state().current, transport::Motion::Stopped);
        EXPECT_FALSE(rig.deck->truth().recording);
        const auto record = rig.history.latest(rig.context().record.key);
        ASSERT_TRUE(record);
        for (int channel = 1; channel <= 2; ++channel) {
            const auto track = static_cast<std::size_t>(channel - 1);
            const double drop =
                injected_drop_db(rig.deck->screws().tracks[track].bias_ma, deck_off(seed).bias_peak_ma[track]);
            EXPECT_NEAR(drop, overbias, 0.25);
            EXPECT_NEAR(record->step("record.bias", channel)->reading, drop, 0.1);
            worst_drop = std::max(worst_drop, std::abs(drop - overbias));
            worst_told = std::max(worst_told, std::abs(record->step("record.bias", channel)->reading - drop));
        }
        for (std::size_t track = 0; track < 2; ++track) {
            // what current was taken for the peak's
            const double set = rig.deck->screw(deck_sim::Screw::Bias, track);
            rig.deck->set_screw(deck_sim::Screw::Bias, track,
                                record->step("record.bias.peak_position", static_cast<int>(track) + 1)->reading);
            const double off = rig.deck->screws().tracks[track].bias_ma / deck_off(seed).bias_peak_ma[track] - 1.0;
            rig.deck->set_screw(deck_sim::Screw::Bias, track, set);
            EXPECT_LT(std::abs(off), 0.01);
            worst_peak = std::max(worst_peak, std::abs(off));
        }
        const auto mid = rig.recorded(1000.0, 0.0, 3.0).level_db;
        const auto high = rig.recorded(10000.0, -20.0, 3.0).level_db;
        for (std::size_t track = 0; track < 2; ++track) {
            EXPECT_NEAR(mid[track], 0.0, 0.1);
            EXPECT_NEAR(high[track], 0.0, 0.5);
            worst_level = std::max(worst_level, std::abs(mid[track]));
            worst_high = std::max(worst_high, std::abs(high[track]));
        }
    }
    std::sort(took_s.begin(), took_s.end());
    std::cout << "seeds " << took_s.size() << ": median " << took_s[took_s.size() / 2] << " s, longest "
              << took_s.back() << " s of deck time; worst overbias " << worst_drop << " dB (at the beginning "
              << most_off << "), told " << worst_told << ", peak " << 100.0 * worst_peak << " %"
              << ", level " << worst_level << " dB, HF " << worst_high << " dB\n";
    EXPECT_GT(most_off, 2.0) << "nothing was to be aligned";
    EXPECT_LE(took_s[took_s.size() / 2], 60.0);
}

namespace {

/// How a deck with this fault ends an alignment.
controller::JobEnd with_fault(const std::string& fault) {
    deck_sim::Settings settings = deck_off(3);
    AlignmentRig rig(settings, {fault});
    align_reproduce(*rig.deck);
    rig.start(*record_alignment(stock_with(3.0), 15.0));
    const auto end = rig.finish();
    rig.timeline.run_for(std::chrono::seconds(5));
    EXPECT_FALSE(rig.deck->truth().recording) << fault;
    EXPECT_NEAR(rig.deck->truth().speed_m_s, 0.0, 1e-3) << fault;
    return end;
}

/// Somebody who watches, and says what a test wants.
class Watcher : public OperatorPort {
  public:
    void show(const AlignmentView& view) override { views.push_back(view); }
    std::optional<OperatorWord> take() override { return std::exchange(says, std::nullopt); }
    std::vector<AlignmentView> views;
    std::optional<OperatorWord> says;
};

} // namespace

TEST(AlignmentJob, AlignsWhateverTheRatesOfTheCards) {
    for (const auto& [play_hz, capture_hz] : {std::pair{48000.0, 44100.0}, std::pair{96000.0, 0.0}}) {
        SCOPED_TRACE(play_hz);
        deck_sim::Settings settings = deck_off(9);
        settings.sample_rate_hz = play_hz;
        settings.capture_sample_rate_hz = capture_hz;
        AlignmentRig rig(settings);
        align_reproduce(*rig.deck);
        rig.start(*record_alignment(stock_with(3.0), 15.0));
        const auto end = rig.finish();
        EXPECT_EQ(end.ending, controller::JobEnding::Pass) << end.reason;
        for (std::size_t track = 0; track < 2; ++track) {
            EXPECT_NEAR(injected_drop_db(rig.deck->screws().tracks[track].bias_ma, settings.bias_peak_ma[track]), 3.0,
                        0.25);
        }
    }
}

TEST(AlignmentJob, RefusesWhatDoesNotComeOffTapeAsItWasSent) {
    const auto told = [](const std::string& fault) {
        const auto end = with_fault(fault);
        EXPECT_EQ(end.ending, controller::JobEnding::Refused) << fault;
        return end.reason;
    };
    EXPECT_THAT(told("monitor_input"), testing::HasSubstr("monitor is on INPUT or SYNC"));
    EXPECT_THAT(told("monitor_sync"), testing::HasSubstr("monitor is on INPUT or SYNC"));
    EXPECT_THAT(told("swapped_channels"), testing::HasSubstr("channels are swapped"));
    EXPECT_THAT(told("swapped_return"), testing::HasSubstr("channels are swapped"));
    EXPECT_THAT(told("polarity:channel=right"), testing::HasSubstr("polarity is reversed"));
    EXPECT_THAT(told("reproduce_polarity:channel=left"), testing::HasSubstr("polarity is reversed"));
    EXPECT_THAT(told("missing_channel:channel=right"), testing::HasSubstr("right track does not come back"));
    EXPECT_THAT(told("missing_channel:channel=both"), testing::HasSubstr("nothing comes back"));
    EXPECT_THAT(told("head_block:distance_mm=42"), testing::HasSubstr("another head block"));
}

TEST(AlignmentJob, RefusesBeforeTheTapeMovesWhileAnotherSourceFeedsTheDeck) {
    AlignmentRig rig(deck_off(3));
    ASSERT_TRUE(rig.adjust->set_route(transport::Route::Source, true));
    const double before_m = rig.deck->truth().place_at_record_head_m;
    rig.start(*record_alignment(stock_with(3.0), 15.0));
    const auto end = rig.finish();
    EXPECT_EQ(end.ending, controller::JobEnding::Refused);
    EXPECT_THAT(end.reason, testing::HasSubstr("outside source"));
    EXPECT_NEAR(rig.deck->truth().place_at_record_head_m, before_m, 1e-6);
}

TEST(AlignmentJob, SaysThatBiasNeverPeaksAndPutsItBack) {
    const auto end = with_fault("stuck_bias:db=2,channel=right");
    EXPECT_EQ(end.ending, controller::JobEnding::Fail);
    EXPECT_THAT(end.reason, testing::HasSubstr("track 2: bias does not peak"));
}

TEST(AlignmentJob, LeavesTheDeckStoppedWheneverItIsCancelled) {
    for (int n = 0; n < 12; ++n) {
        SCOPED_TRACE(n);
        AlignmentRig rig(deck_off(4));
        align_reproduce(*rig.deck);
        const double begun_ma = rig.deck->screws().tracks[0].bias_ma;
        rig.start(*record_alignment(stock_with(3.0), 15.0));
        rig.timeline.run_for(deck_seconds(0.05 + 1.7 * n));
        ASSERT_TRUE(rig.runner->cancel("test"));
        if (n <= 3) { // bias is being searched for, and is put back
            EXPECT_NEAR(rig.deck->screws().tracks[0].bias_ma, begun_ma, 0.005 * begun_ma);
        }
        rig.timeline.run_for(std::chrono::milliseconds(400));
        EXPECT_FALSE(rig.deck->truth().recording);
        rig.timeline.run_for(std::chrono::seconds(6));
        EXPECT_NEAR(rig.deck->truth().speed_m_s, 0.0, 1e-3);
        EXPECT_EQ(rig.transport->state().current, transport::Motion::Stopped);
        EXPECT_FALSE(rig.context().oscillator.playing());
    }
}

TEST(AlignmentJob, GoesOnWhereItWasBrokenOff) {
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

TEST(AlignmentJob, QuickCheckReadsWithoutTurning) {
    AlignmentRig rig(deck_off(6));
    align_reproduce(*rig.deck);
    const auto before = rig.deck->screws();
    rig.start(quick_check());
    const auto end = rig.finish();
    EXPECT_EQ(end.ending, controller::JobEnding::Fail); // the record side is off
    EXPECT_THAT(end.reason, testing::HasSubstr("record level of track"));
    EXPECT_TRUE(rig.deck->screws() == before);
    const auto record = rig.history.latest(rig.context().record.key);
    ASSERT_TRUE(record);
    const auto mid = rig.recorded(1000.0, 0.0, 3.0).level_db;
    for (int channel = 1; channel <= 2; ++channel) {
        EXPECT_NEAR(record->step("record.level", channel)->reading, mid[static_cast<std::size_t>(channel - 1)], 0.05);
    }
    ASSERT_NE(record->step("record.azimuth", 0), nullptr);
}

TEST(AlignmentJob, QuickCheckAfterAnAlignmentReadsTheDropAndFindsBiasThatHasDrifted) {
    AlignmentRig rig(deck_off(6), {"bias_drift:db=-1,over_s=1,time_s=60,channel=left"});
    align_reproduce(*rig.deck);
    const auto stock = stock_with(3.0);
    const auto check = [&] {
        auto context = rig.context();
        context.record.uuid = "00000000-0000-4000-8000-000000000002";
        context.record.begun_at = "2024-05-04T10:15:00.000Z";
        rig.start(std::move(context), quick_check({}, stock.overbias_at(15.0)));
        return rig.finish();
    };
    check(); // nothing is known of the peak yet
    EXPECT_TRUE(std::any_of(rig.events.begin(), rig.events.end(),
                            [](const transport::JobEvent& event) { return event.kind == "not_checked"; }));
    rig.start(*record_alignment(stock, 15.0));
    ASSERT_EQ(rig.finish().ending, controller::JobEnding::Pass);
    const auto stands = rig.deck->screws();
    const auto good = check();
    EXPECT_EQ(good.ending, controller::JobEnding::Pass) << good.reason;
    EXPECT_TRUE(rig.deck->screws() == stands);
    const auto record = rig.history.latest(rig.context().record.key);
    ASSERT_NE(record->step("record.bias", 2), nullptr);
    EXPECT_NEAR(record->step("record.bias", 2)->reading,
                injected_drop_db(rig.deck->screws().tracks[1].bias_ma, deck_off(6).bias_peak_ma[1]), 0.1);
    ASSERT_LT(seconds(rig.timeline.now()), 60.0);
    rig.timeline.run_for(std::chrono::seconds(10));
    const auto drifted = check();
    EXPECT_EQ(drifted.ending, controller::JobEnding::Fail);
    EXPECT_THAT(drifted.reason, testing::HasSubstr("bias of track 1 reads"));
    EXPECT_THAT(drifted.reason, testing::Not(testing::HasSubstr("bias of track 2 reads")));
}

TEST(AlignmentJob, RefusesADeckWithoutConvertersAndAGuideWithoutAnOperator) {
    AlignmentRig rig(deck_off(6));
    transport::ManualAdjust by_hand;
    auto context = rig.context();
    calibration::AlignmentContext without{.timeline = context.timeline,
                                          .transport = context.transport,
                                          .adjust = by_hand,
                                          .engine = context.engine,
                                          .oscillator = context.oscillator,
                                          .tape_return = context.tape_return,
                                          .installation = context.installation,
                                          .record = context.record,
                                          .history = context.history,
                                          .utc_now = context.utc_now};
    EXPECT_THAT([&] { (void)make_alignment_job(without, *record_alignment(stock_with(3.0), 15.0)); },
                testing::ThrowsMessage<std::invalid_argument>(testing::HasSubstr("bias of track 1 can't be set")));
    context.guided = true;
    EXPECT_THAT([&] { (void)make_alignment_job(context, *record_alignment(stock_with(3.0), 15.0)); },
                testing::ThrowsMessage<std::invalid_argument>(testing::HasSubstr("needs an operator")));
    EXPECT_FALSE(record_alignment(stock_with(3.0), 7.5));
}

} // namespace overbias::calibration
