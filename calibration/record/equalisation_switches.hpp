// SPDX-License-Identifier: Apache-2.0
// Whether the deck's two EQ switches, record and reproduce, stand alike, from what comes back of an own recording.
// Where they do not, every frequency is off by the difference of the two standards (tape::mismatch_db), on both tracks
// alike; trims that have been turned, or bias, do not do that at 50 Hz and at 10 kHz together. Both switches wrong
// alike can't be told from an own recording: a calibration tape shows that. Pure functions, any thread.
#pragma once

#include "tape/equalisation.hpp"

#include <array>
#include <optional>
#include <string>

namespace overbias::calibration {

/// Off tape against what was sent, relative to 1 kHz, of both tracks.
struct ResponseEnds {
    std::array<double, 2> low_db{};  ///< 50 Hz
    std::array<double, 2> high_db{}; ///< 10 kHz
    static constexpr double kLow_hz = 50.0, kHigh_hz = 10000.0;
};

struct SwitchesApart {
    tape::Equalisation recorded = tape::Equalisation::Iec1, reproduced = tape::Equalisation::Iec1;
    double low_db = 0.0, high_db = 0.0; ///< what that does
};

/// Whether any other standard at this speed could be mistaken for it: else nothing need be read.
[[nodiscard]] bool equalisation_can_differ(tape::Equalisation set, double speed_ips) noexcept;

/// `set`: the standard that both switches should stand at. Empty: the readings do not say that one stands elsewhere.
[[nodiscard]] std::optional<SwitchesApart> switches_apart(tape::Equalisation set, double speed_ips,
                                                          const ResponseEnds& read) noexcept;

/// Both standards by name, what was read, what that would give, and what to do.
[[nodiscard]] std::string switches_apart_words(tape::Equalisation set, const SwitchesApart& apart,
                                               const ResponseEnds& read);

} // namespace overbias::calibration
