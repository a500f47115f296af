// SPDX-License-Identifier: Apache-2.0
// JSON as text for people and programs: numbers in their shortest plain form (0.03, not 3E-2), indented or on one line.
// Any thread.
#pragma once

#include <boost/json/fwd.hpp>
#include <string>

namespace overbias {

/// On one line, without a newline at the end. Numbers that JSON cannot carry (infinite, not a number) become null.
[[nodiscard]] std::string json_line(const boost::json::value& value);
/// Indented by two spaces; an array of plain values stays on one line. No newline at the end.
[[nodiscard]] std::string json_indented(const boost::json::value& value);

} // namespace overbias
