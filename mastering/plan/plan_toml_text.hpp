// SPDX-License-Identifier: Apache-2.0
// JSON written as TOML: objects become tables, arrays of objects arrays of tables. A null, and a text with nothing in
// it, are left out: TOML has no null. Pure.
#pragma once

#include <boost/json/fwd.hpp>
#include <string>

namespace overbias::mastering {

[[nodiscard]] std::string toml_text(const boost::json::object& object);

} // namespace overbias::mastering
