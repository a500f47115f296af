// SPDX-License-Identifier: Apache-2.0
#include "calibration/results/alignment_sheet_tables.hpp"

#include "base/figure.hpp"
#include "paper/lettering.hpp"
#include "paper/table.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

namespace overbias::calibration {

namespace {

using paper::Align;
using paper::Face;
using paper::Lettering;

constexpr Lettering kSmall{.size_pt = 7.0};
constexpr Lettering kHeading{.size_pt = 9.0, .face = Face::Bold};
constexpr double kTablePt = 7.5, kPointsPt = 7.0;
constexpr double kGap_mm = 2.5;
constexpr const char* kPlusMinus = "\xc2\xb1";

/// " 1,3)"
std::string marks(const std::set<std::size_t>& numbers) {
    std::string text;
    for (const std::size_t number : numbers) {
        text += (text.empty() ? " " : ",") + std::to_string(number);
    }
    return text.empty() ? text : text + ")";
}

std::string reading(const std::optional<AlignmentValue>& value) {
    return value ? value_text(value->step.reading, value->step.unit) : std::string();
}

std::string change(const std::optional<AlignmentValue>& value) {
    return value ? change_text(*value) : std::string();
}

/// The two tracks' cells, or one over both.
void add_pair(paper::Row& row, const AlignmentRow& of, std::string (*text)(const std::optional<AlignmentValue>&),
              bool marks_out) {
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

std::string averaging(const AlignmentRow& row) {
    double longest = 0.0;
    for (const AlignmentValue* each : row.values()) {
        longest = std::max(longest, each->step.averaging_s);
    }
    return longest > 0.0 ? figure(longest, longest < 10.0 ? 1 : 0) + " s" : "once";
}

paper::Row step_row(const AlignmentRow& row, bool compared, FootNotes& notes) {
    paper::Row out{.cells = {}, .shaded = row.out()};
    out.cells.push_back({.text = row.title + marks(notes.of(row))});
    add_pair(out, row, reading, true);
    out.cells.push_back({.text = row.unit});
    out.cells.push_back({.text = limit_text(row, kPlusMinus)});
    out.cells.push_back({.text = averaging(row)});
    if (compared) {
        add_pair(out, row, change, false);
    }
    out.cells.push_back({.text = row.out()      ? "OUT"
                                 : row.judged() ? "within"
                                                : "",
                         .face = row.out() ? Face::Bold : Face::Regular});
    return out;
}

struct Width {
    double least_mm = 0.0, most_mm = 0.0;
};

/// Each column as wide as it has to be, within its own two limits; one of them has the rest.
void set_widths(paper::Table& table, const std::vector<Width>& widths, double all_mm, std::size_t rest) {
    double others = 0.0;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        if (i != rest) {
            const auto [least_mm, most_mm] = widths.at(i);
            table.columns[i].width_mm = std::clamp(needed_width_mm(table, i), least_mm, most_mm);
            others += table.columns[i].width_mm;
        }
    }
    table.columns.at(rest).width_mm = all_mm - others;
}

/// Its limit without the target where that is 0, which it is of a response; nothing where no verdict hangs on it.
std::string point_limit(const AlignmentRow& row) {
    if (!row.judged()) {
        return {};
    }
    std::string text = limit_text(row, kPlusMinus);
    const std::string nothing = value_text(0.0, row.unit) + " " + kPlusMinus;
    if (text.substr(0, nothing.size()) == nothing && text.find(" / ") == std::string::npos) {
        text.erase(0, nothing.size() - std::string_view(kPlusMinus).size());
    }
    return text;
}

/// How the points were read, and what has changed most.
std::string about_points(const std::vector<const AlignmentRow*>& points, std::size_t of_sweep) {
    std::string out;
    const auto add = [&out](const std::string& text) { out += (out.empty() ? "" : "; ") + text; };
    if (!points.empty()) {
        const std::string mean = averaging(*points.front());
        add(mean == "once" ? "each read once" : "each the mean of " + mean);
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
        add("largest change since the earlier record " + change_text(*most) + " dB, at " + frequency_text(hz) +
            (most->step.channel % 2 == 0 ? ", right" : ", left"));
    }
    if (of_sweep > 0) {
        add(std::to_string(of_sweep) + " frequencies of the sweep are in the plot and in the CSV");
    }
    return out;
}

void draw_points(paper::Flow& flow, const std::string& title, std::vector<const AlignmentRow*> points,
                 std::size_t of_sweep, FootNotes& notes) {
    constexpr std::size_t kColumns = 3;
    std::stable_sort(points.begin(), points.end(),
                     [](const AlignmentRow* a, const AlignmentRow* b) { return *a->response_hz < *b->response_hz; });
    std::vector<std::set<std::size_t>> numbers;
    for (const AlignmentRow* point : points) {
        numbers.push_back(notes.of(*point));
    }
    // what all of them share is told once, in the title
    const bool shared =
        std::all_of(numbers.begin(), numbers.end(), [&](const auto& each) { return each == numbers.front(); });
    paper::Table table{.columns = {{"Hz", 0.0, Align::Right},
                                   {"Left", 0.0, Align::Right},
                                   {"Right", 0.0, Align::Right},
                                   {"Limit", 0.0, Align::Left},
                                   {"", 0.0, Align::Left}},
                       .rows = {},
                       .size_pt = kPointsPt};
    if (std::none_of(points.begin(), points.end(), [](const AlignmentRow* point) { return point->judged(); })) {
        table.columns[3].title.clear();
    }
    for (std::size_t i = 0; i < points.size(); ++i) {
        const AlignmentRow& point = *points[i];
        paper::Row row{.cells = {{.text = frequency_text(*point.response_hz)}}, .shaded = point.out()};
        add_pair(row, point, reading, true);
        row.cells.push_back({.text = point_limit(point) + (shared ? "" : marks(numbers[i]))});
        row.cells.push_back({.text = point.out() ? "OUT" : "", .face = Face::Bold});
        table.rows.push_back(std::move(row));
    }
    const double pitch = (flow.width() + kGap_mm) / static_cast<double>(kColumns);
    set_widths(table, {{12.0, 16.0}, {11.0, 12.0}, {11.0, 12.0}, {}, {7.5, 7.5}}, pitch - kGap_mm, 3);

    const std::size_t each = (points.size() + kColumns - 1) / kColumns;
    flow.make_room(12.0 + row_height_mm(table) * static_cast<double>(each + 1)); // heading, two lines, titles
    flow.page().text({flow.left(), flow.y() + 3.0},
                     title + (shared && !numbers.empty() ? marks(numbers.front()) : std::string()), kHeading);
    flow.advance(4.2);
    flow.paragraph(about_points(points, of_sweep), kSmall);
    flow.advance(1.0);
    double end = flow.y();
    const std::vector<paper::Row> all = std::move(table.rows);
    for (std::size_t column = 0; column < kColumns && column * each < all.size(); ++column) {
        const auto from = all.begin() + static_cast<std::ptrdiff_t>(column * each);
        table.rows.assign(from, all.begin() + static_cast<std::ptrdiff_t>(std::min((column + 1) * each, all.size())));
        const double x = flow.left() + pitch * static_cast<double>(column);
        end = std::max(end, draw_table(flow.page(), {x, flow.y()}, table));
    }
    flow.advance(end - flow.y() + kGap_mm);
}

} // namespace

std::set<std::size_t> FootNotes::of(const AlignmentRow& row) {
    std::set<std::size_t> numbers;
    const auto take = [&](const std::string& text) {
        if (!text.empty()) {
            const auto known = std::find(texts_.begin(), texts_.end(), text);
            numbers.insert(static_cast<std::size_t>(known - texts_.begin()) + 1);
            if (known == texts_.end()) {
                texts_.push_back(text);
            }
        }
    };
    if (row.unsure) {
        take("unsure: " + *row.unsure);
    }
    if (row.left && row.right && row.left->step.remark != row.right->step.remark) {
        for (const auto* each : {&row.left, &row.right}) {
            const std::string& remark = (*each)->step.remark;
            take(remark.empty() ? remark : (each == &row.left ? "left: " : "right: ") + remark);
        }
        return numbers;
    }
    for (const AlignmentValue* each : row.values()) {
        take(each->step.remark);
    }
    return numbers;
}

void draw_step_table(paper::Flow& flow, const std::vector<AlignmentRow>& rows, bool compared, FootNotes& notes) {
    paper::Table table{.columns = {{"Step", 0.0, Align::Left},
                                   {"Left", 0.0, Align::Right},
                                   {"Right", 0.0, Align::Right},
                                   {"Unit", 0.0, Align::Left},
                                   {"Limit", 0.0, Align::Left},
                                   {"Mean of", 0.0, Align::Right},
                                   {"Verdict", 0.0, Align::Centre}},
                       .rows = {},
                       .size_pt = kTablePt};
    std::vector<Width> widths{{}, {14.0, 18.5}, {14.0, 18.5}, {10.0, 15.0}, {22.0, 40.0}, {12.0, 14.0}, {13.0, 14.0}};
    if (compared) {
        table.columns.insert(table.columns.begin() + 6,
                             {{"Change L", 0.0, Align::Right}, {"Change R", 0.0, Align::Right}});
        widths.insert(widths.begin() + 6, {{14.0, 17.0}, {14.0, 17.0}});
    }
    std::string group;
    for (const AlignmentRow& row : rows) {
        if (row.response_hz) {
            continue;
        }
        if (row.group != group) {
            group = row.group;
            table.rows.push_back({.cells = {{.text = group, .face = Face::Bold, .columns = table.columns.size()}}});
        }
        table.rows.push_back(step_row(row, compared, notes));
    }
    if (!table.rows.empty()) {
        set_widths(table, widths, flow.width(), 0);
        draw_table(flow, table);
        flow.advance(kGap_mm);
    }
}

void draw_response_tables(paper::Flow& flow, const std::vector<AlignmentRow>& rows, FootNotes& notes) {
    for (const std::string_view group : kResponseGroups) {
        std::vector<const AlignmentRow*> points;
        std::size_t of_sweep = 0;
        for (const AlignmentRow& row : rows) {
            if (!row.response_hz || row.id.substr(0, group.size()) != group) {
                continue;
            }
            if (!is_sweep(row.id) || row.out()) {
                points.push_back(&row);
            } else {
                ++of_sweep;
            }
        }
        if (!points.empty() || of_sweep > 0) {
            draw_points(flow, step_words(group).first + ": response, dB", std::move(points), of_sweep, notes);
        }
    }
}

} // namespace overbias::calibration
