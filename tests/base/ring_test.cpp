// SPDX-License-Identifier: Apache-2.0
#include "base/async/notifier.hpp"
#include "base/async/simulated_timeline.hpp"
#include "base/async/task.hpp"
#include "base/spsc_ring.hpp"

#include <gtest/gtest.h>

namespace overbias {
TEST(Task, SleepsAndReturns) {
    SimulatedTimeline timeline;
    Notifier notifier(timeline);
    double at = 0;
    bool timed_out = false, told = false;
    auto inner = [&]() -> Task<int> {
        co_await timeline.sleep_for(deck_seconds(2));
        timed_out = !co_await notifier.wait_until(timeline.now() + deck_seconds(1));
        told = co_await notifier.wait_until(timeline.now() + deck_seconds(10));
        co_return 5;
    };
    auto outer = [&]() -> Task<void> {
        const int five = co_await inner();
        at = seconds(timeline.now()) + five;
    };
    timeline.call_at(DeckTime(deck_seconds(4)), [&] { notifier.notify_all(); });
    Spawned spawned(outer(), {});
    timeline.run_until([&] { return spawned.finished(); }, DeckTime(deck_seconds(100)));
    EXPECT_TRUE(spawned.finished());
    EXPECT_TRUE(timed_out);
    EXPECT_TRUE(told);
    EXPECT_DOUBLE_EQ(at, 9.0);
}
} // namespace overbias
