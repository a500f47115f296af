// SPDX-License-Identifier: Apache-2.0
// Pieces of the messages of strict_toml.
#pragma once

#include "base/toml/strict_toml.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace overbias {

/// As short as it is exact enough to be recognised.
[[nodiscard]] std::string number_text(double value);
/// " from 1 to 2", " of at least 1", " of at most 2", or nothing.
[[nodiscard]] std::string range_text(const TomlBounds& bounds);
/// "a", "b", each in quotes.
[[nodiscard]] std::string list_text(const std::vector<std::string>& words);
/// "path.key".
[[nodiscard]] std::string joined(const std::string& path, std::string_view key);

} // namespace overbias
