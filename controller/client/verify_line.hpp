// SPDX-License-Identifier: Apache-2.0
// `overbias verify`, on the command line: a reel on the daemon's deck against the files that were printed on it; or,
// without a daemon, a capture of the tape return in a sound file.
#pragma once

#include "controller/client/rpc_client.hpp"

#include <CLI/CLI.hpp>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace overbias::controller {

struct VerifyOptions {
    std::string print; ///< a session, a job, or the file of a print's report
    std::string side;
    std::vector<std::string> reference; ///< sound files, or "capture:3,4"
    std::string tape;                   ///< empty: the deck; "capture:1,2", or a sound file
    std::string start;
    std::optional<double> gap_s, trim_db, patience_s, operating_dbfs;
    std::optional<double> end_silence_s;
    bool here = false, record = false;
    std::string report; ///< a copy of the report goes here
    bool detach = false, json = false;
};

class VerifyLine {
  public:
    struct Ways {
        std::function<RpcClient()> daemon;
        std::function<void(std::function<int()>)> chosen;
        std::function<bool()> json;
    };
    /// Adds its options to `verify`, which has the common ones.
    VerifyLine(CLI::App& verify, Ways ways);

  private:
    void check() const;

    Ways ways_;
    VerifyOptions options_;
};

/// The exit status. Throw UnusableArgument, RpcFailure, ConnectionLost.
[[nodiscard]] int run_verify(RpcClient& daemon, const VerifyOptions& options);
[[nodiscard]] int run_verify_files(const VerifyOptions& options);

} // namespace overbias::controller
