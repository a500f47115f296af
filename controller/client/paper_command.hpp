// SPDX-License-Identifier: Apache-2.0
// `overbias certificate`, `label` and `cue-sheet`: papers from a daemon, or (but for certificates, which have to be
// signed) from a report's file, and the check of a certificate. Thread: one.
#pragma once

#include "controller/client/rpc_client.hpp"

#include <boost/json/object.hpp>
#include <functional>
#include <optional>
#include <string>

namespace overbias::controller {

/// Called when a daemon is needed, and not before.
using DaemonOfPapers = std::function<RpcClient()>;

struct PaperRequest {
    std::string which;  ///< UUID of a session or its beginning, "latest", or a report's FILE.json
    std::string kind;   ///< "certificate", "label_10", "label_7", "cue_sheet"
    std::string format; ///< "pdf", "json", "text"
    std::optional<double> width_mm, height_mm, spine_mm;
};

/// "pdf", "json" or "text" by the name's ending. Throws UnusableArgument (print_command.hpp).
[[nodiscard]] std::string format_of_file(const std::string& file);
/// The file's bytes. Throws UnusableArgument, RpcFailure, ConnectionLost.
[[nodiscard]] std::string paper_bytes(const DaemonOfPapers& daemon, const PaperRequest& request);

struct CertificateQuestion {
    std::string file;
    std::string pdf, report; ///< files to hold against it; empty: none
    std::string key;         ///< fingerprint or public key that it must be signed with; empty: any
    bool offline = false;    ///< no daemon is asked
};

struct CertificateAnswer {
    bool good = false;
    boost::json::object json;
    std::string text; ///< lines
};

/// Of the file alone, then of what was given beside it, then of a daemon where one answers. Throws UnusableArgument for
/// a file that can't be read.
[[nodiscard]] CertificateAnswer check_certificate_file(const DaemonOfPapers& daemon,
                                                       const CertificateQuestion& question);

} // namespace overbias::controller
