// SPDX-License-Identifier: Apache-2.0
// The dry run of a plan: it is played through on a clock of its own, section by section, and every moment at which
// something begins is written down: what the operator has to do, where the tape stands, what time has gone by. Nothing
// moves and no file is read: what the files are is known from the check. Pure, any thread.
#pragma once

#include "mastering/plan/plan_check.hpp"

#include <boost/json/fwd.hpp>
#include <string>
#include <vector>

namespace overbias::mastering {

struct Cue {
    /// "gate" (the operator has to do something), "roll" (the deck starts), "lead_in", "slate", "tone", "voice", "gap",
    /// "track", "post_roll", "end" (record off).
    std::string kind;
    std::string words; ///< what, for people
    std::string side;
    int track = -1;          ///< of the side, from 0
    double side_s = 0.0;     ///< from record on; of gate and roll below 0, or 0
    double duration_s = 0.0; ///< of a gate 0: nobody knows
    double tape_m = 0.0;     ///< from the side's first tone
    double counter_m = 0.0;  ///< from the beginning of the reel
    std::string counter;     ///< the same as the deck's tape time, "0:12:34"
    double elapsed_s = 0.0;  ///< deck time since the session began; gates and winding take none of it
    int reel = 1;
};

struct CueSheet {
    std::vector<Cue> cues;
    double elapsed_s = 0.0; ///< whole session, gates and winding not counted
};

/// Sides that could not be laid out (a file is missing) are left out.
[[nodiscard]] CueSheet dry_run(const PlanCheck& check);

[[nodiscard]] boost::json::object cue_sheet_json(const CueSheet& sheet);

/// "h:mm:ss" of tape time at a nominal speed, as a deck's counter shows it.
[[nodiscard]] std::string counter_text(double counter_m, double speed_ips);

} // namespace overbias::mastering
