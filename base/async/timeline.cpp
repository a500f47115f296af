// SPDX-License-Identifier: Apache-2.0
#include "base/async/timeline.hpp"

#include <utility>

namespace overbias {

std::source_location& last_suspension_site() noexcept {
    thread_local std::source_location site;
    return site;
}

PeriodicTimer::PeriodicTimer(Timeline& timeline, DeckDuration interval, Timeline::Callback callback)
    : timeline_(timeline), interval_(interval), callback_(std::move(callback)), next_(timeline.now() + interval) {
    arm();
}

PeriodicTimer::~PeriodicTimer() {
    timeline_.cancel(timer_);
}

void PeriodicTimer::arm() {
    timer_ = timeline_.call_at(next_, [this] {
        next_ += interval_;
        arm(); // before the callback: it may destroy this timer
        callback_();
    });
}

} // namespace overbias
