// SPDX-License-Identifier: Apache-2.0
// The wiring: machine, engine, jobs, logbook, commands and doors, over whatever back ends there are.
#pragma once

#include "controller/back_ends.hpp"
#include "controller/config.hpp"

#include <functional>
#include <memory>
#include <string>

namespace overbias::controller {

class Installation {
  public:
    /// Makes everything and opens the socket (config.daemon.socket). Throws std::runtime_error, or a back end's own
    /// exception, with what could not be made and what to do. `back_ends` must outlive it.
    Installation(const Config& config, BackEnds& back_ends);
    /// Makes the deck safe first.
    ~Installation();
    Installation(const Installation&) = delete;
    Installation& operator=(const Installation&) = delete;

    /// Runs on the calling thread until shutdown() has been carried out. `ready` is called once, when the deck has told
    /// what it does.
    void run(std::function<void()> ready);
    /// The panel's address with a fresh pairing token, and how to reach it; empty when there is no panel. Any thread.
    [[nodiscard]] std::string panel_text();
    /// Ends in order: record off and stop at once, the job after it, then the log, then run() returns. Any thread.
    void shutdown(const std::string& why);

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace overbias::controller
