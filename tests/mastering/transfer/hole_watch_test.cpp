// SPDX-License-Identifier: Apache-2.0
// Holes that may be drop-outs: those that are planted are suspected where they are, music alone is not.
#include "mastering/transfer/hole_watch.hpp"
#include "mastering/transfer/transfer_monitor.hpp"
#include "taped_signal.hpp"

#include <cmath>
#include <gtest/gtest.h>
#include <numbers>
#include <vector>

namespace overbias::test {

using mastering::HoleWatch;
using mastering::SuspectedHole;

namespace {

constexpr double kHoleRate = 48000.0;

HoleWatch watched(TapedSignal& tape, double noise_dbfs = -65.0) {
    HoleWatch watch(kHoleRate);
    watch.push(tape.samples(), noise_dbfs);
    return watch;
}

TapedSignal music() {
    TapedSignal tape(kHoleRate, 6.0, -65.0);
    tape.programme(0.5, 5.5, -18.0);
    return tape;
}

} // namespace

TEST(HoleWatch, OneChannelsHoleIsSuspectedWhereItIs) {
    for (int channel = 0; channel < 2; ++channel) {
        TapedSignal tape = music();
        tape.hole(2.345, 20.0, 20.0, channel);
        const HoleWatch watch = watched(tape);
        ASSERT_EQ(watch.count(), 1U);
        const SuspectedHole& hole = watch.found().front();
        EXPECT_EQ(hole.channel, channel == 0 ? SuspectedHole::Channel::Left : SuspectedHole::Channel::Right);
        EXPECT_NEAR(static_cast<double>(hole.first_frame) / kHoleRate, 2.345, 0.003);
        EXPECT_NEAR(hole.length_ms, 20.0, 3.0);
        EXPECT_NEAR(hole.depth_db, 20.0, 3.0);
    }
}

TEST(HoleWatch, AHoleInBothIsToldAsBoth) {
    TapedSignal tape = music();
    tape.hole(3.11, 30.0, 40.0, 2); // where the programme keeps its level
    const HoleWatch watch = watched(tape);
    ASSERT_EQ(watch.count(), 1U);
    EXPECT_EQ(watch.found().front().channel, SuspectedHole::Channel::Both);
    EXPECT_NEAR(static_cast<double>(watch.found().front().first_frame) / kHoleRate, 3.11, 0.003);
}

TEST(HoleWatch, WhatMusicDoesIsNotSuspected) {
    TapedSignal plain = music();
    EXPECT_EQ(watched(plain).count(), 0U);
    TapedSignal shallow = music();
    shallow.hole(2.0, 20.0, 8.0, 0);   // too shallow for one
    shallow.hole(3.0, 20.0, 15.0, 2);  // too shallow for both
    shallow.hole(4.0, 200.0, 30.0, 2); // a rest
    EXPECT_EQ(watched(shallow).count(), 0U);
    TapedSignal ends(kHoleRate, 6.0, -65.0); // an end, and another level after it
    ends.programme(0.5, 3.0, -12.0).programme(3.03, 5.5, -24.0);
    EXPECT_EQ(watched(ends).count(), 0U);
}

TEST(HoleWatch, NothingIsSuspectedNearTheNoiseOrBeforeItIsKnown) {
    TapedSignal tape = music();
    tape.hole(2.0, 20.0, 20.0, 0);
    EXPECT_EQ(watched(tape, -40.0).count(), 0U);
    HoleWatch watch(kHoleRate);
    watch.push(tape.samples(), std::nullopt);
    EXPECT_EQ(watch.count(), 0U);
}

TEST(HoleWatch, FramesThatAreMissingAreNoHole) {
    TapedSignal tape = music();
    std::vector<float>& all = tape.samples();
    const std::size_t from = 2 * tape.frame(2.0), to = 2 * tape.frame(2.02);
    std::fill(all.begin() + static_cast<std::ptrdiff_t>(from), all.begin() + static_cast<std::ptrdiff_t>(to), 0.0F);
    const std::span<const float> samples(all);
    HoleWatch watch(kHoleRate);
    watch.push(samples.first(from), -65.0);
    watch.interrupt();
    watch.push(samples.subspan(from, to - from), -65.0);
    watch.interrupt();
    watch.push(samples.subspan(to), -65.0);
    EXPECT_EQ(watch.count(), 0U);
}

TEST(TransferMonitor, AzimuthOfProgrammeIsAnEstimateWithAConfidence) {
    TapedSignal tape(kHoleRate, 21.0, -65.0);
    tape.programme(0.0, 21.0, -18.0);
    std::vector<float>& all = tape.samples();
    for (std::size_t i = all.size() / 2 - 1; i > 0; --i) { // one sample later: 20.83 us
        all[2 * i + 1] = all[2 * i - 1];
    }
    mastering::TransferMonitor monitor(kHoleRate, {});
    monitor.push(all, true);
    ASSERT_TRUE(monitor.whole_azimuth());
    EXPECT_NEAR(monitor.whole_azimuth()->delay_us, 20.83, 0.5);
    EXPECT_GT(monitor.whole_azimuth()->confidence, 0.5);
    EXPECT_FALSE(monitor.whole_azimuth()->reversed);
    EXPECT_EQ(monitor.azimuth().size(), 4U);

    for (std::size_t i = 0; i < all.size(); i += 2) {
        all[i] = -all[i];
    }
    mastering::TransferMonitor reversed(kHoleRate, {});
    reversed.push(all, true);
    ASSERT_TRUE(reversed.whole_azimuth());
    EXPECT_TRUE(reversed.whole_azimuth()->reversed);
}

} // namespace overbias::test
