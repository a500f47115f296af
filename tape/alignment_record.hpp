// SPDX-License-Identifier: Apache-2.0
// An alignment record: what one alignment of a deck set, read and accepted, and for what it holds. An alignment belongs
// to a deck, its head block, a speed, an equalisation, a tape stock and its batch; change one of them and it is another
// alignment. Plain data and pure functions, any thread.
#pragma once

#include "tape/equalisation.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace overbias::tape {

struct AlignmentKey {
    std::string deck_uuid;
    std::string head_block_uuid;
    double speed_ips = 0.0;
    Equalisation equalisation = Equalisation::Iec1;
    std::string stock; ///< id of the tape's profile
    std::string batch; ///< as on the box; empty: not known

    /// Speeds are equal within 0.1 %.
    [[nodiscard]] bool operator==(const AlignmentKey& other) const noexcept;
};

/// To which side of its target a reading may not be off by more than the tolerance.
enum class Bound {
    BothSides,
    AtLeast, ///< above the target it may be whatever it likes: erase depth
    AtMost,  ///< below likewise: noise
};

/// One accepted value.
struct AlignmentStep {
    std::string id;  ///< of the procedure's step ("reproduce.level", "record.bias" ...)
    int channel = 0; ///< from 1; 0: of the deck as a whole, or between channels
    double reading = 0.0;
    std::string unit;                ///< "dB", "us", "ppm", "V" ...
    std::optional<double> target;    ///< empty: nothing was aimed at, it was only read
    std::optional<double> tolerance; ///< see bound; empty: no limit, and the target is only shown
    double averaging_s = 0.0;        ///< the reading is the mean of this long; 0: a single value
    std::string accepted_at;         ///< UTC, "2024-05-03T10:15:00.000Z"
    std::string accepted_by;         ///< the operator; empty: by the procedure itself
    std::string calibration_tape;    ///< id of its profile; empty: none was used
    Bound bound = Bound::BothSides;
    std::string remark{}; ///< where the limit is from, and what else has to be told with the reading; or empty

    /// Empty: there was no limit to keep.
    [[nodiscard]] std::optional<bool> within() const noexcept;
};

struct AlignmentRecord {
    std::string uuid;
    AlignmentKey key;
    std::string procedure; ///< "reproduce", "record", "proof" ...
    std::string begun_at;  ///< UTC
    std::string ended_at;  ///< UTC; empty: it was broken off, and its steps hold for what they are
    std::vector<AlignmentStep> steps;
    /// Who ran it, also where the procedure accepted by itself; more than one, with commas between them, where somebody
    /// else went on with it. Empty: nobody was named.
    std::string operators{};
    std::string measured_by{}; ///< program and version, "overbiasd 0.1.0"; more than one likewise; empty: not known

    /// The last accepted value of a step; nullptr when there is none.
    [[nodiscard]] const AlignmentStep* step(std::string_view id, int channel) const noexcept;
    /// Ended, and the last value of every step that had a limit is within it.
    [[nodiscard]] bool passed() const noexcept;
};

enum class AlignmentVerdict {
    Pass,
    Fail,       ///< a value is out of its limits
    Unfinished, ///< broken off
    NotJudged,  ///< ended, and nothing in it had a limit
};
[[nodiscard]] AlignmentVerdict verdict_of(const AlignmentRecord& record) noexcept;
/// "pass", "fail", "unfinished", "not_judged".
[[nodiscard]] std::string_view verdict_name(AlignmentVerdict verdict) noexcept;
/// "PASS", "FAIL", "NOT FINISHED", "NOT JUDGED".
[[nodiscard]] std::string_view verdict_words(AlignmentVerdict verdict) noexcept;

/// Adds one to names with commas between them, each once; an empty one adds nothing.
void add_name(std::string& names, std::string_view name);

/// A step that two records have in common, by its last accepted value in each.
struct AlignmentChange {
    std::string id;
    int channel = 0;
    std::string unit;
    double then = 0.0, now = 0.0;
    [[nodiscard]] double change() const noexcept { return now - then; }
};

/// In the order of `now`. Steps whose unit has changed are left out: they cannot be compared.
[[nodiscard]] std::vector<AlignmentChange> alignment_changes(const AlignmentRecord& now, const AlignmentRecord& then);

} // namespace overbias::tape
