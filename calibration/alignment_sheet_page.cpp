// SPDX-License-Identifier: Apache-2.0
// How an alignment's sheet is laid out.
#include "base/figure.hpp"
#include "calibration/alignment_rows.hpp"
#include "calibration/alignment_sheet.hpp"
#include "calibration/alignment_sheet_plots.hpp"
#include "paper/flow.hpp"
#include "paper/lettering.hpp"
#include "paper/pdf.hpp"
#include "paper/table.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <set>
#include <utility>

namespace overbias::calibration {

namespace {

using paper::Align;
using paper::Cell;
using paper::Face;
using paper::Lettering;

// the left margin is wide enough for the holes of a file
constexpr paper::Margins kMargins{.left_mm = 22.0, .right_mm = 13.0, .top_mm = 13.0, .bottom_mm = 18.0};
constexpr Lettering kTitle{.size_pt = 17.0, .face = Face::Bold};
constexpr Lettering kVerdict{.size_pt = 20.0, .face = Face::Bold};
constexpr Lettering kLabel{.size_pt = 8.0, .grey = 0.35};
constexpr Lettering kValue{.size_pt = 8.5};
constexpr Lettering kSmall{.size_pt = 7.0};
constexpr Lettering kHeading{.size_pt = 9.0, .face = Face::Bold};
constexpr double kTablePt = 7.5;
constexpr double kGap_mm = 2.5;
constexpr const char* kPlusMinus = "\xc2\xb1";

std::string joined(const std::vector<std::string>& all) {
    std::string out;
    for (const std::string& each : all) {
        out += (out.empty() ? "" : ", ") + each;
    }
    return out;
}

/// Each once, in the order in which they come.
std::vector<std::string> distinct(const std::vector<tape::AlignmentStep>& steps,
                                  std::string tape::AlignmentStep::*text) {
    std::vector<std::string> all;
    for (const tape::AlignmentStep& step : steps) {
        if (!(step.*text).empty() && std::find(all.begin(), all.end(), step.*text) == all.end()) {
            all.push_back(step.*text);
        }
    }
    return all;
}

std::string named(const std::string& name, const std::string& id) {
    return name.empty() || name == id ? id : name + " (" + id + ")";
}

std::string speed_text(double ips) {
    std::string text = figure(ips, 3);
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') {
        text.pop_back();
    }
    return text + " ips (" + figure(ips * 2.54, 2) + " cm/s)";
}

class Sheet {
  public:
    explicit Sheet(const AlignmentSheet& sheet)
        : sheet_(sheet), rows_(alignment_rows(sheet)),
          flow_(document_, paper::kA4, kMargins, [this](paper::Page& page, std::size_t number) {
              return number == 1 ? kMargins.top_mm : running_head(page);
          }) {}

    paper::Document all() {
        heading();
        facts();
        responses();
        drift();
        steps();
        response_points();
        notes();
        footers();
        metadata();
        return std::move(document_);
    }

  private:
    double running_head(paper::Page& page) const {
        const double baseline = kMargins.top_mm + 3.0;
        const double right = paper::kA4.width_mm - kMargins.right_mm;
        const std::string verdict(verdict_words(verdict_of(sheet_.record)));
        page.text({right, baseline}, verdict, kHeading, Align::Right);
        page.text({kMargins.left_mm, baseline},
                  paper::fitted(title() + ", " + named(sheet_.deck, sheet_.record.key.deck_uuid), kHeading, 140.0),
                  kHeading);
        return baseline + 3.0;
    }
    [[nodiscard]] std::string title() const {
        return "Alignment record: " + (sheet_.record.procedure.empty() ? std::string("-") : sheet_.record.procedure);
    }

