// SPDX-License-Identifier: Apache-2.0
#include "base/toml/toml_json.hpp"

#include "base/toml/strict_toml.hpp"

#include <sstream>
#include <toml++/toml.h>

namespace overbias {

Result<std::string> toml_as_json(std::string_view text, const std::string& name) {
    if (const auto read = TomlDocument::parse(text, name); !read) {
        return read.error(); // in the words of every other TOML file
    }
    const toml::table table = toml::parse(text);
    std::ostringstream out;
    // without the flag letters beyond 16 bits are escaped as TOML does it, which is no JSON
    out << toml::json_formatter(table, toml::json_formatter::default_flags | toml::format_flags::allow_unicode_strings);
    return out.str();
}

} // namespace overbias
