// SPDX-License-Identifier: Apache-2.0
#include "paper/plot.hpp"

#include "paper/lettering.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace overbias::paper {

namespace {

constexpr Lettering kTitle{.size_pt = 8.0, .face = Face::Bold};
constexpr Lettering kNumbers{.size_pt = 6.5};
constexpr Pen kFrame{.width_mm = 0.25};
constexpr Pen kGrid{.width_mm = 0.08, .grey = 0.6};
constexpr Pen kLimit{.width_mm = 0.15, .grey = 0.35};
constexpr double kShade = 0.87;
constexpr double kPoint_mm = 0.6; ///< radius of a point's mark
constexpr double kGap_mm = 1.0;
constexpr double kSample_mm = 7.0; ///< of a curve, in the key

/// What of a straight piece lies inside 0..1 both ways (Liang and Barsky's clipping).
std::optional<std::pair<Point, Point>> clipped(Point a, Point b) {
    double from = 0.0, to = 1.0;
    const double dx = b.x_mm - a.x_mm, dy = b.y_mm - a.y_mm;
    const auto keep = [&](double step, double room) { // room: how far a is inside of that edge
        if (step == 0.0) {
            return room >= 0.0;
        }
        const double at = room / step;
        (step < 0.0 ? from : to) = step < 0.0 ? std::max(from, at) : std::min(to, at);
        return from <= to;
    };
    if (!keep(-dx, a.x_mm) || !keep(dx, 1.0 - a.x_mm) || !keep(-dy, a.y_mm) || !keep(dy, 1.0 - a.y_mm)) {
        return std::nullopt;
    }
    return std::pair(Point{a.x_mm + from * dx, a.y_mm + from * dy}, Point{a.x_mm + to * dx, a.y_mm + to * dy});
}

void draw_point(Page& page, Point at, PointShape shape) {
    const double r = kPoint_mm;
    std::vector<Point> round;
    for (int i = 0; i < 12; ++i) {
        const double angle = 2.0 * 3.14159265358979 * i / 12.0;
        round.push_back({at.x_mm + r * std::cos(angle), at.y_mm + r * std::sin(angle)});
    }
    switch (shape) {
    case PointShape::None:
        break;
    case PointShape::Dot:
        page.area(std::move(round), 0.0);
        break;
    case PointShape::Ring:
        page.area(round, 1.0);
        page.stroke(std::move(round), {.width_mm = 0.2}, true);
        break;
    case PointShape::Cross:
        page.line({at.x_mm - r, at.y_mm - r}, {at.x_mm + r, at.y_mm + r}, {.width_mm = 0.2});
        page.line({at.x_mm - r, at.y_mm + r}, {at.x_mm + r, at.y_mm - r}, {.width_mm = 0.2});
        break;
    }
}

/// One plot being drawn: the box inside the numbers, and the way from values to it.
class Drawing {
  public:
    Drawing(Page& page, const Plot& plot, const Box& box) : page_(page), plot_(plot), box_(box) {
        double numbers = 0.0;
        for (const Tick& tick : plot.y.ticks) {
            numbers = std::max(numbers, text_width_mm(tick.label, kNumbers));
        }
        const double above = line_height_mm(kTitle) + kGap_mm;
        const double left = numbers + 1.5 * kGap_mm;
        inner_ = {box.x_mm + left, box.y_mm + above, box.width_mm - left - 2.5 * kGap_mm, 0.0};
        const double below = line_height_mm(kNumbers) * static_cast<double>(1 + lay_out_key()) + kGap_mm;
        inner_.height_mm = box.height_mm - above - below;
    }

    void all() {
        const double baseline = box_.y_mm + 0.8 * line_height_mm(kTitle);
        const double unit_width = text_width_mm(plot_.y.title, kNumbers);
        const std::string title = fitted(plot_.title, kTitle, inner_.width_mm - unit_width - kGap_mm);
        page_.text({inner_.x_mm, baseline}, title, kTitle);
        page_.text({inner_.right(), baseline}, plot_.y.title, kNumbers, Align::Right);
        for (const LimitBand& band : plot_.bands) {
            shade(band);
        }
        grid();
        page_.frame(inner_, kFrame);
        for (const Curve& curve : plot_.curves) {
            draw(curve);
        }
        key();
    }

  private:
    /// A sample and its name in the key.
    struct KeyEntry {
        const Curve* curve; ///< null: of a band
        std::string name;
        double x_mm;      ///< of its left end
        std::size_t line; ///< from 0
    };
    /// Puts the names of all that has one beside one another, and below where the line is full; the first line ends at
    /// the x axis' title. Returns how many lines there are, one at least.
    std::size_t lay_out_key() {
        double x = inner_.x_mm;
        std::size_t line = 0;
        const auto add = [&](const std::string& name, const Curve* curve) {
            if (name.empty()) {
                return;
            }
            const auto end = [&] {
                return line == 0 ? inner_.right() - text_width_mm(plot_.x.title, kNumbers) - kGap_mm : inner_.right();
            };
            const double width = text_width_mm(name, kNumbers);
            if (x > inner_.x_mm && x + kSample_mm + kGap_mm + width > end()) {
                x = inner_.x_mm;
                ++line;
            }
            const double text_at = x + kSample_mm + kGap_mm;
            key_.push_back({curve, fitted(name, kNumbers, std::max(0.0, end() - text_at)), x, line});
            x = text_at + width + 2.0 * kGap_mm;
        };
        for (const Curve& curve : plot_.curves) {
            add(curve.name, &curve);
        }
        for (const LimitBand& band : plot_.bands) {
            add(band.name, nullptr);
        }
        return line + 1;
    }
    /// From shares of both axes.
    [[nodiscard]] Point at(Point share) const {
        return {inner_.x_mm + share.x_mm * inner_.width_mm, inner_.bottom() - share.y_mm * inner_.height_mm};
    }
    [[nodiscard]] Point shares(double x, double y) const { return {plot_.x.share(x), plot_.y.share(y)}; }

