// SPDX-License-Identifier: Apache-2.0
#include "mastering/plan/plan_toml_text.hpp"

#include "base/json/json_text.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <string_view>

namespace overbias::mastering {

namespace json = boost::json;

namespace {

/// A basic string: its escapes are those of JSON, and DEL has to be one too.
std::string quoted(std::string_view text) {
    const std::string plain = json::serialize(json::value(json::string(text)));
    std::string out;
    for (const char each : plain) {
        out += each == '\x7f' ? std::string("\\u007F") : std::string(1, each);
    }
    return out;
}

std::string key_text(std::string_view key) {
    const bool bare = !key.empty() && std::ranges::all_of(key, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    });
    return bare ? std::string(key) : quoted(key);
}

bool left_out(const json::value& value) {
    return value.is_null() || (value.is_string() && value.get_string().empty());
}

bool is_tables(const json::value& value) {
    return value.is_array() && !value.get_array().empty() &&
           std::ranges::all_of(value.get_array(), [](const json::value& each) { return each.is_object(); });
}

std::string inline_text(const json::value& value) {
    std::string out;
    if (const auto* array = value.if_array()) {
        for (const json::value& each : *array) {
            out += (out.empty() ? "" : ", ") + inline_text(each);
        }
        return "[" + out + "]";
    }
    if (const auto* object = value.if_object()) {
        for (const auto& [key, each] : *object) {
            out += (out.empty() ? "" : ", ") + key_text(key) + " = " + inline_text(each);
        }
        return "{ " + out + " }";
    }
    if (const auto* text = value.if_string()) {
        return quoted(*text);
    }
    return value.is_null() ? "\"\"" : json_line(value);
}

void append(std::string& out, const json::object& object, const std::string& path) {
    for (const auto& [key, value] : object) {
        if (!left_out(value) && !value.is_object() && !is_tables(value)) {
            out += key_text(key) + " = " + inline_text(value) + "\n";
        }
    }
    for (const auto& [key, value] : object) {
        const std::string inner = path.empty() ? key_text(key) : path + "." + key_text(key);
        if (const auto* table = value.if_object()) {
            out += "\n[" + inner + "]\n";
            append(out, *table, inner);
        } else if (is_tables(value)) {
            for (const json::value& each : value.get_array()) {
                out += "\n[[" + inner + "]]\n";
                append(out, each.get_object(), inner);
            }
        }
    }
}

} // namespace

std::string toml_text(const json::object& object) {
    std::string out;
    append(out, object, "");
    return out;
}

} // namespace overbias::mastering
