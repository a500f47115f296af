// SPDX-License-Identifier: Apache-2.0
// Deck time that jumps from event to event, as fast as it goes or paced against the wall clock. Paced, it stands where
// the wall clock says when something is posted from another thread: a command that arrives between two events takes
// effect at its own time.
#pragma once

#include "base/async/timeline.hpp"

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <unordered_map>
#include <vector>

namespace overbias {

class SimulatedTimeline final : public Timeline {
  public:
    /// `scale`: deck seconds a wall-clock second; 0 runs as fast as it goes.
    explicit SimulatedTimeline(double scale = 0.0);

    [[nodiscard]] DeckTime now() const noexcept override { return now_; }
    TimerId call_at(DeckTime when, Callback callback) override;
    void cancel(TimerId timer) noexcept override;
    void post(Callback callback) override;
    [[nodiscard]] bool simulated() const noexcept override { return true; }

    /// Changes the pace from here on. Thread: the timeline's.
    void set_scale(double scale);
    [[nodiscard]] double scale() const noexcept { return scale_; }

    /// Runs until stop(). With no timer left it waits for post().
    void run();
    /// Runs until `done` holds (asked after every event), nothing is due up to `limit`, or stop(); true when it holds.
    bool run_until(const std::function<bool()>& done, DeckTime limit);
    /// Runs every event of this stretch, its end included, then sets the time to its end. After stop() the time stays
    /// where it is.
    void run_for(DeckDuration duration);
    /// Ends run(), run_until() and run_for(), for good. Any thread.
    void stop();

  private:
    using Key = std::pair<DeckTime, TimerId>;
    bool step(DeckTime limit, bool may_wait);
    bool run_posted();
    bool reach(DeckTime when);
    [[nodiscard]] bool interrupted() const noexcept;

    DeckTime now_{};
    double scale_;
    TimerId next_timer_ = 1;
    std::map<Key, Callback> timers_;
    std::unordered_map<TimerId, DeckTime> when_;
    std::mutex mutex_;
    std::condition_variable posted_changed_;
    std::vector<Callback> posted_;
    std::atomic<bool> has_posted_{false};
    std::atomic<bool> stopped_{false};
    std::chrono::steady_clock::time_point pace_wall_;
    DeckTime pace_deck_{};
};

} // namespace overbias
