// SPDX-License-Identifier: Apache-2.0
// ListenThread: turns a ListenPath every five milliseconds of host time while somebody listens, every fiftieth of a
// second else. Thread: made and ended on the owner's.
#pragma once

#include "audio/listening/listen_path.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>

namespace overbias::audio {

class ListenThread {
  public:
    explicit ListenThread(ListenPath& path);
    ~ListenThread();
    ListenThread(const ListenThread&) = delete;
    ListenThread& operator=(const ListenThread&) = delete;

  private:
    void run();
    ListenPath& path_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool ending_ = false;
    std::thread thread_; ///< last
};

} // namespace overbias::audio
