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

double window_power(const std::vector<float>& window) {
    double sum = 0.0;
    for (const float w : window) {
        sum += static_cast<double>(w) * static_cast<double>(w);
    }
    return sum;
}

} // namespace overbias::dsp
