// SPDX-License-Identifier: Apache-2.0
// `overbias align [PROCEDURE]` and `overbias tape-changed` on the command line.
#pragma once

#include "controller/client/align_command.hpp"
#include "controller/client/deck_line.hpp"

#include <CLI/CLI.hpp>

namespace overbias::controller {

class AlignLine {
  public:
    AlignLine(CLI::App& align, CLI::App& tape_changed, DeckLine::Ways ways);

  private:
    [[nodiscard]] int run();
    [[nodiscard]] int list() const;
    [[nodiscard]] int say() const;
    [[nodiscard]] int changed() const;

    DeckLine::Ways ways_;
    AlignOptions options_;
    bool automatic_ = false, guided_ = false;
    std::string say_;
};

} // namespace overbias::controller
