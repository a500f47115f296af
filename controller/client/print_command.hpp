// SPDX-License-Identifier: Apache-2.0
// `overbias print`: hands the files to the daemon, shows how it goes, and ends with the verdict, the report's path and
// its status.
#pragma once

#include "controller/client/rpc_client.hpp"

#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace overbias::controller {

struct PrintOptions {
    std::vector<std::string> files;
    std::string start; ///< empty: where the tape stands
    std::optional<double> trim_db, gap_s, slate_s, lead_in_s, post_roll_s;
    std::optional<bool> stop_on_bias; ///< empty: as the daemon is configured
    std::string report; ///< a copy of the report goes here
    bool detach = false;
    bool json = false;
    bool ends_with_us = false; ///< the daemon is our own: an interrupt ends the print
};

/// Something given on the command line that can't be used; found before the daemon is asked.
class UnusableArgument : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// The exit status. Throws UnusableArgument, RpcFailure, ConnectionLost.
[[nodiscard]] int run_print(RpcClient& daemon, const PrintOptions& options);

} // namespace overbias::controller
