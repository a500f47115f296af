// SPDX-License-Identifier: Apache-2.0
#include "controller/client/alignments_text.hpp"

#include "base/figure.hpp"
#include "calibration/results/alignment_rows.hpp"
#include "controller/client/words.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace overbias::controller {

namespace json = boost::json;

using calibration::AlignmentRow;
using calibration::AlignmentSheet;
using calibration::AlignmentValue;
using calibration::verdict_of;
using calibration::verdict_words;

namespace {

constexpr std::size_t kShortUuid = 8;

/// How many characters a terminal shows: bytes of UTF-8 that begin one.
std::size_t shown_width(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char each) { return (static_cast<unsigned char>(each) & 0xc0U) != 0x80U; }));
}

std::string padded(const std::string& text, std::size_t width, bool right = false) {
    const std::string blanks(width - std::min(width, shown_width(text)), ' ');
    return right ? blanks + text : text + blanks;
}

/// Columns as wide as their widest cell, two blanks apart.
class Columns {
  public:
    explicit Columns(std::vector<bool> right) : right_(std::move(right)) {}
    void add(std::vector<std::string> cells) { lines_.push_back(std::move(cells)); }
    /// A line of its own.
    void heading(const std::string& text) { lines_.push_back({text}); }
    [[nodiscard]] std::string text(const std::string& indent) const {
        std::vector<std::size_t> widths(right_.size(), 0);
        for (const auto& line : lines_) {
            for (std::size_t i = 0; line.size() == widths.size() && i < widths.size(); ++i) {
                widths[i] = std::max(widths[i], shown_width(line[i]));
            }
        }
        std::string out;
        for (const auto& line : lines_) {
            std::string row = line.size() == widths.size() ? indent : "";
            for (std::size_t i = 0; i < line.size(); ++i) {
                row += line.size() == widths.size() ? padded(line[i], widths[i], right_[i]) + "  " : line[i];
            }
            row.erase(row.find_last_not_of(' ') + 1);
            out += row + "\n";
        }
        return out;
    }

  private:
    std::vector<bool> right_;
    std::vector<std::vector<std::string>> lines_;
};

std::string speed_text(double ips) {
    std::string text = figure(ips, 3);
    text.erase(text.find_last_not_of('0') + 1);
    return (text.back() == '.' ? text.substr(0, text.size() - 1) : text) + " ips";
}

std::string reading(const std::optional<AlignmentValue>& value) {
    return value ? calibration::value_text(value->step.reading, value->step.unit) : std::string();
}

std::string change(const std::optional<AlignmentValue>& value) {
    return value ? calibration::change_text(*value) : std::string();
}

/// "OUT: above, right"; "(was within)" where the earlier reading kept the same limit.
std::string mark(const AlignmentRow& row) {
    std::string out;
    for (const AlignmentValue* each : row.values()) {
        if (!each->out()) {
            continue;
        }
        const tape::AlignmentStep& step = each->step;
        const std::string where = step.reading > step.target.value_or(0.0) ? "above" : "below";
        const std::string which = row.whole ? "" : each->step.channel % 2 == 0 ? " right" : " left";
        out += (out.empty() ? "OUT: " : ", ") + where + which;
        if (each->earlier) {
            tape::AlignmentStep before = step;
            before.reading = *each->earlier;
            out += before.within().value_or(false) ? " (was within)" : " (was out)";
        }
    }
    return out;
}

std::string head_text(const AlignmentSheet& sheet) {
    const tape::AlignmentRecord& record = sheet.record;
    const tape::AlignmentKey& key = record.key;
    const auto or_id = [](const std::string& name, const std::string& id) {
        return printable(name.empty() ? id : name);
    };
    std::string out = "alignment " + printable(record.uuid) + ", " + printable(record.procedure) + ": " +
                      std::string(verdict_words(verdict_of(record))) + "\n";
    out += "  deck " + or_id(sheet.deck, key.deck_uuid) + ", head block " +
           or_id(sheet.head_block, key.head_block_uuid) + "\n  " + speed_text(key.speed_ips) + ", " +
           std::string(tape::equalisation_name(key.equalisation)) + ", " + or_id(sheet.stock, key.stock) + ", batch " +
           (key.batch.empty() ? "not known" : printable(key.batch)) + "\n";
    out += "  " + calibration::time_text(printable(record.begun_at)) + " UTC" +
           (record.ended_at.empty() ? ", broken off"
                                    : " to " + calibration::time_text(printable(record.ended_at)) + " UTC") +
           "\n";
    if (!record.operators.empty() || !record.measured_by.empty()) {
        out += "  operator " + (record.operators.empty() ? "not named" : printable(record.operators)) +
               ", measured by " + (record.measured_by.empty() ? "not known" : printable(record.measured_by)) + "\n";
    }
    if (sheet.earlier) {
        out += "  compared with " + printable(sheet.earlier->uuid) + " of " +
               calibration::time_text(printable(sheet.earlier->begun_at)) +
               " UTC: " + std::string(verdict_words(verdict_of(*sheet.earlier))) + "\n";
    }
    return out;
}

} // namespace

