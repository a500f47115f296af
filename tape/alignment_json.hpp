// SPDX-License-Identifier: Apache-2.0
// Alignment records and level charts as JSON text, as they are stored and handed over. What is empty is null. Reading
// is strict: a key that is missing, unknown or of another type is an error that names it; only a step's "bound" and
// "remark" and a record's "operators" and "measured_by" are left out where there is nothing to say. Pure functions, any
// thread.
#pragma once

#include "base/result.hpp"
#include "tape/alignment_record.hpp"
#include "tape/level_chart.hpp"

#include <string>
#include <string_view>

namespace overbias::tape {

/// On one line. Readings have to be finite: what is no number is written as null and not read again.
[[nodiscard]] std::string alignment_json(const AlignmentRecord& record);
[[nodiscard]] Result<AlignmentRecord> alignment_from_json(std::string_view text);

/// On one line.
[[nodiscard]] std::string level_chart_json(const LevelChart& chart);
[[nodiscard]] Result<LevelChart> level_chart_from_json(std::string_view text);

} // namespace overbias::tape
