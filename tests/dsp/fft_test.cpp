// SPDX-License-Identifier: Apache-2.0
#include "dsp/analysis/fft.hpp"
#include "dsp/analysis/fft_of_four.hpp"
#include "dsp/analysis/fft_of_two.hpp"
#include "dsp/analysis/window.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <complex>
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

/// The spectrum of a signal is what RealFft makes of it.
void expect_spectrum(const std::vector<std::complex<float>>& found, const std::vector<float>& time) {
    RealFft one(time.size());
    std::vector<std::complex<float>> expected(one.bins());
    one.forward(time, expected);
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t k = 0; k < expected.size(); ++k) {
        ASSERT_LT(std::abs(found[k] - expected[k]), 2e-6F * static_cast<float>(time.size())) << time.size() << ' ' << k;
    }
}

TEST(FftOfFour, each_lane_is_the_spectrum_of_its_signal) {
    for (const std::size_t size : {8U, 16U, 32U, 4096U, 8192U}) { // odd and even powers: the last pass differs
        std::vector<float> first(2 * size);
        std::vector<float> second(2 * size);
        unsigned state = 7;
        for (std::size_t n = 0; n < 2 * size; ++n) {
            state = state * 1664525U + 1013904223U;
            first[n] = static_cast<float>(state >> 16) / 32768.0F - 1.0F;
            second[n] = static_cast<float>(state & 0xffffU) / 32768.0F - 1.0F;
        }
        const auto window = hann_window(size);
        std::array<std::vector<std::complex<float>>, 4> out;
        for (auto& bins : out) {
            bins.resize(size / 2 + 1);
        }
        FftOfFour four(size);
        four.forward(first, second, window, {out[0], out[1], out[2], out[3]});
        std::vector<float> time(size);
        for (std::size_t lane = 0; lane < 4; ++lane) {
            const auto& from = lane < 2 ? first : second;
            for (std::size_t n = 0; n < size; ++n) {
                time[n] = from[2 * n + lane % 2] * window[n];
            }
            expect_spectrum(out[lane], time);
        }
    }
    EXPECT_THROW(FftOfFour(96), std::invalid_argument);
    EXPECT_THROW(FftOfFour(4), std::invalid_argument);
}

TEST(FftOfTwo, each_channel_is_the_spectrum_of_its_signal) {
    for (const std::size_t size : {16U, 32U, 4096U, 8192U}) {
        std::vector<float> frame(2 * size);
        unsigned state = 11;
        for (float& sample : frame) {
            state = state * 1664525U + 1013904223U;
            sample = static_cast<float>(state >> 16) / 32768.0F - 1.0F;
        }
        FftOfTwo two(size);
        ASSERT_EQ(two.bins(), size / 2 + 1);
        std::array<std::vector<std::complex<float>>, 2> out;
        for (auto& bins : out) {
            bins.resize(two.bins());
        }
        two.forward(frame, out[0], out[1]);
        std::vector<float> time(size);
        for (std::size_t channel = 0; channel < 2; ++channel) {
            for (std::size_t n = 0; n < size; ++n) {
                time[n] = frame[2 * n + channel];
            }
            expect_spectrum(out[channel], time);
        }
    }
    EXPECT_THROW(FftOfTwo(96), std::invalid_argument);
    EXPECT_THROW(FftOfTwo(65), std::invalid_argument);
}

} // namespace
