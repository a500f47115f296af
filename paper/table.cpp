// SPDX-License-Identifier: Apache-2.0
#include "paper/table.hpp"

#include "paper/lettering.hpp"

#include <algorithm>
#include <cstddef>

namespace overbias::paper {

namespace {

constexpr double kPadding_mm = 0.8; ///< between text and the edge of its column
constexpr double kShade = 0.87;

void draw_cell(Page& page, double x, double width, double baseline, const Cell& cell, Align align, double size_pt) {
    const Lettering lettering{.size_pt = size_pt, .face = cell.face};
    const std::string shown = fitted(cell.text, lettering, width - 2.0 * kPadding_mm);
    const double at = align == Align::Left    ? x + kPadding_mm
                      : align == Align::Right ? x + width - kPadding_mm
                                              : x + 0.5 * width;
    page.text({at, baseline}, shown, lettering, align);
}

void draw_row(Page& page, Point upper_left, const Table& table, const Row& row) {
    const double height = row_height_mm(table);
    if (row.shaded) {
        page.area(Box{upper_left.x_mm, upper_left.y_mm, width_mm(table), height}, kShade);
    }
    double x = upper_left.x_mm;
    std::size_t column = 0;
    for (const Cell& cell : row.cells) {
        if (column >= table.columns.size()) {
            break;
        }
        const Align align = cell.align.value_or(table.columns[column].align);
        double width = 0.0;
        for (const std::size_t end = column + cell.columns; column < std::min(end, table.columns.size()); ++column) {
            width += table.columns[column].width_mm;
        }
        draw_cell(page, x, width, upper_left.y_mm + 0.74 * height, cell, align, table.size_pt);
        x += width;
    }
}

void rule(Page& page, Point from, const Table& table, double pen_mm) {
    page.line(from, {from.x_mm + width_mm(table), from.y_mm}, {.width_mm = pen_mm});
}

void draw_titles(Page& page, Point upper_left, const Table& table) {
    Row titles;
    for (const Column& column : table.columns) {
        titles.cells.push_back({.text = column.title, .face = Face::Bold});
    }
    rule(page, upper_left, table, 0.3);
    draw_row(page, upper_left, table, titles);
    rule(page, {upper_left.x_mm, upper_left.y_mm + row_height_mm(table)}, table, 0.15);
}

} // namespace

double row_height_mm(const Table& table) noexcept {
    return 1.3 * table.size_pt * kMillimetresPerPoint;
}

double width_mm(const Table& table) noexcept {
    double width = 0.0;
    for (const Column& column : table.columns) {
        width += column.width_mm;
    }
    return width;
}

double needed_width_mm(const Table& table, std::size_t column) {
    double widest = text_width_mm(table.columns.at(column).title, {.size_pt = table.size_pt, .face = Face::Bold});
    for (const Row& row : table.rows) {
        std::size_t at = 0;
        for (const Cell& cell : row.cells) {
            if (at == column && cell.columns == 1) {
                widest = std::max(widest, text_width_mm(cell.text, {.size_pt = table.size_pt, .face = cell.face}));
            }
            at += cell.columns;
        }
    }
    constexpr double kRounding_mm = 0.01;
    return widest + 2.0 * kPadding_mm + kRounding_mm;
}

void draw_table(Flow& flow, const Table& table) {
    const double height = row_height_mm(table);
    flow.make_room(2.0 * height); // titles do not stand alone at the foot of a page
    const auto titles = [&] {
        draw_titles(flow.page(), {flow.left(), flow.y()}, table);
        flow.advance(height);
    };
    titles();
    for (const Row& row : table.rows) {
        if (flow.room() < height) {
            rule(flow.page(), {flow.left(), flow.y()}, table, 0.3);
            flow.break_page();
            titles();
        }
        draw_row(flow.page(), {flow.left(), flow.y()}, table, row);
        flow.advance(height);
    }
    rule(flow.page(), {flow.left(), flow.y()}, table, 0.3);
}

double draw_table(Page& page, Point upper_left, const Table& table) {
    const double height = row_height_mm(table);
    draw_titles(page, upper_left, table);
    double y = upper_left.y_mm + height;
    for (const Row& row : table.rows) {
        draw_row(page, {upper_left.x_mm, y}, table, row);
        y += height;
    }
    rule(page, {upper_left.x_mm, y}, table, 0.3);
    return y;
}

} // namespace overbias::paper
