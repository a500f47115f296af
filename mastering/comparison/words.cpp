// SPDX-License-Identifier: Apache-2.0
#include "mastering/comparison/words.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace overbias::mastering {

std::string channel_name(int channel) {
    return channel == 0 ? "left" : "right";
}

std::string clock_time(double seconds) {
    const double tenths = std::round(std::max(0.0, seconds) * 10.0);
    const auto minutes = static_cast<long>(tenths / 600.0);
    std::array<char, 64> text{};
    (void)std::snprintf(text.data(), text.size(), "%ld:%04.1f", minutes,
                        tenths / 10.0 - 60.0 * static_cast<double>(minutes));
    return text.data();
}

} // namespace overbias::mastering
