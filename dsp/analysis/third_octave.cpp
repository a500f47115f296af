// SPDX-License-Identifier: Apache-2.0
#include "dsp/analysis/third_octave.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace overbias::dsp {

double third_octave_nominal_hz(int n) {
    static constexpr std::array<double, 10> kDecade{1.0, 1.25, 1.6, 2.0, 2.5, 3.15, 4.0, 5.0, 6.3, 8.0};
    const int decade = n >= 0 ? n / 10 : -((9 - n) / 10);
    return kDecade[static_cast<std::size_t>(n - 10 * decade)] * 1000.0 * std::pow(10.0, decade);
}

ThirdOctaveBands::ThirdOctaveBands(std::size_t fft_size, double rate_hz, double lowest_nominal_hz,
                                   double highest_nominal_hz) {
    const int first = static_cast<int>(std::lround(10.0 * std::log10(lowest_nominal_hz / 1000.0)));
    const int last = static_cast<int>(std::lround(10.0 * std::log10(highest_nominal_hz / 1000.0)));
    const std::size_t bins = fft_size / 2 + 1;
    const auto edge_bin = [&](int n) {
        const double edge_hz = 1000.0 * std::pow(10.0, (static_cast<double>(n) - 0.5) / 10.0);
        const double bin = std::ceil(edge_hz * static_cast<double>(fft_size) / rate_hz);
        return std::min(bins, static_cast<std::size_t>(std::max(1.0, bin)));
    };
    for (int n = first; n <= last; ++n) {
        nominal_hz_.push_back(third_octave_nominal_hz(n));
        first_bin_.push_back(edge_bin(n));
    }
    first_bin_.push_back(edge_bin(last + 1));
}

std::size_t ThirdOctaveBands::index_of(double nominal_hz) const noexcept {
    for (std::size_t b = 0; b < nominal_hz_.size(); ++b) {
        if (std::abs(nominal_hz_[b] - nominal_hz) < 0.01 * nominal_hz) {
            return b;
        }
    }
    return nominal_hz_.size();
}

void ThirdOctaveBands::sum(std::span<const std::complex<float>> bins, std::span<float> power) const noexcept {
    for (std::size_t b = 0; b < nominal_hz_.size(); ++b) {
        float total = 0.0F;
        for (std::size_t k = first_bin_[b]; k < first_bin_[b + 1]; ++k) {
            total += bins[k].real() * bins[k].real() + bins[k].imag() * bins[k].imag();
        }
        power[b] = total;
    }
}

} // namespace overbias::dsp
