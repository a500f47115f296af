// SPDX-License-Identifier: Apache-2.0
// HeartbeatRelay: the hardware beside a daemon that proves it alive, simulated. A retriggerable one-shot holds a relay
// as long as its input keeps changing: it picks up with the third edge that comes in time, and drops when 250 ms have
// passed since the last one. It does not care which level it hangs at. Dropped, its contacts press the deck's STOP and
// open record-enable; what they are wired to is the owner's. Thread: the timeline's.
#pragma once

#include "base/async/timeline.hpp"

#include <functional>

namespace overbias::deck_sim {

class HeartbeatRelay {
  public:
    /// `changed` is told of every change with the time it happened; the relay begins dropped and does not tell of it.
    HeartbeatRelay(Timeline& timeline, std::function<void(bool closed, DeckTime at)> changed);
    ~HeartbeatRelay();
    HeartbeatRelay(const HeartbeatRelay&) = delete;
    HeartbeatRelay& operator=(const HeartbeatRelay&) = delete;

    /// The line has changed, either way.
    void edge();
    [[nodiscard]] bool closed() const noexcept { return closed_; }

    static constexpr int kEdgesToPickUp = 3;
    static constexpr DeckDuration kHold = std::chrono::milliseconds(250);

  private:
    void expire();

    Timeline& timeline_;
    std::function<void(bool, DeckTime)> changed_;
    bool closed_ = false;
    int edges_ = 0; ///< in a row that came within kHold, while dropped
    DeckTime last_edge_;
    Timeline::TimerId timer_ = 0;
};

} // namespace overbias::deck_sim
