// SPDX-License-Identifier: Apache-2.0
// What the command line shows a person. Pure functions from the daemon's JSON to lines of text.
#pragma once

#include "controller/client/words.hpp"

#include <boost/json/fwd.hpp>
#include <string>
#include <string_view>

namespace overbias::controller {

/// 3725 -> "1:02:05"
[[nodiscard]] std::string clock_text(double duration_s);
[[nodiscard]] std::string status_text(const boost::json::value& status);
/// The answer to a command of the machine: one line.
[[nodiscard]] std::string command_text(const std::string& command, const boost::json::value& answer);
/// What `overbias loop` found.
[[nodiscard]] std::string loop_text(const boost::json::value& answer);
/// Tape remaining, and what the reels tell.
[[nodiscard]] std::string reels_text(const boost::json::value& answer);
/// Every line and the last frames; one change of them.
[[nodiscard]] std::string deck_lines_text(const boost::json::value& answer);
[[nodiscard]] std::string deck_event_text(const boost::json::value& event);
[[nodiscard]] std::string deck_saved_text(const boost::json::value& answer, const std::string& file);
[[nodiscard]] std::string deck_restored_text(const boost::json::value& answer);
/// Cue points, marks, and what the autolocator does.
[[nodiscard]] std::string locator_text(const boost::json::value& answer);
[[nodiscard]] std::string acknowledged_text(const boost::json::value& answer);
[[nodiscard]] std::string job_text(const boost::json::value& answer);
[[nodiscard]] std::string log_text(const boost::json::value& answer);
/// What is printed, and what is done to it, before it starts.
[[nodiscard]] std::string print_started_text(const boost::json::value& started);
/// Of `print_sessions`.
[[nodiscard]] std::string sessions_text(const boost::json::value& answer);
/// "37 %  track 1 of 2: side-a.wav  (0:12:05 to go)"
[[nodiscard]] std::string progress_text(const boost::json::value& progress);
/// Verdict, reasons and drop-outs by place. `report` null: the job left none.
[[nodiscard]] std::string verdict_text(const boost::json::value& end, const boost::json::value& report);

} // namespace overbias::controller
