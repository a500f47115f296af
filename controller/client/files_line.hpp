// SPDX-License-Identifier: Apache-2.0
// `overbias files`: what may be printed, by the names a plan knows it by; `overbias upload FILE`: sends a sound file to
// the daemon, or goes on where that was broken off.
#pragma once

#include "controller/client/deck_line.hpp"

#include <CLI/CLI.hpp>
#include <boost/json/fwd.hpp>
#include <cstdint>
#include <optional>
#include <string>

namespace overbias::controller {

class FilesLine {
  public:
    FilesLine(CLI::App& files, CLI::App& upload, DeckLine::Ways ways);

  private:
    [[nodiscard]] int list() const;
    [[nodiscard]] int folder() const;
    [[nodiscard]] int send() const;

    DeckLine::Ways ways_;
    std::optional<std::int64_t> root_;
    std::string folder_, file_, name_;
};

} // namespace overbias::controller
