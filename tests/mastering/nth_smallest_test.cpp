// SPDX-License-Identifier: Apache-2.0
#include "mastering/comparison/nth_smallest.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace {
using namespace overbias::mastering;

TEST(NthSmallest, is_what_sorting_would_put_there) {
    std::mt19937 random(5);
    for (const std::size_t size : {1U, 2U, 3U, 40U, 499U}) {
        for (const float spread : {0.0F, 1e-6F, 0.1F, 30.0F}) {
            std::vector<float> values;
            std::vector<std::int32_t> bits;
            std::normal_distribution<float> log_ratio(0.0F, spread);
            for (std::size_t n = 0; n < size; ++n) {
                values.push_back(n % 7 == 3 ? 0.0F : std::exp(log_ratio(random)));
                bits.push_back(std::bit_cast<std::int32_t>(values.back()));
            }
            std::sort(values.begin(), values.end());
            for (std::size_t before = 0; before < size; ++before) {
                EXPECT_EQ(nth_smallest(bits, before), values[before]) << size << ' ' << spread << ' ' << before;
            }
        }
    }
}

TEST(NthSmallest, takes_the_whole_range_of_values) {
    const std::vector<std::int32_t> ends{std::bit_cast<std::int32_t>(0.0F),
                                         std::bit_cast<std::int32_t>(std::numeric_limits<float>::infinity())};
    EXPECT_EQ(nth_smallest(ends, 0), 0.0F);
    EXPECT_EQ(nth_smallest(ends, 1), std::numeric_limits<float>::infinity());
}

} // namespace
