// SPDX-License-Identifier: Apache-2.0
// A child process of a live test: started, heard on its standard output, killed and reaped. It dies with the test.
#pragma once

#include <chrono>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <sys/types.h>
#include <vector>

namespace overbias::live {

/// CLOCK_MONOTONIC now, the clock of the deck's truth.
[[nodiscard]] std::int64_t monotonic_ns();

class ChildProcess {
  public:
    struct Start {
        std::filesystem::path program;
        std::vector<std::string> arguments;
        std::map<std::string, std::string> environment; ///< beside our own
        std::filesystem::path errors;                   ///< standard error goes to its end
    };
    /// Throws std::runtime_error when it can't be started.
    explicit ChildProcess(const Start& start);
    /// Kills it.
    ~ChildProcess();
    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;

    [[nodiscard]] pid_t pid() const noexcept { return pid_; }
    /// The next line of its standard output; throws when it ends or says nothing in time.
    std::string line(std::chrono::seconds patience);
    /// SIGKILL; the time just before it was sent. It has been reaped when this returns.
    std::int64_t kill_hard();
    /// Sends `signal` (0: none) and waits for the end; exit status, or 128 + the signal that ended it. Throws when it
    /// does not end in time.
    int end(int signal, std::chrono::seconds patience);

  private:
    void reap();
    std::string name_;
    std::filesystem::path errors_;
    pid_t pid_ = -1;
    int pidfd_ = -1;
    int output_ = -1;
    int status_ = 0;
    std::string heard_;
};

} // namespace overbias::live
