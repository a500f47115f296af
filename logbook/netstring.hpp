// SPDX-License-Identifier: Apache-2.0
// Netstrings ("5:hello,", cr.yp.to/proto/netstrings.txt), of which everything that is hashed is made: no text can
// pretend to be the border between two fields. Pure functions.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>

namespace overbias::logbook {

inline void add_netstring(std::string& out, std::string_view text) {
    out += std::to_string(text.size());
    out += ':';
    out += text;
    out += ',';
}

/// The 16 hexadecimal digits of its IEEE 754 binary64, -0 as 0: the store gives -0 back as 0.
inline std::string double_digits(double value) {
    const auto bits = std::bit_cast<std::uint64_t>(value == 0.0 ? 0.0 : value);
    std::array<char, 17> text{};
    (void)std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(bits));
    return text.data();
}

/// Null is "-" in place of a netstring.
inline void add_netstring(std::string& out, const std::optional<double>& value) {
    if (value) {
        add_netstring(out, double_digits(*value));
    } else {
        out += '-';
    }
}

} // namespace overbias::logbook
