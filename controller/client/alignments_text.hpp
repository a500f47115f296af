// SPDX-License-Identifier: Apache-2.0
// Alignment records in words and as JSON, for a terminal. Pure.
#pragma once

#include "calibration/results/alignment_sheet.hpp"

#include <boost/json/value.hpp>
#include <string>

namespace overbias::controller {

/// Of the daemon's answer to `alignments`; only decks whose UUID begins with `deck`.
[[nodiscard]] boost::json::value alignments_of_deck(const boost::json::value& answer, const std::string& deck);
[[nodiscard]] std::string alignments_text(const boost::json::value& answer);

/// A line for each step, with its limit, what it has changed since the earlier record, and a mark where it is out.
[[nodiscard]] std::string alignment_sheet_text(const calibration::AlignmentSheet& sheet);

} // namespace overbias::controller
