// SPDX-License-Identifier: Apache-2.0
// What the comparison says, as JSON: used by the report of a print and of a verification (docs/report.md describes each
// field, docs/proof.md what it means). Objects, not text; figures are rounded to what they are worth.
#pragma once

#include "mastering/off_tape_result.hpp"

#include <array>
#include <boost/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace overbias::mastering {

/// A figure rounded to `decimals`, so that a report is read and not deciphered; null when empty or not finite.
[[nodiscard]] boost::json::value json_figure(double value, int decimals);
[[nodiscard]] boost::json::value json_figure(const std::optional<double>& value, int decimals);
/// Left and right.
[[nodiscard]] boost::json::array json_pair(const std::array<std::optional<double>, 2>& values, int decimals);
/// "left", "right"; null for both or neither.
[[nodiscard]] boost::json::value json_channel(int channel);

[[nodiscard]] boost::json::object json_of(const VerdictLimits& limits);
[[nodiscard]] boost::json::array json_of(const std::vector<Finding>& findings);
/// Everything that was found of a track; whose file it is, counters and xruns are the caller's.
[[nodiscard]] boost::json::object json_of(const TrackResult& track);
/// What concerns the run as a whole, without the tracks: mode, verdict, reason, findings, off_tape, slate, tones[],
/// voices[], gaps[], noise_dbfs, clock_difference_ppm, compared_band_hz.
[[nodiscard]] boost::json::object json_of(const ComparisonResult& result);
[[nodiscard]] boost::json::object json_of(const EarlierRun& run);
/// The reverse of json_of(EarlierRun); fields that are missing are empty.
[[nodiscard]] EarlierRun earlier_run_from(const boost::json::value& value);

} // namespace overbias::mastering
