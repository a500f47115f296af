// SPDX-License-Identifier: Apache-2.0
#include "deck-sim/magnetics/curves.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <stdexcept>
#include <string>

namespace overbias::deck_sim::magnetics {

namespace {

constexpr double kTwoPi = 2.0 * std::numbers::pi;
constexpr double kShort_m = 38.1e-6; // 10 kHz at 15 ips
constexpr double kLong_m = 381e-6;   // 1 kHz at 15 ips

bool near(double speed_ips, double nominal_ips) {
    return std::abs(speed_ips - nominal_ips) < 0.01 * nominal_ips;
}

} // namespace

FluxStandard flux_standard(Equalisation equalisation, double speed_ips) {
    switch (equalisation) {
    case Equalisation::Nab:
        if (near(speed_ips, 15.0) || near(speed_ips, 7.5)) {
            return {3180e-6, 50e-6};
        }
        if (near(speed_ips, 3.75)) {
            return {3180e-6, 90e-6};
        }
        break;
    case Equalisation::Iec1:
        if (near(speed_ips, 30.0) || near(speed_ips, 15.0)) {
            return {0.0, 35e-6};
        }
        if (near(speed_ips, 7.5)) {
            return {0.0, 70e-6};
        }
        break;
    case Equalisation::Aes:
        if (near(speed_ips, 30.0)) {
            return {0.0, 17.5e-6};
        }
        break;
    }
    throw std::invalid_argument("simulated deck: no " +
                                std::string(equalisation == Equalisation::Nab    ? "NAB"
                                            : equalisation == Equalisation::Iec1 ? "IEC1"
                                                                                 : "AES") +
                                " equalisation exists at " + std::to_string(speed_ips) +
                                " ips: expected NAB at 3.75, 7.5 or 15, IEC1 at 7.5, 15 or 30, AES at 30");
}

double flux_db(const FluxStandard& standard, double frequency_hz) {
    const double high = kTwoPi * frequency_hz * standard.t2_s;
    double db = -10.0 * std::log10(1.0 + high * high);
    if (standard.t1_s > 0.0) {
        const double low = kTwoPi * frequency_hz * standard.t1_s;
        db += 10.0 * std::log10(1.0 + 1.0 / (low * low));
    }
    return db;
}

double flux_re_1khz_db(const FluxStandard& standard, double frequency_hz) {
    return flux_db(standard, frequency_hz) - flux_db(standard, 1000.0);
}

double gap_loss(double optical_gap_m, double wavelength_m) {
    const double x = std::numbers::pi * 1.11 * optical_gap_m / wavelength_m;
    return x < 1e-9 ? 1.0 : std::abs(std::sin(x) / x);
}

double spacing_loss(double distance_m, double wavelength_m) {
    return std::exp(-kTwoPi * distance_m / wavelength_m);
}

double spacing_for_loss_m(double loss_db, double wavelength_m) {
    return loss_db * std::numbers::ln10 / 20.0 * wavelength_m / kTwoPi;
}

double thickness_loss(double thickness_m, double wavelength_m) {
    const double kt = kTwoPi * thickness_m / wavelength_m;
    return kt < 1e-9 ? 1.0 : -std::expm1(-kt) / kt;
}

double azimuth_shift_m(double track_spacing_m, double angle_rad) {
    return track_spacing_m * std::tan(angle_rad);
}

double bias_from_overbias_db(double overbias_db, double slope) {
    return overbias_db >= 0.0 ? std::sqrt(12.0 * overbias_db) / slope : -std::sqrt(-2.0 * overbias_db);
}

double bias_sensitivity_db(double bias_db, double wavelength_m, double slope) {
    const double at_short = -bias_db * bias_db * (bias_db >= 0.0 ? slope * slope / 12.0 : 0.5);
    const double at_long = -0.1 * (bias_db - 2.0) * (bias_db - 2.0);
    const double share = (1.0 / wavelength_m - 1.0 / kLong_m) / (1.0 / kShort_m - 1.0 / kLong_m);
    return at_long + (at_short - at_long) * share;
}

double bias_mol_db(double bias_db) {
    const auto curve = [](double bias) { return (bias < 4.0 ? -0.15 : -0.05) * (bias - 4.0) * (bias - 4.0); };
    return curve(bias_db) - curve(3.0);
}

double bias_noise_db(double bias_db) {
    return std::min(0.05 * ((bias_db - 2.0) * (bias_db - 2.0) - 1.0), 6.0);
}

double high_shelf(double db, double time_constant_s, double frequency_hz) {
    const double x = kTwoPi * frequency_hz * time_constant_s;
    const double ratio = std::pow(10.0, db / 20.0);
    return std::sqrt((1.0 + x * x * ratio * ratio) / (1.0 + x * x));
}

double record_high_s(double speed_ips) {
    return 20e-6 * 15.0 / speed_ips;
}

double print_through(double layer_m, double wavelength_m) {
    const double kt = kTwoPi * layer_m / wavelength_m;
    return kt * std::exp(1.0 - kt);
}

double record_loss(double wavelength_m) {
    return thickness_loss(kCoating_m, wavelength_m) * spacing_loss(kDemagnetisation_m, wavelength_m);
}

double a_weighting_db(double frequency_hz) {
    const auto gain = [](double f) {
        const double f2 = f * f;
        const double low = 20.598997 * 20.598997;
        const double high = 12194.217 * 12194.217;
        return f2 * f2 * high /
               ((f2 + low) * (f2 + high) * std::sqrt((f2 + 107.65265 * 107.65265) * (f2 + 737.86223 * 737.86223)));
    };
    return 20.0 * std::log10(gain(frequency_hz) / gain(1000.0));
}

} // namespace overbias::deck_sim::magnetics
