// SPDX-License-Identifier: Apache-2.0
#include "transport/motion_wait.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace overbias::transport {
namespace {

TEST(MotionWaitTest, nothing_is_said_while_it_may_still_come) {
    EXPECT_EQ(why_wait_no_longer(MachineState{}, "play speed", 10.0, false), "");
}

TEST(MotionWaitTest, the_machines_fault_is_said_before_the_time) {
    MachineState state;
    state.fault = "tape out";
    EXPECT_EQ(why_wait_no_longer(state, "play speed", 10.0, false), "tape out");
    EXPECT_EQ(why_wait_no_longer(state, "play speed", 10.0, true), "tape out");
}

TEST(MotionWaitTest, what_did_not_come_in_time_is_named_with_what_to_look_at) {
    const std::string why = why_wait_no_longer(MachineState{}, "play speed", 10.0, true);
    EXPECT_THAT(why, testing::HasSubstr("play speed did not happen within 10 s"));
    EXPECT_THAT(why, testing::HasSubstr("check that the deck is on"));
}

} // namespace
} // namespace overbias::transport
