// SPDX-License-Identifier: Apache-2.0
#include "tape/figure.hpp"

namespace overbias::tape {

std::optional<Figure> read_figure(TomlSection& table, std::string_view key, TomlBounds bounds) {
    TomlSection figure = table.section(key);
    if (!figure.present()) {
        return std::nullopt;
    }
    return Figure{.value = figure.required_number("value", bounds),
                  .source = figure.required_text("source"),
                  .unsure = figure.boolean("unsure", false)};
}

} // namespace overbias::tape
