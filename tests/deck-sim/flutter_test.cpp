// SPDX-License-Identifier: Apache-2.0
// Wow and flutter measured from v(t) and x(t) as the magnetics get them.
#include "mechanics_rig.hpp"

#include <gtest/gtest.h>

#include <complex>
#include <numbers>

namespace overbias::deck_sim {
namespace {

constexpr double kPlaySpeed_m_s = 0.381;

/// Amplitude of the sine at `frequency_hz` in the deviation of speed, over `duration_s` of play (Hann window).
double flutter_peak(const Settings& settings, double frequency_hz, double duration_s) {
    MechanicsRig rig(settings);
    rig.press(Contact::Play);
    rig.run(2.0);
    std::complex<double> sum;
    const double begin_s = rig.now_s();
    rig.watch = [&](const MotionStep& step) {
        const double t_s = step.t1_s - begin_s;
        const double hann = 1.0 - std::cos(2.0 * std::numbers::pi * t_s / duration_s);
        sum +=
            hann * (step.v1_m_s / kPlaySpeed_m_s - 1.0) * std::polar(1.0, -2.0 * std::numbers::pi * frequency_hz * t_s);
    };
    rig.run(duration_s);
    return 2.0 * std::abs(sum) / (duration_s * 1000.0);
}

TEST(WowAndFlutter, WowHasItsPeakAtTheSupplyReelsTurn) {
    Settings settings = steady_deck(1.0);
    settings.wow_peak = 0.0015;
    // 28.4 turns a minute with a full pack at 15 ips, and more as it empties
    EXPECT_NEAR(flutter_peak(settings, 28.4 / 60.0, 20.0), 0.0015, 0.0015 * 0.02);
    EXPECT_LT(flutter_peak(settings, 2.0 * 28.4 / 60.0, 20.0), 0.0015 * 0.02);
    settings.start_place_m = 750.0; // 7.4 m left in the middle of the measurement: 64 turns sqrt(1 + 0.039) at the hub
    EXPECT_LT(flutter_peak(settings, 28.4 / 60.0, 20.0), 0.0015 * 0.02);
    EXPECT_NEAR(flutter_peak(settings, 62.5 / 60.0, 20.0), 0.0015, 0.0015 * 0.05);
}

TEST(WowAndFlutter, CapstanAndRollerHaveTheirPeaksAndRates) {
    Settings settings = steady_deck(300.0);
    settings.capstan_flutter_peak = 0.0012;
    EXPECT_NEAR(flutter_peak(settings, 12.0, 10.0), 0.0012, 0.0012 * 0.01);
    settings.capstan_flutter_peak = 0.0;
    settings.roller_flutter_peak = 0.0007;
    EXPECT_NEAR(flutter_peak(settings, 15.0 / 5.0014, 20.0), 0.0007, 0.0007 * 0.02);
}

TEST(WowAndFlutter, ScrapeIsNoiseOfTheGivenRmsFrom20To200Hz) {
    Settings settings = steady_deck(300.0);
    settings.scrape_flutter_rms = 0.0005;
    MechanicsRig rig(settings);
    rig.press(Contact::Play);
    rig.run(2.0);
    // averaged periodograms of 0.5 s
    constexpr int kLength = 500;
    std::vector<double> deviation;
    rig.watch = [&](const MotionStep& step) { deviation.push_back(step.v1_m_s / kPlaySpeed_m_s - 1.0); };
    rig.run(100.0);
    double energy = 0.0;
    for (const double value : deviation) {
        energy += value * value;
    }
    EXPECT_NEAR(std::sqrt(energy / static_cast<double>(deviation.size())), 0.0005, 0.0005 * 0.03);
    const auto density = [&](double frequency_hz) {
        double power = 0.0;
        for (std::size_t begin = 0; begin + kLength <= deviation.size(); begin += kLength) {
            std::complex<double> sum;
            for (int n = 0; n < kLength; ++n) {
                const double hann = 1.0 - std::cos(2.0 * std::numbers::pi * n / kLength);
                sum += hann * deviation[begin + static_cast<std::size_t>(n)] *
                       std::polar(1.0, -2.0 * std::numbers::pi * frequency_hz * n * 0.001);
            }
            power += std::norm(sum);
        }
        return power;
    };
    const double middle = density(70.0);
    EXPECT_NEAR(density(40.0) / middle, 1.0, 0.3);
    EXPECT_NEAR(density(150.0) / middle, 0.95, 0.3);
    EXPECT_LT(density(5.0) / middle, 0.03);
    EXPECT_LT(density(400.0) / middle, 0.01);
}

TEST(WowAndFlutter, IsTheSameForTheSameSeedAndAnotherForAnother) {
    Settings settings;
    const auto place_after = [&](std::uint64_t seed) {
        settings.seed = seed;
        MechanicsRig rig(settings);
        rig.press(Contact::Play);
        rig.run(3.0);
        return rig.place_m();
    };
    EXPECT_EQ(place_after(1), place_after(1));
    EXPECT_NE(place_after(1), place_after(2));
}

TEST(Motion, StepsJoinAndPlaceIsTheIntegralOfSpeed) {
    Settings settings;
    settings.scrape_flutter_rms = 0.002; // so that a wrong integral shows
    MechanicsRig rig(settings);
    MotionStep before = rig.last;
    bool first = true;
    double roughest = 0.0;
    std::vector<double> speed, travel;
    rig.watch = [&](const MotionStep& step) {
        if (!first) {
            ASSERT_EQ(step.x0_m, before.x1_m);
            ASSERT_EQ(step.v0_m_s, before.v1_m_s);
            ASSERT_EQ(step.t0_s, before.t1_s);
        }
        first = false;
        before = step;
        roughest = std::max(roughest, std::abs(step.v1_m_s - step.v0_m_s));
        speed.push_back(step.v1_m_s);
        travel.push_back(step.x1_m - step.x0_m);
    };
    rig.press(Contact::Play);
    rig.run(10.0);
    EXPECT_LT(roughest, 0.01 * kPlaySpeed_m_s + 0.002) << "a jump of speed";
    // A sine of v at f moves the tape in one step by h sin(pi f h) / (pi f h) of its speed; the trapezium would give h
    // cos(pi f h), 3 % less at 100 Hz. Both spectra at 100 Hz, over 8 s:
    std::complex<double> of_speed, of_travel;
    constexpr std::size_t kCount = 8000, kFrom = 2000;
    for (std::size_t n = 0; n < kCount; ++n) {
        const double phase = 2.0 * std::numbers::pi * static_cast<double>(n) * 0.001;
        const std::complex<double> turn = (1.0 - std::cos(phase / 8.0)) * std::polar(1.0, -100.0 * phase);
        of_speed += turn * (speed[kFrom + n] - kPlaySpeed_m_s);
        of_travel += turn * (travel[kFrom + n] - kPlaySpeed_m_s * 0.001);
    }
    EXPECT_NEAR(std::abs(of_travel) / std::abs(of_speed) / 0.001, 0.9836, 0.004);
}

} // namespace
} // namespace overbias::deck_sim
