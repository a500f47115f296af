// SPDX-License-Identifier: Apache-2.0
// A TOML text as the JSON text of the same tables: what is written there and nothing more, for a form to be filled
// from. Whether it is what it should be is for strict_toml.hpp to say. Dates, times, inf and nan become text. Pure; any
// thread.
#pragma once

#include "base/result.hpp"

#include <string>
#include <string_view>

namespace overbias {

/// The error is one line with `name`, the line and what is wrong there.
[[nodiscard]] Result<std::string> toml_as_json(std::string_view text, const std::string& name);

} // namespace overbias
