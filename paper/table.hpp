// SPDX-License-Identifier: Apache-2.0
// Tables for paper. Thread: one.
#pragma once

#include "paper/flow.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace overbias::paper {

struct Column {
    std::string title;
    double width_mm = 20.0;
    Align align = Align::Left;
};

struct Cell {
    std::string text; ///< what is wider than its column ends in three dots
    Face face = Face::Regular;
    std::size_t columns = 1;      ///< that it takes
    std::optional<Align> align{}; ///< empty: its column's
};

struct Row {
    std::vector<Cell> cells;
    bool shaded = false;
};

struct Table {
    std::vector<Column> columns;
    std::vector<Row> rows;
    double size_pt = 8.0; ///< of its type
};

[[nodiscard]] double row_height_mm(const Table& table) noexcept;
[[nodiscard]] double width_mm(const Table& table) noexcept;
/// As wide as a column (from 0) has to be for its title and for what stands in it alone.
[[nodiscard]] double needed_width_mm(const Table& table, std::size_t column);
/// Titles, rows and a line below, from where the flow stands. On each new page the titles come again.
void draw_table(Flow& flow, const Table& table);
/// The same at a place on a page, without page-breaks; returns where it ends.
double draw_table(Page& page, Point upper_left, const Table& table);

} // namespace overbias::paper
