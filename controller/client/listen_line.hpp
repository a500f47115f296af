// SPDX-License-Identifier: Apache-2.0
// `overbias listen tape|source|off|status`: what the monitor outputs hear.
#pragma once

#include "controller/client/deck_line.hpp"

#include <CLI/CLI.hpp>
#include <boost/json/value.hpp>
#include <optional>
#include <string>

namespace overbias::controller {

class ListenLine {
  public:
    /// Adds what there is to say to `listen`.
    ListenLine(CLI::App& listen, DeckLine::Ways ways);

  private:
    [[nodiscard]] int call() const;
    DeckLine::Ways ways_;
    std::string what_ = "status";
    std::optional<bool> dim_, mono_, mute_;
};

/// What the method `listen` answers.
[[nodiscard]] std::string listen_text(const boost::json::value& answer);

} // namespace overbias::controller
