// SPDX-License-Identifier: Apache-2.0
// Goniometer, rms meter, spectrum: closed forms.
#include "dsp/meters/goniometer.hpp"
#include "dsp/meters/rms_meter.hpp"
#include "dsp/meters/spectrum_meter.hpp"

#include <algorithm>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <random>
#include <set>
#include <stdexcept>
#include <vector>

namespace overbias::dsp::display_meters_test {
namespace {

std::vector<float> sine(double rate, double seconds, double hz, double peak) {
    std::vector<float> x(static_cast<std::size_t>(std::lround(seconds * rate)));
    for (std::size_t i = 0; i < x.size(); ++i) {
        x[i] = static_cast<float>(peak * std::sin(2.0 * std::numbers::pi * hz * static_cast<double>(i) / rate));
    }
    return x;
}

struct Rates : ::testing::TestWithParam<double> {
    double rate = GetParam();
};
INSTANTIATE_TEST_SUITE_P(Displays, Rates, ::testing::Values(44100.0, 48000.0, 96000.0, 192000.0));

TEST_P(Rates, MonoStandsUprightAndAnInvertedChannelLiesFlat) {
    Goniometer goniometer(rate, 2000.0, 4000);
    const auto left = sine(rate, 1.0, 440.0, 0.5);
    auto right = left;
    std::vector<GoniometerPoint> points(4000);
    goniometer.process(left, right);
    ASSERT_NEAR(static_cast<double>(goniometer.take(points)), 2000.0, 100.0);
    float highest = 0.0F;
    for (std::size_t i = 0; i < 1900; ++i) {
        EXPECT_EQ(points[i].x, 0.0F);
        highest = std::max(highest, points[i].y);
    }
    EXPECT_NEAR(highest, 0.5 * std::numbers::sqrt2, 0.01);
    for (float& sample : right) {
        sample = -sample;
    }
    goniometer.process(left, right);
    const std::size_t flat = goniometer.take(points);
    for (std::size_t i = 0; i < flat; ++i) {
        EXPECT_EQ(points[i].y, 0.0F);
    }
    EXPECT_EQ(goniometer.take(points), 0U);
    std::fill(right.begin(), right.end(), 0.0F);
    goniometer.process(left, right);
    const std::size_t leaning = goniometer.take(points);
    for (std::size_t i = 0; i < leaning; ++i) {
        EXPECT_EQ(points[i].x, points[i].y);
    }
}

TEST_P(Rates, AToneLockedToTheStrideIsNotOneDot) {
    Goniometer goniometer(rate, 1000.0, 1000);
    const double stretch = std::ceil(rate / 1000.0);
    const auto x = sine(rate, 0.5, rate / stretch, 0.5);
    goniometer.process(x, x);
    std::vector<GoniometerPoint> points(1000);
    const std::size_t count = goniometer.take(points);
    std::set<int> places;
    for (std::size_t i = 0; i < count; ++i) {
        places.insert(static_cast<int>(std::lround(100.0F * points[i].y)));
    }
    EXPECT_GT(places.size(), 15U);
}

TEST_P(Rates, EveryPointIsAFrameAndTheNewestAreKept) {
    Goniometer goniometer(rate, rate / 7.0, 50);
    std::vector<float> count(1400);
    for (std::size_t i = 0; i < count.size(); ++i) {
        count[i] = static_cast<float>(i);
    }
    const std::vector<float> none(count.size(), 0.0F);
    for (std::size_t at = 0; at < count.size(); at += 40) {
        goniometer.process({count.data() + at, 40}, {none.data() + at, 40});
    }
    std::vector<GoniometerPoint> points(60);
    ASSERT_EQ(goniometer.take(points), 50U);
    for (std::size_t i = 0; i < 50; ++i) { // one out of each seven frames, in order, the last fifty
        EXPECT_EQ(std::floor(points[i].x * std::numbers::sqrt2 / 7.0 + 1e-3), static_cast<double>(150 + i));
    }
}

TEST_P(Rates, ASineReadsItsPeakAndASquareThreeDbMore) {
    for (const double db : {0.0, -20.0, -60.0}) {
        RmsMeter meter(RmsScale::k20, rate, 0.6);
        meter.process(sine(rate, 3.0, 1000.0, std::pow(10.0, db / 20.0)));
        EXPECT_NEAR(meter.reading_db(), db + 20.0, 0.01);
    }
    RmsMeter k14(RmsScale::k14, rate, 0.6), k12(RmsScale::k12, rate, 0.6), plain(RmsScale::full_scale, rate, 0.6);
    const std::vector<float> square(static_cast<std::size_t>(3.0 * rate), -0.1F);
    k14.process(square);
    k12.process(square);
    plain.process(square);
    EXPECT_NEAR(plain.reading_db(), -20.0 + 3.0103, 0.001);
    EXPECT_NEAR(k14.reading_db(), -6.0 + 3.0103, 0.001);
    EXPECT_NEAR(k12.reading_db(), -8.0 + 3.0103, 0.001);
}

TEST_P(Rates, RmsReaches99PercentInItsTimeAndKeepsTheHighest) {
    RmsMeter meter(RmsScale::full_scale, rate, 0.6);
    const std::vector<float> held(static_cast<std::size_t>(std::lround(0.6 * rate)), 0.5F);
    meter.process(held);
    const double top_db = 20.0 * std::log10(0.5) + 3.0103;
    EXPECT_NEAR(meter.reading_db(), top_db + 20.0 * std::log10(0.99), 0.001);
    const double reached_db = meter.reading_db();
    meter.process(std::vector<float>(held.size(), 0.0F));
    EXPECT_LT(meter.reading_db(), reached_db - 15.0);
    EXPECT_NEAR(meter.highest_db(), reached_db, 1e-9);
    EXPECT_NEAR(meter.highest_db(), meter.reading_db(), 1e-9);
}

TEST_P(Rates, ASineIsOneBandAndOneLine) {
    for (const std::size_t size : {4096U, 16384U, 65536U}) {
        for (const auto window : {SpectrumWindow::hann, SpectrumWindow::blackman_harris}) {
            SpectrumMeter meter({.rate_hz = rate, .fft_size = size, .window = window, .updates_per_s = 10.0});
            const double bin = std::round(1000.0 * static_cast<double>(size) / rate);
            meter.process(
                sine(rate, 0.3 + static_cast<double>(size) / rate, bin * rate / static_cast<double>(size), 0.1));
            ASSERT_GT(meter.updates(), 0U);
            const auto line = static_cast<std::size_t>(bin);
            EXPECT_NEAR(meter.lines_dbfs()[line], -20.0F, 0.01F);
            EXPECT_LT(meter.lines_dbfs()[line + 20], -85.0F);
            EXPECT_LT(meter.lines_dbfs()[line / 2], -95.0F);
            const auto& nominal = meter.band_nominal_hz();
            for (std::size_t b = 0; b < nominal.size(); ++b) {
                if (nominal[b] == 1000.0) {
                    EXPECT_NEAR(meter.bands_dbfs()[b], -20.0F, 0.01F);
                } else {
                    EXPECT_LT(meter.bands_dbfs()[b], -60.0F) << nominal[b];
                }
            }
        }
    }
}

TEST_P(Rates, ASineBetweenTwoLinesKeepsItsBandLevel) {
    SpectrumMeter meter({.rate_hz = rate, .fft_size = 8192, .updates_per_s = 20.0});
    const double bin_hz = rate / 8192.0;
    meter.process(sine(rate, 1.0, (std::round(5000.0 / bin_hz) + 0.5) * bin_hz, 0.1));
    const auto line = static_cast<std::size_t>(std::round(5000.0 / bin_hz));
    EXPECT_NEAR(meter.lines_dbfs()[line], -21.42F, 0.02F); // Hann's scallop, 1.42 dB
    for (std::size_t b = 0; b < meter.band_nominal_hz().size(); ++b) {
        if (meter.band_nominal_hz()[b] == 5000.0) {
            EXPECT_NEAR(meter.bands_dbfs()[b], -20.0F, 0.01F);
        }
    }
}

TEST_P(Rates, WhiteNoiseRisesByTheWidthOfTheBand) {
    SpectrumMeter meter({.rate_hz = rate, .fft_size = 65536, .updates_per_s = 4.0, .average_s = 5.0});
    std::mt19937 random(3);
    std::normal_distribution<double> normal(0.0, 0.1);
    std::vector<float> x(static_cast<std::size_t>(12.0 * rate));
    for (float& sample : x) {
        sample = static_cast<float>(normal(random));
    }
    meter.process(x);
    for (std::size_t b = 0; b < meter.band_nominal_hz().size(); ++b) {
        const double hz = meter.band_nominal_hz()[b];
        if (hz >= 1000.0) {
            // power 0.01 spread evenly to half the rate; a band is 0.2308 of its centre wide; + 3 dB as for a sine
            const double expected_db = 10.0 * std::log10(2.0 * 0.01 * 0.2308 * hz / (rate / 2.0));
            EXPECT_NEAR(meter.bands_dbfs()[b], expected_db, 1.0) << hz;
        }
    }
}

TEST_P(Rates, APeakIsHeldThenFalls) {
    SpectrumMeter meter(
        {.rate_hz = rate, .fft_size = 4096, .updates_per_s = 50.0, .hold_s = 0.5, .decay_db_per_s = 30.0});
    const double bin_hz = rate / 4096.0;
    const auto line = static_cast<std::size_t>(std::round(3000.0 / bin_hz));
    meter.process(sine(rate, 0.5, static_cast<double>(line) * bin_hz, 0.1));
    EXPECT_NEAR(meter.line_peaks_dbfs()[line], -20.0F, 0.02F);
    meter.process(std::vector<float>(static_cast<std::size_t>(0.4 * rate)));
    EXPECT_NEAR(meter.line_peaks_dbfs()[line], -20.0F, 0.02F);
    EXPECT_LT(meter.lines_dbfs()[line], -150.0F);
    meter.process(std::vector<float>(static_cast<std::size_t>(1.2 * rate)));
    EXPECT_NEAR(meter.line_peaks_dbfs()[line], -20.0F - 30.0F * 1.1F, 3.5F); // the window still heard the tone a while
    meter.forget_peaks();
    meter.process(std::vector<float>(static_cast<std::size_t>(0.1 * rate)));
    EXPECT_EQ(meter.line_peaks_dbfs()[line], -200.0F);
}

TEST(SpectrumMeter, LowestBandIsOneTheTransformResolves) {
    const SpectrumMeter fine({.rate_hz = 48000.0, .fft_size = 65536});
    EXPECT_EQ(fine.band_nominal_hz().front(), 20.0);
    EXPECT_EQ(fine.band_nominal_hz().back(), 20000.0);
    const SpectrumMeter coarse({.rate_hz = 48000.0, .fft_size = 4096});
    EXPECT_NEAR(coarse.band_nominal_hz().front(), 250.0, 70.0);
    const SpectrumMeter narrow({.rate_hz = 44100.0, .fft_size = 65536});
    EXPECT_LE(narrow.band_nominal_hz().back(), 20000.0);
}

TEST(DisplayMeters, RefuseWhatTheyCannotServe) {
    EXPECT_THROW(SpectrumMeter({.fft_size = 2048}), std::invalid_argument);
    EXPECT_THROW(SpectrumMeter({.fft_size = 5000}), std::invalid_argument);
    EXPECT_THROW(SpectrumMeter({.rate_hz = 0.0}), std::invalid_argument);
    EXPECT_THROW(SpectrumMeter({.updates_per_s = 0.0}), std::invalid_argument);
    EXPECT_THROW(SpectrumMeter({.highest_hz = 10.0}), std::invalid_argument);
    EXPECT_THROW(Goniometer(48000.0, 0.0, 10), std::invalid_argument);
    EXPECT_THROW(Goniometer(48000.0, 100.0, 0), std::invalid_argument);
    EXPECT_THROW(RmsMeter(RmsScale::k20, 48000.0, 0.0), std::invalid_argument);
    EXPECT_THROW(RmsMeter(RmsScale::k20, std::nan(""), 0.6), std::invalid_argument);
}

} // namespace
} // namespace overbias::dsp::display_meters_test