    void shade(const LimitBand& band) {
        std::vector<LimitBand::Place> places = band.places;
        if (places.size() == 1) {
            places = {places.front(), places.front()};
            places.front().x = plot_.x.low;
            places.back().x = plot_.x.high;
        }
        // in one piece: between two that touch a screen shows a seam
        std::vector<Point> outline;
        const auto inside = [this](double x, double y) {
            const Point share = shares(x, y);
            return at({std::clamp(share.x_mm, 0.0, 1.0), std::clamp(share.y_mm, 0.0, 1.0)});
        };
        for (const LimitBand::Place& place : places) {
            outline.push_back(inside(place.x, place.low));
        }
        std::for_each(places.rbegin(), places.rend(),
                      [&](const LimitBand::Place& place) { outline.push_back(inside(place.x, place.high)); });
        page_.area(std::move(outline), kShade);
        for (std::size_t i = 1; i < places.size(); ++i) {
            edge(places[i - 1].x, places[i - 1].low, places[i].x, places[i].low);
            edge(places[i - 1].x, places[i - 1].high, places[i].x, places[i].high);
        }
    }
    void edge(double from_x, double from_y, double to_x, double to_y) {
        if (const auto seen = clipped(shares(from_x, from_y), shares(to_x, to_y))) {
            page_.line(at(seen->first), at(seen->second), kLimit);
        }
    }

    void grid() {
        double free_below = box_.bottom(); // numbers go up; one that would touch the last is left out, its line stays
        for (const Tick& tick : plot_.y.ticks) {
            const Point left = at({0.0, plot_.y.share(tick.value)});
            page_.line(left, {inner_.right(), left.y_mm}, kGrid);
            const double half = 0.5 * line_height_mm(kNumbers);
            if (left.y_mm + 0.9 * half <= free_below) {
                page_.text({left.x_mm - kGap_mm, left.y_mm + 0.5 * half}, tick.label, kNumbers, Align::Right);
                free_below = left.y_mm - 0.9 * half;
            }
        }
        const double baseline = inner_.bottom() + line_height_mm(kNumbers);
        double free_from = box_.x_mm;
        for (const Tick& tick : plot_.x.ticks) {
            const Point foot = at({plot_.x.share(tick.value), 0.0});
            page_.line(foot, {foot.x_mm, inner_.y_mm}, kGrid);
            const double half = 0.5 * text_width_mm(tick.label, kNumbers);
            // a number that would touch its neighbour or the edge is left out; its line stays
            if (!tick.label.empty() && foot.x_mm - half >= free_from && foot.x_mm + half <= box_.right()) {
                page_.text({foot.x_mm, baseline}, tick.label, kNumbers, Align::Centre);
                free_from = foot.x_mm + half + kGap_mm;
            }
        }
        page_.text({inner_.right(), baseline + line_height_mm(kNumbers)}, plot_.x.title, kNumbers, Align::Right);
    }

    void draw(const Curve& curve) {
        std::vector<Point> run; // on paper, in one stroke
        const auto finish = [&] {
            if (run.size() > 1) {
                page_.stroke(run, curve.pen);
            }
            run.clear();
        };
        std::optional<Point> last;
        std::vector<Point> seen;
        for (const auto& [x, y] : curve.points) {
            const Point share = shares(x, y);
            if (!std::isfinite(share.x_mm) || !std::isfinite(share.y_mm)) {
                finish();
                last.reset();
                continue;
            }
            if (const auto piece = last ? clipped(*last, share) : std::nullopt) {
                if (run.empty()) {
                    run.push_back(at(piece->first));
                }
                run.push_back(at(piece->second));
            }
            const bool inside = share.x_mm >= 0.0 && share.x_mm <= 1.0 && share.y_mm >= 0.0 && share.y_mm <= 1.0;
            if (inside) {
                seen.push_back(at(share));
            } else {
                finish();
            }
            last = share;
        }
        finish();
        for (const Point& each : seen) {
            draw_point(page_, each, curve.shape);
        }
    }

    void key() {
        for (const KeyEntry& entry : key_) {
            const double baseline = inner_.bottom() + static_cast<double>(2 + entry.line) * line_height_mm(kNumbers);
            const double middle = baseline - 0.3 * line_height_mm(kNumbers);
            if (entry.curve != nullptr) {
                page_.line({entry.x_mm, middle}, {entry.x_mm + kSample_mm, middle}, entry.curve->pen);
                draw_point(page_, {entry.x_mm + 0.5 * kSample_mm, middle}, entry.curve->shape);
            } else {
                const Box sample{entry.x_mm, middle - 1.0, kSample_mm, 2.0};
                page_.area(sample, kShade);
                page_.frame(sample, kLimit);
            }
            page_.text({entry.x_mm + kSample_mm + kGap_mm, baseline}, entry.name, kNumbers);
        }
    }

    Page& page_;
    const Plot& plot_;
    Box box_, inner_;
    std::vector<KeyEntry> key_;
};

} // namespace

void draw_plot(Page& page, const Plot& plot, const Box& box) {
    Drawing(page, plot, box).all();
}

} // namespace overbias::paper
