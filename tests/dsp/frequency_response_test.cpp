// SPDX-License-Identifier: Apache-2.0
// A deck whose response is that of a filter with known coefficients; what is measured is held against the filter's own
// transfer function.
#include "dsp/analysis/biquad.hpp"
#include "dsp/analysis/frequency_response.hpp"
#include "dsp/generator/generator.hpp"
#include "flutter_signals.hpp"

#include <gtest/gtest.h>

#include <random>

namespace {
using namespace overbias::dsp;
using overbias::dsp::test::kTwoPi;

constexpr double kDeckRate = 48000.0;

/// Bass and treble of a deck: high-pass at 30 Hz, a dip at 3 kHz, low-pass at 16 kHz.
struct Deck {
    std::vector<BiquadCoefficients> sections{high_pass(30.0, 0.6, kDeckRate), low_pass(16000.0, 0.7, kDeckRate)};
    double gain = 0.8;

    [[nodiscard]] double level_db(double hz) const {
        double size = gain;
        for (const auto& section : sections) {
            size *= magnitude(section, hz, kDeckRate);
        }
        return 20.0 * std::log10(size);
    }
    [[nodiscard]] std::vector<float> play(const std::vector<float>& in, std::size_t late, double noise,
                                          double third_harmonic = 0.0) const {
        std::vector<Biquad> filters(sections.begin(), sections.end());
        std::mt19937 random(31);
        std::normal_distribution<double> hiss(0.0, noise);
        std::vector<float> out(in.size() + late);
        for (std::size_t n = 0; n < out.size(); ++n) {
            double x = n >= late ? static_cast<double>(in[n - late]) : 0.0;
            x -= third_harmonic * x * x * x;
            for (Biquad& filter : filters) {
                x = filter.rt_process(x);
            }
            out[n] = static_cast<float>(gain * x + (noise > 0.0 ? hiss(random) : 0.0));
        }
        return out;
    }
};

std::vector<float> generated(const Signal& signal, double seconds) {
    Generator generator(kDeckRate, 5);
    EXPECT_TRUE(generator.rt_play(signal));
    std::vector<float> out(static_cast<std::size_t>(seconds * kDeckRate));
    generator.process(out);
    return out;
}

TEST(SweepResponse, is_that_of_the_filter_with_delay_and_noise) {
    const Deck deck;
    const SweepResponseConfig config{.rate_hz = kDeckRate, .duration_s = 5.0};
    const auto capture = deck.play(generated(sweep_signal(20.0, 20000.0, 5.0, -12.0), 6.0), 7203, 0.0002);
    const auto got = response_from_sweep(capture, -12.0, config);
    ASSERT_TRUE(got.found);
    EXPECT_NEAR(got.delay_s * kDeckRate, 7203.0, 3.0);
    EXPECT_FALSE(got.reversed);
    EXPECT_GE(got.points.size(), 59U);
    for (const auto& point : got.points) {
        if (point.frequency_hz > 28.0 && point.frequency_hz < 19000.0) {
            EXPECT_NEAR(point.level_db, deck.level_db(point.frequency_hz), 0.1) << point.frequency_hz;
        }
    }
}

TEST(SweepResponse, third_harmonic_does_not_reach_it) {
    const Deck deck;
    const SweepResponseConfig config{.rate_hz = kDeckRate, .duration_s = 5.0};
    // y = x - c x^3: the fundamental is A (1 - 3/4 c A^2), the third harmonic c A^2 / 4 of it, 3 %
    const double amplitude = std::pow(10.0, -6.0 / 20.0), c = 0.44;
    const auto capture = deck.play(generated(sweep_signal(20.0, 20000.0, 5.0, -6.0), 5.5), 100, 0.0, c);
    const auto got = response_from_sweep(capture, -6.0, config);
    const double compression = 20.0 * std::log10(1.0 - 0.75 * c * amplitude * amplitude);
    for (const auto& point : got.points) {
        // above 8 kHz the harmonic lies above half the rate, and this deck without any tape folds it back
        if (point.frequency_hz > 40.0 && point.frequency_hz < 7500.0) {
            EXPECT_NEAR(point.level_db, deck.level_db(point.frequency_hz) + compression, 0.1) << point.frequency_hz;
        }
    }
}

TEST(SweepResponse, reversed_polarity_is_told_and_silence_is_no_response) {
    auto capture = generated(sweep_signal(20.0, 20000.0, 2.0, -12.0), 2.5);
    for (float& x : capture) {
        x = -x;
    }
    const SweepResponseConfig config{.rate_hz = kDeckRate, .duration_s = 2.0};
    const auto got = response_from_sweep(capture, -12.0, config);
    EXPECT_TRUE(got.found);
    EXPECT_TRUE(got.reversed);
    EXPECT_FALSE(response_from_sweep(std::vector<float>(96000), -12.0, config).found);
    EXPECT_FALSE(
        response_from_sweep(generated(noise_signal(Signal::Kind::PinkNoise, -20.0), 2.5), -12.0, config).found);
    EXPECT_THROW((void)response_from_sweep(capture, -12.0, {.to_hz = 30000.0}), std::invalid_argument);
}

TEST(ToneResponse, is_that_of_the_filter_and_flutter_does_not_lower_it) {
    const Deck deck;
    std::vector<std::vector<float>> captured;
    std::vector<SentTone> sent;
    const std::vector<double> tones{40.0, 100.0, 1000.0, 10000.0, 15000.0};
    for (const double hz : tones) {
        const auto tape = overbias::dsp::test::flutter_tone({.rate_hz = kDeckRate,
                                                             .duration_s = 3.0,
                                                             .carrier_hz = hz,
                                                             .flutter_hz = 3.0,
                                                             .percent = 0.15,
                                                             .speed = 0.97,
                                                             .amplitude = 0.1});
        captured.push_back(deck.play(tape, 0, 0.0001));
        captured.back().erase(captured.back().begin(), captured.back().begin() + 9600); // the filter's start
    }
    for (std::size_t n = 0; n < tones.size(); ++n) {
        sent.push_back({tones[n], -20.0, captured[n]});
    }
    sent.push_back({4000.0, -20.0, captured[2]}); // 1 kHz is not that tone
    const auto got = response_from_tones(sent, kDeckRate);
    ASSERT_EQ(got.size(), tones.size());
    for (std::size_t n = 0; n < tones.size(); ++n) {
        EXPECT_NEAR(got[n].level_db, deck.level_db(tones[n] * 0.97), 0.02) << tones[n];
        EXPECT_LT(got[n].error_db, 0.02);
    }
}

TEST(ProgrammeResponse, is_that_of_the_filter_where_there_is_programme_enough) {
    const Deck deck;
    const auto reference = generated(noise_signal(Signal::Kind::PinkNoise, -20.0), 20.0);
    // noise as loud as the programme's third octaves above 10 kHz would lift a ratio of spectra
    const auto capture = deck.play(reference, 5000, 0.02);
    ProgrammeResponse response(kDeckRate);
    const auto got = response.measure(reference, capture, 4900.0, 500.0);
    EXPECT_GT(response.used_share(), 0.9);
    ASSERT_EQ(got.size(), 23U); // 100 Hz to 16 kHz
    double low = 0.0, high = 0.0;
    for (const auto& point : got) {
        EXPECT_NEAR(point.level_db, deck.level_db(point.frequency_hz), 0.25 + 3.0 * point.error_db)
            << point.frequency_hz;
        (point.frequency_hz < 500.0 ? low : high) = point.coherence;
    }
    EXPECT_GT(low, 0.95);
    EXPECT_LT(high, 0.6);
}

TEST(ProgrammeResponse, flutter_does_not_look_like_a_loss_of_treble) {
    // 40 tones, each delayed by the same wow: the truth is 0 dB everywhere
    std::mt19937 random(3);
    std::uniform_real_distribution<double> unit(0.0, 1.0);
    std::vector<float> reference(48000 * 4), capture(reference.size());
    for (int k = 0; k < 40; ++k) {
        const double hz = 60.0 * std::pow(250.0, k / 40.0), phase = kTwoPi * unit(random);
        for (std::size_t n = 0; n < reference.size(); ++n) {
            const double t = static_cast<double>(n) / kDeckRate;
            const double wow = 0.001 / (kTwoPi * 0.7) * std::sin(kTwoPi * 0.7 * t);
            reference[n] += static_cast<float>(0.02 * std::sin(kTwoPi * hz * t + phase));
            capture[n] += static_cast<float>(0.02 * std::sin(kTwoPi * hz * (t - 0.003 - wow) + phase));
        }
    }
    ProgrammeResponse response(kDeckRate, 100.0, 12500.0);
    for (const auto& point : response.measure(reference, capture, 140.0, 200.0)) {
        EXPECT_NEAR(point.level_db, 0.0, 0.3) << point.frequency_hz;
    }
}

} // namespace