    /// The verdict in a frame, on the right; black where it is no pass, so that it can't be missed in a file.
    void heading() {
        const std::string verdict(verdict_words(verdict_of(sheet_.record)));
        const bool pass = verdict_of(sheet_.record) == AlignmentVerdict::Pass;
        const double width = paper::text_width_mm(verdict, kVerdict) + 8.0;
        const paper::Box box{flow_.right() - width, flow_.y(), width, 11.0};
        Lettering lettering = kVerdict;
        if (pass) {
            flow_.page().frame(box, {.width_mm = 0.6});
        } else {
            flow_.page().area(box, 0.0);
            lettering.grey = 1.0;
        }
        flow_.page().text({box.x_mm + 0.5 * width, box.y_mm + 8.0}, verdict, lettering, Align::Centre);
        const double room = flow_.width() - width - 3.0;
        flow_.page().text({flow_.left(), flow_.y() + 6.0}, paper::fitted(title(), kTitle, room), kTitle);
        flow_.page().text({flow_.left(), flow_.y() + 10.6}, paper::fitted(judged(), kSmall, room), kSmall);
        flow_.advance(14.0);
    }
    [[nodiscard]] std::string judged() const {
        std::size_t limited = 0, out = 0, values = 0;
        for (const AlignmentRow& row : rows_) {
            for (const AlignmentValue* each : row.values()) {
                ++values;
                limited += each->step.within() ? 1 : 0;
                out += each->out() ? 1 : 0;
            }
        }
        return std::to_string(values) + " values, " + std::to_string(limited) + " of them with a limit, " +
               (out == 0 ? "none" : std::to_string(out)) + " out of it" +
               (sheet_.record.ended_at.empty() ? "; broken off before its end" : "");
    }

    void facts() {
        const tape::AlignmentKey& key = sheet_.record.key;
        std::vector<std::string> tapes;
        for (const std::string& id : distinct(sheet_.record.steps, &tape::AlignmentStep::calibration_tape)) {
            const auto known = std::find_if(sheet_.calibration_tapes.begin(), sheet_.calibration_tapes.end(),
                                            [&](const auto& each) { return each.first == id; });
            tapes.push_back(known == sheet_.calibration_tapes.end() ? id : known->second);
        }
        const auto by = distinct(sheet_.record.steps, &tape::AlignmentStep::accepted_by);
        const std::vector<std::pair<std::string, std::string>> left{
            {"Deck", sheet_.deck.empty() ? key.deck_uuid : sheet_.deck},
            {"Head block", sheet_.head_block.empty() ? key.head_block_uuid : sheet_.head_block},
            {"Speed", speed_text(key.speed_ips)},
            {"Equalisation", std::string(tape::equalisation_name(key.equalisation))},
            {"Tape stock", named(sheet_.stock, key.stock)},
            {"Batch", key.batch.empty() ? "not known" : key.batch},
        };
        const std::string earlier = sheet_.earlier ? time_text(sheet_.earlier->begun_at) + " UTC, " +
                                                         std::string(verdict_words(verdict_of(*sheet_.earlier)))
                                                   : "none";
        const std::vector<std::pair<std::string, std::string>> right{
            {"Begun", time_text(sheet_.record.begun_at) + " UTC"},
            {"Ended", sheet_.record.ended_at.empty() ? "broken off" : time_text(sheet_.record.ended_at) + " UTC"},
            {"Operator", by.empty() ? "none: by the procedure" : joined(by)},
            {"Calibration tapes", tapes.empty() ? "none used" : joined(tapes)},
            {"Compared with", earlier},
            {"Record", sheet_.record.uuid},
        };
        const double column = 0.5 * flow_.width();
        const double height = 4.2;
        const auto side = [&](double x, double label, const auto& lines) {
            double baseline = flow_.y() + 3.0;
            for (const auto& [name, value] : lines) {
                flow_.page().text({x, baseline}, name, kLabel);
                flow_.page().text({x + label, baseline}, paper::fitted(value, kValue, column - label - 2.0), kValue);
                baseline += height;
            }
        };
        flow_.page().line({flow_.left(), flow_.y()}, {flow_.right(), flow_.y()}, {.width_mm = 0.3});
        flow_.advance(1.0);
        side(flow_.left(), 20.0, left);
        side(flow_.left() + column, 25.0, right);
        flow_.advance(height * static_cast<double>(left.size()) + 0.5);
        flow_.page().line({flow_.left(), flow_.y()}, {flow_.right(), flow_.y()}, {.width_mm = 0.3});
        flow_.advance(kGap_mm);
    }

