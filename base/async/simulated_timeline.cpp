// SPDX-License-Identifier: Apache-2.0
#include "base/async/simulated_timeline.hpp"

#include <algorithm>
#include <utility>

namespace overbias {

SimulatedTimeline::SimulatedTimeline(double scale) : scale_(scale), pace_wall_(std::chrono::steady_clock::now()) {
}

Timeline::TimerId SimulatedTimeline::call_at(DeckTime when, Callback callback) {
    const TimerId id = next_timer_++;
    when = std::max(when, now_);
    timers_.emplace(Key{when, id}, std::move(callback));
    when_.emplace(id, when);
    return id;
}

void SimulatedTimeline::cancel(TimerId timer) noexcept {
    const auto found = when_.find(timer);
    if (found != when_.end()) {
        timers_.erase(Key{found->second, timer});
        when_.erase(found);
    }
}

void SimulatedTimeline::post(Callback callback) {
    {
        const std::lock_guard lock(mutex_);
        posted_.push_back(std::move(callback));
        has_posted_.store(true, std::memory_order_release);
    }
    posted_changed_.notify_one();
}

void SimulatedTimeline::set_scale(double scale) {
    scale_ = scale;
    pace_wall_ = std::chrono::steady_clock::now();
    pace_deck_ = now_;
}

void SimulatedTimeline::run() {
    while (!stopped_.load(std::memory_order_acquire)) {
        step(DeckTime::max(), true);
    }
}

bool SimulatedTimeline::run_until(const std::function<bool()>& done, DeckTime limit) {
    while (!done()) {
        if (stopped_.load(std::memory_order_acquire) || !step(limit, false)) {
            return false;
        }
    }
    return true;
}

void SimulatedTimeline::run_for(DeckDuration duration) {
    const DeckTime until = now_ + duration;
    do {
        while (!stopped_.load(std::memory_order_acquire) && step(until, false)) {
        }
        // what is posted while it waits for the end of the stretch still belongs to it
    } while (!stopped_.load(std::memory_order_acquire) && !reach(until));
}

void SimulatedTimeline::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopped_.store(true, std::memory_order_release);
    }
    posted_changed_.notify_one();
}

bool SimulatedTimeline::interrupted() const noexcept {
    return has_posted_.load(std::memory_order_acquire) || stopped_.load(std::memory_order_acquire);
}

bool SimulatedTimeline::run_posted() {
    if (!has_posted_.load(std::memory_order_acquire)) {
        return false;
    }
    std::vector<Callback> ready;
    {
        const std::lock_guard lock(mutex_);
        ready.swap(posted_);
        has_posted_.store(false, std::memory_order_release);
    }
    for (Callback& callback : ready) {
        callback();
    }
    return true;
}

/// One round: what was posted, or else the next timer. False when nothing is due up to `limit`.
bool SimulatedTimeline::step(DeckTime limit, bool may_wait) {
    if (run_posted()) {
        return true;
    }
    // a timer at the end of time never comes: nothing may move the clock there
    const bool none = timers_.empty() || timers_.begin()->first.first == DeckTime::max();
    if (none) {
        if (may_wait) {
            reach(DeckTime::max());
            return true;
        }
        return false;
    }
    const auto due = timers_.begin();
    const DeckTime when = due->first.first;
    if (when > limit) {
        return false;
    }
    if (when > now_ && !reach(when)) {
        return true; // woken early: what was posted runs first, at the time reached
    }
    const TimerId id = due->first.second;
    Callback callback = std::move(due->second);
    timers_.erase(due);
    when_.erase(id);
    callback();
    return true;
}

/// Brings deck time to `when`, waiting for the wall clock where the timeline is paced. False when something was posted
/// (or stop() called) before that: deck time is then where the wall clock says. DeckTime::max(): waits for a post
/// alone.
bool SimulatedTimeline::reach(DeckTime when) {
    const bool forever = when == DeckTime::max();
    if (scale_ <= 0.0) {
        if (forever) {
            std::unique_lock lock(mutex_);
            posted_changed_.wait(lock, [this] { return interrupted(); });
            return false;
        }
        now_ = std::max(now_, when);
        return true;
    }
    using Wall = std::chrono::steady_clock;
    std::unique_lock lock(mutex_);
    bool early = true;
    if (forever) {
        posted_changed_.wait(lock, [this] { return interrupted(); });
    } else {
        const auto wait = std::chrono::duration<double>(seconds(when - pace_deck_) / scale_);
        const auto wall = pace_wall_ + std::chrono::duration_cast<Wall::duration>(wait);
        early = Wall::now() < wall && posted_changed_.wait_until(lock, wall, [this] { return interrupted(); });
    }
    if (!early) {
        now_ = std::max(now_, when);
        return true;
    }
    const std::chrono::duration<double> passed = Wall::now() - pace_wall_;
    now_ = std::clamp(pace_deck_ + deck_seconds(passed.count() * scale_), now_, std::max(now_, when));
    return false;
}

} // namespace overbias
