// SPDX-License-Identifier: Apache-2.0
// PacedTimeline: real time as the simulated deck may see it, never beyond what its card has been fed for. A process
// that the system held up for a while then catches up with all the frames its clients wrote in time, where a deck on
// the bare clock would find its card run dry. The CardBridge lets the time go on with every turn. Thread: the
// timeline's.
#pragma once

#include "base/async/timeline.hpp"

#include <algorithm>

namespace overbias::deck_sim {

class PacedTimeline final : public Timeline {
  public:
    /// Time stands from here on until somebody lets it go on.
    explicit PacedTimeline(Timeline& real) : real_(real), reached_(real.now()) {}

    [[nodiscard]] DeckTime now() const noexcept override { return reached_; }
    /// Timers fire by real time: at most a turn before this timeline gets there.
    TimerId call_at(DeckTime when, Callback callback) override { return real_.call_at(when, std::move(callback)); }
    void cancel(TimerId timer) noexcept override { real_.cancel(timer); }
    void post(Callback callback) override { real_.post(std::move(callback)); }
    [[nodiscard]] bool simulated() const noexcept override { return real_.simulated(); }

    [[nodiscard]] DeckTime real_now() const noexcept { return real_.now(); }
    /// Time goes on to `until`, never back and never beyond real time.
    void go_on(DeckTime until) noexcept { reached_ = std::clamp(until, reached_, std::max(reached_, real_.now())); }

  private:
    Timeline& real_;
    DeckTime reached_;
};

} // namespace overbias::deck_sim
