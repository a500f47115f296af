// SPDX-License-Identifier: Apache-2.0
// What `overbias verify` says on a terminal. Pure.
#pragma once

#include <boost/json/fwd.hpp>
#include <string>

namespace overbias::controller {

[[nodiscard]] std::string verify_started_text(const boost::json::value& started);
/// Verdict, findings, drop-outs, the tape's movement, and what the print had said. `report` null: there is none.
[[nodiscard]] std::string verify_end_text(const std::string& verdict, const std::string& reason,
                                          const boost::json::value& report);

} // namespace overbias::controller
