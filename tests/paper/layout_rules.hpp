// SPDX-License-Identifier: Apache-2.0
// What holds for every sheet: nothing outside the page, no text over another.
#pragma once

#include "paper/drawing.hpp"

#include <cstddef>
#include <string>
#include <variant>
#include <vector>

namespace overbias::paper {

inline std::vector<std::string> texts_on(const Page& page) {
    std::vector<std::string> all;
    for (const Mark& mark : page.marks()) {
        if (const auto* text = std::get_if<Text>(&mark)) {
            all.push_back(text->text);
        }
    }
    return all;
}

inline std::vector<std::string> texts_in(const Document& document) {
    std::vector<std::string> all;
    for (const Page& page : document.pages) {
        const auto its = texts_on(page);
        all.insert(all.end(), its.begin(), its.end());
    }
    return all;
}

/// Each breach of them in words; empty: there is none.
inline std::vector<std::string> broken_rules(const Document& document, double margin_mm = 0.0) {
    std::vector<std::string> broken;
    for (std::size_t number = 0; number < document.pages.size(); ++number) {
        const Page& page = document.pages[number];
        const std::string where = "page " + std::to_string(number + 1) + ": ";
        std::vector<const Text*> texts;
        for (const Mark& mark : page.marks()) {
            const auto* text = std::get_if<Text>(&mark);
            const Box box = extent(mark);
            if (box.x_mm < margin_mm - 0.01 || box.y_mm < margin_mm - 0.01 ||
                box.right() > page.size().width_mm - margin_mm + 0.01 ||
                box.bottom() > page.size().height_mm - margin_mm + 0.01) {
                broken.push_back(where + (text == nullptr ? "a line or an area" : "\"" + text->text + "\"") +
                                 " reaches out to " + std::to_string(box.x_mm) + ".." + std::to_string(box.right()) +
                                 ", " + std::to_string(box.y_mm) + ".." + std::to_string(box.bottom()));
            }
            if (text == nullptr) {
                continue;
            }
            for (const Text* other : texts) {
                const Box its = extent(Mark(*other));
                constexpr double kTouch_mm = 0.01;
                if (its.x_mm + kTouch_mm < box.right() && box.x_mm + kTouch_mm < its.right() &&
                    its.y_mm + kTouch_mm < box.bottom() && box.y_mm + kTouch_mm < its.bottom()) {
                    broken.push_back(where + "\"" + text->text + "\" lies over \"" + other->text + "\"");
                }
            }
            texts.push_back(text);
        }
    }
    return broken;
}

} // namespace overbias::paper
