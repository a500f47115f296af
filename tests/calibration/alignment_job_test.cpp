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
    double worst_low = 0.0;
    double worst_phase = 0.0;
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
        const auto recorded_high = rig.recorded(10000.0, -20.0, 10.0);
        const auto& high = recorded_high.level_db;
        const auto low = rig.recorded(50.0, -10.0, 3.0).level_db;
        EXPECT_NEAR(record->step("record.phase", 0)->reading, recorded_high.late_us, 0.5);
        worst_phase = std::max(worst_phase, std::abs(record->step("record.phase", 0)->reading - recorded_high.late_us));
        for (std::size_t track = 0; track < 2; ++track) {
            EXPECT_NEAR(low[track], 0.0, 0.25); // the limit is 1 dB, what is turned comes closer
            EXPECT_NEAR(record->step("record.low", static_cast<int>(track) + 1)->reading, low[track], 0.05);
            worst_low = std::max(worst_low, std::abs(low[track]));
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
              << ", level " << worst_level << " dB, HF " << worst_high << " dB, LF " << worst_low << " dB, phase told "
              << worst_phase << " us\n";
    EXPECT_GT(most_off, 2.0) << "nothing was to be aligned";
    EXPECT_LE(took_s[took_s.size() / 2], 60.0);
}

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

namespace {

/// A deck that offers no record LF from here.
class WithoutRecordLow final : public transport::DeckAdjust {
  public:
    explicit WithoutRecordLow(transport::DeckAdjust& inner) : inner_(inner) {}
    [[nodiscard]] transport::DeckAdjustCapabilities capabilities() const noexcept override {
        auto offered = inner_.capabilities();
        std::erase_if(offered.adjusters, [](const transport::AdjusterOffer& each) {
            return each.adjuster == transport::Adjuster::RecordLow;
        });
        return offered;
    }
    Result<void> select_monitor(transport::MonitorSelect select) override { return inner_.select_monitor(select); }
    Result<void> set_adjuster(transport::Adjuster adjuster, std::size_t track, double position) override {
        return adjuster == transport::Adjuster::RecordLow ? by_hand(adjuster, track)
                                                          : inner_.set_adjuster(adjuster, track, position);
    }
    [[nodiscard]] Result<double> adjuster(transport::Adjuster adjuster, std::size_t track) const override {
        return inner_.adjuster(adjuster, track);
    }

  private:
    transport::DeckAdjust& inner_;
};

} // namespace

TEST(AlignmentJob, OnlyReadsLowFrequenciesWhereTheDeckHasNoAdjusterForThem) {
    AlignmentRig rig(deck_off(2));
    align_reproduce(*rig.deck);
    WithoutRecordLow deck(*rig.adjust);
    const auto context = rig.context();
    AlignmentContext without{.timeline = context.timeline,
                             .transport = context.transport,
                             .adjust = deck,
                             .engine = context.engine,
                             .oscillator = context.oscillator,
                             .tape_return = context.tape_return,
                             .installation = context.installation,
                             .record = context.record,
                             .history = context.history,
                             .utc_now = context.utc_now};
    const auto before = rig.deck->screws();
    rig.start(std::move(without), *record_alignment(stock_with(3.0), 15.0));
    rig.finish();
    const auto record = rig.history.latest(context.record.key);
    ASSERT_TRUE(record);
    const auto low = rig.recorded(50.0, -10.0, 3.0).level_db;
    for (std::size_t track = 0; track < 2; ++track) {
        const int channel = static_cast<int>(track) + 1;
        EXPECT_EQ(rig.deck->screws().tracks[track].record_low_db, before.tracks[track].record_low_db);
        const tape::AlignmentStep* step = record->step("record.low", channel);
        ASSERT_NE(step, nullptr);
        EXPECT_NEAR(step->reading, low[track], 0.05);
        EXPECT_EQ(step->tolerance, 1.0);
        EXPECT_THAT(step->remark, testing::HasSubstr("AES e-library 3284"));
        EXPECT_EQ(record->step("record.low.position", channel), nullptr);
    }
}

TEST(AlignmentJob, AsksNobodyToSetLowFrequenciesWhereTheStandardHasNoAdjustment) {
    deck_sim::Settings settings = deck_off(2);
    settings.play_speed_ips = 30.0;
    settings.equalisation = deck_sim::Equalisation::Aes;
    AlignmentRig rig(settings);
    align_reproduce(*rig.deck);
    auto stock = stock_with(1.5);
    stock.overbias.front().speed_ips = 30.0;
    auto context = rig.context();
    context.record.key.equalisation = tape::Equalisation::Aes;
    const auto key = context.record.key;
    const auto before = rig.deck->screws();
    rig.start(std::move(context), *record_alignment(stock, 30.0));
    const auto end = rig.finish();
    EXPECT_EQ(end.ending, controller::JobEnding::Pass) << end.reason;
    const auto record = rig.history.latest(key);
    ASSERT_TRUE(record);
    for (std::size_t track = 0; track < 2; ++track) {
        EXPECT_EQ(rig.deck->screws().tracks[track].record_low_db, before.tracks[track].record_low_db);
        const tape::AlignmentStep* step = record->step("record.low", static_cast<int>(track) + 1);
        ASSERT_NE(step, nullptr);
        EXPECT_FALSE(step->tolerance); // shown, no limit
    }
}

TEST(AlignmentJob, LeavesLowFrequenciesAsTheyAreWhereTheAdjusterDoesNotReach) {
    AlignmentRig rig(deck_off(2));
    align_reproduce(*rig.deck);
    deck_sim::Screws screws = rig.deck->screws();
    screws.tracks[1].reproduce_low_db = -12.0; // no record trim makes up for that
    rig.deck->turn(screws);
    rig.start(*record_alignment(stock_with(3.0), 15.0));
    const auto end = rig.finish();
    EXPECT_EQ(end.ending, controller::JobEnding::Fail);
    EXPECT_THAT(end.reason, testing::HasSubstr("record LF of track 2 reads -"));
    const auto record = rig.history.latest(rig.context().record.key);
    ASSERT_TRUE(record); // all the rest was done
    EXPECT_THAT(record->step("record.low", 2)->remark, testing::HasSubstr("end of its travel"));
    EXPECT_NE(record->step("record.phase", 0), nullptr);
    EXPECT_NEAR(rig.deck->screws().tracks[1].record_low_db, screws.tracks[1].record_low_db, 0.02);
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
