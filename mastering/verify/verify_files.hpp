// SPDX-License-Identifier: Apache-2.0
// Verification without a deck: a capture of the tape return, made elsewhere, against what should be on the tape.
// Thread: any; reads files.
#pragma once

#include "base/result.hpp"
#include "mastering/verify/verify_report.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace overbias::mastering {

struct FilesToVerify {
    std::filesystem::path tape;         ///< stereo sound file, 44.1 to 192 kHz: compared at its rate
    std::vector<std::string> files;     ///< what should be on it, in order; or
    std::optional<VerifyAgainst> print; ///< a print's report, which names them
    std::string side;                   ///< of the print
    double gap_s = 3.0, trim_db = 0.0;
    /// Sine peak dBFS of operating level in the capture. Empty: not known, so the absolute level is not judged.
    std::optional<double> operating_dbfs;
    double speed_ips = 15.0; ///< where no report says it: for places in metres
    VerdictLimits limits;
};

/// `progress`: seconds of the capture read so far, of all; false ends it. The error is one line for the operator.
[[nodiscard]] Result<VerifyOutcome> verify_files(const FilesToVerify& what,
                                                 const std::function<bool(double done_s, double of_s)>& progress);

} // namespace overbias::mastering
