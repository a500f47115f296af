// SPDX-License-Identifier: Apache-2.0
// The print job: locate, lead-in, arm, record, slate, gap, files, post-roll, stop, judged off tape while it runs.
// Thread: the timeline's.
#pragma once

#include "audio/block_engine.hpp"
#include "mastering/off_tape_comparison.hpp"
#include "mastering/print_plan.hpp"
#include "transport/job.hpp"
#include "transport/transport.hpp"

#include <filesystem>
#include <memory>

namespace overbias::mastering {

/// Identity of what the print is made on; goes into the report.
struct PrintIdentity {
    std::string deck_uuid, head_block_uuid, reel_uuid, session_uuid;
    std::string deck_name, equalisation, stock;
    double operating_level_nwb_per_m = 0;
};

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
    /// Told once, when the playback frame of the first file's first frame is known: (deck time it leaves the
    /// converter).
    std::function<void(DeckTime)> programme_starts = {};
};

/// A job for a checked plan. Throws std::invalid_argument with a message for the operator when a file cannot be opened
/// as programme (a conversion that would exceed full scale, with the trim that fits).
[[nodiscard]] std::unique_ptr<transport::Job> make_print_job(PrintContext context, PrintPlan plan);

} // namespace overbias::mastering
