// SPDX-License-Identifier: Apache-2.0
#include "deck-sim/mechanics/flutter.hpp"

#include <cmath>
#include <numbers>

namespace overbias::deck_sim {

namespace {

constexpr double kTurn_rad = 2.0 * std::numbers::pi;
constexpr double kRollerCircumference_m = 5.0014 * 0.0254; // tape roller of 5.0014 in: 3 turns a second at 15 ips
constexpr double kScrapeLow_hz = 20.0, kScrapeHigh_hz = 200.0;

double wrapped(double angle_rad) noexcept {
    return angle_rad - kTurn_rad * std::floor(angle_rad / kTurn_rad);
}

} // namespace

double Flutter::Section::filter(double in) noexcept {
    const double out = b0 * in + s1;
    s1 = b1 * in - a1 * out + s2;
    s2 = b2 * in - a2 * out;
    return out;
}

Flutter::Flutter(const Settings& settings)
    : wow_peak_(settings.wow_peak), capstan_peak_(settings.capstan_flutter_peak),
      roller_peak_(settings.roller_flutter_peak), capstan_rad_step_(kTurn_rad * settings.capstan_hz * kStep_s),
      random_(settings.seed) {
    // Butterworth by the bilinear transform, k = tan(pi f / fs): a high pass of order 2 and a low pass of order 4 (Q
    // 0.541, 1.307).
    const auto section = [](double corner_hz, double q, bool high_pass) {
        const double k = std::tan(std::numbers::pi * corner_hz * kStep_s);
        const double norm = 1.0 / (1.0 + k / q + k * k);
        Section made;
        made.b0 = (high_pass ? 1.0 : k * k) * norm;
        made.b1 = (high_pass ? -2.0 : 2.0) * made.b0;
        made.b2 = made.b0;
        made.a1 = 2.0 * (k * k - 1.0) * norm;
        made.a2 = (1.0 - k / q + k * k) * norm;
        return made;
    };
    scrape_filter_ = {section(kScrapeLow_hz, std::numbers::sqrt2 / 2.0, true), section(kScrapeHigh_hz, 0.541196, false),
                      section(kScrapeHigh_hz, 1.306563, false)};
    // White noise of rms 1 leaves the filter with the root of the sum of squares of its impulse response.
    auto filter = scrape_filter_;
    double energy = 0.0;
    for (int n = 0; n < 2000; ++n) {
        double value = n == 0 ? 1.0 : 0.0;
        for (Section& one : filter) {
            value = one.filter(value);
        }
        energy += value * value;
    }
    scrape_gain_ = settings.scrape_flutter_rms / std::sqrt(energy);
    for (double& value : scrape_) {
        value = next_scrape();
    }
}

/// Sum of four uniform numbers out of one draw (SplitMix64): close enough to Gaussian, and the filter brings it closer.
double Flutter::next_gaussian() noexcept {
    random_ += 0x9E3779B97F4A7C15ULL;
    std::uint64_t bits = random_;
    bits = (bits ^ (bits >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    bits = (bits ^ (bits >> 27U)) * 0x94D049BB133111EBULL;
    bits ^= bits >> 31U;
    const std::uint64_t sum = (bits & 0xFFFFU) + (bits >> 16U & 0xFFFFU) + (bits >> 32U & 0xFFFFU) + (bits >> 48U);
    constexpr double kMean = 2.0 * 65535.0;
    constexpr double kDeviation = 37837.2; // 65536 sqrt(4 / 12)
    return (static_cast<double>(sum) - kMean) / kDeviation;
}

double Flutter::next_scrape() noexcept {
    double value = next_gaussian();
    for (Section& one : scrape_filter_) {
        value = one.filter(value);
    }
    return value * scrape_gain_;
}

void Flutter::add_wow(double hz, double peak) noexcept {
    added_peak_ = peak;
    added_rad_ = 0.0;
    added_rad_step_ = kTurn_rad * hz * kStep_s;
}

Flutter::Step Flutter::step(double supply_turn_rad_s, double speed_m_s) noexcept {
    supply_rad_ = wrapped(supply_rad_ + supply_turn_rad_s * kStep_s);
    capstan_rad_ = wrapped(capstan_rad_ + capstan_rad_step_);
    roller_rad_ = wrapped(roller_rad_ + kTurn_rad * speed_m_s * kStep_s / kRollerCircumference_m);
    added_rad_ = wrapped(added_rad_ + added_rad_step_);
    const double sines_before = sines_;
    sines_ = wow_peak_ * std::sin(supply_rad_) + capstan_peak_ * std::sin(capstan_rad_) +
             roller_peak_ * std::sin(roller_rad_) + added_peak_ * std::sin(added_rad_);
    scrape_ = {scrape_[1], scrape_[2], scrape_[3], next_scrape()};
    // integral of the cubic through four points over the middle interval; the sines are slow enough for the trapezium
    const double scrape_mean = (13.0 * (scrape_[1] + scrape_[2]) - scrape_[0] - scrape_[3]) / 24.0;
    return {sines_ + scrape_[2], 0.5 * (sines_before + sines_) + scrape_mean};
}

} // namespace overbias::deck_sim
