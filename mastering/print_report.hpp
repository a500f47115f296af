// SPDX-License-Identifier: Apache-2.0
// The report of a print as JSON text (docs/report.md describes each field).
#pragma once

#include "mastering/off_tape_comparison.hpp"
#include "mastering/print_job.hpp"
#include "transport/concern.hpp"

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace overbias::mastering {

/// A stretch of lost frames, in the time of the whole print (from the slate's onset).
struct PrintXrun {
    std::string direction; ///< "playback", "capture", or "file" (read too slowly)
    double tape_time_s = 0;
    double length_ms = 0;
    std::size_t track = SIZE_MAX; ///< the track it fell into, or SIZE_MAX
};

/// What a monitor said while the deck recorded.
struct PrintConcern {
    transport::Concern concern;
    std::optional<double> tape_time_s; ///< from the slate's onset; empty: before it
};

/// Of each track: what the counter read when its first frame and the one after its last left the card; empty: the print
/// did not come so far.
using CounterPlaces = std::vector<std::array<std::optional<double>, 2>>;

struct PrintReportInput {
    const PrintPlan& plan;
    const PrintInstallation& installation;
    const PrintIdentity& identity;
    const ComparisonConfig& comparison;
    const ComparisonResult& result;
    const std::vector<PrintXrun>& xruns;
    std::vector<bool> converted; ///< per file: sample rate converted
    double slate_counter_m = 0;  ///< where the tape counter stood at the slate's onset
    double counter_uncertainty_m = 0;
    CounterPlaces track_counter_m = {};
    std::vector<PrintConcern> concerns = {};
    std::string stopped_by = {}; ///< words of the concern that ended the print; empty: none did
};

/// Indented JSON, ends with a newline.
[[nodiscard]] std::string make_print_report(const PrintReportInput& input);

} // namespace overbias::mastering
