// SPDX-License-Identifier: Apache-2.0
// One host thread for what may wait on a disk: checking sound files, writing reports. The timeline never waits for it.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace overbias::controller {

class Worker {
  public:
    Worker();
    /// Finishes everything that was given to it.
    ~Worker();
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;
    /// Runs `work` after everything before it. It must not throw. Any thread.
    void post(std::function<void()> work);

  private:
    void run();
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::function<void()>> waiting_;
    bool ending_ = false;
    std::thread thread_; // last: it starts when the rest is there
};

} // namespace overbias::controller
