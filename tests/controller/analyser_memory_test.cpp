// SPDX-License-Identifier: Apache-2.0
#include "controller/analysers/analyser_figures.hpp"
#include "controller/analysers/analyser_flutter.hpp"
#include "controller/analysers/analyser_memory.hpp"
#include "tests/support/allocation_count.hpp"

#include <cmath>
#include <cstdint>
#include <gtest/gtest.h>
#include <numbers>
#include <vector>

namespace overbias::controller {
namespace {

constexpr double kMemoryRate_hz = 48000.0, kCarrier_hz = 3150.0;

TEST(AnalyserMemoryTest, the_newest_come_out_in_order_also_round_its_end) {
    AnalyserMemory memory(10.0, 1.0);
    for (std::int64_t frame = 0; frame < 25; frame += 5) {
        std::vector<float> block;
        for (std::int64_t n = frame; n < frame + 5; ++n) {
            block.push_back(static_cast<float>(n));
            block.push_back(static_cast<float>(-n));
        }
        EXPECT_TRUE(memory.push(frame, block));
    }
    EXPECT_DOUBLE_EQ(memory.held_s(), 1.0);
    EXPECT_EQ(memory.newest(0.3)[0], (std::vector<float>{22, 23, 24}));
    EXPECT_EQ(memory.newest(9.0)[1].front(), -15.0F);
    EXPECT_FALSE(memory.push(26, std::vector<float>{1, 1}));
    EXPECT_DOUBLE_EQ(memory.held_s(), 0.1);
}

TEST(AnalyserMemoryTest, blocks_are_taken_in_without_an_allocation) {
    ASSERT_TRUE(test_support::AllocationCount::works());
    AnalyserMemory memory(kMemoryRate_hz, 10.0);
    FlutterFollower flutter(kMemoryRate_hz, 10.0);
    std::vector<float> block;
    for (std::int64_t n = 0; n < 48000; ++n) { // whole periods
        const double value =
            0.1 * std::sin(2.0 * std::numbers::pi * kCarrier_hz * static_cast<double>(n) / kMemoryRate_hz);
        block.insert(block.end(), 2, static_cast<float>(value));
    }
    memory.push(0, block);
    flutter.look(memory.newest(10.0), measure_newest(memory.newest(10.0), kMemoryRate_hz));
    ASSERT_TRUE(flutter.read({}).has_value()) << "the meter runs";
    const test_support::AllocationCount count;
    for (std::int64_t second = 1; second < 15; ++second) {
        EXPECT_TRUE(memory.push(second * 48000, block));
        flutter.process(block);
    }
    EXPECT_EQ(count.so_far(), 0U);
    EXPECT_NEAR(flutter.read({})->reading.duration_s, 10.0, 0.1);
}

} // namespace
} // namespace overbias::controller
