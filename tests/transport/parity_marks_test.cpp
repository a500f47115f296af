// SPDX-License-Identifier: Apache-2.0
// What a terminal that marks damage hands over, as termios(3) describes it: FF 00 byte, FF 00 00 for a break, FF FF for
// a true FF.
#include "transport/io/parity_marks.hpp"

#include <gtest/gtest.h>
#include <utility>
#include <vector>

namespace overbias::transport {
namespace {

using Bytes = std::vector<std::uint8_t>;
using Runs = std::vector<std::pair<Bytes, bool>>;

Runs take(ParityMarks& marks, const Bytes& marked) {
    Runs runs;
    marks.take(marked, [&runs](std::span<const std::uint8_t> bytes, bool damaged) {
        runs.emplace_back(Bytes(bytes.begin(), bytes.end()), damaged);
    });
    return runs;
}

TEST(ParityMarksTest, PartsSoundFromDamaged) {
    ParityMarks marks;
    EXPECT_EQ(take(marks, {0x10, 0x01, 0x11}), (Runs{{{0x10, 0x01, 0x11}, false}}));
    EXPECT_EQ(take(marks, {0x10, 0xFF, 0x00, 0x01, 0x11}), (Runs{{{0x10}, false}, {{0x01}, true}, {{0x11}, false}}));
    EXPECT_EQ(take(marks, {0xFF, 0xFF, 0x00, 0xFF, 0xFF}), (Runs{{{0xFF, 0x00, 0xFF}, false}})) << "true FF";
    EXPECT_EQ(take(marks, {0xFF, 0x00, 0x00}), (Runs{{{0x00}, true}})) << "break";
    EXPECT_EQ(take(marks, {0xFF, 0x00, 0xFF, 0x20}), (Runs{{{0xFF}, true}, {{0x20}, false}})) << "damaged FF";
}

TEST(ParityMarksTest, AMarkMayBeCutAnywhere) {
    ParityMarks marks;
    EXPECT_EQ(take(marks, {0x10, 0xFF}), (Runs{{{0x10}, false}}));
    EXPECT_EQ(take(marks, {0x00}), Runs{});
    EXPECT_EQ(take(marks, {0x01, 0x11}), (Runs{{{0x01}, true}, {{0x11}, false}}));
    EXPECT_EQ(take(marks, {0xFF}), Runs{});
    EXPECT_EQ(take(marks, {0xFF}), (Runs{{{0xFF}, false}}));
    EXPECT_EQ(take(marks, {0xFF, 0x00}), Runs{});
    marks.reset(); // a new life of the port
    EXPECT_EQ(take(marks, {0x20}), (Runs{{{0x20}, false}}));
}

} // namespace
} // namespace overbias::transport
