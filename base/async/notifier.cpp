// SPDX-License-Identifier: Apache-2.0
#include "base/async/notifier.hpp"

namespace overbias {

Notifier::~Notifier() {
    if (destroyed_ != nullptr) {
        *destroyed_ = true;
    }
    timeline_.cancel(wake_timer_);
    for (Waiter* waiter : waiters_) {
        waiter->enlisted_ = false;
        waiter->owner_ = nullptr;
    }
}

void Notifier::notify_all() {
    if (waiters_.empty()) {
        return;
    }
    notified_up_to_ = next_ticket_ - 1;
    if (wake_timer_ == 0) {
        wake_timer_ = timeline_.call_at(timeline_.now(), [this] {
            wake_timer_ = 0;
            wake();
        });
    }
}

void Notifier::wake() {
    // A resumed waiter may destroy others, wait again (with a later ticket), notify again, or destroy this object.
    const std::uint64_t up_to = notified_up_to_;
    bool destroyed = false;
    bool* const outer = destroyed_;
    destroyed_ = &destroyed;
    while (!waiters_.empty() && waiters_.front()->ticket_ <= up_to) {
        waiters_.front()->resume(true);
        if (destroyed) {
            if (outer != nullptr) {
                *outer = true;
            }
            return;
        }
    }
    destroyed_ = outer;
}

bool Notifier::is_notified(const Waiter& waiter) const noexcept {
    return waiter.ticket_ <= notified_up_to_;
}

Notifier::Waiter Notifier::wait_until(DeckTime deadline, std::source_location site) {
    return {*this, deadline, site};
}

Notifier::Waiter::~Waiter() {
    leave();
}

void Notifier::Waiter::await_suspend(std::coroutine_handle<> waiting) {
    last_suspension_site() = site_;
    waiting_ = waiting;
    ticket_ = owner_->next_ticket_++;
    place_ = owner_->waiters_.insert(owner_->waiters_.end(), this);
    enlisted_ = true;
    timer_ = timeline_.call_at(deadline_, [this] {
        timer_ = 0;
        resume(owner_ != nullptr && owner_->is_notified(*this)); // notified in the same instant, but not yet woken
    });
}

void Notifier::Waiter::leave() {
    if (enlisted_) {
        owner_->waiters_.erase(place_);
        enlisted_ = false;
    }
    if (timer_ != 0) {
        timeline_.cancel(timer_);
        timer_ = 0;
    }
}

void Notifier::Waiter::resume(bool notified) {
    leave();
    notified_ = notified;
    waiting_.resume(); // this object may be gone when it returns
}

} // namespace overbias
