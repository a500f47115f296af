// SPDX-License-Identifier: Apache-2.0
// The tables on an alignment's sheet, and the notes at its foot that their rows refer to. Private to calibration/.
#pragma once

#include "calibration/results/alignment_rows.hpp"
#include "paper/flow.hpp"

#include <cstddef>
#include <set>
#include <string>
#include <vector>

namespace overbias::calibration {

/// Remarks, and why a limit is unsure: each once, numbered from 1 as they are asked for.
class FootNotes {
  public:
    /// The numbers of a row's notes.
    std::set<std::size_t> of(const AlignmentRow& row);
    [[nodiscard]] const std::vector<std::string>& texts() const noexcept { return texts_; }

  private:
    std::vector<std::string> texts_;
};

/// A row for each step, under its group's name; points of a response are left out. `compared`: with columns for what
/// has changed.
void draw_step_table(paper::Flow& flow, const std::vector<AlignmentRow>& rows, bool compared, FootNotes& notes);

/// The points of each group's response in three columns. Of a sweep only those that are out: the rest is in the plot.
void draw_response_tables(paper::Flow& flow, const std::vector<AlignmentRow>& rows, FootNotes& notes);

} // namespace overbias::calibration
