// SPDX-License-Identifier: Apache-2.0
// Bias as a current: the curves it makes off tape, and what goes wrong with it.
#include "magnetics_rig.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace overbias::deck_sim {

using rig::TapeRig;

namespace {

constexpr double kBiasRate = 48000.0;

double bias_tone_db(const TapeRig& deck, std::size_t channel, double hz, double seconds = 0.4) {
    return rig::db(std::abs(rig::tone(deck.last(channel, seconds), hz, kBiasRate)));
}

/// A deck that records, with a bias that is set in dB over the peak of each track.
struct BiasRig : TapeRig {
    explicit BiasRig(const Settings& given, std::vector<Fault> given_faults = {})
        : TapeRig(given, std::move(given_faults)) {
        EXPECT_TRUE(start());
        recording = true;
    }
    void set_bias(double over_peak_db) {
        Screws screws = path.screws();
        for (std::size_t c = 0; c < 2; ++c) {
            screws.tracks[c].bias_ma = settings.bias_peak_ma[c] * std::pow(10.0, over_peak_db / 20.0);
        }
        path.turn(screws);
        run(0.6);
    }
};

} // namespace

TEST(BiasCurve, TenKilohertzPeaksAtThePeakCurrentOfEachTrack) {
    Settings settings = rig::ideal();
    settings.bias_peak_ma = {4.1, 6.3};
    BiasRig deck(settings);
    deck.programme = rig::sine(10000.0, -34.0);
    deck.set_bias(0.0);
    const double top[] = {bias_tone_db(deck, 0, 10000.0), bias_tone_db(deck, 1, 10000.0)};
    struct Point {
        double bias_db, drop_db;
    };
    // under it bias^2 / 2, over it bias^2 / 3
    for (const Point& point : {Point{-3.0, 4.5}, Point{-1.0, 0.5}, Point{-0.3, 0.045}, Point{0.3, 0.03},
                               Point{1.0, 1.0 / 3.0}, Point{3.0, 3.0}, Point{4.0, 16.0 / 3.0}}) {
        deck.set_bias(point.bias_db);
        for (const std::size_t c : {0U, 1U}) {
            EXPECT_NEAR(top[c] - bias_tone_db(deck, c, 10000.0), point.drop_db, 0.01 + 0.006 * point.drop_db)
                << point.bias_db;
        }
    }
}

TEST(BiasCurve, SlopeIsWhatItIsSetTo) {
    for (const double slope : {1.5, 3.0}) {
        Settings settings = rig::ideal();
        settings.bias_slope = slope;
        BiasRig deck(settings); // stands at 3 dB overbias
        deck.programme = rig::sine(10000.0, -34.0);
        deck.run(0.8);
        const double aligned = bias_tone_db(deck, 0, 10000.0);
        EXPECT_NEAR(aligned, -34.0, 0.3); // as the record equaliser was set
        Screws screws = deck.path.screws();
        const double at_ma = screws.tracks[0].bias_ma;
        deck.set_bias(0.0);
        EXPECT_NEAR(bias_tone_db(deck, 0, 10000.0) - aligned, 3.0, 0.03);
        screws.tracks[0].bias_ma = at_ma * std::pow(10.0, 0.25 / 20.0);
        deck.path.turn(screws);
        deck.run(0.6);
        const double above = bias_tone_db(deck, 0, 10000.0);
        screws.tracks[0].bias_ma = at_ma * std::pow(10.0, -0.25 / 20.0);
        deck.path.turn(screws);
        deck.run(0.6);
        EXPECT_NEAR((bias_tone_db(deck, 0, 10000.0) - above) / 0.5, slope, 0.05);
    }
}

TEST(BiasCurve, LongWavesPeakLaterAndFlatShortOnesEarlierInProportion) {
    BiasRig deck(rig::ideal());
    deck.programme = [](std::int64_t frame, std::size_t) {
        double sum = 0.0;
        for (const double hz : {1000.0, 5000.0, 15000.0}) {
            sum +=
                0.008 * std::sin(2.0 * std::numbers::pi * std::fmod(hz * static_cast<double>(frame) / kBiasRate, 1.0));
        }
        return sum;
    };
    std::vector<std::array<double, 3>> curve;
    for (const double bias : {-2.0, 0.0, 2.0, 4.0}) {
        deck.set_bias(bias);
        curve.push_back({bias_tone_db(deck, 0, 1000.0), bias_tone_db(deck, 0, 5000.0), bias_tone_db(deck, 0, 15000.0)});
    }
    EXPECT_NEAR(curve[2][0] - curve[0][0], 1.6, 0.03); // 1 kHz: 0.1 (bias - 2)^2
    EXPECT_NEAR(curve[2][0] - curve[1][0], 0.4, 0.02);
    EXPECT_NEAR(curve[2][0] - curve[3][0], 0.4, 0.02);
    // in dB the fall grows linearly with frequency: 5 kHz lies 4/9, 15 kHz 14/9 of the way from 1 kHz to 10 kHz
    const double at_10k = 0.0 - 16.0 / 3.0; // change from bias 0 to 4
    const double at_1k = curve[3][0] - curve[1][0];
    EXPECT_NEAR(curve[3][1] - curve[1][1], at_1k + (at_10k - at_1k) * 4.0 / 9.0, 0.06);
    EXPECT_NEAR(curve[3][2] - curve[1][2], at_1k + (at_10k - at_1k) * 14.0 / 9.0, 0.08);
    EXPECT_GT(curve[1][2] - curve[0][2], 2.0);
}

