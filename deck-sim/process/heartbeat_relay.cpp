// SPDX-License-Identifier: Apache-2.0
#include "deck-sim/process/heartbeat_relay.hpp"

#include <utility>

namespace overbias::deck_sim {

HeartbeatRelay::HeartbeatRelay(Timeline& timeline, std::function<void(bool, DeckTime)> changed)
    : timeline_(timeline), changed_(std::move(changed)) {
}

HeartbeatRelay::~HeartbeatRelay() {
    timeline_.cancel(timer_);
}

void HeartbeatRelay::edge() {
    const DeckTime now = timeline_.now();
    if (edges_ > 0 && now - last_edge_ >= kHold) {
        expire(); // the timer is late: this edge begins anew
    }
    last_edge_ = now;
    ++edges_;
    timeline_.cancel(timer_);
    timer_ = timeline_.call_at(now + kHold, [this] {
        timer_ = 0;
        expire();
    });
    if (!closed_ && edges_ >= kEdgesToPickUp) {
        closed_ = true;
        changed_(true, now);
    }
}

void HeartbeatRelay::expire() {
    edges_ = 0;
    if (closed_) {
        closed_ = false;
        changed_(false, last_edge_ + kHold);
    }
}

} // namespace overbias::deck_sim
