// SPDX-License-Identifier: Apache-2.0
// Oracle: the tables of IEC 61672-1 and Rec. ITU-R BS.468-4; the code works from poles.
#include "dsp/analysis/weighting.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <numbers>
#include <stdexcept>
#include <utility>
#include <vector>

namespace overbias::dsp::weighting_test {
namespace {

constexpr double kNoLimit = 1000.0;

struct SoundLevelRow {
    double a_db, c_db, over_db, under_db; ///< IEC 61672-1:2013 table 3, class 1
};
// 10 Hz to 20 kHz, third octaves, exact frequencies 1000 * 10^(n/10)
const std::vector<SoundLevelRow> kClass1{
    {-70.4, -14.3, 3.0, kNoLimit}, {-63.4, -11.2, 2.5, kNoLimit}, {-56.7, -8.5, 2.0, 4.0}, {-50.5, -6.2, 2.0, 2.0},
    {-44.7, -4.4, 2.0, 1.5},       {-39.4, -3.0, 1.5, 1.5},       {-34.6, -2.0, 1.0, 1.0}, {-30.2, -1.3, 1.0, 1.0},
    {-26.2, -0.8, 1.0, 1.0},       {-22.5, -0.5, 1.0, 1.0},       {-19.1, -0.3, 1.0, 1.0}, {-16.1, -0.2, 1.0, 1.0},
    {-13.4, -0.1, 1.0, 1.0},       {-10.9, 0.0, 1.0, 1.0},        {-8.6, 0.0, 1.0, 1.0},   {-6.6, 0.0, 1.0, 1.0},
    {-4.8, 0.0, 1.0, 1.0},         {-3.2, 0.0, 1.0, 1.0},         {-1.9, 0.0, 1.0, 1.0},   {-0.8, 0.0, 1.0, 1.0},
    {0.0, 0.0, 0.7, 0.7},          {0.6, 0.0, 1.0, 1.0},          {1.0, -0.1, 1.0, 1.0},   {1.2, -0.2, 1.0, 1.0},
    {1.3, -0.3, 1.0, 1.0},         {1.2, -0.5, 1.0, 1.0},         {1.0, -0.8, 1.0, 1.0},   {0.5, -1.3, 1.5, 1.5},
    {-0.1, -2.0, 1.5, 2.0},        {-1.1, -3.0, 1.5, 2.5},        {-2.5, -4.4, 2.0, 3.0},  {-4.3, -6.2, 2.0, 5.0},
    {-6.6, -8.5, 2.5, 16.0},       {-9.3, -11.2, 3.0, kNoLimit}};

struct NoiseRow {
    double hz, db, within_db; ///< Rec. ITU-R BS.468-4 table 1
};
// 6.3 kHz is the anchor with no tolerance at all, which nothing meets: 0.2 dB here
const std::vector<NoiseRow> k468{{31.5, -29.9, 2.0}, {63, -23.9, 1.4},   {100, -19.8, 1.0},   {200, -13.8, 0.85},
                                 {400, -7.8, 0.7},   {800, -1.9, 0.55},  {1000, 0.0, 0.5},    {2000, 5.6, 0.5},
                                 {3150, 9.0, 0.5},   {4000, 10.5, 0.5},  {5000, 11.7, 0.5},   {6300, 12.2, 0.2},
                                 {7100, 12.0, 0.2},  {8000, 11.4, 0.4},  {9000, 10.1, 0.6},   {10000, 8.1, 0.8},
                                 {12500, 0.0, 1.2},  {14000, -5.3, 1.4}, {16000, -11.7, 1.6}, {20000, -22.2, 2.0}};

/// Response measured through the filter with a sine, over whole periods after the filter has settled.
double through_db(Weighting weighting, double rate, double hz) {
    WeightingFilter filter(weighting, rate);
    const auto settle = static_cast<std::size_t>(0.3 * rate);
    const auto frames = static_cast<std::size_t>(std::lround(std::max(1.0, std::round(0.2 * hz)) / hz * rate));
    double re = 0.0, im = 0.0, weights = 0.0;
    for (std::size_t i = 0; i < settle + frames; ++i) {
        const double angle = 2.0 * std::numbers::pi * hz * static_cast<double>(i) / rate;
        const double y = filter.rt_process(std::sin(angle));
        if (i >= settle) {
            const double w = 1.0 - std::cos(2.0 * std::numbers::pi * (static_cast<double>(i - settle) + 0.5) /
                                            static_cast<double>(frames));
            re += w * y * std::cos(angle);
            im += w * y * std::sin(angle);
            weights += w;
        }
    }
    return 20.0 * std::log10(2.0 * std::hypot(re, im) / weights);
}

double response_db(Weighting weighting, double rate, double hz) {
    static std::map<std::pair<Weighting, double>, std::vector<BiquadCoefficients>> designed;
    auto& sections = designed[{weighting, rate}];
    if (sections.empty()) {
        sections = weighting_sections(weighting, rate);
    }
    double product = 1.0;
    for (const BiquadCoefficients& section : sections) {
        product *= magnitude(section, hz, rate);
    }
    return 20.0 * std::log10(product);
}

struct Network : ::testing::TestWithParam<double> {
    double rate = GetParam();
};
INSTANTIATE_TEST_SUITE_P(Rates, Network, ::testing::Values(44100.0, 48000.0, 88200.0, 96000.0, 176400.0, 192000.0));

TEST_P(Network, AAndCAreWithinClass1AndOnTheAnalogCurve) {
    for (std::size_t n = 0; n < kClass1.size(); ++n) {
        const double hz = 1000.0 * std::pow(10.0, (static_cast<double>(n) - 20.0) / 10.0);
        const SoundLevelRow& row = kClass1[n];
        const double a_db = response_db(Weighting::a, rate, hz) - row.a_db;
        const double c_db = response_db(Weighting::c, rate, hz) - row.c_db;
        for (const double off_db : {a_db, c_db}) {
            EXPECT_LE(off_db, row.over_db) << hz;
            EXPECT_GE(off_db, -row.under_db) << hz;
            // the tables are rounded to 0.1 dB; the class is far wider than what a digital filter can do
            EXPECT_NEAR(off_db, 0.0, hz < 17000.0 ? 0.11 : 0.16) << hz;
        }
    }
}

TEST_P(Network, Of468IsWithinTheTable) {
    for (const NoiseRow& row : k468) {
        EXPECT_NEAR(response_db(Weighting::itu468, rate, row.hz), row.db, row.within_db) << row.hz;
        EXPECT_NEAR(response_db(Weighting::itu468, rate, row.hz), row.db, 0.2) << row.hz;
    }
    if (rate >= 88200.0) {
        const double off_db = response_db(Weighting::itu468, rate, 31500.0) + 42.7;
        EXPECT_LT(off_db, 2.8);
    }
}

TEST_P(Network, Of468AtUnity2kHzIs5Point63DbLess) {
    EXPECT_NEAR(response_db(Weighting::itu468_unity_at_2khz, rate, 2000.0), 0.0, 1e-9);
    for (const NoiseRow& row : k468) {
        EXPECT_NEAR(response_db(Weighting::itu468_unity_at_2khz, rate, row.hz), row.db - 5.63, 0.25) << row.hz;
    }
}

TEST_P(Network, FilterDoesWhatItsSectionsSay) {
    for (const Weighting weighting : {Weighting::a, Weighting::c, Weighting::itu468}) {
        for (const double hz : {100.0, 1000.0, 6300.0, 12500.0, 20000.0}) {
            EXPECT_NEAR(through_db(weighting, rate, hz), response_db(weighting, rate, hz), 0.005) << hz;
        }
    }
}

TEST_P(Network, FiltersAreMinimumPhaseAndStable) {
    for (const Weighting weighting : {Weighting::a, Weighting::c, Weighting::itu468}) {
        for (const BiquadCoefficients& s : weighting_sections(weighting, rate)) {
            EXPECT_LT(std::abs(s.a2), 1.0);
            EXPECT_LT(std::abs(s.a1), 1.0 + s.a2);
            EXPECT_LE(std::abs(s.b2), std::abs(s.b0) * (1.0 + 1e-12));
            EXPECT_LE(std::abs(s.b1), std::abs(s.b0 + s.b2) * (1.0 + 1e-9));
        }
    }
}

TEST(WeightingFilter, RefusesARateItCannotServe) {
    EXPECT_THROW(WeightingFilter(Weighting::a, 22050.0), std::invalid_argument);
    EXPECT_THROW(WeightingFilter(Weighting::c, std::nan("")), std::invalid_argument);
}

} // namespace
} // namespace overbias::dsp::weighting_test
