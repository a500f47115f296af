// SPDX-License-Identifier: Apache-2.0
// What the last full alignment says: where the next one begins, and what a quick check is judged against. A quick check
// is no full alignment: it sets nothing, and would in time be compared with itself. Pure functions over the history;
// thread: that of the history.
#pragma once

#include "tape/alignment_record.hpp"
#include "tape/history.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace overbias::calibration {

struct EarlierValue {
    tape::AlignmentStep step;
    std::string date; ///< on which that alignment was begun, UTC: "2026-11-02"
};

/// Of the newest ended alignment with this key that has the step and is no quick check. What is read as
/// "record.azimuth" and, after all has been set, as "record.phase" is one quantity: the newer one of both. Empty: none
/// has it.
[[nodiscard]] std::optional<EarlierValue>
last_full_value(const tape::AlignmentHistory& history, const tape::AlignmentKey& key, std::string_view id, int channel);

/// For the operator: "last time (2026-11-02): track 1 3.02 dB, track 2 2.98 dB", and where the adjusters were left when
/// that is known; empty when there was no last time.
[[nodiscard]] std::string last_time_words(const tape::AlignmentHistory& history, const tape::AlignmentKey& key,
                                          std::string_view id);

} // namespace overbias::calibration
