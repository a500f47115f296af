// SPDX-License-Identifier: Apache-2.0
// The sheet for the inside of the box: tones, leaders and tracks of each side, with their places in tape time and by
// the counter, and the legend of the box. A4. Pure functions, any thread.
#pragma once

#include "mastering/paper/print_facts.hpp"
#include "paper/drawing.hpp"

#include <boost/json/fwd.hpp>
#include <string>

namespace overbias::mastering {

[[nodiscard]] paper::Document cue_sheet_document(const PrintFacts& facts);
[[nodiscard]] std::string cue_sheet_text(const PrintFacts& facts);
[[nodiscard]] boost::json::value cue_sheet_json(const PrintFacts& facts);

} // namespace overbias::mastering
