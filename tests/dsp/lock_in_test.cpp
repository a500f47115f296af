// SPDX-License-Identifier: Apache-2.0
// The lock-in against what was put in: cosines of known level and frequency, closed forms and the Cramer-Rao bound.
#include "dsp/analysis/lock_in.hpp"
#include "tests/support/allocation_count.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numbers>
#include <random>
#include <span>
#include <stdexcept>
#include <vector>

namespace overbias::dsp::lock_in_test {
namespace {

using Samples = std::vector<float>;

void add(Samples& to, double rate, double hz, double peak, double phase_rad = 0.4) {
    for (std::size_t i = 0; i < to.size(); ++i) {
        to[i] += static_cast<float>(peak *
                                    std::cos(2.0 * std::numbers::pi * hz * static_cast<double>(i) / rate + phase_rad));
    }
}

Samples tone(double rate, double seconds, double hz, double peak) {
    Samples x(static_cast<std::size_t>(rate * seconds));
    add(x, rate, hz, peak);
    return x;
}

double from_db(double db) {
    return std::pow(10.0, db / 20.0);
}

std::vector<LockInReading> readings(LockIn& lock_in, std::span<const float> x) {
    std::vector<LockInReading> out(lock_in.most_readings(x.size()));
    out.resize(lock_in.process(x, out));
    return out;
}

/// The readings of a new lock-in.
std::vector<LockInReading> readings(const LockInConfig& config, std::span<const float> x) {
    LockIn lock_in(config);
    return readings(lock_in, x);
}

struct Carrier {
    double rate_hz, expected_hz, pull_hz;
};
constexpr Carrier kCarriers[] = {
    {48000.0, 15000.0, 150.0}, {96000.0, 19200.0, 192.0}, {192000.0, 24000.0, 1500.0}, {192000.0, 76800.0, 768.0}};

TEST(LockIn, LevelIsExactAcrossThePullRange) {
    for (const Carrier& each : kCarriers) {
        for (const double off : {-0.98, -0.31, 0.0, 0.5, 0.98}) {
            for (const double dbfs : {0.0, -20.0, -60.0}) {
                const double hz = each.expected_hz + off * each.pull_hz;
                const auto got = readings({each.rate_hz, each.expected_hz, each.pull_hz, 0.25},
                                          tone(each.rate_hz, 0.6, hz, from_db(dbfs)));
                ASSERT_GE(got.size(), 1U);
                EXPECT_TRUE(got[0].carrier);
                EXPECT_NEAR(20.0 * std::log10(got[0].amplitude), dbfs, 0.001) << hz;
                EXPECT_NEAR(got[0].frequency_hz, hz, 0.001);
                EXPECT_NEAR(got[0].band_rms, from_db(dbfs) / std::numbers::sqrt2, 0.001 * from_db(dbfs));
                EXPECT_GT(got[0].snr_db, 80.0);
            }
        }
    }
}

TEST(LockIn, FrequencyIsAsGoodAsNoiseAllows) {
    constexpr double kRate = 48000.0, kPeak = 0.5;
    constexpr int kTrials = 60;
    const double noise = kPeak / std::numbers::sqrt2 * 1e-3; // 60 dB
    std::mt19937 random(3);
    std::normal_distribution<double> normal(0.0, noise);
    std::uniform_real_distribution<double> any(-0.9, 0.9);
    double squares = 0.0, size = 0.0, worst_db = 0.0, snr_db = 0.0;
    for (int trial = 0; trial < kTrials; ++trial) {
        LockIn lock_in({kRate, 15000.0, 150.0, 1.0});
        size = lock_in.reading_s() * kRate;
        const double hz = 15000.0 + 150.0 * any(random);
        Samples x = tone(kRate, 1.1, hz, kPeak);
        for (float& sample : x) {
            sample += static_cast<float>(normal(random));
        }
        const auto got = readings(lock_in, x);
        ASSERT_EQ(got.size(), 1U);
        squares += (got[0].frequency_hz - hz) * (got[0].frequency_hz - hz);
        worst_db = std::max(worst_db, std::abs(20.0 * std::log10(got[0].amplitude / kPeak)));
        snr_db += got[0].snr_db / kTrials;
    }
    const double bound_hz =
        std::sqrt(24.0 * noise * noise / (kPeak * kPeak * size * size * size)) * kRate / (2.0 * std::numbers::pi);
    const double ratio = std::sqrt(squares / kTrials) / bound_hz;
    EXPECT_LT(ratio, 1.3); // one sigma of 60 trials is 0.09
    EXPECT_GT(ratio, 0.7); // better than the bound would be an error of this test
    EXPECT_LT(worst_db, 0.01);
    // the low-pass is half way down at 1.25 pull ranges: so much of the noise, to both sides, stands beside the carrier
    EXPECT_NEAR(snr_db, 60.0 - 10.0 * std::log10(2.0 * 1.25 * 150.0 / (kRate / 2.0)), 0.5);
    RecordProperty("times_cramer_rao_percent", static_cast<int>(100.0 * ratio));
}

TEST(LockIn, NeighboursDoNotCount) {
    const LockInConfig config{96000.0, 19200.0, 192.0, 1.0};
    Samples beside = tone(96000.0, 1.5, 19230.0, from_db(-30.0));
    add(beside, 96000.0, 19230.0 + 400.0, from_db(-10.0)); // outside the pull range, 20 dB above the carrier
    auto got = readings(config, beside);
    ASSERT_GE(got.size(), 1U);
    EXPECT_TRUE(got[0].carrier);
    EXPECT_NEAR(20.0 * std::log10(got[0].amplitude), -30.0, 0.01);
    EXPECT_NEAR(got[0].frequency_hz, 19230.0, 0.005);

    Samples within = tone(96000.0, 1.5, 19230.0, from_db(-30.0));
    add(within, 96000.0, 19170.0, from_db(-50.0)); // within it, 20 dB below
    got = readings(config, within);
    ASSERT_GE(got.size(), 1U);
    EXPECT_TRUE(got[0].carrier);
    EXPECT_NEAR(20.0 * std::log10(got[0].amplitude), -30.0, 0.01);
    EXPECT_NEAR(got[0].frequency_hz, 19230.0, 0.01);
    EXPECT_NEAR(got[0].snr_db, 20.0, 0.2); // the neighbour is what is left beside the carrier

    Samples near = tone(96000.0, 1.5, 19230.0, from_db(-30.0));
    add(near, 96000.0, 19240.43, from_db(-50.0)); // ten lines of a reading beside it
    got = readings(config, near);
    ASSERT_GE(got.size(), 1U);
    EXPECT_NEAR(20.0 * std::log10(got[0].amplitude), -30.0, 0.01);
}

TEST(LockIn, ProgrammeInTheSameChannelDoesNotCount) {
    // 10 kHz at full scale with its harmonic, the carrier 40 dB below it
    Samples x = tone(96000.0, 1.5, 19190.0, from_db(-40.0));
    add(x, 96000.0, 10000.0, 0.9);
    add(x, 96000.0, 20000.0, 0.01);
    const auto got = readings({96000.0, 19200.0, 192.0, 1.0}, x);
    ASSERT_GE(got.size(), 1U);
    EXPECT_TRUE(got[0].carrier);
    EXPECT_NEAR(20.0 * std::log10(got[0].amplitude), -40.0, 0.01);
    EXPECT_NEAR(got[0].frequency_hz, 19190.0, 0.01);
    EXPECT_GT(got[0].snr_db, 50.0);
}

TEST(LockIn, SaysWhenThereIsNoCarrier) {
    const LockInConfig config{48000.0, 15000.0, 150.0, 0.25};
    std::mt19937 random(5);
    std::normal_distribution<float> normal(0.0F, 0.01F);
    Samples x = tone(48000.0, 1.0, 15010.0, 0.1);
    x.resize(96000);
    for (float& sample : x) {
        sample += normal(random);
    }
    const auto got = readings(config, x);
    ASSERT_GE(got.size(), 7U);
    for (std::size_t n = 0; n < got.size(); ++n) {
        if (got[n].until_frame <= 48000U) {
            EXPECT_TRUE(got[n].carrier) << n;
        }
        if (got[n].until_frame > 48000U + 14000U + 4000U) {
            EXPECT_FALSE(got[n].carrier) << n;
            EXPECT_LT(got[n].snr_db, 0.0);
        }
    }
    // silence, and a carrier where none is expected: within the low-pass, but outside the pull range
    EXPECT_FALSE(readings(config, Samples(48000)).at(0).carrier);
    EXPECT_FALSE(readings(config, tone(48000.0, 1.0, 15180.0, 0.1)).at(0).carrier);
    EXPECT_TRUE(readings(config, tone(48000.0, 1.0, 15145.0, 0.1)).at(0).carrier);
}

TEST(LockIn, OneBadSampleSpoilsOneReadingOnly) {
    const LockInConfig config{48000.0, 15000.0, 150.0, 0.25};
    Samples x = tone(48000.0, 3.0, 15010.0, 0.1);
    x[30000] = std::numeric_limits<float>::quiet_NaN();
    const auto got = readings(config, x);
    ASSERT_GE(got.size(), 10U);
    EXPECT_GE(std::ranges::count_if(got, [](const LockInReading& each) { return !each.carrier; }), 1);
    EXPECT_LE(std::ranges::count_if(got, [](const LockInReading& each) { return !each.carrier; }), 2);
    EXPECT_TRUE(got.back().carrier);
}

TEST(LockIn, BlocksOfAnyLengthGiveTheSame) {
    const LockInConfig config{48000.0, 15000.0, 150.0, 0.25};
    const Samples x = tone(48000.0, 1.2, 15033.3, 0.2);
    const auto whole = readings(config, x);
    LockIn lock_in(config);
    std::vector<LockInReading> pieces;
    std::mt19937 random(8);
    for (std::size_t at = 0; at < x.size();) {
        const std::size_t size = std::min<std::size_t>(x.size() - at, 1 + random() % 3000);
        for (const auto& each : readings(lock_in, std::span(x).subspan(at, size))) {
            pieces.push_back(each);
        }
        at += size;
    }
    ASSERT_EQ(pieces.size(), whole.size());
    for (std::size_t n = 0; n < whole.size(); ++n) {
        EXPECT_NEAR(pieces[n].frequency_hz, whole[n].frequency_hz, 1e-6);
        EXPECT_NEAR(pieces[n].amplitude, whole[n].amplitude, 1e-9);
        EXPECT_EQ(pieces[n].until_frame, whole[n].until_frame);
    }
    EXPECT_EQ(whole.at(1).until_frame - whole.at(0).until_frame,
              static_cast<std::uint64_t>(std::lround(lock_in.reading_s() * 48000.0)));
}

TEST(LockIn, RefusesWhatItCannotDo) {
    EXPECT_THROW(LockIn({192000.0, 95900.0, 192.0, 1.0}), std::invalid_argument); // on half the rate
    EXPECT_THROW(LockIn({192000.0, 153600.0, 192.0, 1.0}), std::invalid_argument);
    EXPECT_THROW(LockIn({192000.0, 100.0, 192.0, 1.0}), std::invalid_argument);
    EXPECT_THROW(LockIn({192000.0, 19200.0, 192.0, 0.05}), std::invalid_argument);
    EXPECT_THROW(LockIn({192000.0, 19200.0, 0.0, 1.0}), std::invalid_argument);
    EXPECT_THROW(LockIn({0.0, 19200.0, 192.0, 1.0}), std::invalid_argument);
    EXPECT_THROW(RectifiedMean(48000.0, 0.0), std::invalid_argument);
}

std::vector<RectifiedReading> means(RectifiedMean& mean, std::span<const float> x) {
    std::vector<RectifiedReading> out(mean.most_readings(x.size()));
    out.resize(mean.process(x, out));
    return out;
}

TEST(RectifiedMean, RippleIsAveragedAway) {
    RectifiedMean mean(48000.0, 0.5);
    Samples x(72000, 0.25F);
    add(x, 48000.0, 103.7, 0.05);   // of the mains, not in step with the reading
    add(x, 48000.0, 9600.0, 0.125); // of the bias
    const auto got = means(mean, x);
    ASSERT_EQ(got.size(), 3U);
    for (const RectifiedReading& each : got) {
        EXPECT_NEAR(20.0 * std::log10(each.mean / 0.25), 0.0, 0.001);
        EXPECT_NEAR(each.ripple_rms, std::hypot(0.05, 0.125) / std::numbers::sqrt2, 0.001);
    }
    EXPECT_EQ(got[2].until_frame, 72000U);
}

TEST(RectifiedMean, OfAFullWaveRectifiedSineIsTwoOverPi) {
    RectifiedMean mean(192000.0, 0.5);
    Samples x(96000);
    for (std::size_t i = 0; i < x.size(); ++i) {
        x[i] = static_cast<float>(
            0.8 * std::abs(std::sin(2.0 * std::numbers::pi * 1234.5 * static_cast<double>(i) / 192000.0)));
    }
    const auto got = means(mean, x);
    ASSERT_EQ(got.size(), 1U);
    EXPECT_NEAR(got[0].mean, 0.8 * 2.0 / std::numbers::pi, 1e-5);
    // rms^2 = peak^2 / 2 = mean^2 + ripple^2
    EXPECT_NEAR(got[0].ripple_rms, 0.8 * std::sqrt(0.5 - 4.0 / (std::numbers::pi * std::numbers::pi)), 1e-3);
}

TEST(LockInMemory, NothingIsAllocatedAfterConstruction) {
    LockIn lock_in({192000.0, 76800.0, 768.0, 0.1});
    RectifiedMean mean(192000.0, 0.1);
    const Samples x = tone(192000.0, 0.5, 76800.0, 0.5);
    std::vector<LockInReading> out(8);
    std::vector<RectifiedReading> direct(8);
    const test_support::AllocationCount allocations;
    const std::size_t got = lock_in.process(x, out) + mean.process(x, direct);
    lock_in.reset();
    const std::size_t allocated = allocations.so_far();
    EXPECT_GE(got, 8U);
    EXPECT_EQ(allocated, 0U);
    EXPECT_TRUE(test_support::AllocationCount::works());
}

} // namespace
} // namespace overbias::dsp::lock_in_test
