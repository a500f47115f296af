// SPDX-License-Identifier: Apache-2.0
// Flow: what is set below one another on pages of one size, and goes on on a new page where it does not fit. Thread:
// one.
#pragma once

#include "paper/drawing.hpp"

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace overbias::paper {

struct Margins {
    double left_mm = 15.0, right_mm = 15.0, top_mm = 15.0, bottom_mm = 15.0;
};

class Flow {
  public:
    /// Called with each new page before anything stands on it, to set its heading: returns where the room for the rest
    /// begins. Nothing is called for: at the upper margin.
    using Heading = std::function<double(Page& page, std::size_t number)>;

    /// Begins the first page. The document outlives the flow.
    Flow(Document& document, Size size, Margins margins, Heading heading = {});

    [[nodiscard]] Page& page() { return document_.pages.back(); }
    [[nodiscard]] double left() const noexcept { return margins_.left_mm; }
    [[nodiscard]] double width() const noexcept { return size_.width_mm - margins_.left_mm - margins_.right_mm; }
    [[nodiscard]] double right() const noexcept { return left() + width(); }
    /// Where the next thing begins.
    [[nodiscard]] double y() const noexcept { return y_; }
    [[nodiscard]] double room() const noexcept { return size_.height_mm - margins_.bottom_mm - y_; }

    void advance(double by_mm) noexcept { y_ += by_mm; }
    void break_page();
    /// A new page where less than that is left; true: there is one. What is higher than a page stays where it is.
    bool make_room(double height_mm);
    /// Text in lines over the width, from page to page.
    void paragraph(std::string_view text, const Lettering& lettering);

  private:
    Document& document_;
    Size size_;
    Margins margins_;
    Heading heading_;
    double y_ = 0.0, top_ = 0.0;
};

} // namespace overbias::paper
