// SPDX-License-Identifier: Apache-2.0
// What the screws do to the signal, against closed forms written down here.
#include "magnetics_rig.hpp"
#include "tests/support/allocation_count.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

namespace overbias::deck_sim {

using rig::TapeRig;

namespace {

constexpr double kScrewRate = 48000.0;
constexpr double kTwoPiScrew = 2.0 * std::numbers::pi;

/// Several tones at once, each 42 dB below full scale.
TapeRig::Programme screw_tones(std::vector<double> tones) {
    return [tones = std::move(tones)](std::int64_t frame, std::size_t) {
        double sum = 0.0;
        for (const double hz : tones) {
            sum += 0.008 * std::sin(kTwoPiScrew * std::fmod(hz * static_cast<double>(frame) / kScrewRate, 1.0) + hz);
        }
        return sum;
    };
}

std::complex<double> screw_tone(const TapeRig& deck, std::size_t channel, double hz) {
    return rig::tone(deck.last(channel, 0.8), hz, kScrewRate);
}

/// Change in dB of each tone on each channel when the screws go from rest to `turned`.
std::vector<std::array<double, 2>> change_db(const std::vector<double>& tones, const Screws& turned) {
    TapeRig deck(rig::ideal());
    deck.programme = screw_tones(tones);
    EXPECT_TRUE(deck.start());
    deck.recording = true;
    deck.run(1.2);
    std::vector<std::array<double, 2>> before;
    for (const double hz : tones) {
        before.push_back({rig::db(std::abs(screw_tone(deck, 0, hz))), rig::db(std::abs(screw_tone(deck, 1, hz)))});
    }
    deck.path.turn(turned);
    deck.run(1.2);
    for (std::size_t i = 0; i < tones.size(); ++i) {
        for (const std::size_t c : {0U, 1U}) {
            before[i][c] = rig::db(std::abs(screw_tone(deck, c, tones[i]))) - before[i][c];
        }
    }
    return before;
}

Screws at_rest() {
    return initial_screws(rig::ideal());
}

} // namespace

TEST(Screws, LevelsAreTheirDecibelsOnTheirTrack) {
    Screws screws = at_rest();
    screws.tracks[0].reproduce_level_db = 2.5;
    screws.tracks[1].record_level_db = -1.7;
    for (const auto& change : change_db({400.0, 1000.0, 8000.0}, screws)) {
        EXPECT_NEAR(change[0], 2.5, 0.01);
        EXPECT_NEAR(change[1], -1.7, 0.01);
    }
}

TEST(Screws, ReproduceHighIsAnotherTimeConstant) {
    Screws screws = at_rest();
    screws.tracks[0].reproduce_high_db = 3.0;
    screws.tracks[1].reproduce_high_db = -4.0;
    const std::vector<double> tones{100.0, 1000.0, 4000.0, 10000.0, 15000.0};
    const auto change = change_db(tones, screws);
    for (std::size_t i = 0; i < tones.size(); ++i) {
        const double x = kTwoPiScrew * tones[i] * 35e-6;
        for (const std::size_t c : {0U, 1U}) {
            const double longer = std::pow(10.0, (c == 0 ? 3.0 : -4.0) / 20.0);
            const double wanted = 10.0 * std::log10((1.0 + x * x * longer * longer) / (1.0 + x * x));
            EXPECT_NEAR(change[i][c], wanted, 0.03) << tones[i];
        }
    }
}

TEST(Screws, RecordHighIsAShelfAboveEightKilohertz) {
    Screws screws = at_rest();
    screws.tracks[0].record_high_db = 3.0;
    screws.tracks[1].record_high_db = -4.0;
    const std::vector<double> tones{100.0, 1000.0, 4000.0, 10000.0, 15000.0};
    const auto change = change_db(tones, screws);
    for (std::size_t i = 0; i < tones.size(); ++i) {
        const double x = kTwoPiScrew * tones[i] * 20e-6;
        for (const std::size_t c : {0U, 1U}) {
            const double longer = std::pow(10.0, (c == 0 ? 3.0 : -4.0) / 20.0);
            const double wanted = 10.0 * std::log10((1.0 + x * x * longer * longer) / (1.0 + x * x));
            EXPECT_NEAR(change[i][c], wanted, 0.03) << tones[i];
        }
    }
}

TEST(Screws, LowOnesAreShelves) {
    Screws screws = at_rest();
    screws.tracks[0].reproduce_low_db = 4.0;
    screws.tracks[1].record_low_db = -3.0;
    const std::vector<double> tones{30.0, 60.0, 100.0, 250.0, 1000.0};
    const auto change = change_db(tones, screws);
    for (std::size_t i = 0; i < tones.size(); ++i) {
        const auto shelf = [&](double corner_hz, double db) {
            const double low = corner_hz * std::pow(10.0, db / 20.0);
            return 10.0 * std::log10((tones[i] * tones[i] + low * low) / (tones[i] * tones[i] + corner_hz * corner_hz));
        };
        EXPECT_NEAR(change[i][0], shelf(100.0, 4.0), 0.03) << tones[i];
        EXPECT_NEAR(change[i][1], shelf(60.0, -3.0), 0.03) << tones[i];
    }
}

// A click is energy far above the tone: the second difference of 300 Hz is small, and stays so.
TEST(Screws, TurnWithoutAClickAndWithinABlock) {
    for (const bool record_side : {false, true}) {
        Settings settings = rig::ideal();
        TapeRig deck(settings);
        deck.programme = rig::sine(300.0, -20.0);
        ASSERT_TRUE(deck.start());
        deck.recording = true;
        deck.run(0.5);
        Screws screws = deck.path.screws();
        for (TrackScrews& track : screws.tracks) {
            (record_side ? track.record_level_db : track.reproduce_level_db) = 1.0;
            (record_side ? track.record_high_db : track.reproduce_high_db) = 2.0;
            (record_side ? track.record_low_db : track.reproduce_low_db) = 1.0;
            track.bias_ma *= record_side ? 0.9 : 1.0;
        }
        const std::size_t turned_at = deck.captured[0].size();
        deck.path.turn(screws);
        deck.run(0.5);
        const std::vector<float>& got = deck.captured[0];
        const auto roughest = [&](std::size_t from, std::size_t to) {
            double most = 0.0;
            for (std::size_t i = from; i < to; ++i) {
                most = std::max(most, std::abs(static_cast<double>(got[i + 1] - 2.0F * got[i] + got[i - 1])));
            }
            return most;
        };
        const double before = roughest(turned_at - 8000, turned_at);
        EXPECT_LT(roughest(turned_at, turned_at + 12000), 2.5 * before);
        if (!record_side) { // heard at once
            const double quiet = rig::db(rig::rms(std::span(got).subspan(turned_at - 1600, 1600)));
            EXPECT_NEAR(rig::db(rig::rms(std::span(got).subspan(turned_at + 160, 1600))) - quiet, 1.1, 0.15);
        }
    }
}

TEST(Screws, TurningThemAndADriftingBiasAllocateNothing) {
    TapeRig deck(Settings{}, {rig::fault("bias_drift:time_s=0.3,db=-1,over_s=0.5")});
    deck.attended = false;
    ASSERT_TRUE(deck.start());
    deck.recording = true;
    deck.run(0.2);
    const test_support::AllocationCount allocations;
    for (int i = 0; i < 20; ++i) {
        Screws screws = deck.path.screws();
        screws.tracks[0].record_high_db += 0.1;
        screws.tracks[1].reproduce_high_db -= 0.1;
        screws.tracks[1].bias_ma *= 1.01;
        screws.record_azimuth_rad += 1e-3;
        deck.path.turn(screws);
        deck.run(0.05);
    }
    EXPECT_EQ(allocations.so_far(), 0U);
    EXPECT_TRUE(test_support::AllocationCount::works());
}

// Between tracks d apart, at a speed v: phase 360 f d tan(theta) / v. What one head leans, the other takes back.
TEST(ScrewsOfAzimuth, PhaseIsTheDifferenceOfTheTwoHeads) {
    struct Case {
        double record_rad, reproduce_rad;
    };
    const std::vector<double> tones{1000.0, 8000.0, 16000.0};
    TapeRig straight(rig::ideal());
    straight.programme = screw_tones(tones);
    ASSERT_TRUE(straight.start());
    straight.recording = true;
    straight.run(1.2);
    for (const Case& one : {Case{0.0, 7e-3}, Case{7e-3, 0.0}, Case{-3e-3, 2e-3}, Case{4e-3, 4e-3}}) {
        TapeRig deck(rig::ideal());
        Screws screws = deck.path.screws();
        screws.record_azimuth_rad = one.record_rad;
        screws.reproduce_azimuth_rad = one.reproduce_rad;
        deck.path.turn(screws);
        deck.programme = screw_tones(tones);
        ASSERT_TRUE(deck.start());
        deck.recording = true;
        deck.run(1.2);
        for (const double hz : tones) {
            const std::complex<double> turned = screw_tone(deck, 1, hz) / screw_tone(deck, 0, hz) /
                                                (screw_tone(straight, 1, hz) / screw_tone(straight, 0, hz));
            const double lean = std::tan(one.reproduce_rad) - std::tan(one.record_rad);
            const double wanted_rad = kTwoPiScrew * hz * 4e-3 * lean / rig::kPlaySpeed_m_s;
            EXPECT_NEAR(std::remainder(std::arg(turned) - wanted_rad, kTwoPiScrew) * 180.0 / std::numbers::pi, 0.0, 0.5)
                << hz << " Hz, " << one.record_rad << ", " << one.reproduce_rad;
        }
    }
}

// Facts of one track, 15 kHz at 15 ips: 2 mm lose 0.19 dB at 5', 0.76 at 10'; 2.775 mm 0.36 and 1.49.
TEST(ScrewsOfAzimuth, ATrackLosesAsItsWidthSays) {
    struct Case {
        double width_m, minutes, loss_db;
    };
    for (const bool record_head : {false, true}) {
        for (const Case& one :
             {Case{2e-3, 5, 0.19}, Case{2e-3, 10, 0.76}, Case{2.775e-3, 5, 0.36}, Case{2.775e-3, 10, 1.49}}) {
            Settings settings = rig::ideal();
            settings.track_width_m = one.width_m;
            TapeRig deck(settings);
            deck.programme = screw_tones({15000.0});
            ASSERT_TRUE(deck.start());
            deck.recording = true;
            deck.run(1.2);
            const double before = rig::db(std::abs(screw_tone(deck, 0, 15000.0)));
            Screws screws = deck.path.screws();
            (record_head ? screws.record_azimuth_rad : screws.reproduce_azimuth_rad) =
                one.minutes / 60.0 / 180.0 * std::numbers::pi;
            deck.path.turn(screws);
            deck.run(1.2);
            EXPECT_NEAR(before - rig::db(std::abs(screw_tone(deck, 0, 15000.0))), one.loss_db, 0.02)
                << one.width_m << " " << one.minutes;
        }
    }
}

TEST(ScrewsOfAzimuth, BeyondAWholeTurnTheLossIsSinXOverX) {
    TapeRig deck(rig::ideal());
    const std::vector<double> tones{8000.0, 16000.0};
    deck.programme = screw_tones(tones);
    ASSERT_TRUE(deck.start());
    deck.recording = true;
    deck.run(1.2);
    const double before[] = {std::abs(screw_tone(deck, 1, 8000.0)), std::abs(screw_tone(deck, 1, 16000.0))};
    Screws screws = deck.path.screws();
    screws.reproduce_azimuth_rad = -9e-3; // 544 degrees at 16 kHz
    deck.path.turn(screws);
    deck.run(1.2);
    for (std::size_t i = 0; i < 2; ++i) {
        const double x = std::numbers::pi * 2e-3 * 9e-3 * tones[i] / rig::kPlaySpeed_m_s;
        EXPECT_NEAR(rig::db(std::abs(screw_tone(deck, 1, tones[i])) / before[i]), rig::db(std::sin(x) / x), 0.1)
            << tones[i];
    }
    // its own record is read without loss by the record head
    deck.path.select_monitor(Monitor::Sync);
    screws.record_azimuth_rad = 5e-3;
    deck.path.turn(screws);
    const double from_m = deck.place_m;
    deck.run(1.5);
    deck.recording = false;
    deck.place_m = from_m + 0.05;
    deck.run(1.2);
    const double phase = std::arg(screw_tone(deck, 1, 8000.0) / screw_tone(deck, 0, 8000.0));
    EXPECT_NEAR(phase * 180.0 / std::numbers::pi, 0.0, 4.0); // the channels' equalisers differ by a degree or two
}

TEST(ScrewsOfEqualisation, TheSwitchesDifferByTheTableOfMrl) {
    // a 15 ips IEC1 recording reproduced as NAB: the table of a NAB tape on an IEC1 machine, upside down
    const std::vector<double> tones{126, 250, 500, 1000, 2000, 4000, 8000};
    const double nab_on_iec[] = {0.83, 0.35, 0.18, 0, -0.48, -1.43, -2.33};
    TapeRig deck(rig::ideal());
    deck.programme = screw_tones(tones);
    ASSERT_TRUE(deck.start());
    deck.recording = true;
    deck.run(1.2);
    std::vector<double> before;
    for (const double hz : tones) {
        before.push_back(rig::db(std::abs(screw_tone(deck, 0, hz))));
    }
    ASSERT_TRUE(deck.path.select_equalisation(Equalisation::Iec1, Equalisation::Nab));
    deck.run(1.2);
    for (std::size_t i = 0; i < tones.size(); ++i) {
        EXPECT_NEAR(rig::db(std::abs(screw_tone(deck, 0, tones[i]))) - before[i], -nab_on_iec[i], 0.15) << tones[i];
    }
    ASSERT_TRUE(deck.path.select_equalisation(Equalisation::Nab, Equalisation::Nab));
    deck.run(1.2);
    for (std::size_t i = 0; i < tones.size(); ++i) {
        EXPECT_NEAR(rig::db(std::abs(screw_tone(deck, 0, tones[i]))) - before[i], 0.0, 0.2) << tones[i];
    }
    const auto refused = deck.path.select_equalisation(Equalisation::Aes, Equalisation::Aes);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message.find("AES"), std::string::npos);
}

