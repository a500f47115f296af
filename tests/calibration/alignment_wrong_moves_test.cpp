// SPDX-License-Identifier: Apache-2.0
// What goes wrong while a record side is aligned, and what is said about it.
#include "alignment_rig.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iostream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace overbias::calibration {

using test::align_reproduce;
using test::AlignmentRig;
using test::deck_off;
using test::stock_with;
using testing::AllOf;
using testing::HasSubstr;

namespace {

/// Runs the alignment until `when`, then does `what`, and says how it ended. Whatever it was, the deck stands still
/// then and does not record.
controller::JobEnd ends(AlignmentRig& rig, const std::function<void()>& what = {}, double after_s = 6.0) {
    rig.start(*record_alignment(stock_with(3.0), 15.0));
    if (what) {
        rig.timeline.run_for(deck_seconds(after_s));
        EXPECT_FALSE(rig.ended().has_value());
        what();
    }
    const auto end = rig.finish();
    rig.timeline.run_for(std::chrono::seconds(6));
    EXPECT_FALSE(rig.deck->truth().recording);
    EXPECT_NEAR(rig.deck->truth().speed_m_s, 0.0, 1e-3);
    EXPECT_FALSE(rig.context().oscillator.playing());
    return end;
}

controller::JobEnd with_fault(const std::string& fault) {
    AlignmentRig rig(deck_off(3), {fault});
    align_reproduce(*rig.deck);
    return ends(rig);
}

deck_sim::Settings aligned_deck(deck_sim::Equalisation standard = deck_sim::Equalisation::Iec1) {
    deck_sim::Settings settings;
    settings.equalisation = standard;
    settings.azimuth_error_rad = 0.0;
    return settings;
}

/// Watches, and turns nothing.
class Idle : public OperatorPort {
  public:
    void show(const AlignmentView& view) override { last = view; }
    std::optional<OperatorWord> take() override { return std::exchange(says, std::nullopt); }
    AlignmentView last;
    std::optional<OperatorWord> says;
};

} // namespace

TEST(WrongMoves, WhatDoesNotComeOffTapeAsItWasSentIsRefused) {
    const auto told = [](const std::string& fault) {
        const auto end = with_fault(fault);
        EXPECT_EQ(end.ending, controller::JobEnding::Refused) << fault;
        return end.reason;
    };
    EXPECT_THAT(told("monitor_input"), HasSubstr("monitor is on INPUT or SYNC"));
    EXPECT_THAT(told("monitor_sync"), HasSubstr("monitor is on INPUT or SYNC"));
    EXPECT_THAT(told("swapped_channels"), HasSubstr("channels are swapped"));
    EXPECT_THAT(told("swapped_return"), HasSubstr("channels are swapped"));
    EXPECT_THAT(told("polarity:channel=right"), HasSubstr("polarity is reversed"));
    EXPECT_THAT(told("reproduce_polarity:channel=left"), HasSubstr("polarity is reversed"));
    EXPECT_THAT(told("missing_channel:channel=right"), HasSubstr("right track does not come back"));
    EXPECT_THAT(told("missing_channel:channel=left"), HasSubstr("left track does not come back"));
    EXPECT_THAT(told("missing_channel:channel=both"), HasSubstr("nothing comes back"));
    EXPECT_THAT(told("head_block:distance_mm=42"), HasSubstr("another head block"));
}

TEST(WrongMoves, BeforeTheTapeMovesWhileAnotherSourceFeedsTheDeck) {
    AlignmentRig rig(deck_off(3));
    ASSERT_TRUE(rig.adjust->set_route(transport::Route::Source, true));
    const double before_m = rig.deck->truth().place_at_record_head_m;
    const auto end = ends(rig);
    EXPECT_EQ(end.ending, controller::JobEnding::Refused);
    EXPECT_THAT(end.reason, HasSubstr("outside source"));
    EXPECT_NEAR(rig.deck->truth().place_at_record_head_m, before_m, 1e-6);
}

TEST(WrongMoves, BiasThatNeverPeaksIsSaidAndPutBack) {
    AlignmentRig rig(deck_off(3), {"stuck_bias:db=2,channel=right"});
    align_reproduce(*rig.deck);
    const auto stood = rig.deck->screws();
    const auto end = ends(rig);
    EXPECT_EQ(end.ending, controller::JobEnding::Fail);
    EXPECT_THAT(end.reason, HasSubstr("track 2: bias does not peak"));
    EXPECT_NEAR(rig.deck->screws().tracks[0].bias_ma, stood.tracks[0].bias_ma, 0.005 * stood.tracks[0].bias_ma);
}

