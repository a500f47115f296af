// SPDX-License-Identifier: Apache-2.0
#include "base/async/simulated_timeline.hpp"
#include "deck-sim/process/heartbeat_relay.hpp"

#include <gtest/gtest.h>
#include <utility>
#include <vector>

namespace overbias::deck_sim {
namespace {

using std::chrono::milliseconds;

class HeartbeatRelayTest : public testing::Test {
  protected:
    void run(int ms) { timeline.run_for(milliseconds(ms)); }
    void edges(int count, int every_ms) {
        for (int i = 0; i < count; ++i) {
            relay.edge();
            run(every_ms);
        }
    }
    static DeckTime at_ms(int ms) { return DeckTime(milliseconds(ms)); }

    SimulatedTimeline timeline;
    std::vector<std::pair<bool, DeckTime>> changes;
    HeartbeatRelay relay{timeline, [this](bool closed, DeckTime at) { changes.emplace_back(closed, at); }};
};

TEST_F(HeartbeatRelayTest, begins_dropped_and_picks_up_with_the_third_edge) {
    run(100);
    EXPECT_FALSE(relay.closed());
    relay.edge();
    run(50);
    relay.edge();
    EXPECT_FALSE(relay.closed());
    run(50);
    relay.edge();
    EXPECT_TRUE(relay.closed());
    ASSERT_EQ(changes.size(), 1U);
    EXPECT_EQ(changes[0], std::pair(true, at_ms(200)));
}

TEST_F(HeartbeatRelayTest, drops_250_ms_after_the_last_edge) {
    edges(10, 50); // the last one at 450 ms
    EXPECT_TRUE(relay.closed());
    run(199); // 699 ms
    EXPECT_TRUE(relay.closed());
    run(1);
    EXPECT_FALSE(relay.closed());
    ASSERT_EQ(changes.size(), 2U);
    EXPECT_EQ(changes[1], std::pair(false, at_ms(700)));
}

TEST_F(HeartbeatRelayTest, holds_as_long_as_edges_come_in_time) {
    edges(100, 249);
    EXPECT_TRUE(relay.closed());
    EXPECT_EQ(changes.size(), 1U);
}

TEST_F(HeartbeatRelayTest, edges_that_come_too_late_do_not_add_up) {
    edges(20, 250);
    EXPECT_FALSE(relay.closed());
    EXPECT_TRUE(changes.empty());
}

TEST_F(HeartbeatRelayTest, wants_three_edges_again_after_it_dropped) {
    edges(5, 20);
    run(300);
    ASSERT_FALSE(relay.closed());
    relay.edge();
    relay.edge();
    EXPECT_FALSE(relay.closed());
    relay.edge();
    EXPECT_TRUE(relay.closed());
}

} // namespace
} // namespace overbias::deck_sim
