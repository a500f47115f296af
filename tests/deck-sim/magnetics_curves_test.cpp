// SPDX-License-Identifier: Apache-2.0
// Oracles: MRL's published conversion tables (Choosing and Using MRL Calibration Tapes, tables 5-4 and 5-7), the flux
// tables of the standards, closed forms worked out by hand, IEC 61672-1 table 3. None of them is taken from the code
// under test.
#include "deck-sim/magnetics/curves.hpp"
#include "deck-sim/magnetics/record_chain.hpp"
#include "deck-sim/magnetics/reproduce_chain.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <stdexcept>

namespace overbias::deck_sim::magnetics {

namespace {

double curve_db(double ratio) {
    return 20.0 * std::log10(ratio);
}

} // namespace

TEST(MagneticCurves, FluxOfTheStandardsRelativeToOneKilohertz) {
    struct Row {
        double hz, nab, iec1_15, iec1_7, aes;
    };
    for (const Row& row :
         {Row{20, 9.01, 0.21, 0.77, 0.05}, Row{50, 3.41, 0.20, 0.77, 0.05}, Row{100, 1.36, 0.20, 0.76, 0.05},
          Row{250, 0.54, 0.19, 0.72, 0.05}, Row{500, 0.34, 0.15, 0.56, 0.04}, Row{2000, -1.04, -0.56, -1.72, -0.15},
          Row{4000, -3.72, -2.28, -5.35, -0.72}, Row{8000, -8.24, -5.92, -10.50, -2.44},
          Row{10000, -9.96, -7.46, -12.32, -3.39}, Row{16000, -13.80, -11.06, -16.27, -6.07},
          Row{20000, -15.67, -12.88, -18.17, -7.61}}) {
        EXPECT_NEAR(flux_re_1khz_db(flux_standard(Equalisation::Nab, 15), row.hz), row.nab, 0.006) << row.hz;
        EXPECT_NEAR(flux_re_1khz_db(flux_standard(Equalisation::Nab, 7.5), row.hz), row.nab, 0.006) << row.hz;
        EXPECT_NEAR(flux_re_1khz_db(flux_standard(Equalisation::Iec1, 15), row.hz), row.iec1_15, 0.006) << row.hz;
        EXPECT_NEAR(flux_re_1khz_db(flux_standard(Equalisation::Iec1, 7.5), row.hz), row.iec1_7, 0.006) << row.hz;
        EXPECT_NEAR(flux_re_1khz_db(flux_standard(Equalisation::Aes, 30), row.hz), row.aes, 0.006) << row.hz;
    }
}

TEST(MagneticCurves, ConversionTablesOfMrl) {
    // a 15 ips NAB tape on an IEC1 machine, re 1 kHz
    const double hz[] = {63, 126, 250, 500, 1000, 2000, 4000, 8000, 16000, 20000};
    const double nab_on_iec[] = {2.31, 0.83, 0.35, 0.18, 0, -0.48, -1.43, -2.33, -2.74, -2.79};
    // a 7.5 ips NAB tape played at 15 ips on a NAB machine, re 2 kHz: what is read at f was recorded at f / 2
    const double slow_on_fast[] = {2.25, 0.45, -0.55, -0.84, -0.71, 0, 1.63, 3.48, 4.51, 4.67};
    const FluxStandard nab = flux_standard(Equalisation::Nab, 15);
    const FluxStandard iec = flux_standard(Equalisation::Iec1, 15);
    const auto speeded = [&](double f) { return flux_db(nab, f / 2.0) - flux_db(nab, f); };
    for (int i = 0; i < 10; ++i) {
        EXPECT_NEAR(flux_re_1khz_db(nab, hz[i]) - flux_re_1khz_db(iec, hz[i]), nab_on_iec[i], 0.07) << hz[i];
        EXPECT_NEAR(speeded(hz[i]) - speeded(2000), slow_on_fast[i], 0.07) << hz[i];
    }
}

TEST(MagneticCurves, StandardsThatDoNotExistAreRefused) {
    EXPECT_THROW((void)flux_standard(Equalisation::Aes, 15), std::invalid_argument);
    EXPECT_THROW((void)flux_standard(Equalisation::Nab, 30), std::invalid_argument);
    EXPECT_THROW((void)flux_standard(Equalisation::Iec1, 3.75), std::invalid_argument);
}

TEST(MagneticCurves, GapSpacingAndThickness) {
    EXPECT_NEAR(curve_db(gap_loss(3e-6, 25.4e-6)), -0.247, 0.002);
    EXPECT_NEAR(curve_db(gap_loss(3e-6, 19.05e-6)), -0.441, 0.002);
    EXPECT_NEAR(curve_db(gap_loss(3e-6, 12.7e-6)), -1.006, 0.003);
    EXPECT_NEAR(curve_db(gap_loss(3e-6, 9.525e-6)), -1.822, 0.004);
    EXPECT_LT(curve_db(gap_loss(3e-6, 3.33e-6)), -100.0); // first null at 1.11 times the gap

    EXPECT_NEAR(curve_db(spacing_loss(0.5e-6, 38.1e-6)), -0.716, 0.001);
    EXPECT_NEAR(curve_db(spacing_loss(0.5e-6, 19.05e-6)), -1.432, 0.001);
    EXPECT_NEAR(curve_db(spacing_loss(1e-6, 1e-6)), -54.575, 0.001);
    EXPECT_NEAR(spacing_for_loss_m(54.575, 1e-6), 1e-6, 1e-10);

    EXPECT_NEAR(curve_db(thickness_loss(15e-6, 381e-6)), -1.05, 0.005);
    EXPECT_NEAR(curve_db(thickness_loss(15e-6, 38.1e-6)), -8.63, 0.005);
    EXPECT_NEAR(curve_db(thickness_loss(15e-6, 25.4e-6)), -11.60, 0.006);
    EXPECT_NEAR(curve_db(thickness_loss(15e-6, 19.05e-6)), -13.95, 0.006);
}

TEST(MagneticCurves, AzimuthAsMrlAndMcKnightGiveIt) {
    // 300 urad, tracks 4 mm apart, 15 ips: 3.15 us, which is 11.3 degrees at 10 kHz
    const double delay_s = azimuth_shift_m(4e-3, 300e-6) / 0.381;
    EXPECT_NEAR(delay_s, 3.15e-6, 0.01e-6);
    EXPECT_NEAR(delay_s * 10000.0 * 360.0, 11.3, 0.05);
    EXPECT_NEAR(azimuth_shift_m(4e-3, 300e-6) / 0.1905 * 10000.0 * 360.0, 22.7, 0.05);
}

TEST(MagneticCurves, BiasPeaksAtTenKilohertzAndFallsByTheOverbias) {
    const double short_m = 38.1e-6;
    EXPECT_NEAR(bias_sensitivity_db(0.0, short_m), 0.0, 1e-9);
    for (const double bias : {-3.0, -1.0, -0.1, 0.1, 1.0, 3.0}) {
        EXPECT_LT(bias_sensitivity_db(bias, short_m), 0.0);
    }
    for (const double overbias : {1.0, 3.0, 6.0}) {
        EXPECT_NEAR(bias_sensitivity_db(bias_from_overbias_db(overbias), short_m), -overbias, 1e-9);
    }
    // the rule "10 kHz 3 dB": 2 dB a dB of bias there; 1 kHz hardly moves
    const double b = bias_from_overbias_db(3.0);
    EXPECT_NEAR(bias_sensitivity_db(b + 0.1, short_m) - bias_sensitivity_db(b, short_m), -0.2, 0.02);
    EXPECT_NEAR(bias_sensitivity_db(b, 381e-6), 0.0, 0.3);
}

TEST(MagneticCurves, AWeightingOfIec61672) {
    const double hz[] = {31.623, 100, 316.23, 1000, 2511.9, 10000, 15848.9};
    const double weight[] = {-39.4, -19.1, -6.6, 0.0, 1.3, -2.5, -6.6};
    for (int i = 0; i < 7; ++i) {
        EXPECT_NEAR(a_weighting_db(hz[i]), weight[i], 0.06) << hz[i];
    }
}

TEST(MagneticCurves, SaturationHasTheHarmonicsOfItsClosedForm) {
    // y = x - x^3/3, x = A sin: third harmonic 3 % at A = 0.574696
    const Saturation saturation{1.0};
    double first = 0.0;
    double third = 0.0;
    constexpr int kPoints = 4800;
    for (int i = 0; i < kPoints; ++i) {
        const double angle = 2.0 * std::numbers::pi * i / kPoints;
        const double y = saturation.coating(0.574696 * std::sin(angle));
        first += 2.0 * y * std::sin(angle) / kPoints;
        third += 2.0 * y * std::sin(3.0 * angle) / kPoints;
    }
    EXPECT_NEAR(third / first, 0.03, 1e-5);
    EXPECT_GT(saturation.coating(1.5), saturation.coating(0.9)); // monotone beyond
    EXPECT_GE(saturation.coating(3.0), saturation.coating(1.5));
    EXPECT_EQ(saturation.coating(-3.0), -saturation.coating(3.0));
}

TEST(MagneticCurves, TheDeckIsAlignedWithinHalfADecibel) {
    for (const double hz : {1000.0, 3000.0, 6300.0, 10000.0, 12500.0, 15000.0}) {
        const double flux =
            curve_db(record_equaliser_gain(Equalisation::Iec1, 15, hz) * record_process_loss(3.0, 15, hz));
        const double x = 2.0 * std::numbers::pi * 35e-6;
        const double standard = -10.0 * std::log10((1 + x * x * hz * hz) / (1 + x * x * 1e6));
        EXPECT_NEAR(flux, standard, 0.01) << hz;
        for (const std::size_t channel : {0U, 1U}) {
            EXPECT_NEAR(curve_db(reproduce_gain(Equalisation::Iec1, 15, channel, hz)) + standard, 0.0, 0.5) << hz;
        }
    }
    // 5 dB of overbias where the record equaliser was set for 3
    EXPECT_NEAR(curve_db(record_process_loss(5.0, 15, 1e4) / record_process_loss(3.0, 15, 1e4)), -2.0, 0.01);
}

} // namespace overbias::deck_sim::magnetics
