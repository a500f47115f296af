// SPDX-License-Identifier: Apache-2.0
// `overbias position match`: lets the tape tell where it is, on the command line.
#pragma once

#include "controller/client/deck_line.hpp"

#include <CLI/CLI.hpp>
#include <string>

namespace overbias::controller {

class PositionLine {
  public:
    /// Adds the commands to `position`.
    PositionLine(CLI::App& position, DeckLine::Ways ways);

  private:
    [[nodiscard]] int match() const;

    DeckLine::Ways ways_;
    std::string print_, file_, at_;
    double within_s_ = 0.0;
    bool force_ = false;
};

} // namespace overbias::controller
