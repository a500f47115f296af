// SPDX-License-Identifier: Apache-2.0
// A simulated GPIO chip behind the preload shim, served from a thread of this process, and a timeline that is run until
// something is so. The program runs itself again with the shim preloaded (gpio_tests_main.cpp).
#pragma once

#include "base/async/steady_timeline.hpp"
#include "deck-sim/process/gpio_server.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <future>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace overbias::transport::test {

using namespace std::chrono_literals;

[[nodiscard]] inline std::chrono::nanoseconds monotonic() {
    return std::chrono::steady_clock::now().time_since_epoch(); // CLOCK_MONOTONIC in libstdc++
}

class GpioRig {
  public:
    explicit GpioRig(deck_sim::GpioChip chip = default_chip()) {
        const char* socket = std::getenv("OVERBIAS_GPIO_SOCKET"); // NOLINT(concurrency-mt-unsafe)
        server_.emplace(io_, socket == nullptr ? "" : socket, std::move(chip));
        server_->on_release([this](const std::vector<unsigned>& offsets, int pid) {
            const std::scoped_lock lock(mutex_);
            released_.emplace_back(offsets, pid);
        });
        thread_ = std::thread([this] { io_.run(); });
    }
    ~GpioRig() {
        on_server([this](auto&) { server_.reset(); });
        work_.reset();
        io_.stop();
        thread_.join();
    }
    GpioRig(const GpioRig&) = delete;
    GpioRig& operator=(const GpioRig&) = delete;

    static deck_sim::GpioChip default_chip() {
        deck_sim::GpioChip chip;
        chip.lines = {"RELAY_STOP", "RELAY_PLAY", "TALLY_STOP", "TALLY_PLAY", "", "TACH_A", "TACH_B"};
        chip.on_release = deck_sim::GpioChip::OnRelease::KeepLast;
        return chip;
    }
    enum Offset : unsigned { kRelayStop, kRelayPlay, kTallyStop, kTallyPlay, kNameless, kTachA, kTachB };

    /// Runs `work` on the server's thread and waits for it.
    template <typename Work>
    std::invoke_result_t<Work, deck_sim::GpioServer&> on_server(Work work) {
        using Answer = std::invoke_result_t<Work, deck_sim::GpioServer&>;
        std::packaged_task<Answer()> task([&] { return work(*server_); });
        auto answer = task.get_future();
        boost::asio::post(io_, [&] { task(); });
        return answer.get();
    }
    void drive(unsigned offset, bool high) { drive(offset, high, monotonic()); }
    void drive(unsigned offset, bool high, std::chrono::nanoseconds at) {
        on_server([&](deck_sim::GpioServer& server) { server.drive(offset, high, at); });
    }
    [[nodiscard]] bool level(unsigned offset) {
        return on_server([&](const deck_sim::GpioServer& server) { return server.level(offset); });
    }
    [[nodiscard]] std::vector<std::pair<std::vector<unsigned>, int>> released() {
        const std::scoped_lock lock(mutex_);
        return released_;
    }

    /// Runs the timeline until `done` holds; false when it does not within 10 s.
    template <typename Done>
    [[nodiscard]] bool run_until(Done done) {
        const auto limit = std::chrono::steady_clock::now() + 10s;
        while (!done()) {
            if (std::chrono::steady_clock::now() > limit) {
                return false;
            }
            timeline.io_context().run_one_for(1ms);
        }
        return true;
    }
    /// Everything that has reached us is dealt with.
    void settle() {
        while (timeline.io_context().poll_one() > 0) {
        }
    }

    SteadyTimeline timeline;

  private:
    boost::asio::io_context io_;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{io_.get_executor()};
    std::optional<deck_sim::GpioServer> server_;
    std::thread thread_;
    std::mutex mutex_;
    std::vector<std::pair<std::vector<unsigned>, int>> released_;
};

} // namespace overbias::transport::test
