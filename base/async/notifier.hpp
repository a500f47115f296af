// SPDX-License-Identifier: Apache-2.0
// Notifier: coroutines wait for "something changed", with a deadline. Thread: the timeline's.
#pragma once

#include "base/async/timeline.hpp"

#include <list>

namespace overbias {

class Notifier {
  public:
    explicit Notifier(Timeline& timeline) : timeline_(timeline) {}
    ~Notifier();
    Notifier(const Notifier&) = delete;
    Notifier& operator=(const Notifier&) = delete;

    /// Wakes everybody who waits now. They run from the timeline, not from inside this call.
    void notify_all();

    class Waiter;
    /// Awaitable: true when notified, false when `deadline` came first.
    [[nodiscard]] Waiter wait_until(DeckTime deadline, std::source_location site = std::source_location::current());

  private:
    Timeline& timeline_;
    std::list<Waiter*> waiters_;
    bool wake_posted_ = false;
    Timeline::TimerId wake_timer_ = 0;
};

class Notifier::Waiter {
  public:
    Waiter(Notifier& owner, DeckTime deadline, std::source_location site)
        : owner_(&owner), deadline_(deadline), site_(site) {}
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
    Notifier* owner_;
    DeckTime deadline_;
    std::source_location site_;
    std::coroutine_handle<> waiting_;
    Timeline::TimerId timer_ = 0;
    std::list<Waiter*>::iterator place_;
    bool enlisted_ = false;
    bool notified_ = false;
};

} // namespace overbias
