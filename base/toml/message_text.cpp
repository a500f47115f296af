// SPDX-License-Identifier: Apache-2.0
#include "base/toml/message_text.hpp"

#include <array>
#include <cstdio>

namespace overbias {

std::string number_text(double value) {
    std::array<char, 40> text{};
    (void)std::snprintf(text.data(), text.size(), "%.12g", value);
    return text.data();
}

std::string range_text(const TomlBounds& bounds) {
    const bool low = bounds.min > std::numeric_limits<double>::lowest();
    const bool high = bounds.max < std::numeric_limits<double>::max();
    if (low && high) {
        return " from " + number_text(bounds.min) + " to " + number_text(bounds.max);
    }
    if (low) {
        return " of at least " + number_text(bounds.min);
    }
    return high ? " of at most " + number_text(bounds.max) : "";
}

std::string list_text(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) {
        text += (text.empty() ? "\"" : ", \"") + word + "\"";
    }
    return text;
}

std::string joined(const std::string& path, std::string_view key) {
    return path.empty() ? std::string(key) : path + "." + std::string(key);
}

} // namespace overbias