TEST(BiasCurve, ThirdHarmonicAndNoiseFollow) {
    Settings settings = rig::ideal();
    settings.noise_a_weighted_db = -64.0;
    BiasRig deck(settings);
    std::vector<double> third, noise;
    for (const double bias : {-6.0, 0.0, 3.0, 4.0}) {
        deck.programme = rig::sine(1000.0, -10.0); // 4 dB above operating level
        deck.set_bias(bias);
        third.push_back(bias_tone_db(deck, 0, 3000.0) - bias_tone_db(deck, 0, 1000.0));
        deck.programme = nullptr;
        deck.run(1.0);
        noise.push_back(rig::db(rig::rms(deck.last(0, 0.6))));
    }
    // twice the dB that the level of 3 % moves: 0.15 (bias - 4)^2, and 3 kHz rises 0.73 dB against 1 kHz: 2/9 of
    // the 3.3 dB that 10 kHz does
    EXPECT_NEAR(third[1] - third[2], 2.0 * 0.15 * 15.0 + 0.73, 0.3);
    EXPECT_GT(third[0] - third[1], 8.0);
    EXPECT_LT(third[3], third[2]);
    EXPECT_NEAR(noise[1] - noise[2], 0.05 * 3.0, 0.1);
    EXPECT_NEAR(noise[0] - noise[2], 0.05 * 63.0, 0.5);
}

TEST(BiasFaults, AStuckBiasNeverPeaks) {
    BiasRig deck(rig::ideal(), {rig::fault("stuck_bias:db=-8,channel=right")});
    deck.programme = rig::sine(10000.0, -40.0);
    deck.set_bias(-4.0);
    const double right = bias_tone_db(deck, 1, 10000.0);
    const double left = bias_tone_db(deck, 0, 10000.0);
    for (const double bias : {-2.0, 0.0, 3.0}) {
        deck.set_bias(bias);
        EXPECT_NEAR(bias_tone_db(deck, 1, 10000.0), right, 0.15); // near the noise
        EXPECT_NEAR(deck.path.bias_ma(1), 5.0 * std::pow(10.0, -8.0 / 20.0), 1e-6);
    }
    EXPECT_GT(bias_tone_db(deck, 0, 10000.0), left + 4.0);
    deck.recording = false;
    deck.run(0.01);
    EXPECT_EQ(deck.path.bias_ma(0), 0.0);
}

TEST(BiasFaults, ADriftTakesItsTimeAndALossIsAtOnce) {
    BiasRig deck(rig::ideal(), {rig::fault("bias_drift:time_s=1,db=-2,over_s=2,channel=left"),
                                rig::fault("bias_loss:time_s=4,channel=right")});
    deck.programme = rig::sine(1000.0, -24.0);
    const double set_ma = 5.0 * std::pow(10.0, 3.0 / 20.0);
    deck.run(0.9);
    EXPECT_NEAR(deck.path.bias_ma(0), set_ma, 1e-9);
    deck.run(1.1); // half way
    EXPECT_NEAR(20.0 * std::log10(deck.path.bias_ma(0) / set_ma), -1.0, 0.03);
    deck.run(1.5);
    EXPECT_NEAR(20.0 * std::log10(deck.path.bias_ma(0) / set_ma), -2.0, 1e-6);
    EXPECT_NEAR(deck.path.bias_ma(1), set_ma, 1e-9);
    EXPECT_NEAR(bias_tone_db(deck, 1, 1000.0, 0.2), -24.0, 0.1);
    deck.run(1.0);
    EXPECT_EQ(deck.path.bias_ma(1), 0.0);
    EXPECT_LT(bias_tone_db(deck, 1, 1000.0, 0.2), -44.0);
    EXPECT_NEAR(bias_tone_db(deck, 0, 1000.0, 0.2), -24.0, 0.3);
}

