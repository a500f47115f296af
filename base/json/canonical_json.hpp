// SPDX-License-Identifier: Apache-2.0
// One text for one JSON value, to be hashed and signed: RFC 8785 (JSON Canonicalization Scheme). No blanks; members
// sorted by their names as UTF-16; numbers as ECMAScript writes them; of characters only those escaped that have to
// be. Any thread.
#pragma once

#include "base/result.hpp"

#include <boost/json/fwd.hpp>
#include <string>

namespace overbias {

/// An Error for what RFC 8785 has no form for: infinite numbers, integers beyond 2^53, text that is not UTF-8.
[[nodiscard]] Result<std::string> canonical_json(const boost::json::value& value);

/// Every number that is no integer brought to at most `digits` significant digits (up to 15): then its text is the same
/// number for every reader, exact or not.
void round_numbers(boost::json::value& value, int digits);

} // namespace overbias
