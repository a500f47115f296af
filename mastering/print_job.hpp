// SPDX-License-Identifier: Apache-2.0
// The print job: every side of a session in turn. Locate, lead-in, arm, record, slate, gaps, files, post-roll, stop,
// judged off tape while it runs; between sides that need another tape it waits for the operator. A session that was
// interrupted goes on at a track boundary, once the tape itself has told where that is. Thread: the timeline's.
#pragma once

#include "audio/block_engine.hpp"
#include "mastering/off_tape_comparison.hpp"
#include "mastering/print_plan.hpp"
#include "mastering/session.hpp"
#include "transport/job.hpp"
#include "transport/transport.hpp"

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace overbias::mastering {

/// Identity of what the print is made on; goes into the report.
struct PrintIdentity {
    std::string deck_uuid, head_block_uuid, reel_uuid, session_uuid;
    std::string deck_name, equalisation, stock;
    double operating_level_nwb_per_m = 0;
    std::string job_uuid = {};  ///< of this run; empty: as the session's
    std::string alignment = {}; ///< that the print relies on, JSON text; empty: not known
};

/// The session changed: it is to be stored. Told `kept` with an empty text when it is on the disk, else with why not;
/// now or later, on the timeline's thread.
using SessionKeeper = std::function<void(const PrintSession& session, std::function<void(std::string why_not)> kept)>;

/// Does `work` on another thread and then calls `done` on the timeline's.
using Aside = std::function<void(std::function<void()> work, std::function<void()> done)>;

struct PrintContext {
    Timeline& timeline;
    transport::Transport& transport;
    audio::BlockEngine& engine;
    audio::FrameTap& played; ///< of the engine, at least 1 s
    audio::FrameTap& tape_return;
    double return_rate_hz; ///< nominal, of the tape return; the comparison runs at the playback's
    PrintInstallation installation;
    ComparisonConfig comparison;
    PrintIdentity identity;
    /// Told once a side, when the playback frame of its first file's first frame is known: (deck time it leaves the
    /// converter).
    std::function<void(DeckTime)> programme_starts = {};
    SessionKeeper keep_session = {}; ///< empty: it is not stored
    /// Another tape has been threaded; its UUID. Empty: all sides are said to be on identity's.
    std::function<std::string()> new_reel = {};
    /// Of the head block. Empty: not known, and nothing can go on at a track boundary.
    std::optional<double> erase_to_record_m = {};
    /// What reads files while the tape runs; empty: here, at once.
    Aside aside = {};
};

/// A job for a checked plan of one side that nobody stores. Throws std::invalid_argument with a message for the
/// operator when a file cannot be opened as programme (a conversion that would exceed full scale, with the trim that
/// fits).
[[nodiscard]] std::unique_ptr<transport::Job> make_print_job(PrintContext context, PrintPlan plan);

/// What is printed of a session, and from where on.
struct SessionPrint {
    PrintSession session;
    ReelPlan plan;
    std::vector<PrintPlan> sides; ///< all of the session's, each laid out whole with its timing seed
    Boundary from{};
};

/// A new session (identity's) of a plan whose sides are laid out: nothing of it is printed yet.
[[nodiscard]] PrintSession begin_session(const ReelPlan& plan, const std::vector<PrintPlan>& sides,
                                         const PrintIdentity& identity, const PrintInstallation& installation);
/// As above.
[[nodiscard]] std::unique_ptr<transport::Job> make_session_job(PrintContext context, SessionPrint print);

/// Empty, or why a print can't go on at that boundary, and the one before it that would do: the gap must hold what
/// lies between erase and record head, how well the place can be known, and 0.3 s.
[[nodiscard]] std::string boundary_obstacle(const SessionPrint& print, const std::optional<double>& erase_to_record_m,
                                            double sample_rate_hz);

} // namespace overbias::mastering
