// SPDX-License-Identifier: Apache-2.0
#include "dsp/meters/ppm_meter.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <stdexcept>
#include <tuple>
#include <vector>

namespace overbias::dsp::ppm_meter_test {
namespace {

constexpr double kReference = 0.125892541; // -18 dBFS

bool is_type_1(PpmScale scale) {
    return scale == PpmScale::din || scale == PpmScale::nordic;
}

struct Ppm : ::testing::TestWithParam<std::tuple<PpmScale, double>> {
    PpmScale scale = std::get<0>(GetParam());
    double rate = std::get<1>(GetParam());
    PpmMeter meter{scale, rate, kReference};

    void tone(double for_s, double frequency_hz, double db) {
        const double peak = kReference * std::pow(10.0, db / 20.0);
        std::vector<float> block(static_cast<std::size_t>(std::lround(for_s * rate)));
        for (std::size_t i = 0; i < block.size(); ++i) {
            block[i] = static_cast<float>(
                peak * std::sin(2.0 * std::numbers::pi * frequency_hz * static_cast<double>(i) / rate));
        }
        meter.process(block);
    }
    void silence(double for_s) { meter.process(std::vector<float>(static_cast<std::size_t>(for_s * rate))); }
};

INSTANTIATE_TEST_SUITE_P(ScalesAndRates, Ppm,
                         ::testing::Combine(::testing::Values(PpmScale::din, PpmScale::nordic, PpmScale::bbc,
                                                              PpmScale::ebu),
                                            ::testing::Values(44100.0, 48000.0, 88200.0, 96000.0, 192000.0)));

TEST_P(Ppm, ReadsTheSteadySineAsItsLevel) {
    for (const double db : {-12.0, 0.0, 9.0}) {
        for (const double frequency_hz : {100.0, 997.0, 5003.0, 8501.0}) {
            silence(8.0);
            tone(1.5, frequency_hz, db);
            (void)meter.highest_db();
            tone(0.1, frequency_hz, db);
            EXPECT_NEAR(meter.highest_db(), db, 0.1) << frequency_hz << " Hz";
        }
    }
}

TEST_P(Ppm, BurstsReadWhatAnIndependentMeterReads) {
    // x42 meters.lv2, Iec1ppmdsp and Iec2ppmdsp, simulated: another pair of charge rates, other people's fit
    struct Burst {
        double length_s, reads_db, within_db;
    };
    const std::vector<Burst> type_1{
        {0.100, -0.00, 0.05}, {0.010, -0.84, 0.2}, {0.005, -2.08, 0.25}, {0.003, -3.55, 0.3}, {0.0004, -14.5, 0.7}};
    const std::vector<Burst> type_2{
        {0.100, -0.02, 0.05}, {0.010, -2.03, 0.2}, {0.005, -3.95, 0.2}, {0.0015, -9.39, 0.2}, {0.0005, -16.61, 0.3}};
    for (const double level_db : {-4.0, 6.0}) {
        for (const Burst& burst : is_type_1(scale) ? type_1 : type_2) {
            silence(8.0);
            (void)meter.highest_db();
            tone(burst.length_s, 5000.0, level_db);
            silence(0.1);
            EXPECT_NEAR(meter.highest_db(), level_db + burst.reads_db, burst.within_db) << burst.length_s << " s";
        }
    }
}

TEST_P(Ppm, FallsAsAnIndependentMeterDoes) {
    tone(1.0, 1000.0, 12.0);
    const double fall_db = is_type_1(scale) ? 20.0 : 24.0;
    const double top_db = meter.reading_db();
    double took_s = 0.0;
    while (meter.reading_db() > top_db - fall_db && took_s < 10.0) {
        silence(0.001);
        took_s += std::floor(0.001 * rate) / rate;
    }
    EXPECT_NEAR(took_s, is_type_1(scale) ? 1.706 : 2.76, 0.05); // -11.73 and -8.69 dB/s, x42 simulated
    const double there_db = meter.reading_db();
    silence(0.5);
    EXPECT_NEAR((there_db - meter.reading_db()) / 0.5, is_type_1(scale) ? 11.73 : 8.69, 0.15); // linear in dB
}

TEST_P(Ppm, ReversedPolarityReadsTheSame) {
    std::vector<float> burst(static_cast<std::size_t>(0.005 * rate), 0.1F);
    meter.process(burst);
    const double positive_db = meter.reading_db();
    silence(8.0);
    for (float& sample : burst) {
        sample = -sample;
    }
    meter.process(burst);
    EXPECT_NEAR(meter.reading_db(), positive_db, 0.01);
}

TEST(PpmScales, MarksStandWhereTheBroadcastersPutThem) {
    // 0 dBu = -18 dBFS: BBC marks 1 ... 7 are -12 ... +12 dBu, 4 dB apart
    PpmMeter bbc(PpmScale::bbc, 48000.0, kReference);
    for (int mark = 1; mark <= 7; ++mark) {
        const double dbfs = -30.0 + 4.0 * (mark - 1);
        std::vector<float> second(48000);
        for (std::size_t i = 0; i < second.size(); ++i) {
            second[i] = static_cast<float>(std::pow(10.0, dbfs / 20.0) *
                                           std::sin(2.0 * std::numbers::pi * static_cast<double>(i) / 48.0));
        }
        bbc.process(second);
        EXPECT_NEAR(bbc.reading_mark(), mark, 0.02);
    }
    EXPECT_DOUBLE_EQ(ppm_mark(PpmScale::ebu, -12.0), -12.0);
    EXPECT_DOUBLE_EQ(ppm_mark(PpmScale::nordic, 6.0), 6.0);
    EXPECT_DOUBLE_EQ(ppm_mark(PpmScale::din, -50.0), -50.0);
}

TEST(PpmMeter, TellsTheHighestSinceItWasAsked) {
    PpmMeter meter(PpmScale::din, 48000.0, 1.0);
    EXPECT_NEAR(meter.highest_db(), -120.0, 1e-9);
    std::vector<float> loud(4800, 0.5F), quiet(96000, 0.0F);
    meter.process(loud);
    meter.process(quiet);
    const double highest = meter.highest_db();
    EXPECT_GT(highest, meter.reading_db() + 20.0);
    EXPECT_NEAR(meter.highest_db(), meter.reading_db(), 1e-9);
}

TEST(PpmMeter, ASampleThatIsNoNumberIsPassedOver) {
    PpmMeter meter(PpmScale::ebu, 48000.0, 1.0);
    std::vector<float> bad(10, std::nanf(""));
    meter.process(bad);
    meter.process(std::vector<float>(48000, 0.5F));
    EXPECT_GT(meter.reading_db(), -8.0);
}

TEST(PpmMeter, RefusesWhatIsNoRateOrNoReference) {
    EXPECT_THROW(PpmMeter(PpmScale::din, 0.0, 1.0), std::invalid_argument);
    EXPECT_THROW(PpmMeter(PpmScale::din, 48000.0, 0.0), std::invalid_argument);
    EXPECT_THROW(PpmMeter(PpmScale::din, std::nan(""), 1.0), std::invalid_argument);
}

} // namespace
} // namespace overbias::dsp::ppm_meter_test
