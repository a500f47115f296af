// SPDX-License-Identifier: Apache-2.0
// `overbias print --simulate`: a daemon with the simulated deck, started for one command and ended with it.
#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>
#include <sys/types.h>
#include <vector>

namespace overbias::controller {

/// The daemon did not come up; it has said why on standard error.
class ChildFailed : public std::runtime_error {
  public:
    ChildFailed(int status, const std::string& message) : std::runtime_error(message), status_(status) {}
    [[nodiscard]] int exit_status() const noexcept { return status_; }

  private:
    int status_;
};

class ChildDaemon {
  public:
    /// Starts the overbiasd that stands beside this program with `arguments` and waits until it is ready. Throws
    /// ChildFailed.
    explicit ChildDaemon(const std::vector<std::string>& arguments);
    /// Ends it in order (SIGTERM: the deck is stopped) and waits for it.
    ~ChildDaemon();
    ChildDaemon(const ChildDaemon&) = delete;
    ChildDaemon& operator=(const ChildDaemon&) = delete;
    [[nodiscard]] const std::filesystem::path& socket() const noexcept { return socket_; }

  private:
    pid_t child_ = -1;
    std::filesystem::path socket_;
};

/// Becomes overbiasd with these arguments; returns only with an exception.
[[noreturn]] void become_daemon(const std::vector<std::string>& arguments);

} // namespace overbias::controller
