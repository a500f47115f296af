// SPDX-License-Identifier: Apache-2.0
#include "says.hpp"
#include "transport/position/cue_points.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace overbias::transport {

using test::says;

TEST(CuePoints, TenByNumberAndName) {
    CuePoints cues;
    for (int number = 0; number < 10; ++number) {
        EXPECT_TRUE(cues.set(number, 10.0 * number, "song " + std::to_string(number)));
    }
    EXPECT_DOUBLE_EQ(cues.find("7")->place_m, 70.0);
    EXPECT_DOUBLE_EQ(cues.find("song 7")->place_m, 70.0);
    EXPECT_EQ(cues.at(0)->name, "song 0");
    EXPECT_TRUE(cues.set(3, 33.0, "song 3")) << "set anew under its own name";
    EXPECT_DOUBLE_EQ(cues.at(3)->place_m, 33.0);
    EXPECT_TRUE(cues.rename(3, "chorus"));
    EXPECT_DOUBLE_EQ(cues.find("chorus")->place_m, 33.0);
    EXPECT_TRUE(cues.clear(3));
    EXPECT_TRUE(says(cues.at(3).error().message, "cue point 3 is not set"));
    EXPECT_TRUE(says(cues.find("chorus").error().message, "\"song 0\", \"song 1\""));
}

TEST(CuePoints, RefusesWithTheReasonAndChangesNothing) {
    CuePoints cues;
    ASSERT_TRUE(cues.set(1, 5.0, "intro"));
    const StoredCuePoints before = cues.stored();
    EXPECT_TRUE(says(cues.set(10, 1.0).error().message, "0 to 9"));
    EXPECT_TRUE(says(cues.set(-1, 1.0).error().message, "0 to 9"));
    EXPECT_FALSE(cues.at(10));
    EXPECT_FALSE(cues.clear(10));
    EXPECT_TRUE(says(cues.set(1, NAN).error().message, "metres"));
    EXPECT_FALSE(cues.set(1, std::numeric_limits<double>::infinity()));
    EXPECT_TRUE(says(cues.set(2, 1.0, "intro").error().message, "cue point 1 is already called"));
    EXPECT_TRUE(says(cues.set(2, 1.0, "7").error().message, "is a number"));
    EXPECT_TRUE(says(cues.set(2, 1.0, "two\nlines").error().message, "one line"));
    EXPECT_TRUE(says(cues.set(2, 1.0, std::string(41, 'x')).error().message, "41"));
    EXPECT_TRUE(says(cues.rename(2, "x").error().message, "not set"));
    EXPECT_TRUE(says(cues.find("").error().message, "no cue point"));
    EXPECT_EQ(cues.stored(), before);
    EXPECT_TRUE(cues.set(2, 1.0)) << "a point needs no name";
    EXPECT_TRUE(cues.set(3, 1.0)) << "and many may have none";
}

TEST(CuePoints, InAndOutMakeARange) {
    CuePoints cues;
    EXPECT_TRUE(says(cues.range().error().message, "mark in is not set"));
    EXPECT_TRUE(cues.mark_in(20.0));
    EXPECT_TRUE(says(cues.range().error().message, "mark out is not set"));
    EXPECT_TRUE(cues.mark_out(10.0));
    EXPECT_TRUE(says(cues.range().error().message, "mark in (20.00 m) does not lie before mark out (10.00 m)"));
    EXPECT_TRUE(cues.mark_out(30.0));
    EXPECT_DOUBLE_EQ(cues.range()->in_m, 20.0);
    EXPECT_DOUBLE_EQ(cues.range()->out_m, 30.0);
    EXPECT_FALSE(cues.mark_in(NAN));
    EXPECT_FALSE(cues.mark_out(NAN));
    EXPECT_DOUBLE_EQ(*cues.in_m(), 20.0);
    cues.clear_marks();
    EXPECT_FALSE(cues.in_m() || cues.out_m());
}

TEST(CuePoints, KeptAndTakenBack) {
    CuePoints cues;
    ASSERT_TRUE(cues.set(0, 1.5, "head"));
    ASSERT_TRUE(cues.set(9, 700.0));
    ASSERT_TRUE(cues.mark_in(3.0));
    CuePoints again;
    ASSERT_TRUE(again.restore(cues.stored()));
    EXPECT_EQ(again.stored(), cues.stored());
    StoredCuePoints bad = cues.stored();
    bad.points[4] = CuePoint{"head", 2.0};
    EXPECT_TRUE(says(again.restore(bad).error().message, "cue point 4: cue point 0 is already called"));
    bad = cues.stored();
    bad.mark_out_m = NAN;
    EXPECT_FALSE(again.restore(bad));
    EXPECT_EQ(again.stored(), cues.stored()) << "nothing of it is taken over";
}

} // namespace overbias::transport
