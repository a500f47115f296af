// SPDX-License-Identifier: Apache-2.0
// `overbias meters`: the live meters on the command line, the highest of one second; `meters reset` lets integrated
// loudness and its range begin anew.
#pragma once

#include "controller/client/deck_line.hpp"

#include <CLI/CLI.hpp>
#include <boost/json/value.hpp>
#include <string>

namespace overbias::controller {

class MetersLine {
  public:
    /// Adds what there is to say to `meters`.
    MetersLine(CLI::App& meters, DeckLine::Ways ways);

  private:
    [[nodiscard]] int show() const;
    [[nodiscard]] int follow() const;

    DeckLine::Ways ways_;
    bool follow_ = false;
};

/// A table of what the method `meters` answers, and one line of it.
[[nodiscard]] std::string meters_text(const boost::json::value& answer);
[[nodiscard]] std::string meters_line_text(const boost::json::value& answer);

} // namespace overbias::controller
