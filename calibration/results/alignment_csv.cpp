// SPDX-License-Identifier: Apache-2.0
#include "calibration/results/alignment_rows.hpp"
#include "calibration/results/alignment_sheet.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace overbias::calibration {

namespace {

std::string full(const std::optional<double>& value) {
    if (!value || !std::isfinite(*value)) {
        return {};
    }
    std::array<char, 400> text{}; // the largest number there is, written out
    const auto end = std::to_chars(text.data(), text.data() + text.size(), *value, std::chars_format::fixed).ptr;
    return {text.data(), end};
}

/// RFC 4180 section 2, rules 5 to 7.
std::string field(std::string_view text) {
    if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
        return std::string(text);
    }
    std::string quoted = "\"";
    for (const char each : text) {
        quoted += each == '"' ? "\"\"" : std::string(1, each);
    }
    return quoted + "\"";
}

void add_line(std::string& to, std::initializer_list<std::string_view> fields) {
    bool first = true;
    for (const std::string_view each : fields) {
        to += (first ? "" : ",") + field(each);
        first = false;
    }
    to += "\r\n";
}

/// Without what rounding leaves of a difference: 0.1, not 0.0999999999999996.
std::optional<double> tidy(const std::optional<double>& difference) {
    constexpr double kPlaces = 1e9;
    return difference ? std::optional(std::round(*difference * kPlaces) / kPlaces) : std::nullopt;
}

std::string_view bound_word(tape::Bound bound) {
    return bound == tape::Bound::AtLeast ? "at_least" : bound == tape::Bound::AtMost ? "at_most" : "both_sides";
}

std::string_view within_word(const std::optional<bool>& within) {
    return !within ? "" : *within ? "yes" : "no";
}

} // namespace

std::string alignment_csv(const AlignmentSheet& sheet) {
    std::string out;
    add_line(out, {"record_uuid",
                   "procedure",
                   "deck_uuid",
                   "head_block_uuid",
                   "speed_ips",
                   "equalisation",
                   "stock",
                   "batch",
                   "begun_utc",
                   "ended_utc",
                   "operators",
                   "measured_by",
                   "step",
                   "channel",
                   "reading",
                   "unit",
                   "target",
                   "tolerance",
                   "bound",
                   "within",
                   "unsure",
                   "averaging_s",
                   "accepted_utc",
                   "accepted_by",
                   "calibration_tape",
                   "remark",
                   "earlier_record_uuid",
                   "earlier_reading",
                   "change",
                   "written_by"});
    const tape::AlignmentRecord& record = sheet.record;
    for (const AlignmentRow& row : alignment_rows(sheet)) {
        for (const AlignmentValue* value : row.values()) {
            const tape::AlignmentStep& step = value->step;
            add_line(out, {record.uuid,
                           record.procedure,
                           record.key.deck_uuid,
                           record.key.head_block_uuid,
                           full(record.key.speed_ips),
                           tape::equalisation_name(record.key.equalisation),
                           record.key.stock,
                           record.key.batch,
                           record.begun_at,
                           record.ended_at,
                           record.operators,
                           record.measured_by,
                           step.id,
                           std::to_string(step.channel),
                           full(step.reading),
                           step.unit,
                           full(step.target),
                           full(step.tolerance),
                           step.tolerance ? bound_word(step.bound) : "",
                           within_word(step.within()),
                           row.unsure_limit() ? "yes" : "",
                           full(step.averaging_s),
                           step.accepted_at,
                           step.accepted_by,
                           step.calibration_tape,
                           step.remark,
                           value->earlier && sheet.earlier ? std::string_view(sheet.earlier->uuid) : "",
                           full(value->earlier),
                           full(tidy(value->change())),
                           sheet.written_by});
        }
    }
    return out;
}

} // namespace overbias::calibration
