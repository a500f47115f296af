// SPDX-License-Identifier: Apache-2.0
#include "base/json/json_text.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <charconv>
#include <cmath>

namespace overbias {

namespace json = boost::json;

namespace {

constexpr int kOneLine = -1;

void append_number(std::string& out, double value) {
    if (!std::isfinite(value)) {
        out += "null";
        return;
    }
    std::array<char, 64> text{};
    // plain notation in the range people read; beyond it the exponent is the shorter truth
    const bool plain = value == 0.0 || (std::abs(value) >= 1e-6 && std::abs(value) < 1e15);
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value == 0.0 ? 0.0 : value,
                                   plain ? std::chars_format::fixed : std::chars_format::scientific);
    const std::string_view digits(text.data(), static_cast<std::size_t>(end.ptr - text.data()));
    out += digits;
    if (plain && digits.find('.') == std::string_view::npos) {
        out += ".0"; // stays a floating-point number for whoever reads it
    }
}

void new_line(std::string& out, int depth) {
    if (depth != kOneLine) {
        out.append("\n").append(static_cast<std::size_t>(depth) * 2, ' ');
    }
}

bool plain_values(const json::array& array) {
    return std::ranges::none_of(array, [](const json::value& item) { return item.is_object() || item.is_array(); });
}

void append(std::string& out, const json::value& value, int depth) {
    const int inner = depth == kOneLine ? kOneLine : depth + 1;
    if (const auto* object = value.if_object()) {
        out += '{';
        bool first = true;
        for (const auto& [key, item] : *object) {
            out += first ? "" : ",";
            first = false;
            new_line(out, inner);
            out.append(json::serialize(json::value(key))).append(depth == kOneLine ? ":" : ": ");
            append(out, item, inner);
        }
        if (!object->empty()) {
            new_line(out, depth);
        }
        out += '}';
    } else if (const auto* array = value.if_array()) {
        const bool lines = depth != kOneLine && !plain_values(*array);
        out += '[';
        for (std::size_t i = 0; i < array->size(); ++i) {
            out += i == 0 ? "" : lines || depth == kOneLine ? "," : ", ";
            if (lines) {
                new_line(out, inner);
            }
            append(out, (*array)[i], lines ? inner : depth);
        }
        if (lines) {
            new_line(out, depth);
        }
        out += ']';
    } else if (const auto* number = value.if_double()) {
        append_number(out, *number);
    } else {
        out += json::serialize(value);
    }
}

} // namespace

std::string json_line(const json::value& value) {
    std::string out;
    append(out, value, kOneLine);
    return out;
}

std::string json_indented(const json::value& value) {
    std::string out;
    append(out, value, 0);
    return out;
}

} // namespace overbias