TEST(WrongMoves, BiasThatDoesNotFollowTheScrewIsSaidToWhoTurnsIt) {
    AlignmentRig rig(deck_off(3), {"stuck_bias:db=2,channel=right"});
    align_reproduce(*rig.deck);
    Idle person;
    auto context = rig.context();
    context.guided = true;
    context.operator_port = &person;
    rig.start(std::move(context), *record_alignment(stock_with(3.0), 15.0));
    const auto said = [&](std::size_t track) {
        return person.last.step_id == "record.bias" && person.last.tracks.size() == 2 &&
               person.last.tracks[track].words.find("does not follow") != std::string::npos;
    };
    const auto soon = [&] { return rig.timeline.now() + std::chrono::seconds(30); };
    ASSERT_TRUE(rig.timeline.run_until([&] { return said(1); }, soon()));
    EXPECT_THAT(person.last.tracks[1].words, HasSubstr("is this the bias screw of this track"));
    // what has no drop can't be accepted
    person.says = OperatorWord{};
    rig.timeline.run_for(std::chrono::seconds(2));
    EXPECT_EQ(person.last.step_id, "record.bias");
    ASSERT_TRUE(rig.runner->cancel("test"));
}

TEST(WrongMoves, AnEqualisationSwitchThatStandsElsewhereIsNamed) {
    using deck_sim::Equalisation;
    struct Case {
        tape::Equalisation set;
        Equalisation recorded, reproduced;
        std::string words;
    };
    const std::vector<Case> cases{
        {tape::Equalisation::Iec1, Equalisation::Iec1, Equalisation::Nab, "records IEC1 and reproduces NAB"},
        {tape::Equalisation::Iec1, Equalisation::Nab, Equalisation::Iec1, "records NAB and reproduces IEC1"},
        {tape::Equalisation::Nab, Equalisation::Nab, Equalisation::Iec1, "records NAB and reproduces IEC1"},
    };
    for (const Case& one : cases) {
        SCOPED_TRACE(one.words);
        AlignmentRig rig(aligned_deck(one.recorded));
        ASSERT_TRUE(rig.deck->select_equalisation(one.recorded, one.reproduced));
        const auto begun = rig.deck->screws();
        auto context = rig.context();
        context.record.key.equalisation = one.set;
        rig.start(std::move(context), *record_alignment(stock_with(3.0), 15.0));
        const auto end = rig.finish();
        EXPECT_EQ(end.ending, controller::JobEnding::Fail);
        const std::string wanted(tape::equalisation_name(one.set));
        EXPECT_THAT(end.reason, AllOf(HasSubstr(one.words), HasSubstr("set both switches to " + wanted)));
        for (std::size_t track = 0; track < 2; ++track) { // and nobody has trimmed it away
            EXPECT_EQ(rig.deck->screws().tracks[track].record_high_db, begun.tracks[track].record_high_db);
            EXPECT_EQ(rig.deck->screws().tracks[track].record_low_db, begun.tracks[track].record_low_db);
        }
        // set right it goes on from there
        ASSERT_TRUE(
            rig.deck->select_equalisation(one.set == tape::Equalisation::Nab ? Equalisation::Nab : Equalisation::Iec1,
                                          one.set == tape::Equalisation::Nab ? Equalisation::Nab : Equalisation::Iec1));
        auto again = rig.context();
        again.record.key.equalisation = one.set;
        const auto unfinished = rig.history.unfinished(again.record.key, "record");
        ASSERT_TRUE(unfinished);
        again.record = *unfinished;
        rig.start(std::move(again), *record_alignment(stock_with(3.0), 15.0));
        EXPECT_EQ(rig.finish().ending, controller::JobEnding::Pass);
    }
}

TEST(WrongMoves, TheEqualisationSwitchIsNamedOnDecksThatAreOffBesides) {
    int named = 0;
    const int decks = 12;
    for (int seed = 1; seed <= decks; ++seed) {
        SCOPED_TRACE(seed);
        AlignmentRig rig(deck_off(static_cast<std::uint64_t>(seed)), {"reproduce_eq:standard=NAB"});
        align_reproduce(*rig.deck);
        const auto end = ends(rig);
        named += end.reason.find("records IEC1 and reproduces NAB") != std::string::npos ? 1 : 0;
    }
    std::cout << "EQ switch named on " << named << " of " << decks << " decks that are off\n";
    EXPECT_GE(named, decks - 2); // HF that is off by more than 2 dB on a track hides it
}

