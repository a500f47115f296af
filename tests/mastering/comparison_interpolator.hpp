// SPDX-License-Identifier: Apache-2.0
// Reading a stored signal between its samples.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <vector>

namespace comparison_test {

/// Windowed sinc, 16 taps, 512 places between samples.
class Interpolator {
  public:
    static constexpr int kTaps = 16;
    static constexpr int kPlaces = 512;
    Interpolator() : table_(static_cast<std::size_t>((kPlaces + 1) * kTaps)) {
        for (int p = 0; p <= kPlaces; ++p) {
            double sum = 0.0;
            for (int k = 0; k < kTaps; ++k) {
                const double t = static_cast<double>(k - kTaps / 2 + 1) - static_cast<double>(p) / kPlaces;
                const double sinc = std::abs(t) < 1e-9 ? 1.0 : std::sin(std::numbers::pi * t) / (std::numbers::pi * t);
                const double window = 0.5 + 0.5 * std::cos(std::numbers::pi * t / (kTaps / 2));
                at(p, k) = static_cast<float>(sinc * window);
                sum += sinc * window;
            }
            for (int k = 0; k < kTaps; ++k) {
                at(p, k) /= static_cast<float>(sum);
            }
        }
    }
    [[nodiscard]] double read(const std::vector<float>& x, double place) const {
        const double whole = std::floor(place);
        const auto first = static_cast<std::int64_t>(whole) - kTaps / 2 + 1;
        if (first < 0 || first + kTaps > static_cast<std::int64_t>(x.size())) {
            return 0.0;
        }
        const auto p = static_cast<int>(std::lround((place - whole) * kPlaces));
        const float* h = &table_[static_cast<std::size_t>(p * kTaps)];
        const float* in = &x[static_cast<std::size_t>(first)];
        float sum = 0.0F;
        for (int k = 0; k < kTaps; ++k) {
            sum += h[k] * in[k];
        }
        return static_cast<double>(sum);
    }

  private:
    float& at(int p, int k) { return table_[static_cast<std::size_t>(p * kTaps + k)]; }
    std::vector<float> table_;
};

} // namespace comparison_test
