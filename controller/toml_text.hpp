// SPDX-License-Identifier: Apache-2.0
// What we write into TOML files of our own. Pure.
#pragma once

#include <string>
#include <string_view>

namespace overbias::controller {

/// A basic string. Text with control characters does not come here.
[[nodiscard]] inline std::string toml_quoted(std::string_view text) {
    std::string out = "\"";
    for (const char each : text) {
        if (each == '"' || each == '\\') {
            out += '\\';
        }
        out += each;
    }
    return out + "\"";
}

} // namespace overbias::controller