    /// Beside one another, all of one height.
    void plots(const std::vector<paper::Plot>& all, double height, std::size_t columns) {
        if (all.empty()) {
            return;
        }
        flow_.make_room(height);
        const double width =
            (flow_.width() - kGap_mm * static_cast<double>(columns - 1)) / static_cast<double>(columns);
        double x = flow_.left();
        for (const paper::Plot& each : all) {
            draw_plot(flow_.page(), each, {x, flow_.y(), width, height});
            x += width + kGap_mm;
        }
        flow_.advance(height + kGap_mm);
    }
    void responses() {
        std::vector<paper::Plot> all;
        for (const char* group : {"reproduce", "proof"}) {
            if (auto plot = response_plot(sheet_, rows_, group)) {
                all.push_back(std::move(*plot));
            }
        }
        plots(all, 52.0, std::max<std::size_t>(all.size(), 1));
    }
    void drift() {
        const auto all = drift_plots(sheet_);
        plots(all, 34.0, std::max<std::size_t>(all.size(), 1));
    }

    /// Points of a response stand in a table of their own, beside one another.
    [[nodiscard]] static bool in_main_table(const AlignmentRow& row) { return !row.response_hz; }

    /// From 1; what is not among the notes yet is put there.
    std::set<std::size_t> note_numbers(const AlignmentRow& row) {
        std::set<std::size_t> numbers;
        const auto take = [&](const std::string& text) {
            if (!text.empty()) {
                const auto known = std::find(notes_.begin(), notes_.end(), text);
                numbers.insert(static_cast<std::size_t>(known - notes_.begin()) + 1);
                if (known == notes_.end()) {
                    notes_.push_back(text);
                }
            }
        };
        if (row.unsure) {
            take("unsure: " + *row.unsure);
        }
        for (const AlignmentValue* each : row.values()) {
            take(each->step.remark);
        }
        return numbers;
    }
    /// " 1,3)"
    static std::string marks(const std::set<std::size_t>& numbers) {
        std::string text;
        for (const std::size_t number : numbers) {
            text += (text.empty() ? " " : ",") + std::to_string(number);
        }
        return text.empty() ? text : text + ")";
    }

    static std::string reading(const std::optional<AlignmentValue>& value) {
        return value ? value_text(value->step.reading, value->step.unit) : std::string();
    }
    static std::string change(const std::optional<AlignmentValue>& value) {
        const auto by = value ? value->change() : std::nullopt;
        return by ? value_text(*by, value->step.unit, true) : std::string();
    }
    static void add_pair(paper::Row& row, const AlignmentRow& of,
                         std::string (*text)(const std::optional<AlignmentValue>&), bool marks_out) {
        if (of.whole) {
            row.cells.push_back({.text = text(of.whole),
                                 .face = marks_out && of.whole->out() ? Face::Bold : Face::Regular,
                                 .columns = 2,
                                 .align = Align::Centre});
            return;
        }
        for (const auto* each : {&of.left, &of.right}) {
            row.cells.push_back(
                {.text = text(*each), .face = marks_out && *each && (*each)->out() ? Face::Bold : Face::Regular});
        }
    }
    static std::string averaging(const AlignmentRow& row) {
        double longest = 0.0;
        for (const AlignmentValue* each : row.values()) {
            longest = std::max(longest, each->step.averaging_s);
        }
        return longest > 0.0 ? figure(longest, longest < 10.0 ? 1 : 0) + " s" : "once";
    }

