// SPDX-License-Identifier: Apache-2.0
// Prints as the doors speak of them: what is asked for, and what is answered. Pure functions.
#pragma once

#include "base/result.hpp"
#include "mastering/print_job.hpp"

#include <boost/json/fwd.hpp>
#include <string>

namespace overbias::controller {

/// Files and options of `print`; what is left out is as in `defaults`.
[[nodiscard]] Result<mastering::PrintRequest>
read_print_request(const boost::json::object& given, const mastering::PrintRequest& defaults, double play_speed_ips);
/// The answer to a print that begins or goes on.
[[nodiscard]] boost::json::object started_json(const mastering::SessionPrint& print, const std::string& job_id,
                                               double sample_rate_hz);
/// A session for a list: its state, and where it can go on. `running`: it is being printed now.
[[nodiscard]] boost::json::object listed_json(const mastering::PrintSession& session, bool running);

} // namespace overbias::controller
