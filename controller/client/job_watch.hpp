// SPDX-License-Identifier: Apache-2.0
// A job watched from a terminal: a line that is written over, waiting for the job's end, its report. What print, verify
// and transfer have in common.
#pragma once

#include "controller/client/rpc_client.hpp"

#include <boost/json/value.hpp>
#include <functional>
#include <string>

namespace overbias::controller {

/// One line of a terminal, written over again and again, and gone at the end. Nothing is written where standard output
/// is no terminal.
class TerminalLine {
  public:
    TerminalLine();
    ~TerminalLine() { clear(); }
    TerminalLine(const TerminalLine&) = delete;
    TerminalLine& operator=(const TerminalLine&) = delete;

    [[nodiscard]] bool there() const noexcept { return terminal_; }
    void write(const std::string& text);
    void clear();

  private:
    bool terminal_, dirty_ = false;
};

/// What comes of a job until it ends.
struct JobWatch {
    boost::json::value id;
    TerminalLine& line;
    bool quiet = false;                                  ///< concerns are not told
    std::function<void(const Notification&)> heard = {}; ///< each notification but the end
    std::function<void()> turn = {};                     ///< before each wait
};

/// Waits until the job has ended; returns parameters of "job_end", or what the daemon says of it as its last job. The
/// caller has subscribed to job_end, and to concern. Throws Interrupted, ConnectionLost.
[[nodiscard]] boost::json::value await_job_end(RpcClient& daemon, const JobWatch& watch);

/// Null when the job left none or it can't be had; how the job ended is told all the same.
[[nodiscard]] boost::json::value report_of_job(RpcClient& daemon, const boost::json::value& end);

/// Writes a copy of a report's text to the file `asked` and returns its path; empty when either is. Where it can't be
/// kept that is said on standard error, and a `status` of 0 becomes 4.
[[nodiscard]] std::string copy_report(const std::string& asked, const std::string& text, int& status);

} // namespace overbias::controller
