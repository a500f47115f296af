// SPDX-License-Identifier: Apache-2.0
// Planted defects that have a place or a size: each is named by its word, and found where it was put.
#include "comparison_programmes.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

namespace comparison_test {
namespace {

using overbias::mastering::Finding;

const Finding* finding(const Printed& printed, const std::string& reason, int channel = -2) {
    for (const auto& track : printed.result.tracks) {
        for (const Finding& each : track.findings) {
            if (each.reason == reason && (channel == -2 || each.channel == channel)) {
                return &each;
            }
        }
    }
    return nullptr;
}

/// Every finding has one of these words.
void expect_only(const Printed& printed, const std::string& reason) {
    EXPECT_TRUE(printed.result.findings.empty()) << describe(printed.result);
    for (const auto& track : printed.result.tracks) {
        for (const Finding& each : track.findings) {
            EXPECT_EQ(each.reason, reason) << each.text;
        }
    }
}

TEST(PlantedDefect, three_seconds_that_were_not_recorded) {
    for (const char* name : {"wide", "pink", "speech", "loud_master"}) {
        DeckModel deck;
        deck.missing_from_s = 4.2;
        deck.missing_s = 3.0;
        const auto printed = print_track(deck, programme(name, 1, 12.0));
        const Finding* missing = finding(printed, "missing");
        ASSERT_NE(missing, nullptr) << name << ' ' << describe(printed.result);
        EXPECT_EQ(printed.result.reason, "missing") << describe(printed.result);
        EXPECT_EQ(missing->channel, -1);
        if (std::string(name) != "speech") { // a pause between words has no edge
            EXPECT_NEAR(missing->from_s.value_or(-1.0), 4.2, 0.01) << name;
            EXPECT_NEAR(missing->to_s.value_or(-1.0), 7.2, 0.01) << name;
        }
        ASSERT_EQ(printed.result.tracks[0].missing.size(), 1U) << name;
        EXPECT_EQ(printed.result.tracks[0].missing[0].reason, "both");
        EXPECT_TRUE(printed.result.tracks[0].dropouts.empty())
            << "a missing stretch is no drop-out: " << name << ' ' << describe(printed.result);
        expect_only(printed, "missing");
    }
}

TEST(PlantedDefect, one_channel_missing_for_a_while) {
    DeckModel deck;
    deck.missing_from_s = 3.0;
    deck.missing_s = 0.8;
    deck.missing_channel = 1;
    const auto printed = print_track(deck, programme("wide"));
    const Finding* missing = finding(printed, "missing", 1);
    ASSERT_NE(missing, nullptr) << describe(printed.result);
    EXPECT_NEAR(missing->from_s.value_or(-1.0), 3.0, 0.01);
    EXPECT_NEAR(missing->to_s.value_or(-1.0), 3.8, 0.01);
    EXPECT_EQ(printed.result.tracks[0].missing.at(0).reason, "right");
}

TEST(PlantedDefect, wow_is_named_and_measured) {
    struct Case {
        double hz, peak;
    };
    for (const auto& [hz, peak] : {Case{0.5, 0.003}, {1.3, 0.003}, {3.1, 0.002}}) {
        DeckModel deck;
        deck.wow_peak = peak;
        deck.wow_hz = hz;
        const auto printed = print_track(deck, programme("wide", 1, 24.0));
        const auto& track = printed.result.tracks.at(0);
        ASSERT_TRUE(track.wow.has_value()) << hz;
        // two standard deviations of a sine are its peak
        EXPECT_NEAR(track.wow->percent, 100.0 * peak, 13.0 * peak) << hz << ' ' << describe(printed.result);
        EXPECT_NE(finding(printed, "wow"), nullptr) << hz << ' ' << describe(printed.result);
        expect_only(printed, "wow");
    }
}

TEST(PlantedDefect, wow_within_the_limit_passes_and_is_told) {
    DeckModel deck;
    deck.wow_peak = 0.0008;
    deck.wow_hz = 0.8;
    const auto printed = print_track(deck, programme("wide", 1, 24.0));
    EXPECT_TRUE(printed.result.pass) << describe(printed.result);
    ASSERT_TRUE(printed.result.tracks[0].wow.has_value());
    EXPECT_NEAR(printed.result.tracks[0].wow->percent, 0.08, 0.02);
    EXPECT_GE(printed.result.tracks[0].wow->peak_percent, printed.result.tracks[0].wow->percent);
}

TEST(PlantedDefect, azimuth_of_ten_microseconds) {
    for (const char* name : {"wide", "mono", "pink"}) {
        DeckModel deck;
        deck.azimuth_s = 10e-6;
        const auto printed = print_track(deck, programme(name, 1, 12.0));
        const Finding* found = finding(printed, "azimuth");
        ASSERT_NE(found, nullptr) << name << ' ' << describe(printed.result);
        EXPECT_NEAR(printed.result.tracks[0].azimuth->mean_us, 10.0, 1.0) << name;
        EXPECT_EQ(printed.result.tracks[0].azimuth->averaging_s, 10.0);
        expect_only(printed, "azimuth");
    }
    DeckModel good;
    good.azimuth_s = 5e-6;
    EXPECT_TRUE(print_track(good, programme("wide", 1, 12.0)).result.pass);
}

TEST(PlantedDefect, a_worn_batch_that_lost_three_decibels_of_treble) {
    DeckModel deck;
    deck.treble_droop_db = -3.0;
    deck.treble_droop_from_s = -100.0;
    const auto printed = print_track(deck, programme("wide", 1, 12.0));
    const Finding* found = finding(printed, "frequency_response");
    ASSERT_NE(found, nullptr) << describe(printed.result);
    EXPECT_GE(found->from_hz.value_or(0.0), 3000.0);
    EXPECT_GE(found->to_hz.value_or(0.0), 10000.0);
}

TEST(PlantedDefect, speed_that_changes_is_placed) {
    DeckModel deck;
    deck.speed_change = 0.004;
    deck.speed_change_from_s = 6.0;
    const auto printed = print_track(deck, programme("wide", 1, 20.0));
    const Finding* found = finding(printed, "speed_change");
    ASSERT_NE(found, nullptr) << describe(printed.result);
    EXPECT_NEAR(found->from_s.value_or(-1.0), 6.0, 0.15);
    EXPECT_EQ(finding(printed, "wow"), nullptr) << describe(printed.result);
}

TEST(PlantedDefect, monitor_switched_to_input_in_the_middle) {
    DeckModel deck;
    deck.input_from_s = 5.0;
    const auto printed = print_track(deck, programme("wide", 1, 12.0));
    EXPECT_EQ(printed.result.reason, "not_off_tape") << describe(printed.result);
    const Finding* found = finding(printed, "not_off_tape");
    ASSERT_NE(found, nullptr) << describe(printed.result);
    // what was sent a head delay before was still on its way
    EXPECT_NEAR(found->from_s.value_or(-1.0), 5.0 - 0.0921, 0.01);
    EXPECT_TRUE(printed.result.tracks[0].dropouts.empty());
}

TEST(PlantedDefect, a_gap_that_is_noisier_than_the_first) {
    DeckModel deck;
    deck.late_noise_db = 9.0;
    const auto printed = print_tracks(deck, PrintModel{}, {&programme("wide", 1, 6.0), &programme("wide", 2, 6.0)});
    EXPECT_TRUE(names(printed.result, "noise", 0)) << describe(printed.result);
    EXPECT_TRUE(names(printed.result, "noise", 1)) << describe(printed.result);
}

} // namespace
} // namespace comparison_test
