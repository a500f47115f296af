// SPDX-License-Identifier: Apache-2.0
#include "paper/flow.hpp"

#include "paper/lettering.hpp"

#include <utility>

namespace overbias::paper {

Flow::Flow(Document& document, Size size, Margins margins, Heading heading)
    : document_(document), size_(size), margins_(margins), heading_(std::move(heading)) {
    break_page();
}

void Flow::break_page() {
    document_.pages.emplace_back(size_);
    top_ = heading_ ? heading_(document_.pages.back(), document_.pages.size()) : margins_.top_mm;
    y_ = top_;
}

bool Flow::make_room(double height_mm) {
    if (room() >= height_mm || y_ <= top_) { // at its beginning a page has all the room there is
        return false;
    }
    break_page();
    return true;
}

void Flow::paragraph(std::string_view text, const Lettering& lettering) {
    const double height = line_height_mm(lettering);
    for (const std::string& line : wrapped(text, lettering, width())) {
        make_room(height);
        page().text({left(), y_ + 0.8 * height}, line, lettering);
        advance(height);
    }
}

} // namespace overbias::paper
