// SPDX-License-Identifier: Apache-2.0
// The whole way through converter, tape and back, against closed forms.
#include "magnetics_rig.hpp"

#include <gtest/gtest.h>

namespace overbias::deck_sim {

using rig::TapeRig;

namespace {

constexpr double kRate = 48000.0;

/// Records for `seconds` what the programme gives.
void print(TapeRig& deck, double seconds) {
    deck.recording = true;
    deck.run(seconds);
}

double level_db(const TapeRig& deck, std::size_t channel, double hz, double seconds = 0.4) {
    return rig::db(std::abs(rig::tone(deck.last(channel, seconds), hz, kRate)));
}

} // namespace

TEST(TapePathLevels, OperatingLevelComesBackAtOperatingLevel) {
    TapeRig deck(rig::ideal());
    deck.programme = rig::sine(1000.0, -14.0);
    ASSERT_TRUE(deck.start());
    print(deck, 1.0);
    EXPECT_NEAR(level_db(deck, 0, 1000.0), -14.0, 0.02);
    EXPECT_NEAR(level_db(deck, 1, 1000.0), -14.0, 0.02);
}

TEST(TapePathLevels, GainErrorsAddUpChannelByChannel) {
    Settings settings = rig::ideal();
    settings.record_gain_error_db = {0.2, -0.25};
    settings.reproduce_gain_error_db = {-0.15, 0.3};
    settings.capture_dbfs_at_operating_level = -18.0;
    TapeRig deck(settings);
    deck.programme = rig::sine(1000.0, -14.0);
    ASSERT_TRUE(deck.start());
    print(deck, 1.0);
    EXPECT_NEAR(level_db(deck, 0, 1000.0), -18.0 + 0.05, 0.02);
    EXPECT_NEAR(level_db(deck, 1, 1000.0), -18.0 + 0.05, 0.02);
}

TEST(TapePathLevels, ResponseIsFlatWithinHalfADecibel) {
    for (const Equalisation equalisation : {Equalisation::Iec1, Equalisation::Nab}) {
        Settings settings = rig::ideal();
        settings.equalisation = equalisation;
        TapeRig deck(settings);
        const std::vector<double> tones{50, 62, 82, 100, 200, 400, 1000, 2000, 4000, 6300, 8000, 10000, 12500, 15000};
        deck.programme = [&](std::int64_t frame, std::size_t) {
            double sum = 0.0;
            for (const double hz : tones) {
                sum += 0.006 *
                       std::sin(2.0 * std::numbers::pi * std::fmod(hz * static_cast<double>(frame) / kRate, 1.0) + hz);
            }
            return sum;
        };
        ASSERT_TRUE(deck.start());
        print(deck, 1.6);
        for (const double hz : tones) {
            for (const std::size_t channel : {0U, 1U}) {
                EXPECT_NEAR(level_db(deck, channel, hz, 1.0) - rig::db(0.006), 0.0, 0.5) << hz;
            }
        }
        // and there is a head bump
        EXPECT_GT(level_db(deck, 0, 62, 1.0) - level_db(deck, 0, 400, 1.0), 0.25);
    }
}

TEST(TapePathLevels, OtherSpeedsAndRatesAreAlignedToo) {
    struct Case {
        Equalisation equalisation;
        double ips, rate_hz, highest_hz;
    };
    for (const Case& one : {Case{Equalisation::Aes, 30, 48000, 16000}, Case{Equalisation::Nab, 7.5, 48000, 8000},
                            Case{Equalisation::Iec1, 15, 44100, 15000}, Case{Equalisation::Iec1, 15, 96000, 16000}}) {
        Settings settings = rig::ideal();
        settings.equalisation = one.equalisation;
        settings.play_speed_ips = one.ips;
        settings.sample_rate_hz = one.rate_hz;
        TapeRig deck(settings);
        deck.speed_m_s = one.ips * 0.0254;
        const double tones[] = {100.0, 1000.0, 4000.0, one.highest_hz};
        deck.programme = [&](std::int64_t frame, std::size_t) {
            double sum = 0.0;
            for (const double hz : tones) {
                sum += 0.008 *
                       std::sin(2.0 * std::numbers::pi * std::fmod(hz * static_cast<double>(frame) / one.rate_hz, 1.0));
            }
            return sum;
        };
        ASSERT_TRUE(deck.start());
        print(deck, 1.2);
        for (const double hz : tones) {
            EXPECT_NEAR(rig::db(std::abs(rig::tone(deck.last(0, 0.4), hz, one.rate_hz)) / 0.008), 0.0, 0.6)
                << hz << " Hz at " << one.ips << " ips, " << one.rate_hz;
        }
    }
}

TEST(TapePathLevels, ThirdHarmonicIsThreePercentAtMol) {
    Settings settings = rig::ideal();
    settings.play_dbfs_at_operating_level = settings.capture_dbfs_at_operating_level = -20.0;
    TapeRig deck(settings);
    // what must go in so that +10 comes out: the first harmonic is compressed by 1 - A^2/4
    double in_db = 10.0;
    for (int i = 0; i < 3; ++i) {
        deck.programme = rig::sine(1000.0, in_db - 20.0);
        if (i == 0) {
            ASSERT_TRUE(deck.start());
            deck.recording = true;
        }
        deck.run(0.8);
        in_db += -10.0 - level_db(deck, 0, 1000.0);
    }
    deck.programme = rig::sine(1000.0, in_db - 20.0);
    deck.run(0.8);
    EXPECT_NEAR(level_db(deck, 0, 1000.0), -10.0, 0.1);
    const double ratio =
        std::abs(rig::tone(deck.last(0, 0.4), 3000.0, kRate) / rig::tone(deck.last(0, 0.4), 1000.0, kRate));
    EXPECT_NEAR(ratio, 0.03, 0.002);
    // at operating level it is far lower
    deck.programme = rig::sine(1000.0, -20.0);
    deck.run(0.8);
    EXPECT_LT(std::abs(rig::tone(deck.last(0, 0.4), 3000.0, kRate) / rig::tone(deck.last(0, 0.4), 1000.0, kRate)),
              0.005);
}

TEST(TapePathLevels, TenKilohertzSaturatesNearTwoDecibels) {
    Settings settings = rig::ideal();
    settings.play_dbfs_at_operating_level = settings.capture_dbfs_at_operating_level = -22.0;
    TapeRig deck(settings);
    double best = -100.0;
    ASSERT_TRUE(deck.start());
    deck.recording = true;
    for (double in_db = -4.0; in_db <= 20.0; in_db += 4.0) {
        deck.programme = rig::sine(10000.0, in_db - 22.0);
        deck.run(0.5);
        best = std::max(best, level_db(deck, 0, 10000.0, 0.2) + 22.0);
    }
    EXPECT_NEAR(best, 2.0, 1.0);
}

TEST(TapePathLevels, MoreBiasLowersTheTop) {
    Settings settings = rig::ideal();
    settings.bias_db_over_peak = 5.0;
    TapeRig deck(settings);
    deck.programme = rig::sine(10000.0, -40.0);
    ASSERT_TRUE(deck.start());
    print(deck, 0.8);
    const double overbiased = level_db(deck, 0, 10000.0);
    TapeRig aligned(rig::ideal());
    aligned.programme = deck.programme;
    ASSERT_TRUE(aligned.start());
    print(aligned, 0.8);
    EXPECT_NEAR(overbiased - level_db(aligned, 0, 10000.0), -2.0, 0.1);
}

TEST(TapePathTime, DelayIsHeadDistanceOverSpeedPlusConverters) {
    Settings settings = rig::ideal();
    TapeRig deck(settings);
    const double hz = 1000.0;
    deck.programme = rig::sine(hz, -14.0);
    ASSERT_TRUE(deck.start());
    print(deck, 1.0);
    // delay modulo a period from the phase
    const auto got = deck.last(0, 0.4);
    const auto first = static_cast<double>(deck.captured[0].size() - got.size());
    const double phase = std::arg(rig::tone(got, hz, kRate)) + std::numbers::pi / 2.0; // of a sine, at `first`
    const double expected_s = 0.0351 / rig::kPlaySpeed_m_s + 61.37 / kRate;
    const double expected = 2.0 * std::numbers::pi * hz * (first / kRate - expected_s);
    EXPECT_NEAR(std::remainder(phase - expected, 2.0 * std::numbers::pi) / (2.0 * std::numbers::pi * hz) * 1e6, 0.0,
                4.0);
    // the same at 10 kHz: little phase distortion is left
    deck.programme = rig::sine(10000.0, -34.0);
    deck.run(0.8);
    const auto high = deck.last(0, 0.4);
    const auto high_first = static_cast<double>(deck.captured[0].size() - high.size());
    const double high_phase = std::arg(rig::tone(high, 10000.0, kRate)) + std::numbers::pi / 2.0;
    const double high_expected = 2.0 * std::numbers::pi * 10000.0 * (high_first / kRate - expected_s);
    EXPECT_NEAR(std::remainder(high_phase - high_expected, 2.0 * std::numbers::pi) * 180.0 / std::numbers::pi, 0.0,
                10.0);
}

TEST(TapePathTime, InputMonitorShowsTheRoundTripOfTheConvertersExactly) {
    for (const double round_trip : {61.37, 20.25, 300.6}) {
        Settings settings = rig::ideal();
        settings.round_trip_frames = round_trip;
        TapeRig deck(settings);
        deck.path.select_monitor(Monitor::Input);
        deck.programme = rig::sine(1000.0, -14.0);
        ASSERT_TRUE(deck.start());
        deck.run(1.0);
        const auto got = deck.last(0, 0.4);
        const auto first = static_cast<double>(deck.captured[0].size() - got.size());
        const double phase = std::arg(rig::tone(got, 1000.0, kRate)) + std::numbers::pi / 2.0;
        const double expected = 2.0 * std::numbers::pi * 1000.0 * (first - round_trip) / kRate;
        EXPECT_NEAR(std::remainder(phase - expected, 2.0 * std::numbers::pi) / (2.0 * std::numbers::pi) * 48.0, 0.0,
                    0.002)
            << round_trip << " (frames)";
        EXPECT_NEAR(level_db(deck, 0, 1000.0), -14.0, 0.01);
    }
}

TEST(TapePathTime, ClocksShiftThePitchByTheirDifference) {
    Settings settings = rig::ideal();
    settings.play_clock_ppm = 60.0;
    settings.capture_clock_ppm = -40.0;
    TapeRig deck(settings);
    deck.programme = rig::sine(10000.0, -34.0);
    ASSERT_TRUE(deck.start());
    print(deck, 2.5);
    // 100 ppm: 10001 Hz. Phase advance between two stretches one second apart.
    const auto all = deck.last(0, 2.0);
    const double turn =
        std::arg(rig::tone(all.last(24000), 10001.0, kRate)) - std::arg(rig::tone(all.first(24000), 10001.0, kRate));
    const double expected = 2.0 * std::numbers::pi * std::fmod(10001.0 * 1.5, 1.0);
    // over 1.5 s a ppm is 0.015 turns
    EXPECT_NEAR(std::remainder(turn + expected, 2.0 * std::numbers::pi) / (2.0 * std::numbers::pi) / 0.015, 0.0, 0.5);
    settings.shared_clock = true;
    TapeRig shared(settings);
    EXPECT_EQ(shared.path.pcm().capture().format().clock_domain, shared.path.pcm().playback().format().clock_domain);
}

TEST(TapePathTime, AzimuthIsATimeBetweenTheChannels) {
    Settings settings = rig::ideal();
    settings.azimuth_error_rad = 300e-6;
    TapeRig deck(settings);
    deck.programme = rig::sine(10000.0, -34.0);
    ASSERT_TRUE(deck.start());
    print(deck, 1.0);
    const double right_leads =
        std::arg(rig::tone(deck.last(1, 0.4), 10000.0, kRate) / rig::tone(deck.last(0, 0.4), 10000.0, kRate));
    // channels differ in their equalisers' residuals by a degree or two
    EXPECT_NEAR(right_leads * 180.0 / std::numbers::pi, 11.3, 4.0);
    TapeRig straight(rig::ideal());
    straight.programme = deck.programme;
    ASSERT_TRUE(straight.start());
    print(straight, 1.0);
    const double without =
        std::arg(rig::tone(straight.last(1, 0.4), 10000.0, kRate) / rig::tone(straight.last(0, 0.4), 10000.0, kRate));
    EXPECT_NEAR((right_leads - without) * 180.0 / std::numbers::pi, 11.34, 0.2);
}

TEST(TapePathTime, WeaveStaysInItsRangeAndMoves) {
    Settings settings = rig::ideal();
    settings.weave_peak_to_peak_rad = 600e-6;
    TapeRig deck(settings);
    deck.programme = rig::sine(10000.0, -34.0);
    ASSERT_TRUE(deck.start());
    deck.recording = true;
    deck.run(1.0);
    double least = 1e9;
    double most = -1e9;
    for (int i = 0; i < 200; ++i) {
        deck.run(0.1);
        const double degrees =
            std::arg(rig::tone(deck.last(1, 0.05), 10000.0, kRate) / rig::tone(deck.last(0, 0.05), 10000.0, kRate)) *
            180.0 / std::numbers::pi;
        least = std::min(least, degrees);
        most = std::max(most, degrees);
    }
    EXPECT_LT(most - least, 23.0); // 600 urad are 22.7 degrees
    EXPECT_GT(most - least, 12.0);
}

// Flutter of 0.1 % at 4 Hz turns the phase of 3150 Hz by 3.15 / 4 = 0.7875 rad at most. First sidebands against the
// carrier: J1 / J0.
TEST(TapePathTime, FlutterInReplayModulatesThePhaseByItsIntegral) {
    TapeRig deck(rig::ideal());
    deck.programme = rig::sine(3150.0, -24.0);
    const double from_m = deck.place_m;
    ASSERT_TRUE(deck.start());
    print(deck, 4.0);
    deck.recording = false;
    deck.place_m = from_m + 0.0351 + 0.01;
    deck.deviation = [](double t) { return 0.001 * std::cos(2.0 * std::numbers::pi * 4.0 * t); };
    deck.run(3.5);
    const double carrier = level_db(deck, 0, 3150.0, 3.0);
    EXPECT_NEAR(level_db(deck, 0, 3154.0, 3.0) - carrier, -7.38, 0.1); // J1(0.7875) / J0(0.7875) = 0.3640 / 0.8509
    EXPECT_NEAR(level_db(deck, 0, 3146.0, 3.0) - carrier, -7.38, 0.1);
}

// While it is printed the same flutter passes both heads 92 ms apart: 2 sin(pi 4 Hz 92.1 ms) = 1.832 of it is left.
TEST(TapePathTime, FlutterInPrintingIsACombOfTheHeadDistance) {
    TapeRig deck(rig::ideal());
    deck.programme = rig::sine(3150.0, -24.0);
    deck.deviation = [](double t) { return 0.001 * std::cos(2.0 * std::numbers::pi * 4.0 * t); };
    ASSERT_TRUE(deck.start());
    print(deck, 3.5);
    const double carrier = level_db(deck, 0, 3150.0, 3.0);
    EXPECT_NEAR(level_db(deck, 0, 3154.0, 3.0) - carrier, 0.09, 0.15); // J1(1.4424) / J0(1.4424) = 0.5488 / 0.5434
    // 10.856 Hz, a whole turn between the heads, is not heard at all
    deck.deviation = [](double t) { return 0.001 * std::cos(2.0 * std::numbers::pi * 0.381 / 0.0351 * t); };
    deck.run(3.5);
    EXPECT_LT(level_db(deck, 0, 3150.0 + 0.381 / 0.0351, 3.0) - level_db(deck, 0, 3150.0, 3.0), -45.0);
}

} // namespace overbias::deck_sim
