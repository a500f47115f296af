// SPDX-License-Identifier: Apache-2.0
// Alignments as the doors tell them (docs/api.md). What is not known is null. Pure functions.
#pragma once

#include "calibration/procedure/operator_port.hpp"
#include "tape/alignment_record.hpp"
#include "tape/calibration_tape.hpp"

#include <boost/json/fwd.hpp>
#include <chrono>
#include <cstddef>

namespace overbias::controller {

[[nodiscard]] boost::json::object view_json(const calibration::AlignmentView& view);
/// {"id", "channel", "reading", "unit", "target", "tolerance", "within", "averaging_s", "accepted_at", "accepted_by",
/// "calibration_tape", "bound", "remark"}
[[nodiscard]] boost::json::object accepted_json(const tape::AlignmentStep& step);
/// Those of the record from this one on, up to that one.
[[nodiscard]] boost::json::array accepted_list_json(const tape::AlignmentRecord& record, std::size_t from,
                                                    std::size_t to);
[[nodiscard]] boost::json::object key_json(const tape::AlignmentKey& key);
/// {"uuid", "key", "procedure", "begun_at", "ended_at", "verdict", "steps", "operators", "measured_by"}
[[nodiscard]] boost::json::object record_line_json(const tape::AlignmentRecord& record);
/// The day it is, UTC: a calibration tape's age is told by it.
[[nodiscard]] std::chrono::year_month_day alignment_day();
/// With its warning, as of `today`.
[[nodiscard]] boost::json::object calibration_tape_json(const tape::CalibrationTape& tape,
                                                        std::chrono::year_month_day today);

} // namespace overbias::controller
