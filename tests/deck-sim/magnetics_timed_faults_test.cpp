// SPDX-License-Identifier: Apache-2.0
// Faults of the electronics and of the head that begin at a moment: what comes out before and after it.
#include "magnetics_rig.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <cstddef>
#include <gtest/gtest.h>
#include <numbers>
#include <span>
#include <string>

namespace overbias::deck_sim {

using rig::fault;
using rig::TapeRig;

namespace {

constexpr double kTimedRate = 48000.0;
// what is at the record head now is heard after the way to the reproduce head and through the capture converter
constexpr double kTimedDelay_s = 0.0351 / rig::kPlaySpeed_m_s + 30.7 / kTimedRate;

void timed_print(TapeRig& deck, double seconds, TapeRig::Programme programme) {
    deck.programme = std::move(programme);
    deck.start();
    deck.recording = true;
    deck.run(seconds);
}

std::span<const float> heard(const TapeRig& deck, std::size_t channel, double from_s, double length_s) {
    return std::span<const float>(deck.captured[channel])
        .subspan(static_cast<std::size_t>(from_s * kTimedRate), static_cast<std::size_t>(length_s * kTimedRate));
}

double heard_db(const TapeRig& deck, std::size_t channel, double from_s, double length_s, double hz = 1000.0) {
    return rig::db(std::abs(rig::tone(heard(deck, channel, from_s, length_s), hz, kTimedRate)));
}

/// First moment at which 4 ms of the tone are below (or above) half.
double heard_edge_s(const TapeRig& deck, std::size_t channel, double from_s, double to_s, bool falls) {
    for (double at = from_s; at < to_s; at += 0.0005) {
        const bool low = heard_db(deck, channel, at - 0.002, 0.004) < -26.0;
        if (low == falls) {
            return at;
        }
    }
    return -1.0;
}

} // namespace

TEST(LostRecord, LeavesAHoleOfItsLengthThatIsErased) {
    TapeRig deck(rig::ideal(), {fault("lost_record:programme_s=0.6,length_ms=500,channel=left")});
    deck.path.programme_starts(0.2);
    timed_print(deck, 2.0, rig::sine(1000.0, -20.0));
    EXPECT_NEAR(heard_edge_s(deck, 0, 0.6, 1.8, true), 0.8 + kTimedDelay_s, 0.003);
    EXPECT_NEAR(heard_edge_s(deck, 0, 1.1, 1.9, false), 1.3 + kTimedDelay_s, 0.003);
    EXPECT_LT(heard_db(deck, 0, 1.0, 0.3), -75.0);
    EXPECT_NEAR(heard_db(deck, 0, 1.5, 0.3), -20.0, 0.1);
    EXPECT_NEAR(heard_db(deck, 1, 1.0, 0.3), -20.0, 0.1) << "the other channel";
}

// Time between channels as phase, and sin X / X across a track of 2 mm whose gap leans by what 50 us are over 4 mm.
TEST(TiltedHead, DelaysTheRightChannelFromItsPlaceOnAndLosesTreble) {
    const auto tones = [](std::int64_t frame, std::size_t channel) {
        return rig::sine(1000.0, -26.0)(frame, channel) + rig::sine(8000.0, -36.0)(frame, channel);
    };
    TapeRig deck(rig::ideal(), {fault("azimuth:us=50,time_s=0.8")});
    timed_print(deck, 2.0, tones);
    const auto behind_us = [&](double from_s, double hz) {
        const auto turned = rig::tone(heard(deck, 1, from_s, 0.25), hz, kTimedRate) /
                            rig::tone(heard(deck, 0, from_s, 0.25), hz, kTimedRate);
        return -std::arg(turned) / (2.0 * std::numbers::pi * hz) * 1e6;
    };
    // nothing else leans: what the equalisers of two channels differ by is there before and after
    EXPECT_NEAR(behind_us(1.2, 1000.0) - behind_us(0.45, 1000.0), 50.0, 0.3);
    EXPECT_NEAR(behind_us(1.2, 8000.0) - behind_us(0.45, 8000.0), 50.0, 0.3);
    const double x = std::numbers::pi * 8000.0 / rig::kPlaySpeed_m_s * (2.0 / 4.0) * 50e-6 * rig::kPlaySpeed_m_s;
    EXPECT_NEAR(heard_db(deck, 0, 1.2, 0.25, 8000.0) - heard_db(deck, 0, 0.45, 0.25, 8000.0), rig::db(std::sin(x) / x),
                0.02);
}

TEST(NoisierTape, RisesByItsAmountFromItsMomentOn) {
    Settings settings = rig::ideal();
    settings.noise_a_weighted_db = -60.0;
    TapeRig deck(settings, {fault("hiss:db=9,time_s=1.2,channel=right")});
    timed_print(deck, 2.4, nullptr);
    const auto noise_db = [&](std::size_t channel, double from_s) {
        return rig::db(rig::rms(heard(deck, channel, from_s, 0.8)));
    };
    EXPECT_NEAR(noise_db(1, 1.4) - noise_db(1, 0.3), 9.0, 0.6); // the scatter of 0.8 s of noise
    EXPECT_NEAR(noise_db(0, 1.4) - noise_db(0, 0.3), 0.0, 0.6);
}

TEST(Hum, IsInTheOutputFromItsMomentOn) {
    TapeRig deck(rig::ideal(), {fault("hum:db=-40,hz=100,time_s=0.8,channel=left")});
    timed_print(deck, 1.6, nullptr);
    // -40 dB re operating level, which is -14 dBFS
    EXPECT_NEAR(heard_db(deck, 0, 0.9, 0.5, 100.0), -54.0, 0.05);
    EXPECT_LT(heard_db(deck, 0, 0.2, 0.5, 100.0), -90.0);
    EXPECT_LT(heard_db(deck, 1, 0.9, 0.5, 100.0), -90.0);
}

TEST(MonitorSwitch, SticksFromItsMomentOn) {
    TapeRig deck(rig::ideal(), {fault("monitor_input:programme_s=0.5")});
    deck.path.programme_starts(0.5);
    // a tone that begins at 1.05 s: through the input it is heard at once, off tape it comes 92 ms later
    timed_print(deck, 2.0, [](std::int64_t frame, std::size_t channel) {
        const bool on = frame < 19200 || frame > 50400;
        return on ? rig::sine(1000.0, -20.0)(frame, channel) : 0.0;
    });
    const double ends_s = heard_edge_s(deck, 0, 0.3, 0.9, true);
    const double begins_s = heard_edge_s(deck, 0, 0.95, 1.5, false);
    // the queue's length and the converters are the same for both
    EXPECT_NEAR(begins_s - ends_s, (50400.0 - 19200.0) / kTimedRate - 0.0351 / rig::kPlaySpeed_m_s, 0.003);
}

} // namespace overbias::deck_sim
