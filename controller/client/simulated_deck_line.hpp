// SPDX-License-Identifier: Apache-2.0
// `overbias simulated-deck tape | screw`: hands at the simulated deck, on the command line.
#pragma once

#include "controller/client/deck_line.hpp"

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

namespace overbias::controller {

class SimulatedDeckLine {
  public:
    SimulatedDeckLine(CLI::App& simulated, DeckLine::Ways ways);

  private:
    [[nodiscard]] int mount() const;
    [[nodiscard]] int turn() const;

    DeckLine::Ways ways_;
    std::string tape_, screw_;
    int track_ = 1;
    std::optional<double> position_;
};

} // namespace overbias::controller
