// SPDX-License-Identifier: Apache-2.0
// Tracks recorded apart, the line input's relays, the speed switch, print-through and crosstalk. The oracles are what
// was asked for and the geometry of a spiral.
#include "magnetics_rig.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <span>
#include <vector>

namespace overbias::deck_sim {

using rig::fault;
using rig::TapeRig;

namespace {

double level_db(const TapeRig& deck, std::size_t channel, double hz, double seconds = 0.4) {
    return rig::db(std::abs(rig::tone(deck.last(channel, seconds), hz, 48000.0)));
}

/// Plays on from a place.
void play_from(TapeRig& deck, double place_m, double seconds) {
    deck.recording = false;
    deck.place_m = place_m;
    deck.run(seconds);
}

} // namespace

TEST(Tracks, ASafeTrackKeepsWhatItCarries) {
    TapeRig deck(rig::ideal());
    deck.programme = rig::sine(1000.0, -24.0);
    deck.start();
    deck.recording = true;
    deck.run(3.0);
    deck.place_m = 12.0;
    deck.tracks = {true, false};
    deck.programme = rig::sine(2000.0, -24.0);
    deck.run(3.0);
    play_from(deck, 12.3, 2.0);
    EXPECT_NEAR(level_db(deck, 0, 2000.0), -24.0, 0.7);
    EXPECT_LT(level_db(deck, 0, 1000.0), -85.0) << "erased and recorded anew";
    EXPECT_NEAR(level_db(deck, 1, 1000.0), -24.0, 0.7);
    EXPECT_LT(level_db(deck, 1, 2000.0), -85.0);
}

TEST(Tracks, ASafeTrackIsHeardOffTheRecordHeadWhileTheOtherRecords) {
    TapeRig deck(rig::ideal());
    deck.programme = rig::sine(1000.0, -24.0);
    deck.start();
    deck.recording = true;
    deck.run(3.0);
    deck.place_m = 12.3;
    deck.tracks = {false, true};
    deck.path.select_monitor(Monitor::Sync);
    deck.programme = rig::sine(2000.0, -24.0);
    deck.run(1.5);
    EXPECT_NEAR(level_db(deck, 0, 1000.0), -24.0, 1.0);
    EXPECT_LT(level_db(deck, 0, 2000.0), -85.0);
    EXPECT_GT(level_db(deck, 1, 2000.0), -45.0) << "the leak of the input";
    EXPECT_LT(level_db(deck, 1, 1000.0), -85.0);
}

TEST(LineInput, CarriesWhatTheRelaysConnect) {
    TapeRig deck(rig::ideal());
    deck.programme = rig::sine(3000.0, -20.0);
    deck.start();
    deck.path.select_monitor(Monitor::Input);
    deck.run(1.0);
    EXPECT_NEAR(level_db(deck, 0, 3000.0), -20.0, 0.1);
    deck.path.select_input(InputFrom::Nothing);
    deck.run(1.0);
    EXPECT_LT(level_db(deck, 0, 3000.0), -100.0);
    deck.path.select_input(InputFrom::Oscillator);
    deck.run(1.0);
    EXPECT_NEAR(level_db(deck, 0, 1000.0), -14.0, 0.05) << "operating level";
    EXPECT_NEAR(level_db(deck, 1, 1000.0), -14.0, 0.05);
    EXPECT_LT(level_db(deck, 0, 3000.0), -100.0);
    deck.path.select_input(InputFrom::Playback);
    deck.run(1.0);
    EXPECT_NEAR(level_db(deck, 1, 3000.0), -20.0, 0.1);
}

TEST(SpeedSwitch, BringsTheAmplifiersOfThatSpeed) {
    Settings settings = rig::ideal();
    settings.speeds_ips = {7.5, 15.0};
    TapeRig deck(settings);
    deck.programme = rig::sine(5000.0, -34.0);
    deck.start();
    deck.recording = true;
    deck.run(3.0);
    EXPECT_NEAR(level_db(deck, 0, 5000.0), -34.0, 0.5);
    // replayed at the same speed through the equaliser of 7.5 ips: 70 us in place of 35 us, each re 1 kHz
    const auto flux = [](double hz, double time_s) { return std::hypot(1.0, 2.0 * std::numbers::pi * hz * time_s); };
    const double more_db =
        rig::db(flux(5000.0, 70e-6) / flux(1000.0, 70e-6)) - rig::db(flux(5000.0, 35e-6) / flux(1000.0, 35e-6));
    deck.path.select_speed(7.5);
    play_from(deck, 12.2, 2.0);
    EXPECT_NEAR(level_db(deck, 0, 5000.0), -34.0 + more_db, 0.6);
    deck.path.select_speed(15.0);
    play_from(deck, 12.2, 2.0);
    EXPECT_NEAR(level_db(deck, 0, 5000.0), -34.0, 0.5);
    deck.path.select_speed(7.5);
    deck.speed_m_s = 0.5 * rig::kPlaySpeed_m_s;
    deck.place_m = 30.0;
    deck.recording = true;
    deck.run(3.0);
    EXPECT_NEAR(level_db(deck, 0, 5000.0), -34.0, 0.5) << "aligned at that speed too";
}

TEST(CrosstalkFault, ReadsTheOtherChannelAtItsLevel) {
    TapeRig deck(rig::ideal(), {fault("crosstalk:db=-30")});
    const auto both = rig::sine(1000.0, -14.0);
    deck.programme = [&](std::int64_t frame, std::size_t channel) { return channel == 0 ? both(frame, 0) : 0.0; };
    deck.start();
    deck.recording = true;
    deck.run(2.0);
    EXPECT_NEAR(level_db(deck, 1, 1000.0) - level_db(deck, 0, 1000.0), -30.0, 0.2);
}

TEST(PrintThroughFault, EchoesOneTurnOfThePackBeforeAndAfter) {
    for (const double place_m : {12.0, 500.0}) {
        TapeRig deck(rig::ideal(), {fault("print_through:db=-40")});
        deck.place_m = place_m;
        const auto tone = rig::sine(1000.0, -14.0);
        constexpr std::int64_t kFrom = 48000 * 3, kTo = kFrom + 4800; // a tenth of a second, 3 s after the start
        deck.programme = [&](std::int64_t frame, std::size_t) {
            return frame >= kFrom && frame < kTo ? tone(frame, 0) : 0.0;
        };
        deck.start();
        deck.recording = true;
        deck.run(6.0);
        const std::size_t replay = deck.captured[0].size();
        play_from(deck, place_m, 6.0);
        const std::span<const float> heard = std::span(deck.captured[0]).subspan(replay);
        const auto at_db = [&](double at_s) { // over 80 ms about that moment
            const auto first = static_cast<std::size_t>((at_s - 0.04) * 48000.0);
            return rig::db(std::abs(rig::tone(heard.subspan(first, 3840), 1000.0, 48000.0)));
        };
        // at the record head 3.05 s + way through the converters after the start; at the reproduce head a gap later
        const double direct_s = 3.05 + 61.37 / 48000.0 + 0.0351 / rig::kPlaySpeed_m_s;
        ASSERT_NEAR(at_db(direct_s), -14.0, 1.0);
        const double burst_m = place_m + 3.05 * rig::kPlaySpeed_m_s;
        const double radius_m = std::sqrt(0.05715 * 0.05715 + burst_m * 54.1e-6 / std::numbers::pi);
        const double turn_s = 2.0 * std::numbers::pi * radius_m / rig::kPlaySpeed_m_s;
        EXPECT_NEAR(at_db(direct_s - turn_s) - at_db(direct_s), -40.0, 0.6) << place_m;
        EXPECT_NEAR(at_db(direct_s + turn_s) - at_db(direct_s), -40.0, 0.6) << place_m;
        EXPECT_LT(at_db(direct_s - 0.7 * turn_s), -85.0);
        EXPECT_LT(at_db(direct_s + 0.7 * turn_s), -85.0);
    }
}

// k t e^(1 - k t), t = 54.1 um: greatest at 340 um (1.12 kHz at 15 ips); said at 1 kHz.
TEST(PrintThroughFault, IsStrongestNearOneKilohertz) {
    TapeRig deck(rig::ideal(), {fault("print_through:db=-40")});
    const std::vector<double> tones{300.0, 1000.0, 4000.0};
    constexpr std::int64_t kFrom = 48000 * 2, kTo = kFrom + 9600;
    deck.programme = [&](std::int64_t frame, std::size_t channel) {
        double sum = 0.0;
        for (const double hz : tones) {
            sum += frame >= kFrom && frame < kTo ? rig::sine(hz, -24.0)(frame, channel) : 0.0;
        }
        return sum;
    };
    deck.start();
    deck.recording = true;
    deck.run(4.0);
    const std::size_t replay = deck.captured[0].size();
    play_from(deck, 12.0, 4.0);
    const std::span<const float> heard = std::span(deck.captured[0]).subspan(replay);
    const double direct_s = 2.1 + 61.37 / 48000.0 + 0.0351 / rig::kPlaySpeed_m_s;
    const double burst_m = 12.0 + 2.1 * rig::kPlaySpeed_m_s;
    const double radius_m = std::sqrt(0.05715 * 0.05715 + burst_m * 54.1e-6 / std::numbers::pi);
    const double turn_s = 2.0 * std::numbers::pi * radius_m / rig::kPlaySpeed_m_s;
    const auto at_db = [&](double at_s, double hz) {
        return rig::db(
            std::abs(rig::tone(heard.subspan(static_cast<std::size_t>((at_s - 0.08) * 48000.0), 7680), hz, 48000.0)));
    };
    const auto printed = [](double hz) {
        const double kt = 2.0 * std::numbers::pi * hz / rig::kPlaySpeed_m_s * 54.1e-6;
        return kt * std::exp(1.0 - kt);
    };
    for (const double hz : tones) {
        // the turns grow by t / r of the travel, so an echo in advance is that much higher in pitch
        const double echo_hz = hz * (1.0 + 54.1e-6 / radius_m);
        EXPECT_NEAR(at_db(direct_s - turn_s, echo_hz) - at_db(direct_s, hz),
                    -40.0 + rig::db(printed(hz) / printed(1000.0)), 0.8)
            << hz;
    }
}

} // namespace overbias::deck_sim
