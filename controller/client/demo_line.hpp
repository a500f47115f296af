// SPDX-License-Identifier: Apache-2.0
// `overbias demo-programme FILE`: a sound file for trying things out; no daemon.
#pragma once

#include "controller/client/deck_line.hpp"

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>

namespace overbias::controller {

class DemoLine {
  public:
    DemoLine(CLI::App& demo, DeckLine::Ways ways);

  private:
    DeckLine::Ways ways_;
    std::string file_;
    double seconds_ = 30.0;
    std::uint64_t seed_ = 1;
};

} // namespace overbias::controller
