// SPDX-License-Identifier: Apache-2.0
// Feeding the comparison block by block while a print runs: what it allocates, and when.
#include "bench/taped_print.hpp"
#include "tests/support/allocation_count.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace comparison_test {
namespace {

using overbias::bench::TapedPrint;
using overbias::test_support::AllocationCount;

constexpr double kRate_hz = 48000.0;
constexpr std::int64_t kBlock = 480;

struct Fed {
    std::vector<std::size_t> allocations; ///< of each block
    overbias::mastering::ComparisonResult result;

    /// Over blocks that begin within these frames of the reference.
    [[nodiscard]] std::size_t between(std::int64_t from, std::int64_t to) const {
        std::size_t sum = 0;
        for (auto block = static_cast<std::size_t>((from + kBlock - 1) / kBlock);
             static_cast<std::int64_t>(block) * kBlock < to; ++block) {
            sum += allocations.at(block);
        }
        return sum;
    }
};

Fed feed(const TapedPrint& print) {
    overbias::mastering::OffTapeComparison comparison(print.config);
    overbias::bench::add_sections(print, comparison);
    Fed fed;
    fed.allocations.reserve(static_cast<std::size_t>(print.frames() / kBlock + 1));
    for (std::int64_t first = 0; first < print.frames(); first += kBlock) {
        const AllocationCount count;
        overbias::bench::feed_block(print, comparison, first, std::min(kBlock, print.frames() - first));
        fed.allocations.push_back(count.so_far());
    }
    fed.result = comparison.finish();
    return fed;
}

/// The judgement is behind what is played by the head delay, a frame of analysis and its edges.
constexpr std::int64_t kBehind = 12000;

TEST(ComparisonMemory, nothing_is_allocated_while_a_track_runs) {
    ASSERT_TRUE(AllocationCount::works());
    const TapedPrint print = overbias::bench::tape_print(kRate_hz, 14.0);
    const Fed fed = feed(print);
    ASSERT_TRUE(fed.result.pass) << fed.result.reason;
    ASSERT_GT(fed.result.tracks.at(0).judged_share, 0.9);
    const auto second = static_cast<std::int64_t>(kRate_hz);
    EXPECT_EQ(fed.between(kBlock, print.slate_from), 0U) << "at rest, once the first block has set its size";
    EXPECT_EQ(fed.between(print.slate_from + 2 * second, print.gap_from), 0U) << "in the slate, once it is found";
    EXPECT_EQ(fed.between(print.gap_from + kBehind, print.track_from), 0U) << "in the gap";
    EXPECT_EQ(fed.between(print.track_from + kBehind, print.track_end), 0U) << "in the track";
}

/// It is noted in up to four lists: found, waiting, settled, told.
TEST(ComparisonMemory, a_drop_out_costs_its_entries) {
    TapedPrint print = overbias::bench::tape_print(kRate_hz, 8.0);
    constexpr int kHoles = 5;
    for (int hole = 0; hole < kHoles; ++hole) { // 20 ms, 20 dB, left
        const auto from = static_cast<std::size_t>(print.track_from + 96000 + 40000 * hole);
        for (std::size_t n = from; n < from + 960; ++n) {
            print.came[2 * n] *= 0.1F;
        }
    }
    const Fed fed = feed(print);
    ASSERT_EQ(fed.result.tracks.at(0).dropouts.size(), static_cast<std::size_t>(kHoles));
    EXPECT_LE(fed.between(print.track_from + kBehind, print.track_end), static_cast<std::size_t>(4 * kHoles));
}

} // namespace
} // namespace comparison_test
