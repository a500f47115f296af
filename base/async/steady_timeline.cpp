// SPDX-License-Identifier: Apache-2.0
#include "base/async/steady_timeline.hpp"

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <map>
#include <utility>

namespace overbias {

// One Asio timer waits for the earliest deadline; the rest stand in a map, so a timer costs no system call of its own.
struct SteadyTimeline::Impl {
    using Key = std::pair<DeckTime, TimerId>;
    boost::asio::io_context io{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{io.get_executor()};
    boost::asio::steady_timer alarm{io};
    std::chrono::steady_clock::time_point origin = std::chrono::steady_clock::now();
    std::map<Key, Callback> timers;
    std::map<TimerId, DeckTime> when;
    TimerId next_timer = 1;
    DeckTime armed_for = DeckTime::max();
    bool running_due = false;

    [[nodiscard]] DeckTime now() const {
        return DeckTime(std::chrono::duration_cast<DeckDuration>(std::chrono::steady_clock::now() - origin));
    }
    void arm() {
        // while timers are being run the alarm is set once, at the end; a timer at the end of time never comes
        if (running_due || timers.empty() || timers.begin()->first.first == armed_for ||
            timers.begin()->first.first == DeckTime::max()) {
            return;
        }
        armed_for = timers.begin()->first.first;
        alarm.expires_at(origin + armed_for.time_since_epoch());
        alarm.async_wait([this](const boost::system::error_code& error) {
            if (!error) {
                armed_for = DeckTime::max();
                run_due();
                arm();
            }
        });
    }
    void run_due() {
        struct Flag {
            bool& value;
            explicit Flag(bool& flag) : value(flag) { value = true; }
            ~Flag() { value = false; } // also when a callback throws
        } const flag(running_due);
        const DeckTime until = now();
        while (!timers.empty() && timers.begin()->first.first <= until) {
            const auto due = timers.begin();
            Callback callback = std::move(due->second);
            when.erase(due->first.second);
            timers.erase(due);
            callback();
        }
    }
};

SteadyTimeline::SteadyTimeline() : impl_(std::make_unique<Impl>()) {
}
SteadyTimeline::~SteadyTimeline() = default;

DeckTime SteadyTimeline::now() const noexcept {
    return impl_->now();
}

Timeline::TimerId SteadyTimeline::call_at(DeckTime when, Callback callback) {
    const TimerId id = impl_->next_timer++;
    when = std::max(when, impl_->now()); // a callback that asks for the past again and again must not shut out post()
    impl_->timers.emplace(Impl::Key{when, id}, std::move(callback));
    impl_->when.emplace(id, when);
    impl_->arm();
    return id;
}

void SteadyTimeline::cancel(TimerId timer) noexcept {
    const auto found = impl_->when.find(timer);
    if (found != impl_->when.end()) {
        impl_->timers.erase(Impl::Key{found->second, timer});
        impl_->when.erase(found);
    }
}

void SteadyTimeline::post(Callback callback) {
    boost::asio::post(impl_->io, std::move(callback));
}

void SteadyTimeline::run() {
    impl_->arm();
    impl_->io.run();
}

void SteadyTimeline::stop() {
    impl_->io.stop();
}

DeckTime SteadyTimeline::at_monotonic(std::chrono::nanoseconds since_boot) const noexcept {
    // steady_clock is CLOCK_MONOTONIC here, libstdc++ on Linux
    return DeckTime(since_boot - std::chrono::duration_cast<DeckDuration>(impl_->origin.time_since_epoch()));
}

boost::asio::io_context& SteadyTimeline::io_context() noexcept {
    return impl_->io;
}

} // namespace overbias