    void steps() {
        paper::Table table{.columns = {{"Step", 52.0, Align::Left},
                                       {"Left", 18.5, Align::Right},
                                       {"Right", 18.5, Align::Right},
                                       {"Unit", 11.0, Align::Left},
                                       {"Limit", 30.0, Align::Left},
                                       {"Mean of", 12.0, Align::Right},
                                       {"Verdict", 14.0, Align::Centre}},
                           .rows = {},
                           .size_pt = kTablePt};
        if (sheet_.earlier) { // two columns more, the others closer
            const std::vector<double> widths{47.5, 16.0, 16.0, 10.0, 29.5, 12.5, 15.0, 15.0, 13.5};
            table.columns.insert(table.columns.begin() + 6,
                                 {{"Change L", 0.0, Align::Right}, {"Change R", 0.0, Align::Right}});
            for (std::size_t i = 0; i < widths.size(); ++i) {
                table.columns[i].width_mm = widths[i];
            }
        } else {
            table.columns.front().width_mm = flow_.width() - (width_mm(table) - table.columns.front().width_mm);
        }
        std::string group;
        for (const AlignmentRow& row : rows_) {
            if (!in_main_table(row)) {
                continue;
            }
            if (row.group != group) {
                group = row.group;
                table.rows.push_back({.cells = {{.text = group, .face = Face::Bold, .columns = table.columns.size()}}});
            }
            table.rows.push_back(table_row(row));
        }
        if (!table.rows.empty()) {
            draw_table(flow_, table);
            flow_.advance(kGap_mm);
        }
    }
    paper::Row table_row(const AlignmentRow& row) {
        paper::Row out{.cells = {}, .shaded = row.out()};
        out.cells.push_back({.text = row.title + marks(note_numbers(row))});
        add_pair(out, row, reading, true);
        out.cells.push_back({.text = row.unit});
        out.cells.push_back({.text = limit_text(row, kPlusMinus)});
        out.cells.push_back({.text = averaging(row)});
        if (sheet_.earlier) {
            add_pair(out, row, change, false);
        }
        out.cells.push_back({.text = row.out()      ? "OUT"
                                     : row.judged() ? "within"
                                                    : "",
                             .face = row.out() ? Face::Bold : Face::Regular});
        return out;
    }

    void response_points() {
        for (const char* group : {"reproduce", "proof"}) {
            std::vector<const AlignmentRow*> points;
            std::size_t of_sweep = 0;
            for (const AlignmentRow& row : rows_) {
                if (!row.response_hz || row.id.substr(0, std::string(group).size()) != group) {
                    continue;
                }
                if (!is_sweep(row.id) || row.out()) { // those of a sweep stand in the plot, unless they are out
                    points.push_back(&row);
                } else {
                    ++of_sweep;
                }
            }
            if (!points.empty() || of_sweep > 0) {
                response_table(step_words(group).first + ": response, dB", points, of_sweep);
            }
        }
    }
    void response_table(const std::string& title, std::vector<const AlignmentRow*> points, std::size_t of_sweep) {
        constexpr std::size_t kColumns = 3;
        std::stable_sort(points.begin(), points.end(), [](const AlignmentRow* a, const AlignmentRow* b) {
            return *a->response_hz < *b->response_hz;
        });
        const std::size_t each = (points.size() + kColumns - 1) / kColumns;
        paper::Table table{.columns = {{"", 13.0, Align::Right},
                                       {"Left", 12.0, Align::Right},
                                       {"Right", 12.0, Align::Right},
                                       {"Limit", 19.0, Align::Left}},
                           .rows = {},
                           .size_pt = 7.0};
        const double needed = 12.0 + row_height_mm(table) * static_cast<double>(each + 1); // heading, two lines, titles
        flow_.make_room(needed);
        std::set<std::size_t> numbers;
        for (const AlignmentRow* point : points) {
            numbers.merge(note_numbers(*point));
        }
        flow_.page().text({flow_.left(), flow_.y() + 3.0}, title + marks(numbers), kHeading);
        flow_.advance(4.2);
        flow_.paragraph(response_about(points, of_sweep), kSmall);
        flow_.advance(1.0);
        const double pitch = (flow_.width() - width_mm(table)) / static_cast<double>(kColumns - 1);
        double end = flow_.y();
        for (std::size_t column = 0; column < kColumns && column * each < points.size(); ++column) {
            table.rows.clear();
            for (std::size_t i = column * each; i < std::min((column + 1) * each, points.size()); ++i) {
                table.rows.push_back(point_row(*points[i]));
            }
            const double x = flow_.left() + pitch * static_cast<double>(column);
            end = std::max(end, draw_table(flow_.page(), {x, flow_.y()}, table));
        }
        flow_.advance(end - flow_.y() + kGap_mm);
    }
    static paper::Row point_row(const AlignmentRow& row) {
        paper::Row out{.cells = {{.text = frequency_text(*row.response_hz)}}, .shaded = row.out()};
        add_pair(out, row, reading, true);
        const std::string limit = limit_text(row, kPlusMinus);
        out.cells.push_back(
            {.text = row.out() ? limit + " OUT" : limit, .face = row.out() ? Face::Bold : Face::Regular});
        return out;
    }
    [[nodiscard]] std::string response_about(const std::vector<const AlignmentRow*>& points,
                                             std::size_t of_sweep) const {
        std::vector<std::string> all;
        if (!points.empty()) {
            all.push_back("each " + (averaging(*points.front()) == "once"
                                         ? std::string("read once")
                                         : "the mean of " + averaging(*points.front())));
        }
        const AlignmentValue* most = nullptr;
        double hz = 0.0;
        for (const AlignmentRow* point : points) {
            for (const AlignmentValue* value : point->values()) {
                if (value->change() && (most == nullptr || std::abs(*value->change()) > std::abs(*most->change()))) {
                    most = value;
                    hz = *point->response_hz;
                }
            }
        }
        if (most != nullptr) {
            all.push_back("largest change since the earlier one " + value_text(*most->change(), most->step.unit, true) +
                          " dB at " + frequency_text(hz) + (most->step.channel % 2 == 0 ? ", right" : ", left"));
        }
        if (of_sweep > 0) {
            all.push_back("the sweep's " + std::to_string(of_sweep) + " frequencies are in the plot, and in the CSV");
        }
        return joined(all);
    }

