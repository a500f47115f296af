// SPDX-License-Identifier: Apache-2.0
// The verify job: plays a reel in record-safe and compares what comes off it with what it should carry (replay.hpp). It
// never arms. It locates to the programme's beginning, or begins where the tape stands (or plays); it ends when the
// programme has been heard to its end, when it can't be found, or when the tape ends. Thread: the timeline's.
#pragma once

#include "audio/block_engine.hpp"
#include "mastering/print_job.hpp"
#include "mastering/verify/replay.hpp"
#include "mastering/verify/verify_report.hpp"
#include "transport/job.hpp"
#include "transport/transport.hpp"

#include <functional>
#include <memory>
#include <optional>

namespace overbias::mastering {

struct VerifyContext {
    Timeline& timeline;
    transport::Transport& transport;
    audio::BlockEngine& engine;
    audio::FrameTap& tape_return; ///< at least 1 s
    double return_rate_hz;        ///< nominal
    ComparisonConfig comparison;
    PrintIdentity identity; ///< session_uuid: the verification's own
    /// What the counter reads more when a place of the tape is heard than when it was recorded.
    double heard_later_m = 0.0;
    /// Runs work on another thread, or at once (Replay::Options::apart).
    std::function<void(std::function<void()>)> apart = {};
};

struct VerifyTask {
    VerifyProgramme programme; ///< at the engine's rate
    bool locate = true;        ///< to its beginning, where that is known; false: from where the tape stands or plays
    std::optional<VerifyAgainst> against;
    /// Deck time that the programme may take to be found.
    double patience_s = 60.0;
};

/// Throws std::invalid_argument, naming the file, when one can't be opened.
[[nodiscard]] std::unique_ptr<transport::Job> make_verify_job(VerifyContext context, VerifyTask task);

} // namespace overbias::mastering
