// SPDX-License-Identifier: Apache-2.0
// What was found out about a deck before: the interface through which procedures reach earlier alignments. What stands
// behind it (a log, memory) is the business of whoever wires it.
//
// Thread: that of the deck's jobs. Nothing here may wait for a disk: an implementation reads what it needs at start-up
// and hands over what is to be stored. Errors: a record that could not be taken is said in words.
#pragma once

#include "base/result.hpp"
#include "tape/alignment_record.hpp"

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace overbias::tape {

class AlignmentHistory {
  public:
    AlignmentHistory() = default;
    AlignmentHistory(const AlignmentHistory&) = delete;
    AlignmentHistory& operator=(const AlignmentHistory&) = delete;
    virtual ~AlignmentHistory() = default;

    /// Takes a record; one with the uuid of a record that is there already replaces it (an alignment that goes on).
    [[nodiscard]] virtual Result<void> store(const AlignmentRecord& record) = 0;
    /// The last record begun with this key that has an end; empty: there is none.
    [[nodiscard]] std::optional<AlignmentRecord> latest(const AlignmentKey& key) const { return earlier(key, 0); }
    /// The `n`th before that one; 0 is the latest itself.
    [[nodiscard]] virtual std::optional<AlignmentRecord> earlier(const AlignmentKey& key, std::size_t n) const = 0;
    /// The last one that was broken off, so that it can be gone on with; empty when a later one of its procedure has
    /// ended.
    [[nodiscard]] virtual std::optional<AlignmentRecord> unfinished(const AlignmentKey& key,
                                                                    std::string_view procedure) const = 0;
    /// Every accepted value of one step with this key, oldest first: its drift over time.
    [[nodiscard]] virtual std::vector<AlignmentStep> values(const AlignmentKey& key, std::string_view step_id,
                                                            int channel) const = 0;
};

} // namespace overbias::tape
