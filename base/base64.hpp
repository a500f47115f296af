// SPDX-License-Identifier: Apache-2.0
// RFC 4648, section 4, with padding: how files go through the doors.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace overbias {

[[nodiscard]] std::string base64(std::string_view bytes);
/// The bytes again; empty: it is none.
[[nodiscard]] std::optional<std::string> from_base64(std::string_view text);

} // namespace overbias
