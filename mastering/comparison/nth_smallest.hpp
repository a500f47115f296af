// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace overbias::mastering {

/// The value that `before` of the others come before, or are like; what std::nth_element would put there. By halving
/// the range of values and counting, which takes no guess of a branch: a second of ratios is searched six times in
/// every tenth of a second. Expects values of 0 and more, as their bits (std::bit_cast), which then are in the same
/// order, and before < bits.size().
[[nodiscard]] float nth_smallest(std::span<const std::int32_t> bits, std::size_t before) noexcept;

} // namespace overbias::mastering
