// SPDX-License-Identifier: Apache-2.0
// What stands on sheets of paper, as plain data: text, strokes and filled areas on pages of any size. Laid out here,
// written as PDF by paper/pdf.hpp. Grey only: a sheet has to survive a black and white printer and a photocopier.
//
// Units: millimetres from the upper left corner, y downward; type in points (1/72 inch). Grey from 0, black, to 1,
// white. Any thread; no errors: what can fail is the writing.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace overbias::paper {

inline constexpr double kMillimetresPerPoint = 25.4 / 72.0;

struct Size {
    double width_mm = 0.0, height_mm = 0.0;
};
/// ISO 216.
inline constexpr Size kA4{210.0, 297.0};

struct Point {
    double x_mm = 0.0, y_mm = 0.0;
};

struct Box {
    double x_mm = 0.0, y_mm = 0.0, width_mm = 0.0, height_mm = 0.0;
    [[nodiscard]] double right() const noexcept { return x_mm + width_mm; }
    [[nodiscard]] double bottom() const noexcept { return y_mm + height_mm; }
};

enum class Face { Regular, Bold };
enum class Align { Left, Centre, Right };

struct Lettering {
    double size_pt = 9.0;
    Face face = Face::Regular;
    double grey = 0.0;
};

struct Pen {
    double width_mm = 0.2;
    double grey = 0.0;
    double dash_mm = 0.0; ///< length of dash and gap; 0: a full line
};

/// One line of text, from the left end of its baseline.
struct Text {
    Point at;
    std::string text; ///< UTF-8
    Lettering lettering;
};
struct Stroke {
    std::vector<Point> points;
    Pen pen;
    bool closed = false;
};
struct Area {
    std::vector<Point> outline;
    double grey = 0.9;
};
using Mark = std::variant<Text, Stroke, Area>;

/// Later marks lie over earlier ones.
class Page {
  public:
    explicit Page(Size size) : size_(size) {}

    /// `at` is the left end, the middle or the right end of the baseline. Empty text leaves no mark.
    void text(Point at, std::string_view text, const Lettering& lettering, Align align = Align::Left);
    void line(Point from, Point to, const Pen& pen = {});
    void stroke(std::vector<Point> points, const Pen& pen = {}, bool closed = false);
    void frame(const Box& box, const Pen& pen = {});
    void area(std::vector<Point> outline, double grey);
    void area(const Box& box, double grey);

    [[nodiscard]] Size size() const noexcept { return size_; }
    [[nodiscard]] const std::vector<Mark>& marks() const noexcept { return marks_; }

  private:
    Size size_;
    std::vector<Mark> marks_;
};

/// What a reader shows of the file. The date is given, never taken from a clock: the same facts give the same bytes.
struct Metadata {
    std::string title, subject, author;
    std::chrono::sys_seconds date{};
};

struct Document {
    Metadata metadata;
    std::vector<Page> pages;
};

/// What a mark covers. Of text: from its ascenders to its descenders (Helvetica: 0.72 and 0.21 of its size).
[[nodiscard]] Box extent(const Mark& mark);

} // namespace overbias::paper