TEST(BiasMonitor, IsHeardMixedDownInProportionToTheCurrent) {
    Settings settings = rig::ideal();
    settings.bias_capture = true;
    settings.capture_clock_ppm = 20.0;
    TapePath path_of_two(
        rig::ideal(), {}, [] { return 0.0; }, [] {});
    EXPECT_EQ(path_of_two.pcm().capture().format().channels(), 2U);

    const std::vector<Fault> faults{rig::fault("bias_drift:time_s=2,db=-1,percent=0.5,over_s=0,channel=right")};
    double now_s = 0.0;
    TapePath path(
        settings, faults, [&] { return now_s; }, [] {});
    ASSERT_EQ(path.pcm().capture().format().channels(), 4U);
    EXPECT_EQ(path.pcm().capture().format().roles[3], audio::ChannelRole::Bias);
    ASSERT_TRUE(path.pcm().start(96000));
    std::array<std::vector<float>, 2> bias;
    std::vector<std::int32_t> block(4 * 512);
    for (int i = 0; i < 4000; ++i) {
        MotionStep step;
        step.t0_s = now_s;
        step.t1_s = now_s + 1e-3;
        step.x0_m = 12.0 + 0.381 * now_s;
        step.x1_m = step.x0_m + 0.381e-3;
        step.v0_m_s = step.v1_m_s = 0.381;
        step.contact = true;
        step.recording = i >= 500;
        path.process(step);
        now_s = static_cast<double>(i + 1) * 1e-3;
        std::int64_t first = 0;
        while (const std::size_t got = path.pcm().capture().rt_read(block, first)) {
            for (std::size_t k = 0; k < got; ++k) {
                bias[0].push_back(static_cast<float>(block[4 * k + 2]) * 0x1p-31F);
                bias[1].push_back(static_cast<float>(block[4 * k + 3]) * 0x1p-31F);
            }
        }
    }
    const auto level = [&](std::size_t track, double from_s, double hz) {
        const auto part = std::span(bias[track]).subspan(static_cast<std::size_t>(from_s * kBiasRate), 24000);
        return rig::db(std::abs(rig::tone(part, hz, kBiasRate * (1.0 + 20e-6))));
    };
    const double set_db = rig::db(5.0 * std::pow(10.0, 3.0 / 20.0) / 20.0); // of 20 mA
    EXPECT_LT(level(0, 0.0, 9600.0), -120.0);                               // it does not record yet
    EXPECT_NEAR(level(0, 1.0, 9600.0), set_db, 0.01);
    EXPECT_NEAR(level(1, 1.0, 9600.0), set_db, 0.01);
    EXPECT_NEAR(level(0, 3.0, 9600.0), set_db, 0.01);
    EXPECT_NEAR(level(1, 3.0, 153600.0 * 1.005 - 144000.0), set_db - 1.0, 0.01);
    EXPECT_LT(level(1, 3.0, 9600.0), set_db - 60.0);
}

TEST(AlignmentFaults, WrongEqSwitchHeadBlockPolarityAndChannels) {
    const auto two = [](std::int64_t frame, std::size_t channel) {
        return rig::sine(channel == 0 ? 1000.0 : 8000.0, -40.0)(frame, channel) +
               rig::sine(500.0, -40.0)(frame, channel);
    };
    BiasRig straight(rig::ideal());
    straight.programme = two;
    straight.run(1.0);
    BiasRig nab(rig::ideal(), {rig::fault("reproduce_eq:standard=NAB")});
    nab.programme = two;
    nab.run(1.0);
    EXPECT_NEAR(bias_tone_db(nab, 1, 8000.0) - bias_tone_db(straight, 1, 8000.0), 2.33, 0.15); // MRL
    EXPECT_NEAR(bias_tone_db(nab, 0, 1000.0) - bias_tone_db(straight, 0, 1000.0), 0.0, 0.03);

    BiasRig block(rig::ideal(), {rig::fault("head_block:distance_mm=40")});
    block.programme = two;
    block.run(1.0);
    EXPECT_NEAR(bias_tone_db(block, 0, 1000.0) - bias_tone_db(straight, 0, 1000.0), 2.84, 0.03); // 2.775 mm to 2
    const double later =
        std::arg(rig::tone(straight.last(0, 0.4), 500.0, kBiasRate) / rig::tone(block.last(0, 0.4), 500.0, kBiasRate));
    const double wanted = 2.0 * std::numbers::pi * 500.0 * (0.040 - 0.0351) / rig::kPlaySpeed_m_s;
    EXPECT_NEAR(std::remainder(later - wanted, 2.0 * std::numbers::pi), 0.0, 0.01);

    BiasRig turned(rig::ideal(), {rig::fault("reproduce_polarity:channel=left"), rig::fault("swapped_return")});
    turned.programme = two;
    turned.run(1.0);
    EXPECT_LT(bias_tone_db(turned, 0, 1000.0), -80.0);
    EXPECT_NEAR(bias_tone_db(turned, 1, 1000.0), bias_tone_db(straight, 0, 1000.0), 0.02);
    const double apart =
        std::arg(rig::tone(turned.last(0, 0.4), 500.0, kBiasRate) / rig::tone(turned.last(1, 0.4), 500.0, kBiasRate));
    EXPECT_NEAR(std::abs(apart), std::numbers::pi, 0.03);
}

} // namespace overbias::deck_sim
