// SPDX-License-Identifier: Apache-2.0
#include "base/async/simulated_timeline.hpp"

#include <utility>

namespace overbias {

SimulatedTimeline::SimulatedTimeline(double scale) : scale_(scale), pace_wall_(std::chrono::steady_clock::now()) {}

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
    while (!stopped_.load(std::memory_order_acquire) && step(until, false)) {
    }
    pace(until);
    now_ = std::max(now_, until);
}

void SimulatedTimeline::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopped_.store(true, std::memory_order_release);
    }
    posted_changed_.notify_one();
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
    if (timers_.empty()) {
        if (may_wait) {
            std::unique_lock lock(mutex_);
            posted_changed_.wait(lock, [this] { return has_posted_.load() || stopped_.load(); });
            return true;
        }
        return false;
    }
    const DeckTime when = timers_.begin()->first.first;
    if (when > limit) {
        return false;
    }
    if (when > now_) {
        pace(when);
        if (has_posted_.load(std::memory_order_acquire) || stopped_.load(std::memory_order_acquire)) {
            return true; // woken early: what was posted runs first, at the time reached
        }
        now_ = when;
    }
    const auto due = timers_.begin();
    const TimerId id = due->first.second;
    Callback callback = std::move(due->second);
    timers_.erase(due);
    when_.erase(id);
    callback();
    return true;
}

/// Waits until the wall clock has caught up with deck time `until`, or something is posted.
void SimulatedTimeline::pace(DeckTime until) {
    if (scale_ <= 0.0) {
        return;
    }
    const auto wait = std::chrono::duration<double>(seconds(until - pace_deck_) / scale_);
    const auto wall = pace_wall_ + std::chrono::duration_cast<std::chrono::steady_clock::duration>(wait);
    if (std::chrono::steady_clock::now() >= wall) {
        return;
    }
    std::unique_lock lock(mutex_);
    posted_changed_.wait_until(lock, wall, [this] { return has_posted_.load() || stopped_.load(); });
}

} // namespace overbias
