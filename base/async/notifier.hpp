// SPDX-License-Identifier: Apache-2.0
// Notifier: coroutines wait for "something changed", with a deadline. Thread: the timeline's.
#pragma once

#include "base/async/timeline.hpp"

#include <cstdint>
#include <list>

namespace overbias {

class Notifier {
  public:
    explicit Notifier(Timeline& timeline) : timeline_(timeline) {}
    ~Notifier();
    Notifier(const Notifier&) = delete;
    Notifier& operator=(const Notifier&) = delete;

    /// Wakes everybody who waits now, and nobody who begins to wait later. They run from the timeline, not from inside
    /// this call. A woken coroutine may destroy other waiters, wait again, or destroy this notifier.
    void notify_all();

    class Waiter;
    /// Awaitable: true when notified, false when `deadline` came first (DeckTime::max(): no deadline). A waiter whose
    /// notifier is destroyed waits for its deadline.
    [[nodiscard]] Waiter wait_until(DeckTime deadline, std::source_location site = std::source_location::current());

  private:
    Timeline& timeline_;
    [[nodiscard]] bool is_notified(const Waiter& waiter) const noexcept;
    void wake();

    std::list<Waiter*> waiters_; ///< in the order of their tickets
    std::uint64_t next_ticket_ = 1;
    std::uint64_t notified_up_to_ = 0; ///< waiters with tickets up to this one are to be woken
    Timeline::TimerId wake_timer_ = 0;
    bool* destroyed_ = nullptr; ///< set while wake() runs: it must notice when it loses its object
};

class Notifier::Waiter {
  public:
    Waiter(Notifier& owner, DeckTime deadline, std::source_location site)
        : owner_(&owner), timeline_(owner.timeline_), deadline_(deadline), site_(site) {}
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;
    ~Waiter();

    [[nodiscard]] bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> waiting);
    [[nodiscard]] bool await_resume() const noexcept { return notified_; }

  private:
    friend class Notifier;
    void leave();
    void resume(bool notified);
    Notifier* owner_;    ///< null when the notifier has gone
    Timeline& timeline_; ///< outlives both
    DeckTime deadline_;
    std::source_location site_;
    std::coroutine_handle<> waiting_;
    Timeline::TimerId timer_ = 0;
    std::list<Waiter*>::iterator place_;
    std::uint64_t ticket_ = 0;
    bool enlisted_ = false;
    bool notified_ = false;
};

} // namespace overbias
