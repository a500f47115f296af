// SPDX-License-Identifier: Apache-2.0
#include "dsp/analysis/window.hpp"

#include <cmath>
#include <numbers>

namespace overbias::dsp {

std::vector<float> hann_window(std::size_t size) {
    std::vector<float> window(size);
    for (std::size_t n = 0; n < size; ++n) {
        window[n] = static_cast<float>(
            0.5 - 0.5 * std::cos(2.0 * std::numbers::pi * static_cast<double>(n) / static_cast<double>(size)));
    }
    return window;
}

std::vector<float> blackman_harris_window(std::size_t size) {
    std::vector<float> window(size);
    for (std::size_t n = 0; n < size; ++n) {
        const double angle = 2.0 * std::numbers::pi * static_cast<double>(n) / static_cast<double>(size);
        window[n] = static_cast<float>(0.35875 - 0.48829 * std::cos(angle) + 0.14128 * std::cos(2.0 * angle) -
                                       0.01168 * std::cos(3.0 * angle));
    }
    return window;
}

double window_power(const std::vector<float>& window) {
    double sum = 0.0;
    for (const float w : window) {
        sum += static_cast<double>(w) * static_cast<double>(w);
    }
    return sum;
}

} // namespace overbias::dsp
