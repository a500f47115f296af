// SPDX-License-Identifier: Apache-2.0
// A figure of a profile: a value that always says where it comes from.
//   record_to_reproduce_mm = { value = 35.0, source = "service manual, page 12" }
// `unsure = true` marks a figure without a good source: it is shown as such and no verdict hangs on it alone.
#pragma once

#include "base/toml/strict_toml.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace overbias::tape {

struct Figure {
    double value = 0.0;
    std::string source;
    bool unsure = false;
};

/// Reads { value, source, unsure? } at `key`; empty when the file does not give it.
[[nodiscard]] std::optional<Figure> read_figure(TomlSection& table, std::string_view key, TomlBounds bounds);

} // namespace overbias::tape
