// SPDX-License-Identifier: Apache-2.0
// What the command line shows a person. Pure functions from the daemon's JSON to lines of text.
#pragma once

#include <boost/json/fwd.hpp>
#include <string>
#include <string_view>

namespace overbias::controller {

/// Control characters, which a file's name may hold, written as \n, \t or \x1b: a line stays a line and a terminal as
/// it was. Bytes that are not UTF-8 are written as \xNN too.
[[nodiscard]] std::string printable(std::string_view text);
[[nodiscard]] bool is_utf8(std::string_view text);
/// 3725 -> "1:02:05"
[[nodiscard]] std::string clock_text(double duration_s);
[[nodiscard]] std::string status_text(const boost::json::value& status);
/// The answer to a command of the machine: one line.
[[nodiscard]] std::string command_text(const std::string& command, const boost::json::value& answer);
/// What `overbias loop` found.
[[nodiscard]] std::string loop_text(const boost::json::value& answer);
[[nodiscard]] std::string acknowledged_text(const boost::json::value& answer);
[[nodiscard]] std::string job_text(const boost::json::value& answer);
[[nodiscard]] std::string log_text(const boost::json::value& answer);
/// What is printed, and what is done to it, before it starts.
[[nodiscard]] std::string print_started_text(const boost::json::value& started);
/// "37 %  track 1 of 2: side-a.wav  (0:12:05 to go)"
[[nodiscard]] std::string progress_text(const boost::json::value& progress);
/// Verdict, reasons and drop-outs by place. `report` null: the job left none.
[[nodiscard]] std::string verdict_text(const boost::json::value& end, const boost::json::value& report);

} // namespace overbias::controller
