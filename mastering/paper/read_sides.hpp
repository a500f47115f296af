// SPDX-License-Identifier: Apache-2.0
// Sides and tracks of a report. Private to mastering/paper/.
#pragma once

#include "mastering/paper/print_facts.hpp"

#include <boost/json/fwd.hpp>
#include <vector>

namespace overbias::mastering {

[[nodiscard]] std::vector<PaperFinding> read_findings(const boost::json::value& in);
/// Fills in reels, sides and tracks; a report without sides has one.
void read_sides(PrintFacts& facts, const boost::json::value& report);

} // namespace overbias::mastering