    void notes() {
        std::size_t number = 0;
        for (const std::string& each : notes_) {
            flow_.paragraph(std::to_string(++number) + ") " + each, kSmall);
        }
        for (const std::string& each : sheet_.notes) {
            flow_.paragraph(each, kSmall);
        }
        const auto missing = not_measured(sheet_.record);
        if (!missing.empty()) {
            flow_.paragraph("Not measured in this record: " + joined(missing) + ".", kSmall);
        }
    }
    void footers() {
        const tape::AlignmentKey& key = sheet_.record.key;
        std::size_t number = 0;
        for (paper::Page& page : document_.pages) {
            const double baseline = paper::kA4.height_mm - 9.0;
            const double above = baseline - paper::line_height_mm(kSmall);
            const double right = paper::kA4.width_mm - kMargins.right_mm;
            page.line({kMargins.left_mm, above - 3.5}, {right, above - 3.5}, {.width_mm = 0.15});
            page.text({kMargins.left_mm, above},
                      paper::fitted("Overbias, alignment record " + sheet_.record.uuid, kSmall, 150.0), kSmall);
            page.text({kMargins.left_mm, baseline},
                      paper::fitted("deck " + key.deck_uuid + ", head block " + key.head_block_uuid, kSmall, 150.0),
                      kSmall);
            page.text({right, baseline},
                      "page " + std::to_string(++number) + " of " + std::to_string(document_.pages.size()), kSmall,
                      Align::Right);
        }
    }
    void metadata() {
        const tape::AlignmentRecord& record = sheet_.record;
        document_.metadata.title = title();
        document_.metadata.subject = named(sheet_.deck, record.key.deck_uuid) + ", " +
                                     speed_text(record.key.speed_ips) + ", " +
                                     std::string(tape::equalisation_name(record.key.equalisation)) + ", " +
                                     named(sheet_.stock, record.key.stock);
        document_.metadata.author = joined(distinct(record.steps, &tape::AlignmentStep::accepted_by));
        const auto when = utc_from_text(record.ended_at.empty() ? record.begun_at : record.ended_at);
        document_.metadata.date = when.value_or(std::chrono::sys_seconds{});
    }

    const AlignmentSheet& sheet_;
    std::vector<AlignmentRow> rows_;
    std::vector<std::string> notes_;
    paper::Document document_;
    paper::Flow flow_;
};

} // namespace

paper::Document alignment_document(const AlignmentSheet& sheet) {
    return Sheet(sheet).all();
}

Result<std::string> alignment_pdf(const AlignmentSheet& sheet) {
    return paper::pdf_bytes(alignment_document(sheet));
}

Result<std::string> alignment_pdf(const tape::AlignmentRecord& record,
                                  const std::optional<tape::AlignmentRecord>& earlier) {
    AlignmentSheet sheet{.record = record, .earlier = earlier};
    add_values(sheet, record);
    if (earlier) {
        add_values(sheet, *earlier);
    }
    return alignment_pdf(sheet);
}

} // namespace overbias::calibration
