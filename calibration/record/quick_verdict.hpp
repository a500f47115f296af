// SPDX-License-Identifier: Apache-2.0
// A quick check against the last full alignment of the same deck, head block, speed, equalisation and tape: what has
// moved since, in words, with what to do about it. A reading has moved when it is further from that alignment's than
// its limit allows it from its target; noise, for which there is no limit, is told and never judged. Pure functions
// over the history; thread: that of the history.
#pragma once

#include "calibration/procedure/procedure.hpp"
#include "tape/alignment_record.hpp"
#include "tape/history.hpp"

#include <string>
#include <utility>
#include <vector>

namespace overbias::calibration {

struct QuickVerdict {
    bool compared = false; ///< there was something to compare with
    std::string moved{};   ///< "10 kHz is 1.1 dB lower than on 2026-11-02: clean the heads, then align"; or empty
    std::vector<std::pair<std::string, int>> moved_steps{}; ///< id and channel of what that is about
    std::string told{}; ///< one line, whatever the verdict: what it was compared with and how far it is from it
};

/// Notes in each step of `check` how it compares (its remark).
[[nodiscard]] QuickVerdict compare_with_last_alignment(tape::AlignmentRecord& check, const Procedure& procedure,
                                                       const tape::AlignmentHistory& history);

} // namespace overbias::calibration
