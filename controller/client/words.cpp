// SPDX-License-Identifier: Apache-2.0
#include "controller/client/words.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cstdio>

namespace overbias::controller {

namespace json = boost::json;

namespace {

/// Bytes of the character `text` begins with; 0: not UTF-8 (RFC 3629 section 4).
std::size_t utf8_length(std::string_view text) {
    const auto byte = [text](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
    const auto follows = [byte](std::size_t i, unsigned low = 0x80, unsigned high = 0xbf) {
        return byte(i) >= low && byte(i) <= high;
    };
    const unsigned first = byte(0);
    if (first < 0x80) {
        return 1;
    }
    if (first >= 0xc2 && first <= 0xdf) {
        return follows(1) ? 2 : 0;
    }
    if (first >= 0xe0 && first <= 0xef) {
        return follows(1, first == 0xe0 ? 0xa0 : 0x80, first == 0xed ? 0x9f : 0xbf) && follows(2) ? 3 : 0;
    }
    if (first >= 0xf0 && first <= 0xf4) {
        return follows(1, first == 0xf0 ? 0x90 : 0x80, first == 0xf4 ? 0x8f : 0xbf) && follows(2) && follows(3) ? 4 : 0;
    }
    return 0;
}

} // namespace

std::string printable(std::string_view from) {
    std::string out;
    std::array<char, 8> code{};
    while (!from.empty()) {
        const auto byte = static_cast<unsigned char>(from.front());
        const std::size_t length = utf8_length(from);
        if (byte == '\n' || byte == '\t') {
            out += byte == '\n' ? "\\n" : "\\t";
        } else if (byte < 0x20 || byte == 0x7f || length == 0) {
            std::snprintf(code.data(), code.size(), "\\x%02x", byte);
            out += code.data();
        } else {
            out += from.substr(0, length);
        }
        from.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return out;
}

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const std::size_t length = utf8_length(text);
        if (length == 0) {
            return false;
        }
        text.remove_prefix(length);
    }
    return true;
}

/// The member, or null: what a newer or older daemon does not say is left out, not an error.
const json::value& at(const json::value& from, std::string_view key) {
    static const json::value none;
    const json::object* object = from.if_object();
    const json::value* value = object == nullptr ? nullptr : object->if_contains(key);
    return value == nullptr ? none : *value;
}

std::string text(const json::value& value) {
    return value.is_string() ? printable(std::string_view(value.as_string())) : std::string();
}

std::string spoken(const json::value& value) {
    std::string out = text(value);
    std::replace(out.begin(), out.end(), '_', ' ');
    return out;
}

std::string number(const json::value& value, int digits, bool sign) {
    if (!value.is_number()) {
        return "-";
    }
    std::array<char, 64> out{};
    std::snprintf(out.data(), out.size(), sign ? "%+.*f" : "%.*f", digits, value.to_number<double>());
    return out.data();
}

const json::array& list(const json::value& value) {
    static const json::array none;
    return value.is_array() ? value.as_array() : none;
}

} // namespace overbias::controller
