// SPDX-License-Identifier: Apache-2.0
// `overbias print FILES`, on the command line: to the daemon's deck, or to a simulated one started for this print.
#pragma once

#include "controller/client/print_command.hpp"
#include "controller/client/rpc_client.hpp"

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

namespace overbias::controller {

class PrintLine {
  public:
    struct Ways {
        std::function<RpcClient()> daemon;
        std::function<void(std::function<int()>)> chosen;
        std::function<bool()> json;
        std::function<std::string()> socket, state_dir; ///< as given; empty: not
    };
    /// Adds its options to `print`, which has the common ones.
    PrintLine(CLI::App& print, Ways ways);

  private:
    void check() const;
    [[nodiscard]] int by_daemon() const;
    [[nodiscard]] int simulated();

    Ways ways_;
    PrintOptions print_;
    bool simulate_ = false;
    std::vector<std::string> faults_;
    double time_scale_ = 0.0;
};

} // namespace overbias::controller
