// SPDX-License-Identifier: Apache-2.0
#include "dsp/generator/noise_source.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>

namespace overbias::dsp {
namespace {

constexpr double kTwoPi = 2.0 * std::numbers::pi;
constexpr std::size_t kSearchGrid = 64;
constexpr double kFlat_hz = 0.02;
constexpr int kMeanGrid = 2000;

} // namespace

NoiseSource::NoiseSource(double rate_hz, std::uint64_t seed) : seed_(seed), state_(seed) {
    for (std::size_t k = 0; k < kPairs; ++k) {
        const double pole_hz = std::pow(10.0, 0.5 * static_cast<double>(k));
        if (pole_hz * std::pow(10.0, 0.25) > 0.5 * rate_hz) {
            break;
        }
        pairs_[used_++] = {std::exp(-kTwoPi * pole_hz * std::pow(10.0, 0.25) / rate_hz),
                           std::exp(-kTwoPi * pole_hz / rate_hz), 0.0};
    }
    const auto pairs_power = [&](double hz) {
        const auto z = std::polar(1.0, -kTwoPi * hz / rate_hz);
        double power = 1.0;
        for (std::size_t k = 0; k < used_; ++k) {
            power *= std::norm(1.0 - pairs_[k].zero * z) / std::norm(1.0 - pairs_[k].pole * z);
        }
        return power;
    };
    const auto zero_power = [&](double zero, double hz) {
        return std::norm(1.0 - zero * std::polar(1.0, -kTwoPi * hz / rate_hz));
    };
    // The correcting zero: the one whose response, with the pairs', strays least from 1 / sqrt(f), as a ratio of
    // powers.
    const double highest_hz = std::min(20000.0, 0.45 * rate_hz);
    std::array<double, kSearchGrid> hz{}, pairs{};
    for (std::size_t n = 0; n < kSearchGrid; ++n) {
        hz[n] = 300.0 * std::pow(highest_hz / 300.0, static_cast<double>(n) / (kSearchGrid - 1));
        pairs[n] = hz[n] * pairs_power(hz[n]);
    }
    double best = 1e9;
    for (int step = -95; step <= 95; ++step) {
        const double zero = 0.01 * step;
        double least = 1e30, most = 0.0;
        for (std::size_t n = 0; n < kSearchGrid; ++n) {
            const double power = pairs[n] * zero_power(zero, hz[n]);
            least = std::min(least, power);
            most = std::max(most, power);
        }
        if (most / least < best) {
            best = most / least;
            correction_ = zero;
        }
    }
    // Power of filtered white noise of power 1: the mean of |H|^2 up to half the rate, by the trapezoidal rule in ln f
    // from where the lowest pole makes it flat.
    double power = 0.0, before = 0.0;
    const double step = std::log(0.5 * rate_hz / kFlat_hz) / kMeanGrid;
    for (int n = 0; n <= kMeanGrid; ++n) {
        const double f = kFlat_hz * std::exp(step * n);
        const double now = pairs_power(f) * zero_power(correction_, f) * f;
        power += n > 0 ? 0.5 * step * (before + now) : now;
        before = now;
    }
    scale_ = 1.0 / std::sqrt(power / (0.5 * rate_hz));
    rt_reset();
}

void NoiseSource::rt_reset() noexcept {
    state_ = seed_;
    last_ = 0.0;
    for (Pair& pair : pairs_) {
        pair.state = 0.0;
    }
}

double NoiseSource::rt_white() noexcept {
    state_ += 0x9e3779b97f4a7c15ULL;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    z ^= z >> 31;
    constexpr double kUnit = 1.0 / 4503599627370496.0; // 2^-52
    return (static_cast<double>(z >> 11) * kUnit - 1.0) * std::numbers::sqrt3;
}

double NoiseSource::unscaled_pink(double white) noexcept {
    double x = white;
    for (std::size_t k = 0; k < used_; ++k) { // (1 - zero z^-1) / (1 - pole z^-1)
        Pair& pair = pairs_[k];
        const double y = x + pair.state;
        pair.state = pair.pole * y - pair.zero * x;
        x = y;
    }
    const double y = x - correction_ * last_;
    last_ = x;
    return y;
}

double NoiseSource::rt_pink() noexcept {
    return scale_ * unscaled_pink(rt_white());
}

} // namespace overbias::dsp
