// SPDX-License-Identifier: Apache-2.0
// Words for a terminal out of the daemon's JSON. Pure.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <string>
#include <string_view>

namespace overbias::controller {

/// Control characters, which a file's name may hold, written as \\n, \\t or \\x1b: a line stays a line and a terminal
/// as it was. Bytes that are not UTF-8 are written as \\xNN too.
[[nodiscard]] std::string printable(std::string_view text);
[[nodiscard]] bool is_utf8(std::string_view text);

/// The member, or null: what a newer or older daemon does not say is left out, not an error.
[[nodiscard]] const boost::json::value& at(const boost::json::value& from, std::string_view key);
/// A string, printable; empty when it is none.
[[nodiscard]] std::string text(const boost::json::value& value);
/// A word of the protocol as it is said: "not judged" of "not_judged".
[[nodiscard]] std::string spoken(const boost::json::value& value);
/// "-" when it is no number.
[[nodiscard]] std::string number(const boost::json::value& value, int digits, bool sign = false);
[[nodiscard]] const boost::json::array& list(const boost::json::value& value);

} // namespace overbias::controller
