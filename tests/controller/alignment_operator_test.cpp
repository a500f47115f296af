// SPDX-License-Identifier: Apache-2.0
// The operator of a running alignment, as the doors have him.
#include "controller/alignment/alignment_operator.hpp"

#include <gtest/gtest.h>

namespace overbias::controller {
namespace {

TEST(AlignmentOperator, WhatWasAnsweredAsksForNothingAnyMore) {
    AlignmentOperator attended;
    calibration::AlignmentView thread;
    thread.task = calibration::OperatorTask::Confirm;
    attended.show(thread);
    EXPECT_FALSE(attended.take().has_value());
    EXPECT_FALSE(attended.answered());
    ASSERT_TRUE(attended.say({.says = calibration::OperatorSays::Accept}));
    EXPECT_FALSE(attended.answered()); // nobody has taken it
    EXPECT_TRUE(attended.take().has_value());
    EXPECT_TRUE(attended.answered());
    attended.show(thread);
    EXPECT_FALSE(attended.answered());
}

TEST(AlignmentOperator, SpeaksInOrderAndNotWithoutEnd) {
    AlignmentOperator attended;
    ASSERT_TRUE(attended.say({.says = calibration::OperatorSays::Skip}));
    ASSERT_TRUE(attended.say({.says = calibration::OperatorSays::Back}));
    EXPECT_EQ(attended.take()->says, calibration::OperatorSays::Skip);
    EXPECT_EQ(attended.take()->says, calibration::OperatorSays::Back);
    int taken = 0;
    while (taken < 1000 && attended.say({})) {
        ++taken;
    }
    EXPECT_LT(taken, 1000);
    attended.begin(); // the next alignment hears nothing of it
    EXPECT_FALSE(attended.take().has_value());
}

} // namespace
} // namespace overbias::controller
