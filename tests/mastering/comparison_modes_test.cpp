// SPDX-License-Identifier: Apache-2.0
// Runs that are not a print from its slate: a print that goes on, masters played by somebody else, a reel played later.
#include "comparison_programmes.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <optional>

namespace comparison_test {
namespace {

using namespace overbias::mastering;

PrintModel without_slate() {
    PrintModel plan;
    plan.slate = false;
    return plan;
}

TEST(EarlierRun, a_print_that_goes_on_is_proven_by_its_programme) {
    const auto first = print_track(DeckModel{}, programme("wide"));
    ASSERT_TRUE(first.result.slate.found);
    const EarlierRun left = first.result.for_next_run;
    ASSERT_TRUE(left.head_delay_s && left.slate_level_difference_db[0] && left.noise_dbfs[1]);
    auto config = model_config();
    config.earlier = left;
    for (const char* name : {"wide", "speech", "mono", "fades"}) {
        DeckModel deck;
        const auto next = print_tracks(deck, without_slate(), {&programme(name, 2, 12.0)}, config);
        EXPECT_TRUE(next.result.pass) << name << ' ' << describe(next.result);
        EXPECT_TRUE(next.result.off_tape) << name;
        EXPECT_FALSE(next.result.slate.found);
        EXPECT_NE(next.result.off_tape_text.find("earlier run"), std::string::npos) << next.result.off_tape_text;
        EXPECT_NEAR(next.result.tracks[0].delay_ms.value_or(0.0), 92.09, 0.05) << name;
        EXPECT_NEAR(next.result.tracks[0].level_re_slate_db[0].value_or(9.0), 0.0, 0.15) << name;
        EXPECT_EQ(next.result.for_next_run.head_delay_s, left.head_delay_s) << "handed on";
    }
    DeckModel droop;
    droop.programme_gain_db = -0.5; // half a second before the track: all of this run
    const auto low = print_tracks(droop, without_slate(), {&programme("wide", 2)}, config);
    EXPECT_EQ(low.result.reason, "level_droop") << describe(low.result);
}

TEST(EarlierRun, another_delay_than_before_is_not_this_tape) {
    auto config = model_config();
    config.earlier = print_track(DeckModel{}, programme("wide")).result.for_next_run;
    config.earlier->head_delay_s = *config.earlier->head_delay_s * 1.04;
    const auto next = print_tracks(DeckModel{}, without_slate(), {&programme("wide", 2)}, config);
    EXPECT_EQ(next.result.reason, "not_off_tape") << describe(next.result);
    EXPECT_NE(next.result.off_tape_text.find("earlier run"), std::string::npos) << next.result.off_tape_text;
}

TEST(WithoutSlate, the_delay_is_found_in_the_programme) {
    for (const char* name : {"wide", "pink", "sparse_piano", "loud_master", "speech"}) {
        const auto printed = print_tracks(DeckModel{}, without_slate(), {&programme(name, 1, 12.0)});
        EXPECT_TRUE(printed.result.pass) << name << ' ' << describe(printed.result);
        const auto& track = printed.result.tracks.at(0);
        EXPECT_NEAR(track.delay_ms.value_or(0.0), 92.09, 0.1) << name;
        EXPECT_FALSE(track.level_re_slate_db[0].has_value()) << "there was no slate";
        bool told = false;
        for (const Withheld& each : track.withheld) {
            told = told || (each.figure == "level_re_slate_db" && each.reason == "no_slate");
        }
        EXPECT_TRUE(told) << name;
    }
}

TEST(WithoutSlate, input_is_no_tape_and_silence_proves_nothing) {
    DeckModel input;
    input.monitor_input = true;
    const auto direct = print_tracks(input, without_slate(), {&programme("wide")});
    EXPECT_EQ(direct.result.reason, "not_off_tape") << describe(direct.result);
    const auto silent = print_tracks(DeckModel{}, without_slate(), {&programme("silence")});
    EXPECT_FALSE(silent.result.pass) << "nothing shows that the return is this programme";
    DeckModel swapped;
    swapped.swap = true;
    const auto exchanged = print_tracks(swapped, without_slate(), {&programme("wide")});
    EXPECT_TRUE(names(exchanged.result, "channels_swapped")) << describe(exchanged.result);
}

ComparisonConfig replay_config() {
    auto config = model_config();
    config.mode = ComparisonMode::Replay;
    config.record_to_reproduce_m = 0.0;
    return config;
}

DeckModel replayed() {
    DeckModel deck;
    deck.replay = true;
    deck.round_trip_frames = 0.0;
    return deck;
}

TEST(Replay, a_clean_reel_passes_with_and_without_its_slate) {
    auto config = replay_config();
    config.round_trip_s = 0.0;
    for (const bool slate : {true, false}) {
        PrintModel plan;
        plan.slate = slate;
        for (const char* name : {"wide", "speech", "loud_master", "mono"}) {
            const auto printed = print_tracks(replayed(), plan, {&programme(name, 1, 12.0)}, config);
            EXPECT_TRUE(printed.result.pass) << slate << name << ' ' << describe(printed.result);
            EXPECT_EQ(printed.result.mode, "replay");
            EXPECT_EQ(printed.result.tracks[0].level_re_slate_db[0].has_value(), slate) << name;
            EXPECT_FALSE(printed.result.tracks[0].speed_change_ppm.has_value());
        }
    }
}

TEST(Replay, level_holes_polarity_order_and_completeness_are_judged) {
    auto config = replay_config();
    config.round_trip_s = 0.0;
    const auto judged = [&](const DeckModel& deck) {
        return print_tracks(deck, PrintModel{}, {&programme("wide", 1, 12.0)}, config).result;
    };
    DeckModel deck = replayed();
    deck.programme_gain_db = -0.5;
    EXPECT_TRUE(names(judged(deck), "level_droop")) << describe(judged(deck));
    deck = replayed();
    deck.dropouts = {{5.0, 20.0, 20.0, 1, false}};
    const auto hole = judged(deck);
    EXPECT_TRUE(names(hole, "dropout", 1)) << describe(hole);
    EXPECT_NEAR(hole.tracks.at(0).dropouts.at(0).programme_time_s, 5.0, 0.01);
    deck = replayed();
    deck.invert = {true, false};
    EXPECT_TRUE(names(judged(deck), "polarity", 0));
    deck = replayed();
    deck.swap = true;
    EXPECT_TRUE(names(judged(deck), "channels_swapped"));
    deck = replayed();
    deck.missing_from_s = 4.0;
    deck.missing_s = 3.0;
    const auto gone = judged(deck);
    EXPECT_EQ(gone.reason, "missing") << describe(gone);
    ASSERT_FALSE(gone.tracks.at(0).missing.empty());
    EXPECT_NEAR(gone.tracks[0].missing[0].from_s, 4.0, 0.01);
    deck = replayed();
    deck.treble_droop_db = -3.0;
    deck.treble_droop_from_s = -100.0;
    EXPECT_TRUE(names(judged(deck), "frequency_response"));
    deck = replayed();
    deck.azimuth_s = 15e-6; // a figure, and no fault: the reel may be played on another machine
    const auto turned = judged(deck);
    EXPECT_TRUE(turned.pass) << describe(turned);
    EXPECT_NEAR(turned.tracks[0].azimuth->mean_us, 15.0, 1.0);
}

TEST(Sections, further_tones_and_the_voice_are_told) {
    PrintModel plan;
    plan.tones = {{10000.0, -10.0, 2.5}, {100.0, 0.0, 2.5}};
    plan.voice = programme("speech", 3, 3.0);
    DeckModel deck;
    deck.azimuth_s = 4e-6;
    deck.weave_s = 0.0;
    const auto printed = print_tracks(deck, plan, {&programme("wide")});
    EXPECT_TRUE(printed.result.pass) << describe(printed.result);
    ASSERT_EQ(printed.result.tones.size(), 2U);
    const ToneResult& high = printed.result.tones[0];
    EXPECT_TRUE(high.found);
    EXPECT_NEAR(high.frequency_hz.value_or(0.0), 10000.0, 1.0);
    EXPECT_NEAR(high.level_re_operating_db[0].value_or(9.0), -10.0 + 0.35 - 0.15, 0.4);
    EXPECT_NEAR(high.azimuth_us.value_or(0.0), 4.0, 0.3);
    EXPECT_NEAR(high.phase_deg.value_or(0.0), 360.0 * 10000.0 * 4e-6, 1.0);
    EXPECT_GT(high.averaging_s, 1.5);
    EXPECT_NEAR(high.start_tape_s, plan.slate_s, 1e-6);
    EXPECT_NEAR(printed.result.tones[1].frequency_hz.value_or(0.0), 100.0, 0.5);
    EXPECT_NEAR(printed.result.tones[1].level_difference_db[1].value_or(9.0), -0.4 + 0.2, 0.3); // a rest of the bump
    ASSERT_EQ(printed.result.voices.size(), 1U);
    EXPECT_EQ(printed.result.voices[0].there, std::optional<bool>(true));
    EXPECT_EQ(printed.result.tracks.size(), 1U);
    EXPECT_NEAR(printed.result.tracks[0].start_tape_s, plan.slate_s + 2.5 + 2.5 + 3.0 + plan.gap_s, 1e-6);
}

TEST(SharedBand, what_one_converter_does_not_carry_is_not_compared) {
    const auto all = print_track(DeckModel{}, programme("wide"));
    EXPECT_DOUBLE_EQ(all.result.compared_band_hz[1], 20000.0);
    EXPECT_TRUE(all.result.tracks.at(0).third_octave_difference_db[0].at(25).has_value()); // 16 kHz
    auto config = model_config();
    config.return_rate_hz = 32000.0;
    const auto less = print_tracks(DeckModel{}, PrintModel{}, {&programme("wide")}, config);
    EXPECT_TRUE(less.result.pass) << describe(less.result);
    EXPECT_DOUBLE_EQ(less.result.compared_band_hz[1], 14400.0);
    EXPECT_FALSE(less.result.tracks.at(0).third_octave_difference_db[0].at(25).has_value());
    EXPECT_LE(less.result.tracks[0].transfer.frequency_hz.back(), 14400.0);
}

} // namespace
} // namespace comparison_test
