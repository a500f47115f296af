// SPDX-License-Identifier: Apache-2.0
#include "base/async/timeline.hpp"

#include <stdexcept>
#include <string>
#include <utility>

namespace overbias {

std::source_location& last_suspension_site() noexcept {
    thread_local std::source_location site;
    return site;
}

PeriodicTimer::PeriodicTimer(Timeline& timeline, DeckDuration interval, Timeline::Callback callback)
    : timeline_(timeline), interval_(interval),
      callback_(std::make_shared<const Timeline::Callback>(std::move(callback))), next_(timeline.now() + interval) {
    if (interval <= DeckDuration::zero()) {
        throw std::invalid_argument("periodic timer: the interval must be above 0 ns, got " +
                                    std::to_string(interval.count()));
    }
    arm();
}

PeriodicTimer::~PeriodicTimer() {
    timeline_.cancel(timer_);
}

void PeriodicTimer::arm() {
    timer_ = timeline_.call_at(next_, [this] {
        const DeckDuration late = timeline_.now() - next_;
        next_ += interval_ * (1 + (late > DeckDuration::zero() ? late / interval_ : 0));
        const std::shared_ptr<const Timeline::Callback> callback = callback_;
        arm(); // before the callback: it may destroy this timer
        (*callback)();
    });
}

} // namespace overbias
