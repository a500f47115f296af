// SPDX-License-Identifier: Apache-2.0
// A steady timeline on a thread of its own, as in the daemon, for tests on real devices: they wait for conditions,
// never for time.
#pragma once

#include "base/async/steady_timeline.hpp"

#include <chrono>
#include <future>
#include <optional>
#include <thread>
#include <type_traits>

namespace overbias::transport::test {

class TimelineThread {
  public:
    TimelineThread() : thread_([this] { timeline.run(); }) {}
    ~TimelineThread() {
        timeline.stop();
        thread_.join();
    }
    TimelineThread(const TimelineThread&) = delete;
    TimelineThread& operator=(const TimelineThread&) = delete;

    /// Runs on the timeline's thread and waits for it.
    template <typename Action>
    auto call(Action action) {
        std::promise<decltype(action())> done;
        auto result = done.get_future();
        timeline.post([&] {
            if constexpr (std::is_void_v<decltype(action())>) {
                action();
                done.set_value();
            } else {
                done.set_value(action());
            }
        });
        return result.get();
    }
    /// Looks every millisecond, on the timeline.
    template <typename Condition>
    [[nodiscard]] bool comes_true(Condition condition, std::chrono::seconds patience = std::chrono::seconds(20)) {
        std::promise<void> seen;
        std::optional<PeriodicTimer> look;
        call([&] {
            look.emplace(timeline, std::chrono::milliseconds(1), [&, told = false]() mutable {
                if (!told && condition()) {
                    told = true;
                    seen.set_value();
                }
            });
        });
        const bool in_time = seen.get_future().wait_for(patience) == std::future_status::ready;
        call([&] { look.reset(); });
        return in_time;
    }

    SteadyTimeline timeline;

  private:
    std::thread thread_;
};

} // namespace overbias::transport::test
