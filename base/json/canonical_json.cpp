// SPDX-License-Identifier: Apache-2.0
#include "base/json/canonical_json.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace overbias {

namespace json = boost::json;

namespace {

constexpr std::int64_t kLargestExact = std::int64_t{1} << 53; // RFC 7493 section 2.2

struct NoForm {
    std::string why;
};

/// The characters of UTF-8 as UTF-16, by which RFC 8785 section 3.2.3 sorts; nothing for what is no UTF-8 (RFC 3629
/// section 4: no surrogates, no overlong forms, nothing over U+10FFFF).
std::optional<std::u16string> utf16(std::string_view text) {
    std::u16string out;
    for (std::size_t i = 0; i < text.size();) {
        const auto first = static_cast<unsigned char>(text[i]);
        const std::size_t length = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
        if (length == 0 || first > 0xf4 || i + length > text.size()) {
            return std::nullopt;
        }
        auto character = static_cast<std::uint32_t>(length == 1 ? first : first & (0xffU >> (length + 1)));
        for (std::size_t k = 1; k < length; ++k) {
            const auto next = static_cast<unsigned char>(text[i + k]);
            if ((next & 0xc0U) != 0x80U) {
                return std::nullopt;
            }
            character = (character << 6) | (next & 0x3fU);
        }
        const bool surrogate = character >= 0xd800 && character < 0xe000;
        constexpr std::array<std::uint32_t, 5> kLeast{0, 0, 0x80, 0x800, 0x10000};
        if (surrogate || character < kLeast.at(length) || character > 0x10ffff) {
            return std::nullopt;
        }
        if (character < 0x10000) {
            out += static_cast<char16_t>(character);
        } else {
            out += static_cast<char16_t>(0xd800 + ((character - 0x10000) >> 10));
            out += static_cast<char16_t>(0xdc00 + ((character - 0x10000) & 0x3ff));
        }
        i += length;
    }
    return out;
}

/// RFC 8785 section 3.2.2.2.
void append_text(std::string& out, std::string_view text) {
    if (!utf16(text)) {
        throw NoForm{"expected text in UTF-8, got bytes that are none"};
    }
    out += '"';
    for (const char each : text) {
        switch (each) {
        case '"':
            out += "\\\"";
            break;
        case '\\':
            out += "\\\\";
            break;
        case '\b':
            out += "\\b";
            break;
        case '\f':
            out += "\\f";
            break;
        case '\n':
            out += "\\n";
            break;
        case '\r':
            out += "\\r";
            break;
        case '\t':
            out += "\\t";
            break;
        default:
            if (static_cast<unsigned char>(each) < 0x20) {
                constexpr std::string_view kDigits = "0123456789abcdef";
                const auto code = static_cast<unsigned char>(each);
                out += "\\u00";
                out += kDigits[code >> 4];
                out += kDigits[code & 0xfU];
            } else {
                out += each;
            }
        }
    }
    out += '"';
}

/// ECMA-262, Number::toString: the shortest digits that give the number back, plain from 1e-6 to below 1e21.
void append_number(std::string& out, double value) {
    if (!std::isfinite(value)) {
        throw NoForm{"expected a finite number, got one that is infinite or none"};
    }
    if (value == 0.0) {
        out += '0';
        return;
    }
    std::array<char, 32> text{};
    const auto end =
        std::to_chars(text.data(), text.data() + text.size(), std::abs(value), std::chars_format::scientific);
    const std::string_view all(text.data(), static_cast<std::size_t>(end.ptr - text.data()));
    const std::size_t mark = all.find('e');
    std::string digits;
    std::copy_if(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(mark), std::back_inserter(digits),
                 [](char each) { return each != '.'; });
    int exponent = 0;
    const bool plus = all[mark + 1] == '+';
    (void)std::from_chars(all.data() + mark + (plus ? 2 : 1), all.data() + all.size(), exponent);
    const int count = static_cast<int>(digits.size());
    const int point = exponent + 1; // digits before it
    out += value < 0.0 ? "-" : "";
    if (point > 21 || point <= -6) {
        out += digits.substr(0, 1);
        out += count > 1 ? "." + digits.substr(1) : "";
        out += std::string("e") + (exponent < 0 ? "-" : "+") + std::to_string(std::abs(exponent));
    } else if (point >= count) {
        out += digits + std::string(static_cast<std::size_t>(point - count), '0');
    } else if (point > 0) {
        out += digits.substr(0, static_cast<std::size_t>(point)) + "." + digits.substr(static_cast<std::size_t>(point));
    } else {
        out += "0." + std::string(static_cast<std::size_t>(-point), '0') + digits;
    }
}

void append_integer(std::string& out, std::int64_t value) {
    if (value > kLargestExact || value < -kLargestExact) {
        throw NoForm{"expected integers up to 2^53, got " + std::to_string(value)};
    }
    out += std::to_string(value);
}

void append(std::string& out, const json::value& value) {
    if (const auto* object = value.if_object()) {
        std::vector<std::pair<std::u16string, const json::key_value_pair*>> members;
        for (const json::key_value_pair& each : *object) {
            auto name = utf16(each.key());
            if (!name) {
                throw NoForm{"expected names in UTF-8, got bytes that are none"};
            }
            members.emplace_back(std::move(*name), &each);
        }
        std::sort(members.begin(), members.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
        out += '{';
        for (std::size_t i = 0; i < members.size(); ++i) {
            out += i == 0 ? "" : ",";
            append_text(out, members[i].second->key());
            out += ':';
            append(out, members[i].second->value());
        }
        out += '}';
    } else if (const auto* array = value.if_array()) {
        out += '[';
        for (std::size_t i = 0; i < array->size(); ++i) {
            out += i == 0 ? "" : ",";
            append(out, (*array)[i]);
        }
        out += ']';
    } else if (const auto* text = value.if_string()) {
        append_text(out, *text);
    } else if (const auto* number = value.if_double()) {
        append_number(out, *number);
    } else if (const auto* integer = value.if_int64()) {
        append_integer(out, *integer);
    } else if (const auto* large = value.if_uint64()) {
        append_integer(out, *large > static_cast<std::uint64_t>(kLargestExact) ? kLargestExact + 1
                                                                               : static_cast<std::int64_t>(*large));
    } else if (const auto* flag = value.if_bool()) {
        out += *flag ? "true" : "false";
    } else {
        out += "null";
    }
}

} // namespace

Result<std::string> canonical_json(const json::value& value) {
    std::string out;
    try {
        append(out, value);
    } catch (const NoForm& none) {
        return Error{"canonical JSON: " + none.why};
    }
    return out;
}

void round_numbers(json::value& value, int digits) {
    if (auto* object = value.if_object()) {
        for (auto& each : *object) {
            round_numbers(each.value(), digits);
        }
    } else if (auto* array = value.if_array()) {
        for (auto& each : *array) {
            round_numbers(each, digits);
        }
    } else if (auto* number = value.if_double(); number != nullptr && std::isfinite(*number)) {
        std::array<char, 64> text{};
        const auto end = std::to_chars(text.data(), text.data() + text.size(), *number, std::chars_format::scientific,
                                       std::clamp(digits, 1, 15) - 1);
        (void)std::from_chars(text.data(), end.ptr, *number);
        if (*number == 0.0) {
            *number = 0.0; // no minus
        }
    }
}

} // namespace overbias
