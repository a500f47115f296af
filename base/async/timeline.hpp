// SPDX-License-Identifier: Apache-2.0
// Deck time. Everything that drives the deck (machine, jobs, engine, serial deadlines, the simulated deck) takes its
// time from a Timeline, never from a clock of its own: on real hardware it is the steady clock, in simulation it jumps
// from event to event.
//
// Thread: one thread runs the timeline; all callbacks and coroutine resumptions happen there. Only post() and stop()
// may be called from other threads.
#pragma once

#include <chrono>
#include <coroutine>
#include <cstdint>
#include <functional>
#include <memory>
#include <source_location>

namespace overbias {

/// Tag clock of deck time: nanoseconds since the timeline was made.
struct DeckClock {
    using rep = std::int64_t;
    using period = std::nano;
    using duration = std::chrono::nanoseconds;
    using time_point = std::chrono::time_point<DeckClock, duration>;
    static constexpr bool is_steady = true;
};
using DeckTime = DeckClock::time_point;
using DeckDuration = DeckClock::duration;

/// Seconds since the timeline was made, for arithmetic and reports.
[[nodiscard]] constexpr double seconds(DeckTime time) noexcept {
    return std::chrono::duration<double>(time.time_since_epoch()).count();
}
[[nodiscard]] constexpr double seconds(DeckDuration duration) noexcept {
    return std::chrono::duration<double>(duration).count();
}
[[nodiscard]] constexpr DeckDuration deck_seconds(double value_s) noexcept {
    return std::chrono::duration_cast<DeckDuration>(std::chrono::duration<double>(value_s));
}

class Timeline {
  public:
    using TimerId = std::uint64_t; ///< 0 is never a timer
    using Callback = std::function<void()>;

    Timeline() = default;
    Timeline(const Timeline&) = delete;
    Timeline& operator=(const Timeline&) = delete;
    virtual ~Timeline() = default;

    [[nodiscard]] virtual DeckTime now() const noexcept = 0;
    /// Calls `callback` once at `when` (at once, but never from inside this call, when that has passed).
    /// DeckTime::max() is never.
    virtual TimerId call_at(DeckTime when, Callback callback) = 0;
    /// Forgets the timer; unknown and expired ids are ignored.
    virtual void cancel(TimerId timer) noexcept = 0;
    /// Runs `callback` on the timeline's thread. Any thread.
    virtual void post(Callback callback) = 0;
    /// True when time jumps: back ends that touch the real world refuse to be built on it.
    [[nodiscard]] virtual bool simulated() const noexcept = 0;

    TimerId call_after(DeckDuration delay, Callback callback) { return call_at(now() + delay, std::move(callback)); }

    /// Awaitable: resumes at `when`. Destroying the waiting coroutine takes the timer back.
    [[nodiscard]] auto sleep_until(DeckTime when, std::source_location site = std::source_location::current());
    [[nodiscard]] auto sleep_for(DeckDuration delay, std::source_location site = std::source_location::current());
};

/// The place in the source where the coroutine that suspended last is waiting; tests use it to destroy a job at every
/// one. Thread: per thread.
[[nodiscard]] std::source_location& last_suspension_site() noexcept;

/// Repeats `callback` every `interval` until destroyed; the callback may destroy it. A timeline that has fallen behind
/// by more than an interval skips the missed calls and keeps the beat. Throws std::invalid_argument when the interval
/// is not positive. Thread: the timeline's.
class PeriodicTimer {
  public:
    PeriodicTimer(Timeline& timeline, DeckDuration interval, Timeline::Callback callback);
    ~PeriodicTimer();
    PeriodicTimer(const PeriodicTimer&) = delete;
    PeriodicTimer& operator=(const PeriodicTimer&) = delete;

  private:
    void arm();
    Timeline& timeline_;
    DeckDuration interval_;
    std::shared_ptr<const Timeline::Callback>
        callback_; ///< shared with the call under way, which may destroy this timer
    DeckTime next_;
    Timeline::TimerId timer_ = 0;
};

/// What sleep_until() returns.
class SleepAwaiter {
  public:
    SleepAwaiter(Timeline& timeline, DeckTime when, std::source_location site)
        : timeline_(timeline), when_(when), site_(site) {}
    SleepAwaiter(const SleepAwaiter&) = delete;
    SleepAwaiter& operator=(const SleepAwaiter&) = delete;
    ~SleepAwaiter() {
        if (timer_ != 0) {
            timeline_.cancel(timer_);
        }
    }
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> waiting) {
        last_suspension_site() = site_;
        timer_ = timeline_.call_at(when_, [this, waiting] {
            timer_ = 0;
            waiting.resume();
        });
    }
    void await_resume() const noexcept {}

  private:
    Timeline& timeline_;
    DeckTime when_;
    std::source_location site_;
    Timeline::TimerId timer_ = 0;
};

inline auto Timeline::sleep_until(DeckTime when, std::source_location site) {
    return SleepAwaiter(*this, when, site);
}
inline auto Timeline::sleep_for(DeckDuration delay, std::source_location site) {
    return SleepAwaiter(*this, now() + delay, site);
}

} // namespace overbias
