// SPDX-License-Identifier: Apache-2.0
#include "paper/lettering.hpp"

#include "paper/encoded_text.hpp"
#include "paper/haru.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace overbias::paper {

namespace {

/// A document of the library that is only asked for widths. It is not written by two threads at a time: each has one.
class Measure {
  public:
    Measure() : document_(new_haru_document()) {}

    double width_of_1_pt(Face face, const EncodedRun& run) {
        HPDF_Font font = document_ == nullptr ? nullptr : haru_font(document_.get(), face, run.encoding);
        if (font == nullptr) {
            return 0.0; // out of memory: the writing will fail too, and say so
        }
        const auto* bytes = reinterpret_cast<const HPDF_BYTE*>(run.bytes.data());
        return HPDF_Font_TextWidth(font, bytes, static_cast<HPDF_UINT>(run.bytes.size())).width / 1000.0;
    }

  private:
    HaruDocument document_;
};

constexpr std::string_view kDots = "...";

/// How many characters of its beginning are no wider than that. Widths add up: nothing is kerned.
std::size_t room_for(std::u32string_view characters, const Lettering& lettering, double width_mm) {
    double width = 0.0;
    for (std::size_t i = 0; i < characters.size(); ++i) {
        width += text_width_mm(utf8(characters.substr(i, 1)), lettering);
        if (width > width_mm) {
            return i;
        }
    }
    return characters.size();
}

} // namespace

HPDF_Font haru_font(HPDF_Doc document, Face face, std::size_t encoding) {
    return HPDF_GetFont(document, face == Face::Bold ? "Helvetica-Bold" : "Helvetica", kEncodings.at(encoding));
}

std::string without_shape(std::string_view text) {
    std::u32string without;
    for (const char32_t each : code_points(text)) {
        if (!has_shape(each) && without.find(each) == std::u32string::npos) {
            without += each;
        }
    }
    return utf8(without);
}

double text_width_mm(std::string_view text, const Lettering& lettering) {
    thread_local Measure measure;
    double width = 0.0;
    for (const EncodedRun& run : encoded(text)) {
        width += measure.width_of_1_pt(lettering.face, run);
    }
    return width * lettering.size_pt * kMillimetresPerPoint;
}

std::string fitted(std::string_view text, const Lettering& lettering, double width_mm) {
    if (text_width_mm(text, lettering) <= width_mm) {
        return std::string(text);
    }
    const std::u32string characters = code_points(text);
    const double room = width_mm - text_width_mm(kDots, lettering);
    if (room < 0.0) {
        return {};
    }
    return utf8(std::u32string_view(characters).substr(0, room_for(characters, lettering, room))) + std::string(kDots);
}

std::vector<std::string> wrapped(std::string_view text, const Lettering& lettering, double width_mm,
                                 std::size_t most_lines) {
    std::vector<std::string> lines;
    std::string line;
    const auto add = [&](const std::string& word) {
        const std::string longer = line.empty() ? word : line + " " + word;
        const bool last = most_lines > 0 && lines.size() + 1 == most_lines; // it takes the rest
        if (!line.empty() && !last && text_width_mm(longer, lettering) > width_mm) {
            lines.push_back(std::move(line));
            line = word;
        } else {
            line = longer;
        }
    };
    while (!text.empty()) {
        const std::size_t blank = text.find(' ');
        const std::u32string word = code_points(text.substr(0, blank));
        text.remove_prefix(blank == std::string_view::npos ? text.size() : blank + 1);
        std::u32string_view rest = word;
        while (!rest.empty()) { // a word wider than a line goes on on the next
            const std::size_t count = std::max<std::size_t>(1, room_for(rest, lettering, width_mm));
            add(utf8(rest.substr(0, count)));
            rest.remove_prefix(count);
        }
    }
    if (!line.empty()) {
        lines.push_back(fitted(line, lettering, width_mm));
    }
    return lines;
}

} // namespace overbias::paper
