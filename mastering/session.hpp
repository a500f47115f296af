// SPDX-License-Identifier: Apache-2.0
// A print session: a reel plan that is printed, side by side, perhaps in several runs. What is written here has
// happened; it is stored (session_text.hpp) at every boundary, so that a print can go on after a stop, a fault or a
// power cut, from a track boundary. Plain data; any thread.
#pragma once

#include "mastering/off_tape_result.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace overbias::mastering {

/// One track of a side.
struct SessionTrack {
    std::string name;   ///< the plan's title of it, or its file's name (PlanTrack::name)
    std::string file;   ///< the path it was read from
    std::string sha256; ///< of the whole file, when the session began; a print goes on with the same file only
    double duration_s = 0.0;
    /// Its last frame and enough of the gap after it are on the tape, and it has been judged off tape: it is never
    /// touched again, unless somebody asks for the boundary before it.
    bool done = false;
    std::string verdict; ///< "pass" or "fail" when done
    std::string report;  ///< its object in the report's tracks[], as JSON text, when done
    /// What the counter read when its first frame, and the one after its last, left the card.
    std::optional<double> start_m, end_m;
};

/// One stretch of time in which a side was recorded without interruption.
struct SessionRun {
    std::string begun_utc, ended_utc;   ///< ended empty: it goes on, or was cut off
    std::size_t first_track = 0;        ///< 0: from the side's beginning, slate and all
    std::string ended;                  ///< "complete", or in words why it ended early
    std::optional<double> from_m, to_m; ///< by the counter, where record was on; none: record was not reached
    std::string report;                 ///< what the comparison said of the run as a whole, JSON text; or empty
};

struct SessionSide {
    std::string name;
    std::string reel_uuid; ///< empty until a tape is threaded for it
    bool new_tape = true;
    /// The print's own timing (PrintRequest::timing_seed): the same in every run of the side, so that what is planned
    /// stays where it is.
    std::uint64_t timing_seed = 0;
    /// By the counter, where recording begins; none: where the tape stands, or as the plan says.
    std::optional<double> begins_m;
    std::optional<double> slate_m; ///< by the counter, the slate's first frame
    double slate_uncertainty_m = 0.0;
    EarlierRun earlier; ///< what a run without a slate of its own is judged by
    std::vector<SessionTrack> tracks;
    std::vector<SessionRun> runs;
    std::string verdict; ///< "pass" or "fail" when the side is complete
    [[nodiscard]] bool complete() const noexcept { return !verdict.empty(); }
    [[nodiscard]] bool passed() const noexcept;
};

struct PrintSession {
    std::string id; ///< UUID; also its folder's name
    std::string made_utc;
    std::string title;     ///< for lists
    std::string plan;      ///< the reel plan as JSON text (reel_plan_text.hpp), nothing left out
    std::string plan_file; ///< it was read from; empty: it came over the wire, or from a list of files
    double speed_ips = 0.0;
    double sample_rate_hz = 0.0; ///< of the card
    /// What was sent to the deck for operating level: the level that all of it was printed with.
    std::optional<double> play_dbfs_at_operating_level;
    std::string deck_uuid, head_block_uuid;
    std::vector<SessionSide> sides;
    [[nodiscard]] bool complete() const noexcept;
    /// Something of it is on a tape; else it was refused, or stopped, before anything was, and nothing can go on.
    [[nodiscard]] bool recorded() const noexcept;
    [[nodiscard]] std::size_t tracks_done() const noexcept;
};

/// Where a print can go on. Track 0: the side is begun anew, slate and all (there is nothing else before it that could
/// tell where the tape stands).
struct Boundary {
    std::size_t side = 0;
    std::size_t track = 0;
    [[nodiscard]] bool operator==(const Boundary&) const noexcept = default;
};

/// The first boundary after which something is still to be printed; none when the session is complete.
[[nodiscard]] std::optional<Boundary> next_boundary(const PrintSession& session);
/// "side A before track 3 (Ferry)", "side B from its beginning".
[[nodiscard]] std::string boundary_words(const PrintSession& session, const Boundary& boundary);

} // namespace overbias::mastering
