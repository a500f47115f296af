// SPDX-License-Identifier: Apache-2.0
// The generators against the formulas of their signals, and no click in any change.
#include "dsp/analysis/fft.hpp"
#include "dsp/analysis/tone.hpp"
#include "dsp/analysis/window.hpp"
#include "dsp/generator/generator.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <vector>

namespace {
using namespace overbias::dsp;
using Kind = Signal::Kind;

constexpr double kPlayRate = 48000.0;
constexpr double kFade_s = 0.01;

double in_db(double ratio) {
    return 20.0 * std::log10(ratio);
}

std::vector<float> taken(Generator& generator, double seconds) {
    std::vector<float> out(static_cast<std::size_t>(std::lround(seconds * generator.rate_hz())));
    generator.process(out);
    return out;
}

/// After the fade.
std::vector<float> steady(const Signal& signal, double seconds, double rate = kPlayRate, std::uint64_t seed = 1) {
    Generator generator(rate, seed);
    EXPECT_TRUE(generator.rt_play(signal)) << signal_complaint(signal, rate);
    (void)taken(generator, 2.0 * kFade_s);
    return taken(generator, seconds);
}

double rms_of(const std::vector<float>& x) {
    double sum = 0.0;
    for (const float v : x) {
        sum += static_cast<double>(v) * static_cast<double>(v);
    }
    return std::sqrt(sum / static_cast<double>(x.size()));
}

double peak_of(const std::vector<float>& x) {
    return static_cast<double>(
        std::abs(*std::max_element(x.begin(), x.end(), [](float a, float b) { return std::abs(a) < std::abs(b); })));
}

/// Largest second difference: a sine of amplitude A has A w^2 at most, a jump of its value or of its slope far more.
double roughest(const std::vector<float>& x) {
    double most = 0.0;
    for (std::size_t n = 2; n < x.size(); ++n) {
        most = std::max(most, std::abs(static_cast<double>(x[n]) - 2.0 * static_cast<double>(x[n - 1]) +
                                       static_cast<double>(x[n - 2])));
    }
    return most;
}

double smooth_limit(double amplitude, double hz) {
    const double w = 2.0 * std::numbers::pi * hz / kPlayRate;
    return amplitude * w * w;
}

/// Mean power of each octave from 20 * 2^n, dB, Hann frames of a third of a second.
std::vector<double> octaves(const std::vector<float>& x, double rate, double highest_hz) {
    const std::size_t size = rate > 100000.0 ? 65536 : rate > 50000.0 ? 32768 : 16384;
    RealFft fft(size);
    const auto window = hann_window(size);
    std::vector<float> frame(size);
    std::vector<std::complex<float>> bins(fft.bins());
    std::vector<double> power(fft.bins());
    for (std::size_t at = 0; at + size <= x.size(); at += size / 2) {
        for (std::size_t n = 0; n < size; ++n) {
            frame[n] = x[at + n] * window[n];
        }
        fft.forward(frame, bins);
        for (std::size_t k = 0; k < bins.size(); ++k) {
            power[k] += static_cast<double>(std::norm(bins[k]));
        }
    }
    std::vector<double> result;
    for (double low = 20.0; low * 1.999 < highest_hz; low *= 2.0) { // density at the octave's geometric middle
        double sum = 0.0, count = 0.0;
        for (std::size_t k = 1; k < power.size(); ++k) {
            const double hz = static_cast<double>(k) * rate / static_cast<double>(size);
            if (hz >= low && hz < 2.0 * low) {
                sum += power[k] * hz; // 1/f density gives the same everywhere
                count += 1.0;
            }
        }
        result.push_back(10.0 * std::log10(sum / count));
    }
    return result;
}

TEST(Generator, a_sine_has_its_frequency_and_level) {
    for (const double hz : {20.0, 997.0, 15000.0}) {
        const auto tone = strongest_tone(steady(sine_signal(hz, -20.0), 1.0));
        EXPECT_NEAR(tone.cycles_per_sample * kPlayRate / hz, 1.0, 1e-6);
        EXPECT_NEAR(in_db(tone.amplitude), -20.0, 0.001);
        EXPECT_GT(tone.share, 0.99999);
    }
}

TEST(Generator, frequency_and_level_change_without_a_click) {
    Generator generator(kPlayRate);
    generator.rt_play(sine_signal(1000.0, -6.0));
    auto all = taken(generator, 0.1);
    for (const auto& [hz, level] : {std::pair{1500.0, -6.0}, {400.0, -6.0}, {400.0, -40.0}, {1400.0, -6.0}}) {
        generator.rt_play(sine_signal(hz, level));
        const auto more = taken(generator, 0.0503);
        all.insert(all.end(), more.begin(), more.end());
    }
    // a jump of frequency at its worst phase changes the slope by A (w2 - w1)
    const double slope = 0.5012 * 2.0 * std::numbers::pi * 1100.0 / kPlayRate;
    EXPECT_LT(roughest(all), smooth_limit(0.5012, 1500.0) + slope);
    EXPECT_LT(peak_of(all), 0.502);
    EXPECT_NEAR(peak_of(std::vector<float>(all.end() - 1000, all.end())), 0.5012, 0.002);
    Generator level_only(kPlayRate);
    level_only.rt_play(sine_signal(1000.0, -6.0));
    all = taken(level_only, 0.1003);
    level_only.rt_play(sine_signal(1000.0, -26.0));
    const auto more = taken(level_only, 0.1);
    all.insert(all.end(), more.begin(), more.end());
    EXPECT_LT(roughest(all), 1.2 * smooth_limit(0.5012, 1000.0));
    EXPECT_NEAR(peak_of(std::vector<float>(all.end() - 1000, all.end())), 0.05012, 0.0002);
}

TEST(Generator, one_kind_of_signal_fades_into_another) {
    const std::array<SignalTone, 2> tones{{{300.0, -12.0, 0.2, 0.0}, {700.0, -12.0, 0.2, 0.0}}};
    const std::vector<Signal> smooth{sine_signal(800.0, -6.0), multitone_signal(tones), Signal{},
                                     sweep_signal(100.0, 800.0, 1.0, -6.0), sequence_signal(tones)};
    for (const Signal& from : smooth) {
        for (const Signal& to : smooth) {
            Generator generator(kPlayRate);
            generator.rt_play(from);
            auto all = taken(generator, 0.0371);
            generator.rt_play(to);
            const auto more = taken(generator, 0.05);
            all.insert(all.end(), more.begin(), more.end());
            EXPECT_LT(roughest(all), 2.5 * smooth_limit(0.5012, 800.0));
        }
    }
}

TEST(Generator, of_changes_that_come_too_fast_the_last_one_stays) {
    Generator generator(kPlayRate);
    const std::array<SignalTone, 1> tones{{{500.0, -12.0, 5.0, 0.0}}};
    std::vector<float> all;
    for (const Signal& signal : {sine_signal(1000.0, -6.0), multitone_signal(tones),
                                 sweep_signal(20.0, 90.0, 5.0, -6.0), sine_signal(2000.0, -10.0)}) {
        generator.rt_play(signal);
        const auto more = taken(generator, 0.001);
        all.insert(all.end(), more.begin(), more.end());
    }
    const auto more = taken(generator, 0.5);
    all.insert(all.end(), more.begin(), more.end());
    EXPECT_LT(roughest(all), 2.0 * smooth_limit(0.5012, 2000.0));
    const auto tone = strongest_tone(std::span<const float>(all).last(16000));
    EXPECT_NEAR(tone.cycles_per_sample * kPlayRate, 2000.0, 0.01);
    EXPECT_NEAR(in_db(tone.amplitude), -10.0, 0.01);
}

TEST(Generator, pink_noise_falls_by_3_db_an_octave_at_every_rate) {
    for (const double rate : {44100.0, 48000.0, 96000.0, 192000.0}) {
        const auto x = steady(noise_signal(Kind::PinkNoise, -20.0), 30.0, rate);
        const auto power = octaves(x, rate, 20480.0); // the last from 10240 Hz: what is above 20 kHz is little of it
        const auto [least, most] = std::minmax_element(power.begin(), power.end());
        EXPECT_LT(*most - *least, 1.0) << rate; // octave to octave, with 0.1 to 0.2 dB of chance at the lowest
        for (std::size_t n = 1; n < power.size(); ++n) {
            EXPECT_NEAR(power[n], power[n - 1], 0.5) << rate << ' ' << n;
        }
        EXPECT_NEAR(in_db(rms_of(x) * std::numbers::sqrt2), -20.0, 0.4) << rate;
        EXPECT_LT(peak_of(x), 0.1 * 5.5 / std::numbers::sqrt2);
    }
}

TEST(Generator, white_noise_is_flat_and_has_its_level) {
    const auto x = steady(noise_signal(Kind::WhiteNoise, -20.0), 40.0);
    EXPECT_NEAR(in_db(rms_of(x) * std::numbers::sqrt2), -20.0, 0.02);
    EXPECT_LE(peak_of(x), 0.1 / std::numbers::sqrt2 * std::numbers::sqrt3 + 1e-6);
    const auto power = octaves(x, kPlayRate, 20480.0);
    for (std::size_t n = 2; n < power.size(); ++n) { // weighted by frequency: 3.01 dB an octave up
        EXPECT_NEAR(power[n] - power[n - 1], 3.01, n < 4 ? 0.5 : 0.2) << n;
    }
    double sum = 0.0; // neighbours have nothing to do with each other
    for (std::size_t n = 1; n < x.size(); ++n) {
        sum += static_cast<double>(x[n]) * static_cast<double>(x[n - 1]);
    }
    EXPECT_LT(std::abs(sum / static_cast<double>(x.size()) / (rms_of(x) * rms_of(x))), 0.005);
}

TEST(Generator, a_seed_repeats_its_noise) {
    const auto noise = noise_signal(Kind::PinkNoise, -20.0);
    EXPECT_EQ(steady(noise, 0.1, kPlayRate, 7), steady(noise, 0.1, kPlayRate, 7));
    EXPECT_NE(steady(noise, 0.1, kPlayRate, 7), steady(noise, 0.1, kPlayRate, 8));
}

TEST(Generator, a_sweep_rises_by_equal_ratios_in_equal_times) {
    constexpr double kLength_s = 4.0;
    Generator generator(kPlayRate);
    generator.rt_play(sweep_signal(20.0, 20000.0, kLength_s, -6.0));
    const auto x = taken(generator, kLength_s + 0.1);
    for (const double at_s : {0.5, 1.0, 2.0, 3.0, 3.9}) { // whole crossings of zero are twice the cycles till then
        int crossings = 0;
        for (std::size_t n = 1; n < static_cast<std::size_t>(at_s * kPlayRate); ++n) {
            crossings += (x[n] < 0.0F) != (x[n - 1] < 0.0F) ? 1 : 0;
        }
        double cycles = 0.0;
        constexpr int kParts = 4000;
        for (int k = 0; k < kParts; ++k) {
            cycles += 20.0 * std::pow(1000.0, (k + 0.5) / kParts * at_s / kLength_s) * at_s / kParts;
        }
        EXPECT_NEAR(crossings, 2.0 * cycles, 2.0) << at_s;
    }
    EXPECT_TRUE(generator.finished());
    EXPECT_EQ(peak_of(std::vector<float>(x.end() - 4000, x.end())), 0.0);
}

TEST(Generator, bursts_begin_at_a_crossing_and_last_as_told) {
    const auto x = steady(burst_signal(5000.0, -10.0, 0.005, 0.045), 1.0);
    std::size_t on = 0, begins = 0;
    for (std::size_t n = 1; n < x.size(); ++n) {
        on += x[n] != 0.0F ? 1 : 0;
    }
    for (std::size_t n = 20; n < x.size(); ++n) {
        const bool silent = std::all_of(x.begin() + static_cast<long>(n) - 20, x.begin() + static_cast<long>(n),
                                        [](float v) { return v == 0.0F; });
        if (silent && x[n] != 0.0F) {
            ++begins;
            // the sample before was the burst's first, at phase 0
            EXPECT_NEAR(x[n], 0.3162 * std::sin(2.0 * std::numbers::pi * 5000.0 / kPlayRate), 1e-4);
        }
    }
    EXPECT_EQ(begins, 20U);
    EXPECT_NEAR(static_cast<double>(on), 20.0 * 0.005 * kPlayRate, 20.0 * 30.0); // but for the zeros inside
    EXPECT_NEAR(peak_of(x), 0.3162, 0.001);
}

TEST(Generator, a_multitone_has_every_tone_and_low_peaks) {
    std::vector<SignalTone> tones;
    for (int n = 0; n < 20; ++n) {
        tones.push_back({100.0 + 150.0 * n, n % 2 == 0 ? -30.0 : -34.0});
    }
    const auto x = steady(multitone_signal(tones), 1.0);
    double sum = 0.0;
    for (const SignalTone& tone : tones) {
        EXPECT_NEAR(in_db(std::abs(tone_at(x, tone.frequency_hz / kPlayRate))), tone.level_dbfs, 0.01);
        sum += std::pow(10.0, tone.level_dbfs / 20.0);
    }
    EXPECT_LT(peak_of(x), 0.5 * sum);
}

TEST(Generator, a_square_has_the_harmonics_of_a_square_and_nothing_folded_back) {
    const auto x = steady(square_signal(997.0, -20.0), 1.0);
    RealFft fft(48000);
    std::vector<std::complex<float>> bins(fft.bins());
    fft.forward(x, bins);
    for (std::size_t k = 1; k < bins.size(); ++k) {
        const double level = in_db(static_cast<double>(std::abs(bins[k])) / 24000.0 + 1e-12);
        const bool harmonic = k % 997 == 0 && (k / 997) % 2 == 1;
        if (harmonic && static_cast<double>(k) < 0.38 * kPlayRate) {
            EXPECT_NEAR(level, -20.0 + in_db(4.0 / (std::numbers::pi * static_cast<double>(k) / 997.0)), 0.05) << k;
        } else if (!harmonic) {
            EXPECT_LT(level, -100.0) << k;
        }
    }
}

TEST(Generator, a_sequence_plays_its_tones_in_order_with_soft_edges) {
    const std::array<SignalTone, 3> tones{
        {{1000.0, -12.0, 0.3, 0.1}, {10000.0, -20.0, 0.2, 0.0}, {100.0, -6.0, 0.4, 0.1}}};
    Generator generator(kPlayRate);
    generator.rt_play(sequence_signal(tones));
    EXPECT_EQ(generator.step(), 0U);
    const auto first = taken(generator, 0.35);
    EXPECT_LT(roughest(first), 1.2 * smooth_limit(0.2512, 1000.0));
    const auto tone = strongest_tone(std::span<const float>(first).subspan(1000, 12000));
    EXPECT_NEAR(tone.cycles_per_sample * kPlayRate, 1000.0, 0.01);
    EXPECT_NEAR(in_db(tone.amplitude), -12.0, 0.01);
    EXPECT_EQ(peak_of(std::vector<float>(first.end() - 1000, first.end())), 0.0); // the gap
    (void)taken(generator, 0.1);
    EXPECT_EQ(generator.step(), 1U);
    (void)taken(generator, 0.3);
    EXPECT_EQ(generator.step(), 2U);
    EXPECT_FALSE(generator.finished());
    (void)taken(generator, 0.4);
    EXPECT_TRUE(generator.finished());
}

TEST(Generator, what_cannot_be_played_changes_nothing_and_is_named) {
    Generator generator(kPlayRate);
    generator.rt_play(sine_signal(1000.0, -20.0));
    (void)taken(generator, 0.1);
    const std::array<SignalTone, 2> loud{{{100.0, -3.0}, {200.0, -3.0}}};
    for (const Signal& wrong : {sine_signal(23000.0, -20.0), sine_signal(1000.0, 3.0), sine_signal(NAN, -20.0),
                                multitone_signal(loud), multitone_signal({}), sweep_signal(20.0, 20000.0, 0.0, -20.0),
                                noise_signal(Kind::PinkNoise, -3.0), burst_signal(1000.0, -20.0, 0.0, 1.0)}) {
        EXPECT_FALSE(generator.rt_play(wrong));
        EXPECT_NE(signal_complaint(wrong, kPlayRate), "");
    }
    EXPECT_NE(signal_complaint(sine_signal(23000.0, -20.0), kPlayRate).find("23000"), std::string::npos);
    EXPECT_EQ(signal_complaint(sine_signal(1000.0, -20.0), kPlayRate), "");
    const auto tone = strongest_tone(taken(generator, 0.5));
    EXPECT_NEAR(tone.cycles_per_sample * kPlayRate, 1000.0, 0.001);
    EXPECT_THROW(Generator(0.0), std::invalid_argument);
}

TEST(Generator, the_length_of_blocks_does_not_matter) {
    const std::array<SignalTone, 2> tones{{{300.0, -12.0, 0.02, 0.003}, {701.0, -12.0, 0.03, 0.0}}};
    for (const Signal& signal : {sine_signal(997.0, -6.0), square_signal(997.0, -6.0), multitone_signal(tones),
                                 sequence_signal(tones, true), sweep_signal(50.0, 5000.0, 0.1, -6.0),
                                 burst_signal(3000.0, -6.0, 0.002, 0.005), noise_signal(Kind::PinkNoise, -20.0)}) {
        Generator whole(kPlayRate), pieces(kPlayRate);
        whole.rt_play(signal);
        pieces.rt_play(signal);
        const auto expected = taken(whole, 0.2);
        std::vector<float> got(expected.size());
        std::size_t at = 0;
        for (std::size_t block = 1; at < got.size(); block = block * 5 % 211 + 1) {
            const std::size_t take = std::min(block, got.size() - at);
            pieces.process(std::span<float>(got).subspan(at, take));
            at += take;
        }
        for (std::size_t n = 0; n < got.size(); ++n) {
            ASSERT_NEAR(got[n], expected[n], 1e-6) << static_cast<int>(signal.kind) << ' ' << n;
        }
    }
}

} // namespace
