// SPDX-License-Identifier: Apache-2.0
// `overbias print`: hands the files to the daemon, shows how it goes, and ends with the verdict, the report's path and
// its status.
#pragma once

#include "controller/client/rpc_client.hpp"

#include <optional>
#include <string>
#include <vector>

namespace overbias::controller {

struct PrintOptions {
    std::vector<std::string> files;
    std::string start; ///< empty: where the tape stands
    std::optional<double> trim_db, gap_s, slate_s, lead_in_s, post_roll_s;
    std::string report; ///< a copy of the report goes here
    bool detach = false;
    bool json = false;
    bool ends_with_us = false; ///< the daemon is our own: an interrupt ends the print
};

/// The exit status. Throws RpcFailure, ConnectionLost.
[[nodiscard]] int run_print(RpcClient& daemon, const PrintOptions& options);

} // namespace overbias::controller
