// SPDX-License-Identifier: Apache-2.0
// The host thread that a transfer's recorder works on: from the tap to the disk and back. It ends with its recorder.
// Thread: the timeline's.
#pragma once

#include "mastering/transfer/transfer_recorder.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

namespace overbias::controller {

class TransferThread {
  public:
    explicit TransferThread(std::shared_ptr<mastering::TransferRecorder> recorder);
    /// Lets the recorder finish the file: whoever destroys this has told it to end.
    ~TransferThread();
    TransferThread(const TransferThread&) = delete;
    TransferThread& operator=(const TransferThread&) = delete;

    /// Waits, at most so long of host time, until `there` is true; asked after each turn.
    void wait_until(const std::function<bool()>& there, std::chrono::milliseconds at_most);

  private:
    void run();
    std::shared_ptr<mastering::TransferRecorder> recorder_;
    std::mutex mutex_;
    std::condition_variable turned_;
    std::uint64_t turns_ = 0;
    std::thread thread_; ///< last: it starts when the rest is there
};

} // namespace overbias::controller