json::value alignments_of_deck(const json::value& answer, const std::string& deck) {
    json::array kept;
    for (const json::value& each : list(at(answer, "alignments"))) {
        if (text(at(at(each, "key"), "deck_uuid")).starts_with(deck)) {
            kept.push_back(each);
        }
    }
    return json::object{{"alignments", std::move(kept)}};
}

std::string alignments_text(const json::value& answer) {
    const json::array& all = list(at(answer, "alignments"));
    if (all.empty()) {
        return "no alignment is stored\n";
    }
    Columns columns({false, false, false, false, false, false, false, false, true, false});
    columns.add(
        {"begun, UTC", "UUID", "procedure", "verdict", "deck", "head block", "speed", "tape, batch", "steps", ""});
    for (const json::value& each : all) {
        const json::value& key = at(each, "key");
        const json::value& speed = at(key, "speed_ips");
        const std::string batch = text(at(key, "batch"));
        columns.add(
            {calibration::time_text(text(at(each, "begun_at"))), text(at(each, "uuid")).substr(0, kShortUuid),
             text(at(each, "procedure")), spoken(at(each, "verdict")), text(at(key, "deck_uuid")).substr(0, kShortUuid),
             text(at(key, "head_block_uuid")).substr(0, kShortUuid),
             (speed.is_number() ? speed_text(speed.to_number<double>()) : "-") + " " + text(at(key, "equalisation")),
             text(at(key, "stock")) + (batch.empty() ? "" : ", " + batch), number(at(each, "steps"), 0), ""});
    }
    return columns.text("");
}

std::string alignment_sheet_text(const AlignmentSheet& sheet) {
    std::string out = head_text(sheet);
    Columns columns({false, true, true, false, false, true, true, false});
    const bool compared = sheet.earlier.has_value();
    columns.add({"step", "left", "right", "", "limit", compared ? "change" : "", compared ? "change" : "", ""});
    std::string group;
    std::size_t of_sweep = 0;
    for (const AlignmentRow& row : calibration::alignment_rows(sheet)) {
        if (calibration::is_sweep(row.id) && !row.out()) {
            ++of_sweep;
            continue;
        }
        if (row.group != group) {
            group = row.group;
            columns.heading("\n" + printable(group));
        }
        columns.add({printable(row.title), row.whole ? "" : reading(row.left),
                     row.whole ? reading(row.whole) : reading(row.right), printable(row.unit), limit_text(row),
                     row.whole ? "" : change(row.left), row.whole ? change(row.whole) : change(row.right), mark(row)});
    }
    out += "\n" + columns.text("  ");
    if (of_sweep > 0) {
        out +=
            "\n  " + std::to_string(of_sweep) + " frequencies of the sweep, none of them out: see --json or the CSV\n";
    }
    for (const calibration::UnsureStep& each : sheet.unsure) {
        if (sheet.record.step(each.step_id, 0) != nullptr || sheet.record.step(each.step_id, 1) != nullptr ||
            sheet.record.step(each.step_id, 2) != nullptr) {
            out += "\nunsure, " + calibration::step_words(each.step_id).second + ": " + printable(each.why);
        }
    }
    for (const std::string& each : sheet.notes) {
        out += "\n" + each;
    }
    std::string missing;
    for (const std::string& each : calibration::not_measured(sheet.record)) {
        missing += (missing.empty() ? "\nnot measured in this record: " : ", ") + each;
    }
    return out + missing + "\n";
}

} // namespace overbias::controller
