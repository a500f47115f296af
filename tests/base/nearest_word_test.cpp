// SPDX-License-Identifier: Apache-2.0
#include "base/nearest_word.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace overbias {
namespace {

TEST(NearestWord, OneSlipIsMeantAnotherWordIsNot) {
    EXPECT_EQ(nearest_word("lenght_m", {"length_ft", "length_m"}), "length_m"); // a swap counts once
    EXPECT_EQ(nearest_word("stok", {"stock", "speed"}), "stock");
    EXPECT_EQ(nearest_word("colour", {"stock", "speed"}), "");
}

TEST(NearestWords, TheNearestComeFirstWhateverTheirCase) {
    const std::vector<std::string> names{"Master Playback Volume", "Line Capture Volume", "Line Playback Volume",
                                         "Line Capture Switch", "Clock Source"};
    EXPECT_THAT(nearest_words("line capture volume", names, 2),
                testing::ElementsAre("Line Capture Volume", "Line Capture Switch"));
    EXPECT_THAT(nearest_words("Clok", names, 1), testing::ElementsAre("Clock Source"));
    EXPECT_THAT(nearest_words("mute", {"Tune", "MUTE"}, 1), testing::ElementsAre("MUTE"));
    EXPECT_TRUE(nearest_words("x", {}, 3).empty());
}

} // namespace
} // namespace overbias
