// SPDX-License-Identifier: Apache-2.0
// What the command line shows of a transfer. Pure functions from the daemon's JSON to lines of text.
#pragma once

#include <boost/json/fwd.hpp>
#include <string>

namespace overbias::controller {

/// What is written and until when, before it moves.
[[nodiscard]] std::string transfer_started_text(const boost::json::value& started);
/// "0:12:05  -18.2 LUFS  -1.3 dBTP  azimuth 2.1 us (0.8)", of the topic "transfer".
[[nodiscard]] std::string transfer_live_text(const boost::json::value& live);
/// Verdict, marks and what was noticed. `report` null: there is none.
[[nodiscard]] std::string transfer_end_text(const boost::json::value& end, const boost::json::value& report);

} // namespace overbias::controller
