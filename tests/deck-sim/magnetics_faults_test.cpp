// SPDX-License-Identifier: Apache-2.0
// The faults of the signal path, each at its place, depth and channel.
#include "magnetics_rig.hpp"

#include <gtest/gtest.h>

namespace overbias::deck_sim {

using rig::fault;
using rig::TapeRig;

namespace {

constexpr double kFaultRate = 48000.0;

double fault_tone_db(const TapeRig& deck, std::size_t channel, double hz, double seconds = 0.4) {
    return rig::db(std::abs(rig::tone(deck.last(channel, seconds), hz, kFaultRate)));
}

struct Dip {
    double begin_s = -1, end_s = -1, depth_db = 0; ///< between the -3 dB points; greatest depth
};

/// Level of a tone over time in windows of 4 ms, against its level before.
Dip find_dip(const TapeRig& deck, std::size_t channel, double hz, double from_s, double to_s, double edge_db = 3.0) {
    const std::span<const float> all = deck.captured[channel];
    const auto level = [&](double at_s) {
        return std::abs(
            rig::tone(all.subspan(static_cast<std::size_t>((at_s - 0.002) * kFaultRate), 192), hz, kFaultRate));
    };
    const double before = level(from_s);
    Dip dip;
    for (double at = from_s; at < to_s; at += 0.0005) {
        const double depth = -rig::db(level(at) / before);
        dip.depth_db = std::max(dip.depth_db, depth);
        if (depth > edge_db) {
            if (dip.begin_s < 0) {
                dip.begin_s = at;
            }
            dip.end_s = at;
        }
    }
    return dip;
}

// A defect at record time T is heard when that stretch has come to the reproduce head and through the capture
// converter.
constexpr double kHeadDelay_s = 0.0351 / rig::kPlaySpeed_m_s + 30.7 / kFaultRate;

TapeRig& printed(TapeRig& deck, double seconds, TapeRig::Programme programme) {
    deck.programme = std::move(programme);
    deck.start();
    deck.recording = true;
    deck.run(seconds);
    return deck;
}

TapeRig::Programme two_tones() {
    const auto low = rig::sine(1000.0, -24.0);
    const auto high = rig::sine(10000.0, -34.0);
    return [=](std::int64_t frame, std::size_t channel) { return low(frame, channel) + high(frame, channel); };
}

} // namespace

TEST(TapeFaults, FlatDropoutIsAtItsPlaceDepthAndChannel) {
    TapeRig deck(rig::ideal(), {fault("dropout:programme_s=0.8,length_ms=20,depth_db=20,channel=left")});
    deck.path.programme_starts(0.1);
    printed(deck, 1.5, two_tones());
    const Dip dip = find_dip(deck, 0, 1000.0, 0.5, 1.4);
    EXPECT_NEAR(dip.depth_db, 20.0, 1.0);
    EXPECT_NEAR(dip.begin_s, 0.9 + kHeadDelay_s, 0.002);
    EXPECT_NEAR(dip.end_s - dip.begin_s, 0.020, 0.003);
    EXPECT_NEAR(find_dip(deck, 0, 10000.0, 0.5, 1.4).depth_db, 20.0, 1.0);
    EXPECT_LT(find_dip(deck, 1, 1000.0, 0.5, 1.4).depth_db, 0.3);
}

TEST(TapeFaults, SpacingTakesTenTimesMoreAtTenKilohertz) {
    for (const double depth : {6.0, 20.0}) {
        TapeRig deck(rig::ideal(),
                     {fault("spacing:time_s=0.9,length_ms=20,depth_db=" + std::to_string(depth) + ",channel=right")});
        printed(deck, 1.5, two_tones());
        const Dip high = find_dip(deck, 1, 10000.0, 0.5, 1.4, depth / 2.0);
        EXPECT_NEAR(high.depth_db, depth, depth > 10 ? 1.5 : 0.5);
        EXPECT_NEAR(high.begin_s, 0.9 + kHeadDelay_s, 0.003); // between the half-depth points
        EXPECT_NEAR(high.end_s - high.begin_s, 0.020, 0.004);
        EXPECT_NEAR(find_dip(deck, 1, 1000.0, 0.5, 1.4).depth_db, depth / 10.0, 0.3);
        EXPECT_LT(find_dip(deck, 0, 10000.0, 0.5, 1.4).depth_db, 0.3);
    }
}

TEST(TapeFaults, ADefectStaysAtItsPlaceOfTheTape) {
    TapeRig deck(rig::ideal(), {fault("dropout:programme_s=0.7,length_ms=30,depth_db=20")});
    const double from_m = deck.place_m;
    deck.path.programme_starts(0.3);
    printed(deck, 1.6, rig::sine(1000.0, -14.0));
    EXPECT_NEAR(find_dip(deck, 0, 1000.0, 0.6, 1.5).begin_s, 1.0 + kHeadDelay_s, 0.002);
    // wound back and played again: the same second of the tape
    deck.recording = false;
    deck.programme = nullptr;
    deck.place_m = from_m;
    const double replay_s = static_cast<double>(deck.captured[0].size()) / kFaultRate;
    deck.run(1.6);
    const Dip again = find_dip(deck, 0, 1000.0, replay_s + 0.6, replay_s + 1.5);
    EXPECT_NEAR(again.begin_s - replay_s, 1.0 + kHeadDelay_s, 0.003);
    EXPECT_NEAR(again.depth_db, 20.0, 1.0);
}

TEST(TapeFaults, PlacesAndLateProgrammeStartsAreHonoured) {
    TapeRig deck(rig::ideal(), {fault("dropout:tape_m=12.3048,length_ms=20,depth_db=20"),
                                fault("dropout:programme_s=0.1,length_ms=20,depth_db=10")});
    deck.programme = rig::sine(1000.0, -14.0);
    deck.start();
    deck.recording = true;
    deck.run(0.65);
    deck.path.programme_starts(0.5); // what was to happen at 0.6 is 19 mm behind the record head by now
    deck.run(0.85);
    const Dip late = find_dip(deck, 0, 1000.0, 0.5, 0.78);
    EXPECT_NEAR(late.begin_s, 0.6 + kHeadDelay_s, 0.002);
    EXPECT_NEAR(late.depth_db, 10.0, 1.0);
    const Dip by_place = find_dip(deck, 0, 1000.0, 0.8, 1.3);
    EXPECT_NEAR(by_place.begin_s, 0.8 + kHeadDelay_s, 0.002); // 0.3048 m at 0.381 m/s
    EXPECT_NEAR(by_place.depth_db, 20.0, 1.0);
}

TEST(TapeFaults, MonitorSwitchThatSticks) {
    TapeRig input(rig::ideal(), {fault("monitor_input")});
    input.path.select_monitor(Monitor::Repro);
    input.programme = rig::sine(1000.0, -14.0);
    ASSERT_TRUE(input.start());
    input.run(0.3);
    EXPECT_NEAR(fault_tone_db(input, 0, 1000.0, 0.1), -14.0, 0.05);
    TapeRig sync(rig::ideal(), {fault("monitor_sync")});
    sync.path.select_monitor(Monitor::Input);
    printed(sync, 0.5, rig::sine(1000.0, -14.0));
    EXPECT_NEAR(fault_tone_db(sync, 0, 1000.0, 0.1), -28.0, 1.0);
}

TEST(TapeFaults, WithoutBiasHardlyAnythingIsRecordedAndThatIsDistorted) {
    TapeRig deck(rig::ideal(), {fault("no_record_bias")});
    printed(deck, 1.0, rig::sine(1000.0, -14.0));
    EXPECT_LT(fault_tone_db(deck, 0, 1000.0), -34.0);
    EXPECT_GT(fault_tone_db(deck, 0, 3000.0), fault_tone_db(deck, 0, 1000.0) - 15.0);
}

TEST(TapeFaults, OldProgrammeGoesOnPlaying) {
    TapeRig deck(rig::ideal(), {fault("old_programme_playing")});
    printed(deck, 1.0, rig::sine(2345.0, -14.0));
    EXPECT_NEAR(fault_tone_db(deck, 0, 1000.0), -14.0, 0.5); // the old tone
    EXPECT_LT(fault_tone_db(deck, 0, 2345.0), -70.0);
    deck.place_m = 20.0;
    deck.run(3.0);
    const double music = rig::db(rig::rms(deck.last(0, 2.0)));
    EXPECT_GT(music, -30.0);
    EXPECT_LT(music, -10.0);
    EXPECT_LT(fault_tone_db(deck, 0, 2345.0), -60.0);
}

TEST(TapeFaults, WiringFaults) {
    const auto left_only = [](std::int64_t frame, std::size_t channel) {
        return channel == 0 ? rig::sine(1000.0, -14.0)(frame, 0) : rig::sine(700.0, -14.0)(frame, 1);
    };
    TapeRig swapped(rig::ideal(), {fault("swapped_channels")});
    printed(swapped, 1.0, left_only);
    EXPECT_NEAR(fault_tone_db(swapped, 1, 1000.0), -14.0, 0.1);
    EXPECT_NEAR(fault_tone_db(swapped, 0, 700.0), -14.0, 0.1);
    EXPECT_LT(fault_tone_db(swapped, 0, 1000.0), -70.0);

    TapeRig turned(rig::ideal(), {fault("polarity:channel=right")});
    printed(turned, 1.0, rig::sine(1000.0, -14.0));
    const double angle = std::arg(rig::tone(turned.last(1, 0.4), 1000.0, kFaultRate) /
                                  rig::tone(turned.last(0, 0.4), 1000.0, kFaultRate));
    EXPECT_NEAR(std::abs(angle), std::numbers::pi, 0.02);

    TapeRig missing(rig::ideal(), {fault("missing_channel:channel=left")});
    printed(missing, 1.0, rig::sine(1000.0, -14.0));
    EXPECT_LT(fault_tone_db(missing, 0, 1000.0), -70.0);
    EXPECT_NEAR(fault_tone_db(missing, 1, 1000.0), -14.0, 0.05);
}

TEST(TapeFaults, DroopFromItsMomentOnAndAboveItsFrequency) {
    TapeRig all(rig::ideal(), {fault("droop:programme_s=0.8,db=0.5,channel=right")});
    all.path.programme_starts(0.2);
    all.programme = rig::sine(1000.0, -20.0);
    all.start();
    all.recording = true;
    all.run(1.0);
    const double before = fault_tone_db(all, 1, 1000.0);
    all.run(1.0);
    EXPECT_NEAR(fault_tone_db(all, 1, 1000.0) - before, -0.5, 0.03);
    EXPECT_NEAR(fault_tone_db(all, 0, 1000.0) - before, 0.0, 0.03);

    TapeRig shelf(rig::ideal(), {fault("droop:programme_s=0.8,db=1,above_hz=3000")});
    shelf.path.programme_starts(0.2);
    shelf.programme = two_tones();
    shelf.start();
    shelf.recording = true;
    shelf.run(1.0);
    const double low = fault_tone_db(shelf, 0, 1000.0);
    const double high = fault_tone_db(shelf, 0, 10000.0);
    shelf.run(1.0);
    EXPECT_NEAR(fault_tone_db(shelf, 0, 1000.0) - low, -0.1, 0.1);
    EXPECT_NEAR(fault_tone_db(shelf, 0, 10000.0) - high, -0.95, 0.1);
}

} // namespace overbias::deck_sim
