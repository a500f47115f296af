// SPDX-License-Identifier: Apache-2.0
#include "paper/plot.hpp"

#include "paper/lettering.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

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
        const double below = line_height_mm(kNumbers) * 2.0 + kGap_mm;
        const double left = numbers + 1.5 * kGap_mm;
        inner_ = {box.x_mm + left, box.y_mm + above, box.width_mm - left - 2.5 * kGap_mm,
                  box.height_mm - above - below};
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
        if (has_key()) {
            key();
        }
    }

  private:
    [[nodiscard]] bool has_key() const {
        return std::any_of(plot_.curves.begin(), plot_.curves.end(), [](const Curve& c) { return !c.name.empty(); }) ||
               std::any_of(plot_.bands.begin(), plot_.bands.end(), [](const LimitBand& b) { return !b.name.empty(); });
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
        for (std::size_t i = 1; i < places.size(); ++i) {
            piece(places[i - 1], places[i]);
        }
    }
    void piece(const LimitBand::Place& from, const LimitBand::Place& to) {
        const auto inside = [this](double x, double y) {
            const Point share = shares(x, y);
            return at({std::clamp(share.x_mm, 0.0, 1.0), std::clamp(share.y_mm, 0.0, 1.0)});
        };
        const Point a = inside(from.x, from.low), b = inside(to.x, to.low);
        const Point c = inside(to.x, to.high), d = inside(from.x, from.high);
        page_.area({a, b, c, d}, kShade);
        edge(from.x, from.low, to.x, to.low);
        edge(from.x, from.high, to.x, to.high);
    }
    void edge(double from_x, double from_y, double to_x, double to_y) {
        if (const auto seen = clipped(shares(from_x, from_y), shares(to_x, to_y))) {
            page_.line(at(seen->first), at(seen->second), kLimit);
        }
    }

    void grid() {
        for (const Tick& tick : plot_.y.ticks) {
            const Point left = at({0.0, plot_.y.share(tick.value)});
            page_.line(left, {inner_.right(), left.y_mm}, kGrid);
            page_.text({left.x_mm - kGap_mm, left.y_mm + 0.25 * line_height_mm(kNumbers)}, tick.label, kNumbers,
                       Align::Right);
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
        const double baseline = inner_.bottom() + 2.0 * line_height_mm(kNumbers);
        const double middle = baseline - 0.3 * line_height_mm(kNumbers);
        double x = inner_.x_mm;
        for (const Curve& curve : plot_.curves) {
            if (curve.name.empty()) {
                continue;
            }
            page_.line({x, middle}, {x + kSample_mm, middle}, curve.pen);
            draw_point(page_, {x + 0.5 * kSample_mm, middle}, curve.shape);
            x = name(curve.name, x, baseline);
        }
        for (const LimitBand& band : plot_.bands) {
            if (band.name.empty()) {
                continue;
            }
            const Box sample{x, middle - 1.0, kSample_mm, 2.0};
            page_.area(sample, kShade);
            page_.frame(sample, kLimit);
            x = name(band.name, x, baseline);
        }
    }
    double name(const std::string& text, double x, double baseline) {
        const double end = inner_.right() - text_width_mm(plot_.x.title, kNumbers) - kGap_mm;
        const double from = x + kSample_mm + kGap_mm;
        const std::string shown = fitted(text, kNumbers, std::max(0.0, end - from));
        page_.text({from, baseline}, shown, kNumbers);
        return from + text_width_mm(shown, kNumbers) + 2.0 * kGap_mm;
    }

    Page& page_;
    const Plot& plot_;
    Box box_, inner_;
};

} // namespace

void draw_plot(Page& page, const Plot& plot, const Box& box) {
    Drawing(page, plot, box).all();
}

} // namespace overbias::paper
