// SPDX-License-Identifier: Apache-2.0
// `overbias oscillator SIGNAL ...`, `oscillator off`, and alone: what plays.
#pragma once

#include "controller/client/deck_line.hpp"
#include "controller/client/signal_options.hpp"

#include <CLI/CLI.hpp>
#include <boost/json/value.hpp>
#include <memory>
#include <optional>
#include <string>

namespace overbias::controller {

class OscillatorLine {
  public:
    /// Adds what there is to say to `oscillator`.
    OscillatorLine(CLI::App& oscillator, DeckLine::Ways ways);

  private:
    void add_common(CLI::App& signal);
    [[nodiscard]] int call(boost::json::object parameters) const;
    [[nodiscard]] boost::json::object parameters() const;

    DeckLine::Ways ways_;
    std::string channel_;
    std::optional<double> level_re_operating_db_;
    std::unique_ptr<SignalOptions> signals_;
};

/// What the method `oscillator` answers: one line.
[[nodiscard]] std::string oscillator_text(const boost::json::value& answer);

} // namespace overbias::controller
