// SPDX-License-Identifier: Apache-2.0
// EBU Tech 3341 v2023 table 1 (cases 1-6, 9-14) and Tech 3342 v2023 (cases 1-4), synthesised as the tables describe
// them; the weighting against ITU-R BS.1770-5's printed coefficients and against a table for other rates.
#include "dsp/meters/loudness_meter.hpp"
#include "meter_signals.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <stdexcept>

namespace overbias::dsp {
namespace {

using signals::Programme;
constexpr double kWithin_lu = 0.1; // Tech 3341, all cases

struct Loudness : ::testing::TestWithParam<double> {
    double rate = GetParam();

    /// 10 ms at a time, with a look at the meter after each.
    template <class Look>
    void play(LoudnessMeter& meter, const Programme& programme, std::size_t channels, Look look) {
        const auto block = static_cast<std::size_t>(rate / 100.0) * channels;
        for (std::size_t at = 0; at < programme.samples.size(); at += block) {
            const std::size_t end = std::min(at + block, programme.samples.size());
            meter.process({programme.samples.data() + at, end - at});
            look(static_cast<double>(end / channels) / rate);
        }
    }
    double integrated(const Programme& programme) {
        LoudnessMeter meter(rate);
        meter.process(programme.samples);
        return meter.integrated_lufs().value_or(std::numeric_limits<double>::quiet_NaN());
    }
    double range(const Programme& programme) {
        LoudnessMeter meter(rate);
        meter.process(programme.samples);
        const auto range = meter.range();
        return range ? range->lu : std::numeric_limits<double>::quiet_NaN();
    }
};
INSTANTIATE_TEST_SUITE_P(Rates, Loudness, ::testing::Values(44100.0, 48000.0, 96000.0, 192000.0));

TEST_P(Loudness, Case1And2SteadyTone) {
    for (const double level : {-23.0, -33.0}) {
        const Programme programme = Programme(rate).tone(20.0, level);
        LoudnessMeter meter(rate);
        meter.process(programme.samples);
        EXPECT_NEAR(meter.momentary_lufs(), level, kWithin_lu);
        EXPECT_NEAR(meter.short_term_lufs(), level, kWithin_lu);
        EXPECT_NEAR(meter.integrated_lufs().value_or(0.0), level, kWithin_lu);
    }
}

TEST_P(Loudness, Case3To5Gates) {
    EXPECT_NEAR(integrated(Programme(rate).tone(10, -36).tone(60, -23).tone(10, -36)), -23.0, kWithin_lu);
    EXPECT_NEAR(integrated(Programme(rate).tone(10, -72).tone(10, -36).tone(60, -23).tone(10, -36).tone(10, -72)),
                -23.0, kWithin_lu);
    EXPECT_NEAR(integrated(Programme(rate).tone(20, -26).tone(20.1, -20).tone(20, -26)), -23.0, kWithin_lu);
}

TEST_P(Loudness, Case6FiveChannels) {
    LoudnessMeter meter(rate, {1.0, 1.0, 1.0, 1.41, 1.41});
    meter.process(Programme(rate, 5).tone(20.0, {-28.0, -28.0, -24.0, -30.0, -30.0}).samples);
    EXPECT_NEAR(meter.integrated_lufs().value_or(0.0), -23.0, kWithin_lu);
    // six, the fourth (LFE) left out however loud it is
    LoudnessMeter six(rate, {1.0, 1.0, 1.0, 0.0, 1.41, 1.41});
    six.process(Programme(rate, 6).tone(5.0, {-28.0, -28.0, -24.0, -3.0, -30.0, -30.0}).samples);
    EXPECT_NEAR(six.integrated_lufs().value_or(0.0), -23.0, kWithin_lu);
}

TEST_P(Loudness, Case9And12StayConstant) {
    Programme slow(rate), fast(rate);
    for (int i = 0; i < 5; ++i) {
        slow.tone(1.34, -20).tone(1.66, -30);
    }
    for (int i = 0; i < 25; ++i) {
        fast.tone(0.18, -20).tone(0.22, -30);
    }
    double worst_s = 0.0, worst_m = 0.0;
    LoudnessMeter for_s(rate), for_m(rate);
    play(for_s, slow, 2, [&](double time_s) {
        worst_s = std::max(worst_s, time_s < 3.0 ? 0.0 : std::abs(for_s.short_term_lufs() + 23.0));
    });
    play(for_m, fast, 2, [&](double time_s) {
        worst_m = std::max(worst_m, time_s < 1.0 ? 0.0 : std::abs(for_m.momentary_lufs() + 23.0));
    });
    EXPECT_LE(worst_s, kWithin_lu);
    EXPECT_LE(worst_m, kWithin_lu);
}

TEST_P(Loudness, Case10And13FindTheToneWhereverItLies) {
    for (int i = 0; i < 20; ++i) {
        LoudnessMeter for_s(rate), for_m(rate);
        for_s.process(Programme(rate).silence(i * 0.15).tone(3.0, -23).silence(1.0).samples);
        EXPECT_NEAR(for_s.highest_short_term_lufs(), -23.0, kWithin_lu) << "case 10, " << i;
        for_m.process(Programme(rate).silence(i * 0.02).tone(0.4, -23).silence(1.0).samples);
        EXPECT_NEAR(for_m.highest_momentary_lufs(), -23.0, kWithin_lu) << "case 13, " << i;
    }
}

TEST_P(Loudness, Case11And14LiveMeterFollowsEachTone) {
    LoudnessMeter for_s(rate), for_m(rate);
    Programme slow(rate), fast(rate);
    std::size_t slow_at = 0, fast_at = 0;
    for (int i = 0; i < 20; ++i) {
        slow.silence(i * 0.15).tone(3.0, -38.0 + i).silence(3.0 - i * 0.15);
        for_s.process({slow.samples.data() + slow_at, slow.samples.size() - slow_at});
        slow_at = slow.samples.size();
        // highest since this reader last asked; what of the tone before is still in the window is lower
        EXPECT_NEAR(for_s.highest_short_term_lufs(), -38.0 + i, kWithin_lu) << "case 11, " << i;
        fast.silence(i * 0.02).tone(0.4, -38.0 + i).silence(0.4 - i * 0.02);
        for_m.process({fast.samples.data() + fast_at, fast.samples.size() - fast_at});
        fast_at = fast.samples.size();
        EXPECT_NEAR(for_m.highest_momentary_lufs(), -38.0 + i, kWithin_lu) << "case 14, " << i;
    }
}

TEST_P(Loudness, RangeCases1To4) {
    constexpr double kRange_lu = 1.0; // Tech 3342
    EXPECT_NEAR(range(Programme(rate).tone(20, -20).tone(20, -30)), 10.0, kRange_lu);
    EXPECT_NEAR(range(Programme(rate).tone(20, -20).tone(20, -15)), 5.0, kRange_lu);
    EXPECT_NEAR(range(Programme(rate).tone(20, -40).tone(20, -20)), 20.0, kRange_lu);
    const Programme steps = Programme(rate).tone(20, -50).tone(20, -35).tone(20, -20).tone(20, -35).tone(20, -50);
    EXPECT_NEAR(range(steps), 15.0, kRange_lu);
}

TEST_P(Loudness, AnchorsOfTheRecommendation) {
    // 997 Hz at 0 dBFS in one of left, right, centre reads -3.01; two channels at -18 dBFS read -18.0
    std::vector<float> one;
    for (std::size_t frame = 0; frame < static_cast<std::size_t>(rate) * 2; ++frame) {
        one.push_back(static_cast<float>(std::sin(2.0 * std::numbers::pi * 997.0 * static_cast<double>(frame) / rate)));
        one.push_back(0.0F);
    }
    LoudnessMeter meter(rate);
    meter.process(one);
    EXPECT_NEAR(meter.momentary_lufs(), -3.01, 0.03);
    LoudnessMeter both(rate);
    both.process(Programme(rate).tone(1.0, -18.0).samples);
    EXPECT_NEAR(both.momentary_lufs(), -18.0, 0.03);
}

TEST(KWeighting, IsThePrintedTableAt48kHzAndItsLikeElsewhere) {
    struct Row {
        double rate, b0, b1, b2, a1, a2, high_pass_a1, high_pass_a2;
    };
    const Row rows[] = {{48000, 1.53512485958697, -2.69169618940638, 1.19839281085285, -1.69065929318241,
                         0.73248077421585, -1.99004745483398, 0.99007225036621},
                        {44100, 1.53084123005035, -2.65097999515473, 1.16907907992159, -1.66365511325602,
                         0.71259542807323, -1.98916967362980, 0.98919903578704},
                        {88200, 1.55751537557965, -2.90562707992635, 1.36133397747221, -1.83091998796233,
                         0.84414226108785, -1.99457751545034, 0.99458487587805},
                        {96000, 1.55971422897580, -2.92674157825108, 1.37826120231582, -1.84460946989011,
                         0.85584332293064, -1.99501754472472, 0.99502375904092},
                        {192000, 1.57222721509128, -3.04728305156155, 1.47797134097961, -1.92220223060749,
                         0.92511773511683, -1.99750722284070, 0.99750877835551}};
    for (const Row& row : rows) {
        const KWeightingCoefficients k = k_weighting(row.rate);
        EXPECT_NEAR(k.shelf.b0, row.b0, 2e-12) << row.rate;
        EXPECT_NEAR(k.shelf.b1, row.b1, 2e-12) << row.rate;
        EXPECT_NEAR(k.shelf.b2, row.b2, 2e-12) << row.rate;
        EXPECT_NEAR(k.shelf.a1, row.a1, 2e-12) << row.rate;
        EXPECT_NEAR(k.shelf.a2, row.a2, 2e-12) << row.rate;
        EXPECT_NEAR(k.high_pass.a1, row.high_pass_a1, 2e-12) << row.rate;
        EXPECT_NEAR(k.high_pass.a2, row.high_pass_a2, 2e-12) << row.rate;
        EXPECT_EQ(k.high_pass.b0, 1.0);
        EXPECT_EQ(k.high_pass.b1, -2.0);
        EXPECT_EQ(k.high_pass.b2, 1.0);
    }
}

TEST(KWeighting, HasTheSameResponseAtEveryRate) {
    // 48 kHz, dB; the bilinear transform bends the treble by less than 0.1 dB below 4 kHz
    const double response[][2] = {{20, -13.28}, {31.5, -7.79}, {50, -3.93},  {100, -1.13}, {200, -0.26},
                                  {500, 0.04},  {1000, 0.70},  {2000, 3.07}, {4000, 3.97}, {8000, 4.04}};
    for (const double rate : {44100.0, 48000.0, 88200.0, 96000.0, 176400.0, 192000.0}) {
        const KWeightingCoefficients k = k_weighting(rate);
        for (const auto& [frequency_hz, db] : response) {
            const double gain = magnitude(k.shelf, frequency_hz, rate) * magnitude(k.high_pass, frequency_hz, rate);
            EXPECT_NEAR(20.0 * std::log10(gain), db, rate == 48000.0 ? 0.006 : 0.1)
                << frequency_hz << " Hz at " << rate;
        }
    }
}

TEST(LoudnessMeter, SaysWhatItDoesNotKnowYet) {
    LoudnessMeter meter(48000.0);
    EXPECT_EQ(meter.momentary_lufs(), -120.0);
    EXPECT_EQ(meter.short_term_lufs(), -120.0);
    EXPECT_FALSE(meter.integrated_lufs());
    EXPECT_FALSE(meter.range());
    meter.process(Programme(48000.0).tone(2.0, -80.0).samples); // below the absolute gate
    EXPECT_FALSE(meter.integrated_lufs());
    EXPECT_NEAR(meter.momentary_lufs(), -80.0, 0.1);
    meter.process(Programme(48000.0).tone(57.0, -23.0).samples);
    ASSERT_TRUE(meter.range());
    EXPECT_FALSE(meter.range()->stable);
    meter.process(Programme(48000.0).tone(1.0, -23.0).samples);
    EXPECT_TRUE(meter.range()->stable);
    meter.restart();
    EXPECT_FALSE(meter.integrated_lufs());
    EXPECT_FALSE(meter.range());
    EXPECT_NEAR(meter.short_term_lufs(), -23.0, 0.1);
}

TEST(LoudnessMeter, ForgetsALoudPassageWholly) {
    // a running sum that only adds and takes away would keep the rounding of what was loud: -80 LUFS here
    LoudnessMeter meter(48000.0);
    meter.process(Programme(48000.0).tone(10.0, 80.0).silence(9.0).samples);
    EXPECT_EQ(meter.short_term_lufs(), -120.0);
    EXPECT_EQ(meter.momentary_lufs(), -120.0);
}

TEST(LoudnessMeter, BlocksMayBeOfAnySize) {
    const std::vector<float> music = signals::music(44100.0, 5.0, 3);
    LoudnessMeter whole(44100.0), pieces(44100.0);
    whole.process(music);
    std::mt19937 random(1);
    for (std::size_t at = 0; at < music.size();) {
        const std::size_t size = std::min(music.size() - at, 2 * static_cast<std::size_t>(random() % 700));
        pieces.process({music.data() + at, size});
        at += size;
    }
    EXPECT_DOUBLE_EQ(whole.integrated_lufs().value_or(0.0), pieces.integrated_lufs().value_or(1.0));
    EXPECT_NEAR(whole.short_term_lufs(), pieces.short_term_lufs(), 1e-9);
}

TEST(LoudnessMeter, OutlivesWhatIsNoNumber) {
    LoudnessMeter meter(48000.0);
    std::vector<float> bad(960, 0.1F);
    bad[5] = std::numeric_limits<float>::quiet_NaN();
    meter.process(bad);
    meter.process(Programme(48000.0).tone(4.0, -23.0).samples);
    EXPECT_NEAR(meter.momentary_lufs(), -23.0, 0.1);
    EXPECT_NEAR(meter.integrated_lufs().value_or(0.0), -23.0, 0.3);
}

TEST(LoudnessMeter, RefusesWhatIsNoRateOrNoChannel) {
    EXPECT_THROW(LoudnessMeter(0.0), std::invalid_argument);
    EXPECT_THROW(LoudnessMeter(48000.0, {}), std::invalid_argument);
    EXPECT_THROW(LoudnessMeter(48000.0, {1.0, -1.0}), std::invalid_argument);
    EXPECT_THROW((void)k_weighting(std::numeric_limits<double>::quiet_NaN()), std::invalid_argument);
}

} // namespace
} // namespace overbias::dsp
