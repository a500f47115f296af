// SPDX-License-Identifier: Apache-2.0
#include "mastering/paper/sheet_parts.hpp"

#include "paper/lettering.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdio>

namespace overbias::mastering::sheet {

using paper::Align;
using paper::Lettering;

namespace {

constexpr double kLine_mm = 4.2;
constexpr std::size_t kMostLines = 3; // of one fact

} // namespace

std::pair<Lettering, std::string> shrunk(const std::string& text, Lettering lettering, double least_pt,
                                         double width_mm) {
    const double width = paper::text_width_mm(text, lettering);
    if (width > width_mm) {
        lettering.size_pt = std::max(least_pt, lettering.size_pt * width_mm / width * 0.999);
    }
    return {lettering, paper::fitted(text, lettering, width_mm)};
}

void heading(paper::Flow& flow, const std::string& text, double room_mm) {
    flow.make_room(room_mm + 6.0);
    flow.advance(2.5);
    flow.page().text({flow.left(), flow.y() + 3.0}, paper::fitted(text, kHeading, flow.width()), kHeading);
    flow.advance(4.6);
}

void facts(paper::Flow& flow, const std::vector<Fact>& all, std::size_t columns, double label_mm) {
    const double gap = 4.0;
    const double width = (flow.width() - gap * static_cast<double>(columns - 1)) / static_cast<double>(columns);
    const std::size_t in_each = (all.size() + columns - 1) / columns;
    double lowest = flow.y();
    for (std::size_t column = 0; column < columns; ++column) {
        const double x = flow.left() + static_cast<double>(column) * (width + gap);
        double baseline = flow.y() + 3.0;
        for (std::size_t i = column * in_each; i < std::min(all.size(), (column + 1) * in_each); ++i) {
            const auto& [name, text] = all[i];
            flow.page().text({x, baseline}, paper::fitted(name, kLabel, label_mm - 1.0), kLabel);
            if (text.empty()) {
                flow.page().line({x + label_mm, baseline + 0.6}, {x + width, baseline + 0.6},
                                 {.width_mm = 0.15, .grey = 0.4});
                baseline += kLine_mm;
            }
            for (const std::string& line : paper::wrapped(text, kValue, width - label_mm, kMostLines)) {
                flow.page().text({x + label_mm, baseline}, line, kValue);
                baseline += kLine_mm;
            }
        }
        lowest = std::max(lowest, baseline - 3.0 + 1.0);
    }
    flow.advance(lowest - flow.y());
}

void footers(paper::Document& document, const std::string& first, const std::string& second) {
    std::size_t number = 0;
    for (paper::Page& page : document.pages) {
        const double baseline = page.size().height_mm - 9.0;
        const double above = baseline - paper::line_height_mm(kSmall);
        const double right = page.size().width_mm - kMargins.right_mm;
        const double room = right - kMargins.left_mm - 25.0;
        page.line({kMargins.left_mm, above - 3.5}, {right, above - 3.5}, {.width_mm = 0.15});
        page.text({kMargins.left_mm, above}, paper::fitted(first, kSmall, room), kSmall);
        page.text({kMargins.left_mm, baseline}, paper::fitted(second, kSmall, room), kSmall);
        page.text({right, baseline},
                  "page " + std::to_string(++number) + " of " + std::to_string(document.pages.size()), kSmall,
                  Align::Right);
    }
}

std::chrono::sys_seconds utc_seconds(const std::string& text) {
    using namespace std::chrono;
    int y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0;
    if (std::sscanf(text.c_str(), "%4d-%2d-%2dT%2d:%2d:%2d", &y, &mo, &d, &h, &mi, &s) != 6) {
        return {};
    }
    const year_month_day date{year(y), month(static_cast<unsigned>(mo)), day(static_cast<unsigned>(d))};
    const bool fits = date.ok() && h >= 0 && h < 24 && mi >= 0 && mi < 60 && s >= 0 && s <= 60;
    return fits ? sys_seconds(sys_days(date)) + hours(h) + minutes(mi) + seconds(s) : sys_seconds{};
}

std::string utc_words(const std::string& text) {
    return utc_seconds(text) == std::chrono::sys_seconds{} ? text
                                                           : text.substr(0, 10) + " " + text.substr(11, 5) + " UTC";
}

std::string unknown_words(const std::vector<std::string>& texts) {
    const bool all = std::all_of(texts.begin(), texts.end(),
                                 [](const std::string& each) { return paper::without_shape(each).empty(); });
    return all ? std::string()
               : "Where " + std::string(paper::kUnknown) +
                     " stands, the type on this sheet has not the character: it has those of the languages written in "
                     "Latin letters. Text and JSON forms have it in full.";
}

} // namespace overbias::mastering::sheet
