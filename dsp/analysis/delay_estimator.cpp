// SPDX-License-Identifier: Apache-2.0
#include "dsp/analysis/delay_estimator.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace overbias::dsp {
namespace {

constexpr double kTwoPi = 2.0 * std::numbers::pi;

double band_power(std::span<const std::complex<float>> x, std::size_t first, std::size_t last) noexcept {
    float sum = 0.0F;
    for (std::size_t k = first; k < last; ++k) {
        sum += x[k].real() * x[k].real() + x[k].imag() * x[k].imag();
    }
    return static_cast<double>(sum);
}

/// J, J' and J'' of the header, in units of radians a bin.
struct Peak {
    double value, slope, curvature;
};

Peak peak_at(std::span<const std::complex<float>> x, std::span<const std::complex<float>> y, std::size_t first,
             std::size_t last, double step_rad) noexcept {
    // e^(j step k) as a rotation that starts afresh each call: at most a few hundred steps in float.
    const std::complex<double> start = std::polar(1.0, step_rad * static_cast<double>(first));
    const std::complex<double> turn = std::polar(1.0, step_rad);
    auto cr = static_cast<float>(start.real());
    auto ci = static_cast<float>(start.imag());
    const auto tr = static_cast<float>(turn.real());
    const auto ti = static_cast<float>(turn.imag());
    float value = 0.0F;
    float slope = 0.0F;
    float curvature = 0.0F;
    for (std::size_t k = first; k < last; ++k) {
        const float re = x[k].real() * y[k].real() + x[k].imag() * y[k].imag();
        const float im = x[k].real() * y[k].imag() - x[k].imag() * y[k].real();
        const float real = re * cr - im * ci;
        const float imaginary = re * ci + im * cr;
        const auto f = static_cast<float>(k);
        value += real;
        slope -= f * imaginary;
        curvature -= f * f * real;
        const float next = cr * tr - ci * ti;
        ci = cr * ti + ci * tr;
        cr = next;
    }
    return {static_cast<double>(value), static_cast<double>(slope), static_cast<double>(curvature)};
}

} // namespace

std::complex<double> band_cross(std::span<const std::complex<float>> x, std::span<const std::complex<float>> y,
                                std::size_t first, std::size_t last, std::size_t size, double delay) noexcept {
    const double step = kTwoPi * delay / static_cast<double>(size);
    const std::complex<double> start = std::polar(1.0, step * static_cast<double>(first));
    const std::complex<double> turn = std::polar(1.0, step);
    auto cr = static_cast<float>(start.real());
    auto ci = static_cast<float>(start.imag());
    const auto tr = static_cast<float>(turn.real());
    const auto ti = static_cast<float>(turn.imag());
    float real = 0.0F;
    float imaginary = 0.0F;
    for (std::size_t k = first; k < last; ++k) {
        const float re = x[k].real() * y[k].real() + x[k].imag() * y[k].imag();
        const float im = x[k].real() * y[k].imag() - x[k].imag() * y[k].real();
        real += re * cr - im * ci;
        imaginary += re * ci + im * cr;
        const float next = cr * tr - ci * ti;
        ci = cr * ti + ci * tr;
        cr = next;
    }
    return {static_cast<double>(real), static_cast<double>(imaginary)};
}

DelayEstimator::DelayEstimator(std::size_t size, double rate_hz, double low_hz, double high_hz)
    : fft_(size), first_(static_cast<std::size_t>(std::ceil(low_hz * static_cast<double>(size) / rate_hz))),
      last_(std::min(size / 2, static_cast<std::size_t>(high_hz * static_cast<double>(size) / rate_hz))),
      cross_(fft_.bins()), correlation_(size) {
    first_ = std::clamp<std::size_t>(first_, 1, last_);
}

DelayEstimate DelayEstimator::fine(std::span<const std::complex<float>> x, std::span<const std::complex<float>> y,
                                   double guess) const noexcept {
    const double norm = std::sqrt(band_power(x, first_, last_) * band_power(y, first_, last_));
    DelayEstimate estimate{guess, 0.0};
    if (!(norm > 0.0)) {
        return estimate;
    }
    const double per_bin = kTwoPi / static_cast<double>(fft_.size());
    const double longest = static_cast<double>(fft_.size()) / (4.0 * static_cast<double>(last_)); // quarter period
    Peak peak = peak_at(x, y, first_, last_, per_bin * guess);
    for (int turn = 0; turn < 3; ++turn) {
        // Uphill in |J|: where the curvature has the wrong sign for a peak, a Newton step would run away from it.
        if (peak.value * peak.curvature >= 0.0) {
            break;
        }
        const double step = std::clamp(-peak.slope / (peak.curvature * per_bin), -longest, longest);
        const Peak next = peak_at(x, y, first_, last_, per_bin * (estimate.samples + step));
        if (std::abs(next.value) < std::abs(peak.value)) {
            break;
        }
        estimate.samples += step;
        peak = next;
        if (std::abs(step) < 1e-3) {
            break;
        }
    }
    estimate.correlation = peak.value / norm;
    return estimate;
}

DelayEstimate DelayEstimator::coarse(std::span<const std::complex<float>> x, std::span<const std::complex<float>> y,
                                     double guess, double reach) {
    const double norm = std::sqrt(band_power(x, first_, last_) * band_power(y, first_, last_));
    if (!(norm > 0.0)) {
        return {guess, 0.0};
    }
    std::fill(cross_.begin(), cross_.end(), std::complex<float>{});
    for (std::size_t k = first_; k < last_; ++k) {
        cross_[k] = std::conj(x[k]) * y[k];
    }
    fft_.inverse(cross_, correlation_);
    const auto size = static_cast<long>(fft_.size());
    const auto at = [&](long lag) { return correlation_[static_cast<std::size_t>(((lag % size) + size) % size)]; };
    long best = std::lround(guess);
    const long from = std::lround(guess - reach);
    const long to = std::lround(guess + reach);
    for (long lag = from; lag <= to; ++lag) {
        if (std::abs(at(lag)) > std::abs(at(best))) {
            best = lag;
        }
    }
    return fine(x, y, static_cast<double>(best));
}

} // namespace overbias::dsp
