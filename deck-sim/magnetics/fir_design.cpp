// SPDX-License-Identifier: Apache-2.0
#include "deck-sim/magnetics/fir_design.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>

namespace overbias::deck_sim::magnetics {

namespace {

using Complex = std::complex<double>;

constexpr std::size_t kPoints = 4096;

const std::vector<Complex>& twiddles() {
    static const std::vector<Complex> table = [] {
        std::vector<Complex> made(kPoints / 2);
        for (std::size_t k = 0; k < made.size(); ++k) {
            made[k] = std::polar(1.0, 2.0 * std::numbers::pi * static_cast<double>(k) / static_cast<double>(kPoints));
        }
        return made;
    }();
    return table;
}

// Radix 2 over kPoints, in place; `sign` -1 forward, +1 backward (not scaled).
void fourier(std::vector<Complex>& data, double sign) {
    const std::size_t size = data.size();
    const std::vector<Complex>& table = twiddles();
    for (std::size_t i = 1, j = 0; i < size; ++i) {
        std::size_t bit = size >> 1;
        for (; (j & bit) != 0; bit >>= 1) {
            j ^= bit;
        }
        j ^= bit;
        if (i < j) {
            std::swap(data[i], data[j]);
        }
    }
    for (std::size_t length = 2; length <= size; length <<= 1) {
        const std::size_t stride = size / length;
        for (std::size_t i = 0; i < size; i += length) {
            for (std::size_t k = 0; k < length / 2; ++k) {
                const double c = table[k * stride].real();
                const double s = sign * table[k * stride].imag();
                const Complex a = data[i + k];
                const Complex from = data[i + k + length / 2];
                const Complex b{from.real() * c - from.imag() * s, from.real() * s + from.imag() * c};
                data[i + k] = a + b;
                data[i + k + length / 2] = a - b;
            }
        }
    }
}

std::vector<Complex> sampled(const Magnitude& magnitude, double sample_rate_hz) {
    const std::vector<double> values = at_bins(magnitude, sample_rate_hz);
    std::vector<Complex> spectrum(kPoints);
    for (std::size_t i = 0; i <= kPoints / 2; ++i) {
        spectrum[i] = values[i];
        spectrum[(kPoints - i) % kPoints] = values[i];
    }
    return spectrum;
}

} // namespace

FirDesigner::FirDesigner() : work_(kPoints) {
    static_assert(kBins == kPoints / 2 + 1);
    (void)twiddles();
}

void FirDesigner::minimum_phase(std::span<const double> magnitude, std::span<float> response) noexcept {
    for (std::size_t i = 0; i < kBins; ++i) {
        const double value = std::log(magnitude[i]);
        work_[i] = value;
        work_[(kPoints - i) % kPoints] = value;
    }
    fourier(work_, 1.0);
    for (std::size_t i = 0; i < kPoints; ++i) {
        const double fold = i == 0 || i == kPoints / 2 ? 1.0 : i < kPoints / 2 ? 2.0 : 0.0;
        work_[i] *= fold / static_cast<double>(kPoints);
    }
    fourier(work_, -1.0);
    for (Complex& value : work_) {
        value = std::exp(value);
    }
    fourier(work_, 1.0);
    const std::size_t taps = response.size();
    for (std::size_t i = 0; i < taps; ++i) {
        // the last quarter fades out, so that the cut leaves no step
        const std::size_t fade = taps - taps / 4;
        const double x = i < fade ? 0.0 : static_cast<double>(i - fade + 1) / static_cast<double>(taps / 4 + 1);
        const double window = 0.5 + 0.5 * std::cos(std::numbers::pi * x);
        response[i] = static_cast<float>(work_[i].real() / static_cast<double>(kPoints) * window);
    }
}

std::vector<double> at_bins(const Magnitude& magnitude, double sample_rate_hz) {
    std::vector<double> values(FirDesigner::kBins);
    for (std::size_t i = 0; i < values.size(); ++i) {
        values[i] = magnitude(sample_rate_hz * static_cast<double>(i) / static_cast<double>(kPoints));
    }
    return values;
}

std::vector<float> minimum_phase_fir(const Magnitude& magnitude, double sample_rate_hz, std::size_t taps) {
    std::vector<float> response(taps);
    FirDesigner().minimum_phase(at_bins(magnitude, sample_rate_hz), response);
    return response;
}

std::vector<float> zero_phase_fir(const Magnitude& magnitude, double sample_rate_hz, std::size_t taps) {
    std::vector<Complex> work = sampled(magnitude, sample_rate_hz);
    fourier(work, 1.0);
    std::vector<float> response(taps);
    const std::size_t middle = taps / 2;
    for (std::size_t i = 0; i < taps; ++i) {
        const std::size_t lag = i < middle ? middle - i : i - middle;
        // a gentle window (Hann to the half power): the wanted responses are smooth already
        const double x = static_cast<double>(lag) / static_cast<double>(middle + 1);
        const double window = std::sqrt(0.5 + 0.5 * std::cos(std::numbers::pi * x));
        response[i] = static_cast<float>(work[lag].real() / static_cast<double>(kPoints) * window);
    }
    return response;
}

std::size_t equaliser_taps(double sample_rate_hz) {
    const double taps = 32.0 * std::max(1.0, sample_rate_hz / 48000.0);
    return static_cast<std::size_t>(std::ceil(taps / 4.0)) * 4;
}

double response_db(std::span<const float> impulse_response, double frequency_hz, double sample_rate_hz) {
    Complex sum = 0.0;
    for (std::size_t i = 0; i < impulse_response.size(); ++i) {
        sum += static_cast<double>(impulse_response[i]) *
               std::polar(1.0, -2.0 * std::numbers::pi * frequency_hz / sample_rate_hz * static_cast<double>(i));
    }
    return 20.0 * std::log10(std::abs(sum));
}

} // namespace overbias::deck_sim::magnetics
