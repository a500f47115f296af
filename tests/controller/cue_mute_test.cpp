// SPDX-License-Identifier: Apache-2.0
#include "controller/cue_mute.hpp"

#include <gtest/gtest.h>
#include <vector>

namespace overbias::controller {
namespace {

constexpr std::int32_t kMinus14Dbfs = 428'475'566; // 2^31 x 10^(-14/20)
constexpr std::int32_t kMinus26Dbfs = 107'630'000;

DeckTime at(double time_s) {
    return DeckTime(deck_seconds(time_s));
}

TEST(CueMuteTest, a_loud_tape_return_is_muted_while_the_lifters_are_defeated_and_opens_when_it_has_been_quiet) {
    CueMute cue({.limit_dbfs = -20.0, .hold_s = 0.5});
    const std::vector<std::int32_t> loud{0, -kMinus14Dbfs, 0, 0};
    const std::vector<std::int32_t> quiet{kMinus26Dbfs, 0, 0, -kMinus26Dbfs};
    EXPECT_EQ(cue.update(true, quiet, at(0.0)), std::nullopt);
    EXPECT_EQ(cue.update(true, loud, at(0.01)), std::optional(true));
    EXPECT_EQ(cue.update(true, loud, at(0.02)), std::nullopt) << "told once";
    EXPECT_EQ(cue.update(true, quiet, at(0.40)), std::nullopt) << "not yet quiet for half a second";
    EXPECT_TRUE(cue.muted());
    EXPECT_EQ(cue.update(true, quiet, at(0.53)), std::optional(false));
}

TEST(CueMuteTest, nothing_is_muted_with_the_lifters_in_place) {
    CueMute cue;
    const std::vector<std::int32_t> loud(8, kMinus14Dbfs);
    EXPECT_EQ(cue.update(false, loud, at(0.0)), std::nullopt);
    EXPECT_EQ(cue.update(true, loud, at(0.01)), std::optional(true));
    EXPECT_EQ(cue.update(false, loud, at(0.02)), std::optional(false)) << "the lifters hold the tape off: open at once";
}

} // namespace
} // namespace overbias::controller
