// SPDX-License-Identifier: Apache-2.0
// `overbias print`: hands files, a plan or the session that is to go on to the daemon, shows how it goes and what the
// operator has to do, and ends with the verdict, the report's path and its status.
#pragma once

#include "controller/client/rpc_client.hpp"

#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace overbias::controller {

struct PrintOptions {
    std::vector<std::string> files; ///< or one reel plan, a .toml
    bool split = false;             ///< of a plan
    std::string resume;             ///< UUID of a session that is to go on; then no files
    std::string side;               ///< it is to go on with; empty: where it ended
    std::optional<int> track;       ///< before which, from 1
    bool changes_tapes = false;     ///< the simulated deck gets another blank tape at every gate
    std::string start;              ///< empty: where the tape stands
    std::optional<double> trim_db, gap_s, slate_s, lead_in_s, post_roll_s;
    std::optional<bool> stop_on_bias; ///< empty: as the daemon is configured
    std::string report;               ///< a copy of the report goes here
    bool detach = false;
    bool json = false;
    bool ends_with_us = false; ///< the daemon is our own: an interrupt ends the print
};

[[nodiscard]] bool is_plan_file(const std::string& file);
/// What is to be printed is a plan: one file, of that name.
[[nodiscard]] bool is_reel_plan(const std::vector<std::string>& files);

/// Something given on the command line that can't be used; found before the daemon is asked.
class UnusableArgument : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// The exit status. Throws UnusableArgument, RpcFailure, ConnectionLost.
[[nodiscard]] int run_print(RpcClient& daemon, const PrintOptions& options);

} // namespace overbias::controller
