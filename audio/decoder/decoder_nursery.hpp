// SPDX-License-Identifier: Apache-2.0
// Starts decoders and sees them off. A child dies with the thread that started it (PR_SET_PDEATHSIG is about threads),
// and must not inherit a real-time thread's rank: so one ordinary thread that lasts as long as the process does it.
// Thread: any.
#pragma once

#include "base/result.hpp"

#include <condition_variable>
#include <filesystem>
#include <functional>
#include <mutex>
#include <sys/types.h>
#include <thread>
#include <vector>

namespace overbias::audio {

class DecoderNursery {
  public:
    /// Lives to the end of the process.
    static DecoderNursery& instance();

    /// The descriptors become the child's (decoder_protocol.hpp); the caller's stay open. It gets no environment, and
    /// no other descriptor.
    [[nodiscard]] Result<pid_t> spawn(const std::filesystem::path& program, int file, int memory, int socket);
    /// Ends it and takes its end; returns at once.
    void bury(pid_t child);

  private:
    DecoderNursery();
    void run();
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::function<void()>> asked_;
    std::vector<pid_t> dying_;
    std::thread thread_; ///< last
};

} // namespace overbias::audio
