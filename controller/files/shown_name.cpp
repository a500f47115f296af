// SPDX-License-Identifier: Apache-2.0
// Names that came from outside are shown to others: nothing in them may pass for something else.
#include "controller/files/upload_store.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>

namespace overbias::controller {

namespace {

constexpr std::size_t kLongestName = 160; ///< bytes

struct CodePoint {
    char32_t value = 0;
    std::size_t bytes = 0;
};

/// The first of `text`, by RFC 3629; nothing when it is not UTF-8.
std::optional<CodePoint> first_of(std::string_view text) {
    const auto byte = [&text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned lead = byte(0);
    const std::size_t bytes = lead < 0x80                   ? 1
                              : lead >= 0xc2 && lead < 0xe0 ? 2
                              : lead >= 0xe0 && lead < 0xf0 ? 3
                              : lead >= 0xf0 && lead < 0xf5 ? 4
                                                            : 0;
    if (bytes == 0 || bytes > text.size()) {
        return std::nullopt;
    }
    char32_t value = bytes == 1 ? lead : lead & (0x7fU >> bytes);
    for (std::size_t i = 1; i < bytes; ++i) {
        if ((byte(i) & 0xc0U) != 0x80U) {
            return std::nullopt;
        }
        value = (value << 6U) | (byte(i) & 0x3fU);
    }
    const bool too_long = (bytes == 3 && value < 0x800) || (bytes == 4 && value < 0x10000);
    if (too_long || value > 0x10ffff || (value >= 0xd800 && value < 0xe000)) {
        return std::nullopt;
    }
    return CodePoint{value, bytes};
}

/// Controls, and what turns the direction of writing (Unicode 15, section 23.2), joins lines or is not seen.
bool misleads(char32_t c) {
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
           (c >= 0x2060 && c <= 0x206f) || c == 0xfeff;
}

} // namespace

std::string shown_name(std::string_view name) {
    name.remove_prefix(std::min(name.size(), name.find_last_of("/\\") + 1)); // npos + 1 is 0
    std::string shown;
    while (!name.empty()) {
        const auto first = first_of(name);
        const std::size_t bytes = first ? first->bytes : 1;
        if (shown.size() + bytes > kLongestName) {
            break;
        }
        if (!first) {
            shown += '?';
        } else if (!misleads(first->value)) {
            shown += name.substr(0, bytes);
        }
        name.remove_prefix(bytes);
    }
    const auto begin = shown.find_first_not_of(' ');
    const auto end = shown.find_last_not_of(' ');
    return begin == std::string::npos ? "upload" : shown.substr(begin, end - begin + 1);
}

} // namespace overbias::controller
