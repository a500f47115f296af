// SPDX-License-Identifier: Apache-2.0
// The sheet of an alignment: what is filed with the tape. From an alignment record, and where they are given an earlier
// one and the values over time, come a page (PDF), a table (CSV) and the rows that any other view is made of. Pure
// functions, any thread.
#pragma once

#include "base/result.hpp"
#include "paper/drawing.hpp"
#include "tape/alignment_record.hpp"
#include "tape/calibration_tape.hpp"
#include "tape/history.hpp"
#include "tape/tape_stock.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace overbias::calibration {

using tape::AlignmentVerdict;
using tape::verdict_of;
using tape::verdict_words;

/// What a step's target hangs on that nobody has a good source for.
struct UnsureStep {
    std::string step_id;
    std::string why; ///< a sentence without its full stop
};

/// The facts of one sheet. Only the record has to be there.
struct AlignmentSheet {
    tape::AlignmentRecord record;
    std::optional<tape::AlignmentRecord> earlier; ///< it is compared with
    std::vector<tape::AlignmentStep> values{};    ///< of the same key over time, for the drift; in any order
    /// In words; empty: the UUID or id stands alone.
    std::string deck{}, head_block{}, stock{};
    std::vector<std::pair<std::string, std::string>> calibration_tapes{}; ///< id and name, as far as known
    std::vector<UnsureStep> unsure{};
    std::vector<std::string> notes{}; ///< what else has to be told with it, a sentence each
    std::string written_by{};         ///< the program and its version: "overbias 0.1.0"
};

/// Adds the stock's name, and marks the bias as unsure where its target is an unsure overbias of the profile.
void add_profile(AlignmentSheet& sheet, const tape::TapeStock& stock);
/// Its name where the record has used it, and levels that were set by an unsure reference of it. Any other adds
/// nothing.
void add_profile(AlignmentSheet& sheet, const tape::CalibrationTape& tape);
/// The last value of each step that a drift is drawn of, where the record has the sheet's key and an end.
void add_values(AlignmentSheet& sheet, const tape::AlignmentRecord& record);
/// Likewise of the history's records up to the sheet's own, the newest 50 of them.
void add_values(AlignmentSheet& sheet, const tape::AlignmentHistory& history);

/// What an alignment of the whole deck has and this record has not, in words: "MOL", "erase depth" ...
[[nodiscard]] std::vector<std::string> not_measured(const tape::AlignmentRecord& record);

/// The pages, laid out; A4.
[[nodiscard]] paper::Document alignment_document(const AlignmentSheet& sheet);
/// As a PDF file. The same facts give the same bytes.
[[nodiscard]] Result<std::string> alignment_pdf(const AlignmentSheet& sheet);
[[nodiscard]] Result<std::string> alignment_pdf(const tape::AlignmentRecord& record,
                                                const std::optional<tape::AlignmentRecord>& earlier);

/// RFC 4180, with a line of column names: one row for each step and channel with its last accepted value. Numbers in
/// full, with a point; empty: there is none. docs/alignment-records.md has the columns.
[[nodiscard]] std::string alignment_csv(const AlignmentSheet& sheet);

/// The record and what stands on its sheet, as one JSON object: {"record", "verdict", "not_measured", "unsure",
/// "notes", "deck", "head_block", "stock", "written_by", "earlier", "changes"}. "record" alone is what
/// tape/alignment_json.hpp reads.
[[nodiscard]] std::string alignment_sheet_json(const AlignmentSheet& sheet);

} // namespace overbias::calibration
