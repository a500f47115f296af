// SPDX-License-Identifier: Apache-2.0
// Sheets for tests, and the words on them.
#pragma once

#include "alignment_sheet_facts.hpp"
#include "calibration/results/alignment_sheet.hpp"
#include "layout_rules.hpp"

#include <string>
#include <utility>
#include <vector>

namespace overbias::calibration {

inline std::vector<std::string> all_texts(const paper::Document& document) {
    std::vector<std::string> all;
    for (const paper::Page& page : document.pages) {
        const auto its = paper::texts_on(page);
        all.insert(all.end(), its.begin(), its.end());
    }
    return all;
}

inline std::string joined_texts(const AlignmentSheet& sheet) {
    std::string all;
    for (const std::string& each : all_texts(alignment_document(sheet))) {
        all += each + "\n";
    }
    return all;
}

inline AlignmentSheet full_sheet() {
    AlignmentSheet sheet{.record = usual_record(), .earlier = usual_record_before("2024-02-11", 0.13)};
    sheet.deck = "M15A";
    sheet.stock = "SM900";
    for (const auto& [date, by] : {std::pair{"2022-11-02", 0.3}, {"2023-08-01", -0.1}, {"2024-02-11", 0.13}}) {
        add_values(sheet, usual_record_before(date, by));
    }
    add_values(sheet, sheet.record);
    return sheet;
}

/// With four earlier ones, the last of which it is compared with.
inline AlignmentSheet sheet_of(tape::AlignmentRecord record) {
    AlignmentSheet sheet{.record = record, .earlier = before(record, "2024-02-11", 0.13)};
    for (int month = 10; month <= 12; ++month) {
        add_values(sheet, before(record, "2023-" + std::to_string(month) + "-05", 0.05 * month));
    }
    add_values(sheet, *sheet.earlier);
    add_values(sheet, sheet.record);
    return sheet;
}

} // namespace overbias::calibration
