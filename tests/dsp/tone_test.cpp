// SPDX-License-Identifier: Apache-2.0
#include "dsp/analysis/tone.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <random>
#include <vector>

namespace {
using namespace overbias::dsp;

std::vector<float> cosine(double frequency, double amplitude, double phase_at_middle, std::size_t size, double noise) {
    std::vector<float> x(size);
    std::mt19937 random(3);
    std::normal_distribution<double> normal(0.0, noise);
    const double middle = (static_cast<double>(size) - 1.0) / 2.0;
    for (std::size_t n = 0; n < size; ++n) {
        const double angle = 2.0 * std::numbers::pi * frequency * (static_cast<double>(n) - middle) + phase_at_middle;
        x[n] = static_cast<float>(amplitude * std::cos(angle) + (noise > 0.0 ? normal(random) : 0.0));
    }
    return x;
}

TEST(Tone, frequency_level_and_phase_are_found) {
    const double frequency = 1000.37 / 48000.0;
    const auto tone = strongest_tone(cosine(frequency, 0.2, 1.1, 24000, 0.0));
    EXPECT_NEAR(tone.cycles_per_sample / frequency, 1.0, 1e-7);
    EXPECT_NEAR(tone.amplitude, 0.2, 2e-6);
    EXPECT_NEAR(tone.phase_rad, 1.1, 1e-4);
    EXPECT_NEAR(tone.share, 1.0, 1e-3);
}

TEST(Tone, is_found_in_noise_and_its_share_is_told) {
    const double frequency = 997.0 / 48000.0;
    const auto tone = strongest_tone(cosine(frequency, 0.1, -0.4, 48000, 0.05));
    EXPECT_NEAR(tone.cycles_per_sample / frequency, 1.0, 1e-4);
    EXPECT_NEAR(tone.amplitude, 0.1, 0.002);
    EXPECT_NEAR(tone.share, 0.005 / (0.005 + 0.0025), 0.03);
}

TEST(Tone, short_low_tone_is_not_spoilt_by_its_own_image) {
    // one period and a half: the conjugate term is as large as the tone itself
    const auto amplitude = tone_at(cosine(1.5 / 64.0, 1.0, 0.7, 64, 0.0), 1.5 / 64.0);
    EXPECT_NEAR(std::abs(amplitude), 1.0, 1e-5);
    EXPECT_NEAR(std::arg(amplitude), 0.7, 1e-5);
}

} // namespace
