// SPDX-License-Identifier: Apache-2.0
// A line edge for measuring: one real ioctl, the time at which it returned, and a sign for whoever waits for it. The
// sign comes after the time was taken, so that it costs the measured path nothing.
#pragma once

#include <atomic>
#include <chrono>
#include <poll.h>
#include <stdexcept>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace overbias::bench {

using Clock = std::chrono::steady_clock;

class Edge {
  public:
    Edge() {
        if (::pipe(pipe_) != 0 || sign_ < 0) {
            throw std::runtime_error("no pipe, or no eventfd");
        }
    }
    ~Edge() {
        ::close(pipe_[0]);
        ::close(pipe_[1]);
        ::close(sign_);
    }
    Edge(const Edge&) = delete;
    Edge& operator=(const Edge&) = delete;

    /// What setting a line costs: a system call that reaches a driver and does next to nothing there.
    void set_line() const {
        int waiting = 0;
        ::ioctl(pipe_[0], FIONREAD, &waiting);
    }
    void happen() {
        set_line();
        at_.store(Clock::now().time_since_epoch().count(), std::memory_order_release);
        eventfd_write(sign_, 1);
    }
    /// Throws std::runtime_error when none has come for 5 s.
    Clock::time_point wait() {
        pollfd ready{sign_, POLLIN, 0};
        eventfd_t count = 0;
        if (::poll(&ready, 1, 5000) != 1 || eventfd_read(sign_, &count) != 0) {
            throw std::runtime_error("no line edge within 5 s");
        }
        return Clock::time_point(Clock::duration(at_.load(std::memory_order_acquire)));
    }

  private:
    int pipe_[2] = {-1, -1};
    int sign_ = eventfd(0, EFD_NONBLOCK);
    std::atomic<Clock::rep> at_{0};
};

} // namespace overbias::bench
