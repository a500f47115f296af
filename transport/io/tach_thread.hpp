// SPDX-License-Identifier: Apache-2.0
// TachThread: the thread that counts the tape roller's edges: FIFO priority 65 where that is permitted (below audio,
// above control), a small stack of its own.
#pragma once

#include <functional>
#include <pthread.h>

namespace overbias::transport {

class TachThread {
  public:
    /// Throws std::system_error when there can be no thread.
    explicit TachThread(std::function<void()> work);
    /// Waits for the work's end.
    ~TachThread();
    TachThread(const TachThread&) = delete;
    TachThread& operator=(const TachThread&) = delete;
    [[nodiscard]] bool real_time() const noexcept { return real_time_; }

  private:
    std::function<void()> work_;
    pthread_t thread_{};
    bool real_time_ = false;
};

} // namespace overbias::transport
