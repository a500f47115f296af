// SPDX-License-Identifier: Apache-2.0
// `overbias transfer [OUT.wav]`, on the command line: hands the request to the daemon, shows how it goes, and ends with
// the verdict, the file, its report and its status.
#pragma once

#include "controller/client/rpc_client.hpp"

#include <CLI/CLI.hpp>
#include <functional>
#include <optional>
#include <string>

namespace overbias::controller {

struct TransferOptions {
    std::string file; ///< empty: the daemon makes a name in its folder
    std::string from, to;
    std::optional<double> length_s, silence_s, pre_roll_s, post_roll_s, gap_s;
    bool until_silence = false, library_wind = false;
    std::string format, title, tape, project, note, operator_name;
    bool detach = false, json = false;
};

class TransferLine {
  public:
    struct Ways {
        std::function<RpcClient()> daemon;
        std::function<void(std::function<int()>)> chosen;
        std::function<bool()> json;
    };
    /// Adds its options to `transfer`, which has the common ones.
    TransferLine(CLI::App& transfer, Ways ways);

  private:
    Ways ways_;
    TransferOptions options_;
};

/// The exit status. Throws UnusableArgument, RpcFailure, ConnectionLost.
[[nodiscard]] int run_transfer(RpcClient& daemon, const TransferOptions& options);

} // namespace overbias::controller
