// SPDX-License-Identifier: Apache-2.0
// Where programme begins and ends, from its level alone.
#include "mastering/transfer/gap_finder.hpp"
#include "taped_signal.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace overbias::test {

using mastering::GapFinder;
using mastering::GapRule;
using mastering::ProgrammePlace;

namespace {

constexpr double kGapRate = 48000.0;

/// In odd pieces, as they may come.
void hear(GapFinder& finder, const std::vector<float>& samples, bool counts = true) {
    constexpr std::size_t kPiece = 2 * 1234;
    for (std::size_t i = 0; i < samples.size(); i += kPiece) {
        finder.push(std::span(samples).subspan(i, std::min(kPiece, samples.size() - i)), counts);
    }
}

std::vector<ProgrammePlace> tracks_of(TapedSignal& tape, const GapRule& rule = {}) {
    GapFinder finder(kGapRate, rule);
    hear(finder, tape.samples());
    return finder.tracks();
}

std::string in_words(const std::vector<ProgrammePlace>& places) {
    std::string out;
    for (const ProgrammePlace& place : places) {
        out += std::to_string(static_cast<double>(place.first_frame) / kGapRate) + "..." +
               std::to_string(static_cast<double>(place.end_frame) / kGapRate) + " ";
    }
    return out;
}

void expect_places(const std::vector<ProgrammePlace>& found, const std::vector<std::pair<double, double>>& places_s) {
    ASSERT_EQ(found.size(), places_s.size()) << in_words(found);
    for (std::size_t n = 0; n < found.size(); ++n) {
        EXPECT_NEAR(static_cast<double>(found[n].first_frame) / kGapRate, places_s[n].first, 0.02) << in_words(found);
        EXPECT_NEAR(static_cast<double>(found[n].end_frame) / kGapRate, places_s[n].second, 0.02) << in_words(found);
    }
}

} // namespace

TEST(GapFinder, FindsEachTrackWhereItIs) {
    TapedSignal tape(kGapRate, 20.0, -65.0);
    tape.programme(1.5, 5.21, -18.0).programme(7.4, 12.0, -24.0).programme(15.0, 19.0, -14.0);
    expect_places(tracks_of(tape), {{1.5, 5.21}, {7.4, 12.0}, {15.0, 19.0}});
}

TEST(GapFinder, AShortSilenceBelongsToTheProgramme) {
    TapedSignal tape(kGapRate, 12.0, -65.0);
    tape.programme(1.0, 4.0, -18.0).programme(5.8, 9.0, -18.0);
    expect_places(tracks_of(tape), {{1.0, 9.0}});
    GapRule shorter;
    shorter.least_s = 1.5;
    expect_places(tracks_of(tape, shorter), {{1.0, 4.0}, {5.8, 9.0}});
}

TEST(GapFinder, AClickInAGapIsNoTrackAndNoEndOfTheGap) {
    TapedSignal tape(kGapRate, 12.0, -65.0);
    tape.programme(1.0, 4.0, -18.0).programme(5.4, 5.43, -10.0).programme(7.0, 9.0, -18.0);
    expect_places(tracks_of(tape), {{1.0, 4.0}, {7.0, 9.0}});
}

TEST(GapFinder, AClickJustBeforeTheProgrammeBelongsToIt) { // a count-in, a pick-up
    TapedSignal tape(kGapRate, 12.0, -65.0);
    tape.programme(2.7, 2.74, -20.0).programme(3.0, 9.0, -18.0);
    expect_places(tracks_of(tape), {{2.7, 9.0}});
}

TEST(GapFinder, LeaderQuieterThanTheTapeDoesNotHideTheGaps) {
    TapedSignal leader(kGapRate, 3.0, -95.0);
    TapedSignal tape(kGapRate, 14.0, -66.0, 2);
    tape.programme(1.0, 5.0, -12.0).programme(8.0, 13.0, -12.0);
    std::vector<float>& all = leader.samples();
    all.insert(all.end(), tape.samples().begin(), tape.samples().end());
    expect_places(tracks_of(leader), {{4.0, 8.0}, {11.0, 16.0}});
}

TEST(GapFinder, ASteadyToneIsNotSilence) {
    TapedSignal tape(kGapRate, 10.0, -65.0);
    tape.tone(0.0, 10.0, -9.0);
    GapFinder finder(kGapRate, {});
    hear(finder, tape.samples());
    EXPECT_EQ(finder.silent_s(), 0.0);
    expect_places(finder.tracks(), {{0.0, 10.0}});
}

TEST(GapFinder, QuietMusicWithoutAGapIsOnePiece) {
    TapedSignal tape(kGapRate, 20.0, -70.0);
    tape.programme(0.0, 8.0, -20.0).programme(8.0, 12.0, -42.0).programme(12.0, 20.0, -20.0);
    expect_places(tracks_of(tape), {{0.0, 20.0}});
}

TEST(GapFinder, SilenceIsCountedLiveFromTheProgrammesEndOn) {
    TapedSignal before(kGapRate, 4.0, -65.0);
    TapedSignal tape(kGapRate, 6.0, -65.0, 2);
    tape.programme(0.0, 3.5, -18.0);
    GapFinder finder(kGapRate, {});
    hear(finder, before.samples());
    EXPECT_EQ(finder.silent_s(), 0.0); // nothing was louder yet
    hear(finder, tape.samples());
    EXPECT_NEAR(finder.silent_s(), 2.5, 0.02);
    EXPECT_NEAR(*finder.noise_dbfs(), -65.0, 0.5);
}

TEST(GapFinder, WhatDoesNotCountTellsNothingOfTheNoise) {
    GapFinder finder(kGapRate, {});
    hear(finder, TapedSignal(kGapRate, 2.0, -100.0).samples(), false); // a deck at rest
    TapedSignal tape(kGapRate, 8.0, -62.0, 3);
    tape.programme(2.0, 5.0, -15.0);
    hear(finder, tape.samples());
    EXPECT_NEAR(*finder.noise_dbfs(), -62.0, 0.5);
    expect_places(finder.tracks(), {{4.0, 7.0}});
}

TEST(GapFinder, LostFramesDoNotCutATrack) {
    TapedSignal tape(kGapRate, 10.0, -65.0);
    tape.programme(1.0, 9.0, -18.0);
    GapFinder finder(kGapRate, {});
    const auto& all = tape.samples();
    const std::size_t from = 2 * tape.frame(4.0), to = 2 * tape.frame(7.0);
    hear(finder, {all.begin(), all.begin() + static_cast<std::ptrdiff_t>(from)});
    hear(finder, std::vector<float>(to - from), false);
    hear(finder, {all.begin() + static_cast<std::ptrdiff_t>(to), all.end()});
    expect_places(finder.tracks(), {{1.0, 9.0}});
}

} // namespace overbias::test
