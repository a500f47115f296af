// SPDX-License-Identifier: Apache-2.0
#include "base/units.hpp"
#include "dsp/analysis/biquad.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace {
using namespace overbias::dsp;

constexpr double kFilterRate = 48000.0;

double cascade_db(const std::vector<BiquadCoefficients>& sections, double hz) {
    double db = 0.0;
    for (const auto& s : sections) {
        db += overbias::amplitude_db(magnitude(s, hz, kFilterRate));
    }
    return db;
}

// The bilinear transform maps f to tan(pi f / rate); the analog Butterworth is 1 / (1 + (w / wc)^2n).
double analog_butterworth_low_db(int order, double corner_hz, double hz) {
    const double ratio =
        std::tan(std::numbers::pi * hz / kFilterRate) / std::tan(std::numbers::pi * corner_hz / kFilterRate);
    return -10.0 * std::log10(1.0 + std::pow(ratio, 2.0 * order));
}

TEST(Biquad, butterworth_follows_the_closed_form) {
    for (const int order : {2, 4, 8}) {
        for (const double hz : {100.0, 1500.0, 3000.0, 6000.0, 12000.0}) {
            EXPECT_NEAR(cascade_db(butterworth_low_pass(order, 3000.0, kFilterRate), hz),
                        analog_butterworth_low_db(order, 3000.0, hz), 1e-6)
                << order << " at " << hz;
        }
    }
    EXPECT_NEAR(cascade_db(butterworth_high_pass(4, 300.0, kFilterRate), 300.0), -3.0103, 1e-3);
    EXPECT_NEAR(cascade_db(butterworth_high_pass(4, 300.0, kFilterRate), 30.0), -80.0, 0.1);
    EXPECT_THROW((void)butterworth_low_pass(3, 1000.0, kFilterRate), std::invalid_argument);
}

TEST(Biquad, band_pass_has_its_width_by_q) {
    const auto section = band_pass(1000.0, 4.0, kFilterRate);
    EXPECT_NEAR(magnitude(section, 1000.0, kFilterRate), 1.0, 1e-9);
    // half-power points of a resonance of Q: f (sqrt(1 + 1/4Q^2) +- 1/2Q)
    EXPECT_NEAR(overbias::amplitude_db(magnitude(section, 1000.0 * (std::sqrt(1.0 + 1.0 / 64.0) + 0.125), kFilterRate)),
                -3.01, 0.1);
}

TEST(Biquad, filtered_sine_has_the_computed_magnitude) {
    const auto coefficients = high_pass(2000.0, 0.7, kFilterRate);
    Biquad filter(coefficients);
    double power = 0.0;
    for (int n = 0; n < 48000; ++n) {
        const double y = filter.rt_process(std::sin(2.0 * std::numbers::pi * 1000.0 * n / kFilterRate));
        power += n >= 24000 ? y * y : 0.0;
    }
    EXPECT_NEAR(std::sqrt(2.0 * power / 24000.0), magnitude(coefficients, 1000.0, kFilterRate), 1e-6);
}

} // namespace
