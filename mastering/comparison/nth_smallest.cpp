// SPDX-License-Identifier: Apache-2.0
#include "mastering/comparison/nth_smallest.hpp"

#include <algorithm>
#include <bit>
#include <cassert>

namespace overbias::mastering {

float nth_smallest(std::span<const std::int32_t> bits, std::size_t before) noexcept {
    assert(before < bits.size());
    std::int32_t low = bits.front();
    std::int32_t high = low;
    for (const std::int32_t value : bits) {
        low = std::min(low, value);
        high = std::max(high, value);
    }
    while (low < high) {
        const std::int32_t middle = low + (high - low) / 2;
        std::int32_t up_to = 0;
        for (const std::int32_t value : bits) {
            up_to += value <= middle ? 1 : 0;
        }
        if (static_cast<std::size_t>(up_to) > before) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return std::bit_cast<float>(low);
}

} // namespace overbias::mastering
