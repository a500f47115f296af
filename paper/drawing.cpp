// SPDX-License-Identifier: Apache-2.0
#include "paper/drawing.hpp"

#include "paper/lettering.hpp"

#include <algorithm>
#include <utility>

namespace overbias::paper {

namespace {

constexpr double kAscent = 0.72, kDescent = 0.21; // of the type's size: Adobe's metrics of Helvetica

Box around(const std::vector<Point>& points, double margin_mm) {
    if (points.empty()) {
        return {};
    }
    double left = points.front().x_mm, right = left, top = points.front().y_mm, bottom = top;
    for (const Point& each : points) {
        left = std::min(left, each.x_mm);
        right = std::max(right, each.x_mm);
        top = std::min(top, each.y_mm);
        bottom = std::max(bottom, each.y_mm);
    }
    return {left - margin_mm, top - margin_mm, right - left + 2.0 * margin_mm, bottom - top + 2.0 * margin_mm};
}

std::vector<Point> corners(const Box& box) {
    return {{box.x_mm, box.y_mm}, {box.right(), box.y_mm}, {box.right(), box.bottom()}, {box.x_mm, box.bottom()}};
}

} // namespace

void Page::text(Point at, std::string_view text, const Lettering& lettering, Align align) {
    if (text.empty()) {
        return;
    }
    if (align != Align::Left) {
        at.x_mm -= text_width_mm(text, lettering) * (align == Align::Centre ? 0.5 : 1.0);
    }
    marks_.emplace_back(Text{at, std::string(text), lettering});
}

void Page::line(Point from, Point to, const Pen& pen) {
    stroke({from, to}, pen);
}

void Page::stroke(std::vector<Point> points, const Pen& pen, bool closed) {
    marks_.emplace_back(Stroke{std::move(points), pen, closed});
}

void Page::frame(const Box& box, const Pen& pen) {
    stroke(corners(box), pen, true);
}

void Page::area(std::vector<Point> outline, double grey) {
    marks_.emplace_back(Area{std::move(outline), grey});
}

void Page::area(const Box& box, double grey) {
    area(corners(box), grey);
}

Box extent(const Mark& mark) {
    if (const auto* text = std::get_if<Text>(&mark)) {
        const double size_mm = text->lettering.size_pt * kMillimetresPerPoint;
        return {text->at.x_mm, text->at.y_mm - kAscent * size_mm, text_width_mm(text->text, text->lettering),
                (kAscent + kDescent) * size_mm};
    }
    if (const auto* stroke = std::get_if<Stroke>(&mark)) {
        return around(stroke->points, 0.5 * stroke->pen.width_mm);
    }
    return around(std::get_if<Area>(&mark)->outline, 0.0);
}

} // namespace overbias::paper
