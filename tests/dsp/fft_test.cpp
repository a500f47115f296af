// SPDX-License-Identifier: Apache-2.0
#include "dsp/analysis/fft.hpp"
#include "dsp/analysis/window.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <vector>

namespace {
using namespace overbias::dsp;

TEST(Fft, sine_that_fits_the_frame_stands_in_its_bin_with_half_the_size) {
    constexpr std::size_t kSize = 256;
    RealFft fft(kSize);
    std::vector<float> x(kSize);
    for (std::size_t n = 0; n < kSize; ++n) {
        x[n] = static_cast<float>(0.5 * std::sin(2.0 * std::numbers::pi * 10.0 * static_cast<double>(n) / kSize));
    }
    std::vector<std::complex<float>> bins(fft.bins());
    fft.forward(x, bins);
    EXPECT_NEAR(std::abs(bins[10]), 0.5 * kSize / 2.0, 1e-3);
    EXPECT_NEAR(std::arg(bins[10]), -std::numbers::pi / 2.0, 1e-4); // a sine is a cosine a quarter period late
    EXPECT_LT(std::abs(bins[11]), 1e-3);
}

TEST(Fft, inverse_gives_the_samples_back) {
    RealFft fft(96);
    std::vector<float> x(96);
    for (std::size_t n = 0; n < x.size(); ++n) {
        x[n] = static_cast<float>((n * 37) % 19) - 9.0F;
    }
    std::vector<std::complex<float>> bins(fft.bins());
    std::vector<float> back(96);
    fft.forward(x, bins);
    fft.inverse(bins, back);
    for (std::size_t n = 0; n < x.size(); ++n) {
        EXPECT_NEAR(back[n], x[n], 1e-4);
    }
}

TEST(Fft, odd_size_is_refused) {
    EXPECT_THROW(RealFft(255), std::invalid_argument);
}

TEST(Window, hann_power_is_three_eighths) {
    const auto window = hann_window(4096);
    EXPECT_NEAR(window_power(window), 0.375 * 4096, 1e-2);
    EXPECT_FLOAT_EQ(window[0], 0.0F);
    EXPECT_FLOAT_EQ(window[2048], 1.0F);
}

} // namespace
