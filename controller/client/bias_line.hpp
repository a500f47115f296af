// SPDX-License-Identifier: Apache-2.0
// `overbias bias`: the bias against set-up, as text; `overbias bias set-up`: this is how it shall be.
#pragma once

#include "controller/client/deck_line.hpp"

#include <CLI/CLI.hpp>
#include <boost/json/value.hpp>
#include <optional>
#include <string>

namespace overbias::controller {

class BiasLine {
  public:
    /// Adds what there is to say to `bias`.
    BiasLine(CLI::App& bias, DeckLine::Ways ways);

  private:
    [[nodiscard]] int show() const;
    [[nodiscard]] int watch() const;
    [[nodiscard]] int set_up() const;

    DeckLine::Ways ways_;
    bool watch_ = false;
    std::optional<int> track_;
};

} // namespace overbias::controller
