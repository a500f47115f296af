// SPDX-License-Identifier: Apache-2.0
#include "tape/figure.hpp"

#include <array>
#include <cstdio>

namespace overbias::tape {

std::optional<double> as_limit(const Figure& figure) noexcept {
    return figure.unsure ? std::nullopt : std::optional(figure.value);
}

std::string figure_text(const Figure& figure, std::string_view unit) {
    std::array<char, 32> number{};
    (void)std::snprintf(number.data(), number.size(), "%.4g", figure.value);
    std::string text(number.data());
    if (!unit.empty()) {
        text += " ";
        text += unit;
    }
    return figure.unsure ? text + " (unsure: " + figure.source + ")" : text;
}

void refuse_sure_guess(TomlSection& table, std::string_view source, bool unsure) {
    if (!unsure && source.starts_with(kNoDataSheet)) {
        table.error("source", "\"" + std::string(kNoDataSheet) + "\" needs unsure = true beside it");
    }
}

std::optional<Figure> read_figure(TomlSection& table, std::string_view key, TomlBounds bounds) {
    TomlSection figure = table.section(key);
    if (!figure.present()) {
        return std::nullopt;
    }
    Figure read{.value = figure.required_number("value", bounds),
                .source = figure.required_text("source"),
                .unsure = figure.boolean("unsure", false)};
    refuse_sure_guess(figure, read.source, read.unsure);
    return read;
}

} // namespace overbias::tape
