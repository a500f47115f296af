// SPDX-License-Identifier: Apache-2.0
// The report of a print as JSON text (docs/report.md describes each field). What is said of a track and of a run is
// made when it is known, and kept in the session; the report of the whole is put together from that and from the plan.
#pragma once

#include "mastering/off_tape_comparison.hpp"
#include "mastering/print_job.hpp"
#include "mastering/session.hpp"
#include "transport/concern.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace overbias::mastering {

/// A stretch of lost frames, in the time of the whole side (from the slate's onset).
struct PrintXrun {
    std::string direction; ///< "playback", "capture", or "file" (read too slowly)
    double tape_time_s = 0;
    double length_ms = 0;
    std::size_t track = SIZE_MAX; ///< of the side, that it fell into, or SIZE_MAX
};

/// What a monitor said while the deck recorded.
struct PrintConcern {
    transport::Concern concern;
    std::optional<double> tape_time_s; ///< from the slate's onset; empty: before it
};

struct TrackReportInput {
    const SessionSide& side;
    std::size_t index; ///< of the side's tracks
    const audio::SoundFileInfo& file;
    bool converted = false; ///< sample rate
    double trim_db = 0.0;
    const TrackResult& result;
    double from_slate_s = 0.0; ///< as planned
    double speed_ips = 15.0;
    const std::vector<PrintXrun>& xruns;
};

/// One object of tracks[] on one line.
[[nodiscard]] std::string track_report(const TrackReportInput& input);

struct RunReportInput {
    const ComparisonResult& result;
    std::optional<double> slate_sent_re_operating_db; ///< empty: this run has no slate
    const std::vector<PrintXrun>& xruns;
    const std::vector<PrintConcern>& concerns;
    std::string ended_by;    ///< reason's word; empty: it came to its end
    std::string ended_words; ///< the same for people
};

/// What is said of a run as a whole, on one line.
[[nodiscard]] std::string run_report(const RunReportInput& input);
/// No run of the side has found anything against the side as a whole.
[[nodiscard]] bool runs_are_good(const SessionSide& side);
/// The gravest word of all findings; empty: the session is complete and there is none.
[[nodiscard]] std::string gravest_reason(const PrintSession& session);

struct PrintReportInput {
    const PrintSession& session;
    const ReelPlan& plan;
    const PrintInstallation& installation;
    const PrintIdentity& identity;
    const ComparisonConfig& comparison;
};

/// Indented JSON, ends with a newline.
[[nodiscard]] std::string make_print_report(const PrintReportInput& input);
/// What a session knows of itself, in the same form: of a print that has not come to its end. Without what only the
/// installation knows (levels, limits, head block, alignment).
[[nodiscard]] std::string report_of_session(const PrintSession& session);

} // namespace overbias::mastering
