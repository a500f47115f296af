// SPDX-License-Identifier: Apache-2.0
#include "base/units.hpp"
#include "dsp/analysis/band_energies.hpp"
#include "dsp/analysis/fft.hpp"
#include "dsp/analysis/third_octave.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <vector>

namespace {
using namespace overbias::dsp;

TEST(ThirdOctaves, nominal_centres_are_those_of_the_standard) {
    // IEC 61260-1, table E.1, written out
    const std::vector<double> expected{50,   63,   80,   100,  125,  160,  200,  250,  315,  400,  500,   630,   800,
                                       1000, 1250, 1600, 2000, 2500, 3150, 4000, 5000, 6300, 8000, 10000, 12500, 16000};
    const ThirdOctaveBands bands(4096, 48000.0, 50.0, 16000.0);
    ASSERT_EQ(bands.size(), expected.size());
    for (std::size_t b = 0; b < expected.size(); ++b) {
        EXPECT_NEAR(bands.nominal_hz()[b], expected[b], 1e-6 * expected[b]);
    }
    EXPECT_EQ(bands.index_of(1000.0), 13U);
    EXPECT_EQ(bands.index_of(1111.0), bands.size());
}

TEST(ThirdOctaves, a_sine_is_in_its_own_band) {
    constexpr std::size_t kSize = 4096;
    RealFft fft(kSize);
    const ThirdOctaveBands bands(kSize, 48000.0, 50.0, 16000.0);
    for (const double hz : {58.59375, 1007.8125, 12000.0}) {
        std::vector<float> x(kSize);
        for (std::size_t n = 0; n < kSize; ++n) {
            x[n] = static_cast<float>(std::sin(2.0 * std::numbers::pi * hz * static_cast<double>(n) / 48000.0));
        }
        std::vector<std::complex<float>> bins(fft.bins());
        fft.forward(x, bins);
        std::vector<float> power(bands.size());
        bands.sum(bins, power);
        double all = 0.0;
        std::size_t strongest = 0;
        for (std::size_t b = 0; b < power.size(); ++b) {
            all += static_cast<double>(power[b]);
            strongest = power[b] > power[strongest] ? b : strongest;
        }
        EXPECT_LT(std::abs(std::log10(bands.nominal_hz()[strongest] / hz)), 0.052) << hz;
        EXPECT_NEAR(static_cast<double>(power[strongest]) / all, 1.0, 1e-4);
    }
}

std::vector<HopEnergy> energies_of_sine(double hz, double left, double right, std::size_t hops,
                                        const BandEnergyConfig& config = {}) {
    BandEnergies bank(config);
    std::vector<float> x(24 * hops);
    for (std::size_t n = 0; n < x.size() / 2; ++n) {
        const double s = std::sin(2.0 * std::numbers::pi * hz * static_cast<double>(n) / 48000.0);
        x[2 * n] = static_cast<float>(left * s);
        x[2 * n + 1] = static_cast<float>(right * s);
    }
    std::vector<HopEnergy> out(hops);
    bank.process(x, out);
    return out;
}

double level_db(const std::vector<HopEnergy>& hops, std::size_t lane) {
    double sum = 0.0;
    for (std::size_t h = hops.size() / 2; h < hops.size(); ++h) {
        sum += static_cast<double>(hops[h].energy[lane]);
    }
    return overbias::power_db(2.0 * sum / (12.0 * static_cast<double>(hops.size() - hops.size() / 2)) + 1e-30);
}

TEST(BandEnergies, each_band_passes_its_own_and_stops_the_others) {
    const std::array<double, 3> inside{1000.0, 4600.0, 10500.0};
    for (std::size_t band = 0; band < inside.size(); ++band) {
        const auto hops = energies_of_sine(inside[band], 0.5, 0.05, 4000);
        for (std::size_t other = 0; other < inside.size(); ++other) {
            const double db = level_db(hops, 2 * other);
            if (other == band) {
                EXPECT_NEAR(db, -6.02, 0.5) << band;
            } else {
                EXPECT_LT(db, -6.02 - (other == 0 ? 7.0 : 12.0)) << band << " heard in " << other;
            }
        }
        EXPECT_NEAR(level_db(hops, 2 * band + 1) - level_db(hops, 2 * band), -20.0, 0.01); // right channel
        EXPECT_NEAR(level_db(hops, 2 * kWholeBand), -6.02, 0.05);
    }
}

TEST(BandEnergies, bass_does_not_leak_into_the_lowest_band) {
    EXPECT_LT(level_db(energies_of_sine(90.0, 0.5, 0.5, 4000), 0), -6.0 - 70.0);
}

TEST(BandEnergies, peak_carries_the_emphasis_of_one_time_constant) {
    // |1 + tau rate (1 - z^-1)| at the frequency, worked out by hand for 6 kHz: z^-1 = e^(-j pi/4)
    const double k = 35e-6 * 48000.0;
    const double re = 1.0 + k * (1.0 - std::cos(std::numbers::pi / 4.0));
    const double im = k * std::sin(std::numbers::pi / 4.0);
    const auto hops = energies_of_sine(6000.0, 0.5, 0.25, 400);
    float peak = 0.0F;
    for (const auto& hop : hops) {
        peak = std::max(peak, hop.emphasised_peak[0]);
    }
    EXPECT_NEAR(peak, 0.5 * std::hypot(re, im), 0.05);
}

TEST(BandEnergies, peak_carries_the_emphasis_of_low_frequencies) {
    // |(jf + 1/(2 pi 3180 us)) / (jf + 10 Hz)| by hand: 50.05 Hz gives 70.78 / 51.04 there, 1.0000 at 5 kHz with no
    // emphasis of high ones
    BandEnergyConfig config;
    config.emphasis_s = 0.0;
    const auto peak_of = [&](double hz) {
        float peak = 0.0F;
        const auto hops = energies_of_sine(hz, 0.5, 0.25, 4000, config);
        for (std::size_t h = 2000; h < hops.size(); ++h) { // settled
            peak = std::max(peak, hops[h].emphasised_peak[0]);
        }
        return peak;
    };
    EXPECT_NEAR(peak_of(50.05), 0.5, 0.001) << "none unless it is asked for";
    config.low_emphasis_s = 3180e-6;
    EXPECT_NEAR(peak_of(50.05), 0.5 * 1.3868, 0.01);
    EXPECT_NEAR(peak_of(5000.0), 0.5, 0.005);
}

TEST(BandEnergies, digital_silence_leaves_only_the_floor) {
    const auto hops = energies_of_sine(1000.0, 0.0, 0.0, 400);
    for (std::size_t lane = 0; lane < 8; ++lane) {
        EXPECT_LT(level_db(hops, lane), -200.0);
    }
}

} // namespace
