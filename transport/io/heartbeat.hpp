// SPDX-License-Identifier: Apache-2.0
// Heartbeat: an output line toggled by the control tick itself, for the contact outside that drops (and presses STOP
// and opens record-enable) when the edges stay away. Nothing else keeps it going: a control thread that hangs, dies or
// is told not to beat makes no edge, and after a hang the missed edges are not made up for. Thread: the timeline's.
#pragma once

#include "base/async/timeline.hpp"
#include "transport/io/lines.hpp"

#include <functional>

namespace overbias::transport {

class Heartbeat {
  public:
    /// An edge every `half_period`, asked of `may_beat` each time. The contact must hold for several of them: at
    /// 25 ms one that drops after 250 ms stands nine missing edges. Throws std::invalid_argument when the half period
    /// is not positive.
    Heartbeat(Timeline& timeline, Lines& lines, LineId line, DeckDuration half_period, std::function<bool()> may_beat);
    Heartbeat(const Heartbeat&) = delete;
    Heartbeat& operator=(const Heartbeat&) = delete;

    /// The last tick made an edge.
    [[nodiscard]] bool beating() const noexcept { return beating_; }

  private:
    void tick();
    Lines& lines_;
    LineId line_;
    std::function<bool()> may_beat_;
    bool active_ = false;
    bool beating_ = false;
    PeriodicTimer timer_; ///< last: it is the first to go
};

} // namespace overbias::transport