TEST(ScrewsOfEqualisation, ScrewsStayTurnedWhenSpeedOrSwitchChange) {
    Settings settings = rig::ideal();
    settings.speeds_ips = {7.5, 15.0};
    TapeRig deck(settings);
    Screws screws = deck.path.screws();
    screws.tracks[0].reproduce_level_db = 2.0;
    screws.tracks[0].record_level_db = 1.0;
    deck.path.turn(screws);
    deck.path.select_speed(7.5);
    deck.speed_m_s = 0.1905;
    deck.programme = screw_tones({1000.0});
    ASSERT_TRUE(deck.start());
    deck.recording = true;
    deck.run(1.4);
    EXPECT_NEAR(rig::db(std::abs(screw_tone(deck, 0, 1000.0) / screw_tone(deck, 1, 1000.0))), 3.0, 0.01);
    EXPECT_NEAR(rig::db(std::abs(screw_tone(deck, 1, 1000.0)) / 0.008), 0.0, 0.1);
}

TEST(Screws, AMisalignedDeckIsOffByItsSeedAndOtherwiseNot) {
    Settings settings;
    EXPECT_EQ(initial_screws(settings).tracks[0].record_level_db, 0.0);
    EXPECT_NEAR(initial_screws(settings).tracks[0].bias_ma, 5.0 * std::pow(10.0, 3.0 / 20.0), 1e-9);
    settings.misaligned = 7;
    const Screws one = initial_screws(settings);
    EXPECT_EQ(one, initial_screws(settings));
    settings.misaligned = 8;
    EXPECT_NE(one, initial_screws(settings));
    double widest = 0.0;
    for (settings.misaligned = 1; settings.misaligned <= 50; ++settings.misaligned) {
        const Screws off = initial_screws(settings);
        widest = std::max(widest, std::abs(off.tracks[1].reproduce_level_db));
        EXPECT_LE(std::abs(off.record_azimuth_rad), 3e-3);
    }
    EXPECT_GT(widest, 2.5);
    EXPECT_LE(widest, 3.0);
}

} // namespace overbias::deck_sim
