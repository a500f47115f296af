// SPDX-License-Identifier: Apache-2.0
#include "base/async/notifier.hpp"
#include "base/async/simulated_timeline.hpp"
#include "base/async/task.hpp"

#include <algorithm>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <stdexcept>
#include <vector>

namespace overbias {

namespace {

/// Knows how many timers are out, so that a test can see them taken back.
class CountingTimeline final : public Timeline {
  public:
    [[nodiscard]] DeckTime now() const noexcept override { return inner.now(); }
    TimerId call_at(DeckTime when, Callback callback) override {
        ++pending;
        const auto id = std::make_shared<TimerId>(0);
        *id = inner.call_at(when, [this, id, callback = std::move(callback)] {
            --pending;
            live.erase(std::find(live.begin(), live.end(), *id));
            callback();
        });
        live.push_back(*id);
        return *id;
    }
    void cancel(TimerId timer) noexcept override {
        const auto found = std::find(live.begin(), live.end(), timer);
        if (found != live.end()) {
            live.erase(found);
            --pending;
            inner.cancel(timer);
        }
    }
    void post(Callback callback) override { inner.post(std::move(callback)); }
    [[nodiscard]] bool simulated() const noexcept override { return true; }
    SimulatedTimeline inner;
    std::vector<TimerId> live;
    int pending = 0;
};

struct Witness {
    explicit Witness(int& count) : count_(count) { ++count_; }
    ~Witness() { --count_; }
    Witness(const Witness&) = delete;
    Witness& operator=(const Witness&) = delete;
    int& count_;
};

} // namespace

TEST(Task, SleepsWaitsAndReturns) {
    SimulatedTimeline timeline;
    Notifier notifier(timeline);
    double at = 0;
    bool timed_out = false, told = false;
    const auto inner = [&]() -> Task<int> {
        co_await timeline.sleep_for(deck_seconds(2));
        timed_out = !co_await notifier.wait_until(timeline.now() + deck_seconds(1));
        told = co_await notifier.wait_until(timeline.now() + deck_seconds(10));
        co_return 5;
    };
    const auto outer = [&]() -> Task<void> {
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

TEST(Task, ThrowsThroughItsAwaiterToDone) {
    SimulatedTimeline timeline;
    const auto inner = [&]() -> Task<int> {
        co_await timeline.sleep_for(deck_seconds(1));
        throw std::runtime_error("no tape");
    };
    const auto outer = [&]() -> Task<void> { (void)co_await inner(); };
    std::string message;
    Spawned spawned(outer(), [&](std::exception_ptr failure) {
        try {
            std::rethrow_exception(failure);
        } catch (const std::runtime_error& error) {
            message = error.what();
        }
    });
    timeline.run_for(deck_seconds(2));
    EXPECT_EQ(message, "no tape");
}

TEST(Task, DestroyedAtEverySuspensionPointTakesItsTimersBackAndUnwindsItsFrames) {
    const int kPoints = 5; // what the coroutine below passes
    for (int points = 0; points <= kPoints; ++points) {
        CountingTimeline timeline;
        int frames = 0;
        int passed = 0;
        {
            Notifier notifier(timeline);
            const auto inner = [&]() -> Task<void> {
                const Witness witness(frames);
                for (int i = 0; i < 2; ++i) {
                    co_await timeline.sleep_for(deck_seconds(1));
                    ++passed;
                    (void)co_await notifier.wait_until(timeline.now() + deck_seconds(1));
                    ++passed;
                }
            };
            const auto outer = [&]() -> Task<void> {
                const Witness witness(frames);
                co_await inner();
                co_await timeline.sleep_for(deck_seconds(1));
                ++passed;
            };
            auto spawned = std::make_unique<Spawned>(outer(), std::function<void(std::exception_ptr)>{});
            timeline.inner.run_until([&] { return passed >= points; }, DeckTime(deck_seconds(60)));
            EXPECT_EQ(passed, points);
            EXPECT_EQ(timeline.pending, points == kPoints ? 0 : 1);
            spawned.reset();
            EXPECT_EQ(timeline.pending, 0) << "after " << points << " points";
            EXPECT_EQ(frames, 0);
            timeline.inner.run_for(deck_seconds(60));
            EXPECT_EQ(passed, points);
        }
    }
}

TEST(Task, TheSuspensionSiteNamesTheLine) {
    SimulatedTimeline timeline;
    const auto body = [&]() -> Task<void> { co_await timeline.sleep_for(deck_seconds(1)); };
    const auto line = std::source_location::current().line() - 1;
    Spawned spawned(body(), {});
    EXPECT_EQ(last_suspension_site().line(), line);
}

TEST(Notifier, WakesThoseWhoWaitedInOrderAndNotThoseWhoCameLater) {
    SimulatedTimeline timeline;
    Notifier notifier(timeline);
    std::vector<int> woken;
    std::vector<std::unique_ptr<Spawned>> waiting;
    const auto wait = [&](int name) -> Task<void> {
        if (co_await notifier.wait_until(DeckTime(deck_seconds(10)))) {
            woken.push_back(name);
            // waits again: the wake it was part of must not wake it twice
            if (co_await notifier.wait_until(DeckTime(deck_seconds(10)))) {
                woken.push_back(name + 10);
            }
        }
    };
    waiting.push_back(std::make_unique<Spawned>(wait(1), nullptr));
    waiting.push_back(std::make_unique<Spawned>(wait(2), nullptr));
    notifier.notify_all();
    notifier.notify_all(); // twice is once
    EXPECT_TRUE(woken.empty()) << "never from inside notify_all";
    waiting.push_back(std::make_unique<Spawned>(wait(3), nullptr)); // began to wait after the notification
    timeline.run_for(deck_seconds(1));
    EXPECT_EQ(woken, (std::vector<int>{1, 2}));
    notifier.notify_all();
    timeline.run_for(deck_seconds(1));
    EXPECT_EQ(woken, (std::vector<int>{1, 2, 3, 11, 12}));
}

TEST(Notifier, AWokenWaiterMayDestroyAnother) {
    SimulatedTimeline timeline;
    Notifier notifier(timeline);
    std::unique_ptr<Spawned> second;
    bool second_ran = false;
    const auto first_body = [&]() -> Task<void> {
        (void)co_await notifier.wait_until(DeckTime::max());
        second.reset();
    };
    const auto second_body = [&]() -> Task<void> {
        (void)co_await notifier.wait_until(DeckTime::max());
        second_ran = true;
    };
    Spawned first(first_body(), nullptr);
    second = std::make_unique<Spawned>(second_body(), nullptr);
    notifier.notify_all();
    timeline.run_for(deck_seconds(1));
    EXPECT_TRUE(first.finished());
    EXPECT_FALSE(second_ran);
}

TEST(Notifier, AWokenWaiterMayDestroyTheNotifier) {
    SimulatedTimeline timeline;
    auto notifier = std::make_unique<Notifier>(timeline);
    int told = 0, timed_out = 0;
    const auto body = [&](bool destroys) -> Task<void> {
        if (co_await notifier->wait_until(DeckTime(deck_seconds(5)))) {
            ++told;
        } else {
            ++timed_out;
        }
        if (destroys) {
            notifier.reset();
        }
    };
    Spawned first(body(true), nullptr);
    Spawned second(body(false), nullptr);
    notifier->notify_all();
    timeline.run_for(deck_seconds(10));
    EXPECT_EQ(told, 1);
    EXPECT_EQ(timed_out, 1) << "the other one is left with its deadline";
}

TEST(Notifier, AWaiterDestroyedAfterItsNotifierTakesItsTimerBack) {
    CountingTimeline timeline;
    auto notifier = std::make_unique<Notifier>(timeline);
    const auto body = [&]() -> Task<void> { (void)co_await notifier->wait_until(DeckTime(deck_seconds(5))); };
    auto waiting = std::make_unique<Spawned>(body(), nullptr);
    notifier.reset();
    waiting.reset();
    EXPECT_EQ(timeline.pending, 0);
    timeline.inner.run_for(deck_seconds(10));
}

TEST(Notifier, ANotificationInTheInstantOfTheDeadlineCounts) {
    SimulatedTimeline timeline;
    Notifier notifier(timeline);
    std::optional<bool> told;
    timeline.call_at(DeckTime(deck_seconds(3)), [&] { notifier.notify_all(); });
    const auto body = [&]() -> Task<void> { told = co_await notifier.wait_until(DeckTime(deck_seconds(3))); };
    Spawned waiting(body(), nullptr);
    timeline.run_for(deck_seconds(5));
    EXPECT_EQ(told, true);
}

} // namespace overbias
