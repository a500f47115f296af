// SPDX-License-Identifier: Apache-2.0
// What plan_check says, in words for a terminal. Pure.
#pragma once

#include <boost/json/value.hpp>
#include <string>

namespace overbias::controller {

/// Sides, files, refusals, warnings and notes.
[[nodiscard]] std::string plan_check_text(const boost::json::value& check);
/// The dry run, a line a cue.
[[nodiscard]] std::string plan_cue_sheet_text(const boost::json::value& check);

} // namespace overbias::controller
