// SPDX-License-Identifier: Apache-2.0
// The proof that a signal comes off tape: it arrives after the head delay, it was not there before, and there is tape
// noise under it.
#pragma once

#include "mastering/off_tape_result.hpp"

#include <array>
#include <optional>
#include <string>

namespace overbias::mastering {

/// Levels in dBFS RMS, 300 Hz to 16 kHz, where not said otherwise.
struct OffTapeEvidence {
    bool replay = false;    ///< the reel is played later: its delay says nothing
    bool with_slate = true; ///< false: the delay is the programme's
    double expected_delay_s = 0.0;
    std::optional<double> earlier_delay_s; ///< head delay in the side's earlier run
    std::array<std::optional<double>, 2> earlier_noise_db;
    double found_at_s = 0.0; ///< programme time at which the programme was found
    double tolerance = 0.03;
    bool slate_sent = false;              ///< the reference had a tone where the plan has the slate
    std::array<bool, 2> slate_present{};  ///< in the return, on this channel
    std::optional<double> delay_s;        ///< converters taken out; nullopt: no onset where it could be
    std::optional<double> tone_before_db; ///< before it was due, re the tone itself; the louder channel
    double operating_dbfs = -17.0;        ///< RMS of operating level in the return
    std::array<std::optional<double>, 2> lead_in_db, gap_db, rest_db, during_slate_db;
};

struct OffTapeVerdict {
    bool off_tape = false;
    bool direct = false;       ///< nothing lies between what is sent and the return
    bool nothing_came = false; ///< the line was dead while the slate was sent: no_signal, not not_off_tape
    std::string text;          ///< all three tests, expected and got
    std::string failures;      ///< those that failed
};

[[nodiscard]] OffTapeVerdict judge_off_tape(const OffTapeEvidence& evidence);

} // namespace overbias::mastering
