// SPDX-License-Identifier: Apache-2.0
// `overbias alignments ...`: the alignments that are stored, compared and put on paper, on the command line.
#pragma once

#include "calibration/results/alignment_sheet.hpp"
#include "controller/client/rpc_client.hpp"

#include <CLI/CLI.hpp>
#include <boost/json/value.hpp>
#include <functional>
#include <string>

namespace overbias::controller {

class AlignmentsLine {
  public:
    struct Ways {
        std::function<RpcClient()> daemon;
        std::function<void(CLI::App&)> add_places; ///< where the daemon is
        std::function<void(CLI::App&)> add_common; ///< options every command has: that, and --json
        std::function<void(std::function<int()>)> chosen;
        std::function<void(const boost::json::value& answer, const std::string& text)> show;
        std::string program; ///< and its version, for what it writes: "overbias 0.1.0"
    };
    /// Adds the commands to `alignments`.
    AlignmentsLine(CLI::App& alignments, Ways ways);

  private:
    void add_list(CLI::App& to);
    [[nodiscard]] int list() const;
    [[nodiscard]] int show() const;
    [[nodiscard]] int write() const;
    [[nodiscard]] calibration::AlignmentSheet sheet() const;

    Ways ways_;
    int last_ = 20;
    std::string deck_, which_, against_;
    std::string pdf_, csv_, json_;
    bool force_ = false;
};

} // namespace overbias::controller
