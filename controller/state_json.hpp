// SPDX-License-Identifier: Apache-2.0
// Machine and job as JSON, the same in every answer and notification. Thread: the timeline's.
#pragma once

#include "controller/job_runner.hpp"
#include "transport/transport.hpp"

#include <boost/json/fwd.hpp>

namespace overbias::controller {

/// {"motion": {"requested", "current"}, "inferred", "library_wind", "lifters", "ready_tracks", "play_speed_ips",
/// "locate_to_m", "link_problem", "arm", "record_tally", "tape_out", "position": {...}, "speed_m_s", "speed_ips",
/// "fault", "revision"}
[[nodiscard]] boost::json::object machine_json(const transport::MachineState& state, double play_speed_ips);
/// {"tape_m", "tape_time", "uncertainty_m", "knowledge", "speed_ips"}
[[nodiscard]] boost::json::object position_json(const transport::MachineState& state, double play_speed_ips);
/// The job that owns the deck, or null: {"id", "name", "state", "phase", "fraction", "remaining_s"}
[[nodiscard]] boost::json::value job_json(const JobRunner& runner);
/// How a job ended, without its report: {"id", "name", "verdict", "exit_status", "reason", "report_path", ...}
[[nodiscard]] boost::json::object job_end_json(const JobEnd& end);

} // namespace overbias::controller
