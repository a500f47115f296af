// SPDX-License-Identifier: Apache-2.0
// The report of a verification as JSON text (docs/verifying.md describes each field): as the print's, and what the
// print itself had said. Pure. Thread: any.
#pragma once

#include "mastering/print_job.hpp"
#include "mastering/verify/replay.hpp"

#include <boost/json.hpp>
#include <optional>
#include <string>

namespace overbias::mastering {

/// The print that a reel is verified against.
struct VerifyAgainst {
    std::string report;      ///< its text
    std::string report_path; ///< empty: not known
};

struct VerifyReportInput {
    const VerifyProgramme& programme;
    const ComparisonConfig& comparison;
    const ReplayResult& result;
    PrintIdentity identity; ///< of what it was played on; session_uuid is the verification's own
    std::string tape;       ///< in words: "the reel on the deck", a sound file
    std::optional<VerifyAgainst> against = {};
    std::string stopped_by = {}; ///< why it ended early; empty: it did not
};

struct VerifyOutcome {
    bool pass = false;
    std::string reason; ///< a fixed word, or empty
    std::string report; ///< indented JSON, ends with a newline
};

[[nodiscard]] VerifyOutcome make_verify_report(const VerifyReportInput& input);

/// For each kind of failure (level, response, dropouts, polarity, completeness, and operating_level, which another
/// machine's reproduce level moves): whether print and verification say the same of it; `all`: of the first five.
/// `print` and `now` are whole reports; `side`: which of the print's is meant.
[[nodiscard]] boost::json::object verify_agreement(const boost::json::object& print, const boost::json::object& now,
                                                   const std::string& side);

} // namespace overbias::mastering