TEST(WrongMoves, AnEqualisationThatTheOperatorInsistsOnIsNotedAndGoneOnWith) {
    AlignmentRig rig(aligned_deck(), {"reproduce_eq:standard=NAB"});
    EXPECT_EQ(ends(rig).ending, controller::JobEnding::Fail);
    const auto unfinished = rig.history.unfinished(rig.context().record.key, "record");
    ASSERT_TRUE(unfinished);
    auto again = rig.context();
    again.record = *unfinished;
    rig.start(std::move(again), *record_alignment(stock_with(3.0), 15.0));
    const auto end = rig.finish();
    EXPECT_EQ(end.ending, controller::JobEnding::Pass) << end.reason;
    const auto record = rig.history.latest(rig.context().record.key);
    ASSERT_TRUE(record);
    ASSERT_NE(record->step("record.equalisation", 1), nullptr);
    EXPECT_NEAR(record->step("record.equalisation", 1)->reading, 9.96 - 7.46, 1.0); // of the two curves at 10 kHz
    EXPECT_THAT(record->step("record.equalisation", 1)->remark,
                AllOf(HasSubstr("begun again as it stands"), HasSubstr("records IEC1 and reproduces NAB")));
}

TEST(WrongMoves, TheEqualisationSwitchIsSeenInTheQuickCheckToo) {
    AlignmentRig rig(aligned_deck(), {"reproduce_eq:standard=NAB"});
    rig.start(quick_check());
    const auto end = rig.finish();
    EXPECT_EQ(end.ending, controller::JobEnding::Fail);
    EXPECT_THAT(end.reason, HasSubstr("records IEC1 and reproduces NAB"));
    EXPECT_FALSE(rig.history.unfinished(rig.context().record.key, "quick")); // it is not gone on with
}

TEST(WrongMoves, TheTapeRunsOut) {
    deck_sim::Settings settings = deck_off(3);
    settings.tape_length_m = settings.start_place_m + 6.0; // 16 s
    AlignmentRig rig(settings);
    align_reproduce(*rig.deck);
    const auto end = ends(rig);
    EXPECT_EQ(end.ending, controller::JobEnding::Fault);
    EXPECT_THAT(end.reason, HasSubstr("tape out or broken at 6.0"));
}

TEST(WrongMoves, TheDeckFallsOutOfRecord) {
    AlignmentRig rig(deck_off(3));
    align_reproduce(*rig.deck);
    const auto end = ends(rig, [&] { rig.deck->record_enable(false); });
    EXPECT_EQ(end.ending, controller::JobEnding::Fault);
    EXPECT_THAT(end.reason, HasSubstr("the deck left record by itself or by hand"));
}

TEST(WrongMoves, TheRecordTallyGoesOut) {
    const auto end = with_fault("stuck_tally:line=tally_record,value=0,time_s=8");
    EXPECT_EQ(end.ending, controller::JobEnding::Fault);
    EXPECT_THAT(end.reason, HasSubstr("record tally lost while recording"));
}

TEST(WrongMoves, TheMainsFail) {
    const auto end = with_fault("power_loss:time_s=8");
    EXPECT_EQ(end.ending, controller::JobEnding::Fault);
    EXPECT_THAT(end.reason, HasSubstr("play tally lost while recording"));
}

TEST(WrongMoves, TheCardIsLost) {
    AlignmentRig rig(deck_off(3));
    align_reproduce(*rig.deck);
    const auto end = ends(rig, [&] { rig.unplug_card(); });
    EXPECT_EQ(end.ending, controller::JobEnding::Fault);
    EXPECT_THAT(end.reason, HasSubstr("the sound card is gone"));
}

TEST(WrongMoves, BiasFailsInTheMiddle) {
    AlignmentRig rig(deck_off(3), {"bias_loss:time_s=20,channel=right"});
    align_reproduce(*rig.deck);
    const auto end = ends(rig);
    EXPECT_EQ(end.ending, controller::JobEnding::Fail);
    EXPECT_THAT(end.reason, HasSubstr("track 2: bias: nothing comes off tape at the test frequency"));
}

} // namespace overbias::calibration
