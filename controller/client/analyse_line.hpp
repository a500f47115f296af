// SPDX-License-Identifier: Apache-2.0
// `overbias analyse`: what comes off tape now, with the standard, weighting and detector beside each figure.
#pragma once

#include "controller/client/deck_line.hpp"

#include <CLI/CLI.hpp>
#include <boost/json/value.hpp>
#include <string>

namespace overbias::controller {

class AnalyseLine {
  public:
    /// Adds what there is to say to `analyse`.
    AnalyseLine(CLI::App& analyse, DeckLine::Ways ways);

  private:
    [[nodiscard]] int show() const;
    [[nodiscard]] int watch() const;

    DeckLine::Ways ways_;
    bool watch_ = false;
};

/// What the method `analysis` answers, a figure a line; and the most wanted ones on one line.
[[nodiscard]] std::string analysis_text(const boost::json::value& answer);
[[nodiscard]] std::string analysis_line_text(const boost::json::value& answer);

} // namespace overbias::controller
