// SPDX-License-Identifier: Apache-2.0
#include "dsp/analysis/delay_estimator.hpp"
#include "dsp/analysis/window.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <random>
#include <vector>

namespace {
using namespace overbias::dsp;

constexpr std::size_t kDelaySize = 4096;
constexpr double kDelayRate = 48000.0;

using Spectrum = std::vector<std::complex<float>>;

/// Sum of random sines, so that any delay is exact.
Spectrum delayed_mixture(double delay_samples, double gain, unsigned noise_seed) {
    std::mt19937 random(17);
    std::uniform_real_distribution<double> frequency(200.0, 6000.0);
    std::uniform_real_distribution<double> phase(0.0, 2.0 * std::numbers::pi);
    std::vector<float> x(kDelaySize);
    for (int tone = 0; tone < 40; ++tone) {
        const double w = 2.0 * std::numbers::pi * frequency(random) / kDelayRate;
        const double p = phase(random);
        for (std::size_t n = 0; n < kDelaySize; ++n) {
            x[n] += static_cast<float>(gain * std::sin(w * (static_cast<double>(n) - delay_samples) + p));
        }
    }
    std::mt19937 other(noise_seed);
    std::normal_distribution<float> noise(0.0F, 0.02F);
    const auto window = hann_window(kDelaySize);
    for (std::size_t n = 0; n < kDelaySize; ++n) {
        x[n] = (x[n] + noise(other)) * window[n];
    }
    RealFft fft(kDelaySize);
    Spectrum bins(fft.bins());
    fft.forward(x, bins);
    return bins;
}

TEST(DelayEstimator, fine_finds_fractions_of_a_sample) {
    const DelayEstimator estimator(kDelaySize, kDelayRate, 400.0, 5000.0);
    const auto reference = delayed_mixture(0.0, 1.0, 1);
    for (const double delay : {-2.3, -0.5, 0.0, 0.37, 1.9}) {
        const auto found = estimator.fine(reference, delayed_mixture(delay, 0.7, 2), 0.0);
        EXPECT_NEAR(found.samples, delay, 0.01);
        EXPECT_GT(found.correlation, 0.98);
    }
}

TEST(DelayEstimator, coarse_finds_what_fine_cannot_reach) {
    DelayEstimator estimator(kDelaySize, kDelayRate, 400.0, 5000.0);
    const auto reference = delayed_mixture(0.0, 1.0, 1);
    const auto late = delayed_mixture(61.25, 1.0, 2);
    EXPECT_NEAR(estimator.coarse(reference, late, 0.0, 100.0).samples, 61.25, 0.02);
    EXPECT_GT(std::abs(estimator.fine(reference, late, 0.0).samples - 61.25), 10.0);
}

TEST(DelayEstimator, opposite_polarity_is_a_negative_correlation_at_the_same_delay) {
    DelayEstimator estimator(kDelaySize, kDelayRate, 400.0, 5000.0);
    const auto found = estimator.coarse(delayed_mixture(0.0, 1.0, 1), delayed_mixture(5.5, -1.0, 2), 0.0, 30.0);
    EXPECT_NEAR(found.samples, 5.5, 0.02);
    EXPECT_LT(found.correlation, -0.98);
}

TEST(DelayEstimator, silence_has_no_correlation) {
    const DelayEstimator estimator(kDelaySize, kDelayRate, 400.0, 5000.0);
    const Spectrum silence(kDelaySize / 2 + 1);
    const auto found = estimator.fine(delayed_mixture(0.0, 1.0, 1), silence, 1.5);
    EXPECT_EQ(found.correlation, 0.0);
    EXPECT_EQ(found.samples, 1.5);
}

} // namespace
