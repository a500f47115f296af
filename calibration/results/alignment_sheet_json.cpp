// SPDX-License-Identifier: Apache-2.0
#include "base/json/json_text.hpp"
#include "calibration/results/alignment_sheet.hpp"
#include "tape/alignment_json.hpp"

#include <boost/json.hpp>
#include <string>
#include <utility>

namespace overbias::calibration {

namespace json = boost::json;

std::string alignment_sheet_json(const AlignmentSheet& sheet) {
    const auto record = [](const tape::AlignmentRecord& one) { return json::parse(tape::alignment_json(one)); };
    json::array missing, unsure, notes, changes;
    for (const std::string& each : calibration::not_measured(sheet.record)) {
        missing.emplace_back(each);
    }
    for (const calibration::UnsureStep& each : sheet.unsure) {
        unsure.push_back(json::object{{"step", each.step_id}, {"why", each.why}});
    }
    for (const std::string& each : sheet.notes) {
        notes.emplace_back(each);
    }
    if (sheet.earlier) {
        for (const tape::AlignmentChange& each : alignment_changes(sheet.record, *sheet.earlier)) {
            changes.push_back(json::object{{"step", each.id},
                                           {"channel", each.channel},
                                           {"unit", each.unit},
                                           {"then", each.then},
                                           {"now", each.now},
                                           {"change", each.change()}});
        }
    }
    return json_line(json::object{{"record", record(sheet.record)},
                                  {"verdict", tape::verdict_name(verdict_of(sheet.record))},
                                  {"not_measured", std::move(missing)},
                                  {"unsure", std::move(unsure)},
                                  {"notes", std::move(notes)},
                                  {"deck", sheet.deck},
                                  {"head_block", sheet.head_block},
                                  {"stock", sheet.stock},
                                  {"written_by", sheet.written_by},
                                  {"earlier", sheet.earlier ? record(*sheet.earlier) : json::value(nullptr)},
                                  {"changes", std::move(changes)}});
}

} // namespace overbias::calibration
