// SPDX-License-Identifier: Apache-2.0
#include "base/async/notifier.hpp"

namespace overbias {

Notifier::~Notifier() {
    timeline_.cancel(wake_timer_);
    for (Waiter* waiter : waiters_) {
        waiter->enlisted_ = false;
        waiter->owner_ = nullptr;
    }
}

void Notifier::notify_all() {
    if (wake_posted_ || waiters_.empty()) {
        return;
    }
    wake_posted_ = true;
    wake_timer_ = timeline_.call_at(timeline_.now(), [this] {
        wake_posted_ = false;
        wake_timer_ = 0;
        // A resumed waiter may destroy others, or wait again: only those enlisted now and still enlisted are woken.
        const std::list<Waiter*> pending(waiters_);
        for (Waiter* waiter : pending) {
            for (Waiter* still : waiters_) {
                if (still == waiter) {
                    waiter->resume(true);
                    break;
                }
            }
        }
    });
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
    place_ = owner_->waiters_.insert(owner_->waiters_.end(), this);
    enlisted_ = true;
    timer_ = owner_->timeline_.call_at(deadline_, [this] {
        timer_ = 0;
        resume(false);
    });
}

void Notifier::Waiter::leave() {
    if (enlisted_) {
        owner_->waiters_.erase(place_);
        enlisted_ = false;
    }
    if (timer_ != 0 && owner_ != nullptr) {
        owner_->timeline_.cancel(timer_);
        timer_ = 0;
    }
}

void Notifier::Waiter::resume(bool notified) {
    leave();
    notified_ = notified;
    waiting_.resume();
}

} // namespace overbias
