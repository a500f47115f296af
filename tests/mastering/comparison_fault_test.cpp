// SPDX-License-Identifier: Apache-2.0
// Faults of a print, each named by its own word.
#include "comparison_programmes.hpp"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>

namespace comparison_test {
namespace {

using overbias::mastering::OffTapeComparison;

void expect_reason(const Printed& printed, const std::string& reason, int channel = -2) {
    EXPECT_FALSE(printed.result.pass);
    EXPECT_EQ(printed.result.reason, reason) << describe(printed.result);
    EXPECT_TRUE(names(printed.result, reason, channel)) << describe(printed.result);
}

// --- off tape or not

TEST(OffTape, monitor_on_input_is_no_tape) {
    DeckModel deck;
    deck.monitor_input = true;
    const auto printed = print_track(deck, programme("wide", 1, 6.0));
    expect_reason(printed, "not_off_tape");
    EXPECT_FALSE(printed.result.off_tape);
    EXPECT_NE(printed.result.off_tape_text.find("delay"), std::string::npos) << printed.result.off_tape_text;
    EXPECT_NE(printed.result.off_tape_text.find("no tape noise"), std::string::npos) << printed.result.off_tape_text;
    EXPECT_EQ(printed.live_after_slate.failing.value_or(""), "not_off_tape");
}

TEST(OffTape, a_delay_that_is_not_the_heads_is_no_proof) {
    DeckModel deck;
    deck.head_m = 0.0350 * 1.05; // tape noise and absence are all right, the place is not
    expect_reason(print_track(deck, programme("wide", 1, 6.0)), "not_off_tape");
    deck.head_m = 0.0350 * 1.02;
    EXPECT_TRUE(print_track(deck, programme("wide", 1, 6.0)).result.pass);
}

TEST(OffTape, another_programme_that_plays_on_is_found_out) {
    DeckModel deck;
    deck.no_record = true;
    PrintModel plan;
    plan.old_tape = programme("wide", 7, 25.0);
    expect_reason(print_tracks(deck, plan, {&programme("wide")}), "not_off_tape");
}

TEST(OffTape, the_same_programme_at_another_place_is_found_out) {
    // An old print of the very same plan: its slate plays already, plays a little late, or begins while ours lasts.
    for (const double shift_s : {-1.0, 0.02, 2.0}) {
        DeckModel deck;
        deck.no_record = true;
        PrintModel plan;
        plan.old_tape.assign(static_cast<std::size_t>(2 * 25.0 * kModelRate), 0.0F);
        const auto slate_from = static_cast<std::int64_t>((plan.lead_s + shift_s) * kModelRate);
        for (std::int64_t n = 0; n < static_cast<std::int64_t>(plan.slate_s * kModelRate); ++n) {
            const auto at = static_cast<std::size_t>(2 * (slate_from + n));
            plan.old_tape[at] = plan.old_tape[at + 1] =
                static_cast<float>(0.2 * std::sin(0.1308996939 * static_cast<double>(n)));
        }
        const Stereo& music = programme("wide");
        const auto track_from =
            static_cast<std::size_t>(2.0 * (plan.lead_s + shift_s + plan.slate_s + plan.gap_s) * kModelRate) & ~1UL;
        for (std::size_t n = 0; n < music.size() && track_from + n < plan.old_tape.size(); ++n) {
            plan.old_tape[track_from + n] = music[n];
        }
        const auto printed = print_tracks(deck, plan, {&music});
        EXPECT_FALSE(printed.result.off_tape) << shift_s;
        EXPECT_EQ(printed.result.reason, "not_off_tape") << shift_s << ' ' << describe(printed.result);
    }
}

TEST(OffTape, an_old_programme_that_is_erased_does_no_harm) {
    PrintModel plan;
    plan.old_tape = programme("wide", 7, 25.0);
    EXPECT_TRUE(print_tracks(DeckModel{}, plan, {&programme("wide")}).result.pass);
}

TEST(OffTape, without_tape_noise_there_is_no_proof) {
    DeckModel deck;
    deck.noise_db = -120.0; // a digital delay of the right length
    const auto printed = print_track(deck, programme("wide", 1, 6.0));
    expect_reason(printed, "not_off_tape");
    EXPECT_NE(printed.result.off_tape_text.find("no tape noise"), std::string::npos) << printed.result.off_tape_text;
}

TEST(OffTape, a_dead_return_is_no_signal) {
    DeckModel deck;
    deck.mute = {true, true};
    expect_reason(print_track(deck, programme("wide", 1, 6.0)), "no_signal");
}

// --- the line through deck and cables

TEST(NamedFault, exchanged_channels) {
    DeckModel deck;
    deck.swap = true;
    const auto printed = print_track(deck, programme("wide", 1, 6.0));
    expect_reason(printed, "channels_swapped");
    EXPECT_TRUE(printed.result.tracks[0].dropouts.empty()) << "a swap is not a drop-out in every window";
}

TEST(NamedFault, exchanged_channels_of_a_mono_programme_raise_no_alarm) {
    DeckModel deck;
    deck.swap = true;
    EXPECT_TRUE(print_track(deck, programme("mono", 1, 6.0)).result.pass);
}

TEST(NamedFault, one_channels_polarity) {
    const char* const names_of[] = {"wide", "mono"};
    for (const int channel : {0, 1}) {
        DeckModel deck;
        deck.invert[static_cast<std::size_t>(channel)] = true;
        const auto printed = print_track(deck, programme(names_of[channel], 1, 6.0));
        expect_reason(printed, "polarity", channel);
        EXPECT_FALSE(names(printed.result, "polarity", 1 - channel));
    }
}

TEST(NamedFault, a_missing_channel) {
    DeckModel deck;
    deck.mute[1] = true;
    const auto printed = print_track(deck, programme("wide", 1, 6.0));
    expect_reason(printed, "channel_missing", 1);
    EXPECT_FALSE(names(printed.result, "channel_missing", 0));
}

TEST(NamedFault, no_record_bias) {
    DeckModel deck;
    deck.no_bias = true;
    expect_reason(print_track(deck, programme("wide", 1, 6.0)), "not_recorded_well");
}

TEST(NamedFault, level_far_off) {
    DeckModel deck;
    deck.gain_db = {0.0, -1.6};
    const auto printed = print_track(deck, programme("wide", 1, 6.0));
    expect_reason(printed, "level_difference", 1);
    EXPECT_NEAR(*printed.result.slate.level_difference_db[1], -1.6, 0.1);
    EXPECT_NEAR(*printed.result.tracks[0].level_difference_db[1], -1.6, 0.1);
    EXPECT_NEAR(*printed.result.slate.level_dbfs[1], kOperatingDbfs - 1.6, 0.1);
}

// --- droop

TEST(NamedFault, half_a_decibel_below_the_slate) {
    // (pink noise at this level drives the tape so hard that half a decibel may as well be compression)
    for (const char* name : {"wide", "speech"}) {
        DeckModel deck;
        deck.programme_gain_db = -0.5;
        expect_reason(print_track(deck, programme(name)), "level_droop");
    }
}

TEST(NamedFault, half_a_decibel_lost_in_the_middle_of_a_track) {
    for (const char* name : {"wide", "pink"}) {
        DeckModel deck;
        deck.droop_db = -0.5;
        deck.droop_from_s = 10.0;
        const auto printed = print_track(deck, programme(name, 1, 15.0));
        expect_reason(printed, "level_droop");
        for (const auto& finding : printed.result.tracks[0].findings) {
            EXPECT_NE(finding.text.find("0:10.0"), std::string::npos) << finding.text;
        }
    }
}

TEST(NamedFault, highs_that_fall_away_while_the_track_runs) {
    DeckModel deck;
    deck.treble_droop_db = -2.5;
    deck.treble_droop_from_s = 9.0;
    expect_reason(print_track(deck, programme("wide", 1, 20.0)), "frequency_response");
}

TEST(NamedFault, treble_that_was_never_there) {
    DeckModel deck;
    deck.treble_db = -5.0;
    expect_reason(print_track(deck, programme("mono", 1, 6.0)), "frequency_response");
    // noise as hot as "pink" may lose as much by saturation, so it is asked at a quarter of its level
    comparison_test::Stereo quiet = programme("pink");
    std::ranges::for_each(quiet, [](float& sample) { sample *= 0.25F; });
    expect_reason(print_track(deck, quiet), "frequency_response");
}

// --- speed, silence, completeness

TEST(NamedFault, a_change_of_speed) {
    DeckModel deck;
    deck.speed_change = 0.004;
    deck.speed_change_from_s = 6.0;
    const auto printed = print_track(deck, programme("wide", 1, 15.0));
    expect_reason(printed, "speed_change");
    EXPECT_NEAR(*printed.result.tracks[0].speed_change_ppm, 4000.0, 250.0);
    deck.speed_change = 0.001;
    const auto small = print_track(deck, programme("wide", 1, 15.0));
    EXPECT_TRUE(small.result.pass) << describe(small.result);
    EXPECT_NEAR(*small.result.tracks[0].speed_change_ppm, 1000.0, 250.0);
}

TEST(NamedFault, hum_where_nothing_was_sent) {
    DeckModel deck;
    deck.hum_dbfs = -50.0;
    expect_reason(print_track(deck, programme("silence", 1, 4.0)), "unexpected_signal");
}

TEST(NamedFault, an_old_programme_not_quite_erased) {
    DeckModel deck;
    deck.residue_db = -22.0;
    PrintModel plan;
    plan.old_tape.assign(static_cast<std::size_t>(2 * 9.0 * kModelRate), 0.0F); // silence, then the old programme
    const auto& old = programme("wide", 7, 14.0);
    plan.old_tape.insert(plan.old_tape.end(), old.begin(), old.end());
    expect_reason(print_tracks(deck, plan, {&programme("silence")}), "unexpected_signal");
}

TEST(Completeness, silence_passes_and_is_not_proven) {
    const auto printed = print_track(DeckModel{}, programme("silence"));
    EXPECT_TRUE(printed.result.pass);
    const auto& track = printed.result.tracks[0];
    EXPECT_EQ(track.judged_share, 0.0);
    ASSERT_EQ(track.not_proven.size(), 1U);
    EXPECT_NEAR(track.not_proven[0].from_s, 0.0, 0.01);
    EXPECT_NEAR(track.not_proven[0].to_s, 10.0, 0.01);
    EXPECT_NE(track.not_proven[0].reason.find("not enough signal"), std::string::npos);
}

TEST(Completeness, lost_frames_of_the_return_are_not_proven) {
    DeckModel deck;
    deck.lost_return_at = 4 * 48000;
    deck.lost_return_frames = 4800;
    const auto printed = print_track(deck, programme("wide", 1, 6.0));
    expect_reason(printed, "not_proven");
    const auto& track = printed.result.tracks[0];
    EXPECT_TRUE(track.dropouts.empty()) << "what was lost on the way is no drop-out";
    ASSERT_FALSE(track.not_proven.empty());
    EXPECT_NEAR(track.not_proven[0].from_s, 4.0 - 0.0935, 0.02); // what came then was sent a head delay earlier
    EXPECT_NEAR(track.not_proven[0].to_s - track.not_proven[0].from_s, 0.1, 0.01);
}

TEST(Completeness, a_marked_stretch_is_told_with_its_reason) {
    const auto mark = [](OffTapeComparison& comparison, std::int64_t track_frame) {
        comparison.mark_not_proven(track_frame + 48000, 9600, "playback xrun");
    };
    const auto printed = print_tracks(DeckModel{}, PrintModel{}, {&programme("wide")}, model_config(), mark);
    expect_reason(printed, "not_proven");
    ASSERT_EQ(printed.result.tracks[0].not_proven.size(), 1U);
    EXPECT_EQ(printed.result.tracks[0].not_proven[0].reason, "playback xrun");
    EXPECT_NEAR(printed.result.tracks[0].not_proven[0].from_s, 1.0, 1e-6);
    EXPECT_NEAR(printed.result.tracks[0].not_proven[0].to_s, 1.2, 1e-6);
}

TEST(Completeness, a_print_that_is_broken_off_is_not_proven_to_its_end) {
    OffTapeComparison comparison(model_config());
    comparison.add_section(overbias::mastering::SectionKind::Slate, "slate", 48000, 48000);
    comparison.add_section(overbias::mastering::SectionKind::Track, "track", 144000, 480000);
    const auto result = comparison.finish();
    EXPECT_FALSE(result.pass);
    ASSERT_EQ(result.tracks.size(), 1U);
    EXPECT_FALSE(result.tracks[0].pass);
    ASSERT_FALSE(result.tracks[0].not_proven.empty());
}

// --- figures

TEST(Figures, absolute_speed_only_with_a_calibrated_delay) {
    DeckModel deck;
    const auto without = print_track(deck, programme("wide", 1, 6.0));
    EXPECT_FALSE(without.result.tracks[0].speed_error_ppm.has_value());
    EXPECT_NE(without.result.tracks[0].speed_source.find("not known"), std::string::npos);
    auto config = model_config();
    config.calibrated_head_delay_s = 0.0351 / 0.381; // the deck's own distance at true speed; it runs 400 ppm fast
    const auto with = print_tracks(deck, PrintModel{}, {&programme("wide")}, config);
    ASSERT_TRUE(with.result.tracks[0].speed_error_ppm.has_value());
    EXPECT_NEAR(*with.result.tracks[0].speed_error_ppm, 400.0, 100.0);
}

TEST(Figures, crystals_are_told_apart_from_tape_speed) {
    DeckModel deck;
    deck.play_ppm = 60.0;
    deck.capture_ppm = -60.0;
    deck.clock_jitter_s = 20e-6;
    const auto printed = print_track(deck, programme("wide", 1, 20.0));
    EXPECT_TRUE(printed.result.pass) << describe(printed.result);
    EXPECT_NEAR(*printed.result.clock_difference_ppm, -120.0, 5.0);
    EXPECT_LT(std::abs(*printed.result.tracks[0].speed_change_ppm), 300.0);
    EXPECT_NEAR(*printed.result.tracks[0].delay_ms, 1e3 * 0.0351 / (0.381 * 1.0004), 0.05);
}

TEST(Figures, place_of_tracks_and_delay_and_phase) {
    DeckModel deck;
    deck.azimuth_s = 20e-6;
    const auto printed = print_tracks(deck, PrintModel{}, {&programme("wide"), &programme("pink")});
    const auto& result = printed.result;
    ASSERT_EQ(result.tracks.size(), 2U);
    EXPECT_NEAR(result.tracks[0].start_tape_s, 4.5, 1e-6);
    EXPECT_NEAR(result.tracks[1].start_tape_s, 4.5 + 10.0 + 1.5, 1e-6);
    EXPECT_NEAR(result.tracks[1].start_tape_m, 16.0 * 0.381, 1e-6);
    EXPECT_NEAR(*result.tracks[0].delay_ms, 1e3 * 0.0351 / (0.381 * 1.0004), 0.03);
    EXPECT_NEAR(*result.slate.frequency_hz, 1000.0, 0.3);
    EXPECT_NEAR(*result.tracks[1].phase_deg, 360.0 * 1000.0 * 20e-6, 1.5);
    EXPECT_NEAR(*result.noise_dbfs[0], kOperatingDbfs - 3.01 - 60.0 + 0.35, 1.0);
    for (const auto& channel : result.tracks[1].third_octave_difference_db) {
        ASSERT_EQ(channel.size(), result.tracks[1].third_octave_hz.size());
        EXPECT_NEAR(channel[1].value_or(9.0), 0.5, 0.35); // 63 Hz: the model's head bump
    }
}

TEST(Figures, azimuth_far_out_is_named) {
    DeckModel deck;
    deck.azimuth_s = 100e-6;
    expect_reason(print_track(deck, programme("wide", 1, 6.0)), "phase");
}

TEST(Figures, impossible_configuration_is_refused) {
    auto config = model_config();
    config.record_to_reproduce_m = 0.0;
    EXPECT_THROW(OffTapeComparison{config}, std::invalid_argument);
}

} // namespace
} // namespace comparison_test
