// SPDX-License-Identifier: Apache-2.0
#include "paper/lettering.hpp"

#include "paper/encoded_text.hpp"
#include "paper/haru.hpp"

#include <array>
#include <cstddef>

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

} // namespace

HPDF_Font haru_font(HPDF_Doc document, Face face, std::size_t encoding) {
    return HPDF_GetFont(document, face == Face::Bold ? "Helvetica-Bold" : "Helvetica", kEncodings.at(encoding));
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
    std::u32string characters = code_points(text);
    while (!characters.empty()) {
        characters.pop_back();
        std::string shorter = utf8(characters) + std::string(kDots);
        if (text_width_mm(shorter, lettering) <= width_mm) {
            return shorter;
        }
    }
    return {};
}

std::vector<std::string> wrapped(std::string_view text, const Lettering& lettering, double width_mm) {
    std::vector<std::string> lines;
    std::string line;
    while (!text.empty()) {
        const std::size_t blank = text.find(' ');
        const std::string_view word = text.substr(0, blank);
        text.remove_prefix(blank == std::string_view::npos ? text.size() : blank + 1);
        if (word.empty()) {
            continue;
        }
        const std::string longer = line.empty() ? std::string(word) : line + " " + std::string(word);
        if (!line.empty() && text_width_mm(longer, lettering) > width_mm) {
            lines.push_back(std::move(line));
            line = std::string(word);
        } else {
            line = longer;
        }
        line = fitted(line, lettering, width_mm);
    }
    if (!line.empty()) {
        lines.push_back(std::move(line));
    }
    return lines;
}

} // namespace overbias::paper
