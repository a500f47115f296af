// SPDX-License-Identifier: Apache-2.0
// `overbias log`: what the logbook holds. `overbias job`: the job that runs, or ran last.
#pragma once

#include "controller/client/deck_line.hpp"

#include <CLI/CLI.hpp>
#include <string>

namespace overbias::controller {

class LogLine {
  public:
    LogLine(CLI::App& log, CLI::App& job, DeckLine::Ways ways);

  private:
    [[nodiscard]] int tell() const;

    DeckLine::Ways ways_;
    int last_ = 20;
    std::string session_, what_ = "events";
};

} // namespace overbias::controller
