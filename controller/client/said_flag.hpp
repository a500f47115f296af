// SPDX-License-Identifier: Apache-2.0
// A flag of which it counts whether it was said at all: "--dim,!--no-dim". (CLI11 sets an optional<bool> that a flag is
// bound to even where nothing was said, to false: that would be sent as if somebody had asked for it.)
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <optional>
#include <string>

namespace overbias::controller {

/// `said` has to live as long as `app`.
inline CLI::Option* add_said_flag(CLI::App& app, const std::string& names, std::optional<bool>& said,
                                  const std::string& help) {
    return app.add_flag_function(
        names, [&said](std::int64_t count) { said = count > 0; }, help);
}

} // namespace overbias::controller
