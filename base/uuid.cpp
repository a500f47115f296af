// SPDX-License-Identifier: Apache-2.0
#include "base/uuid.hpp"

#include <array>
#include <cctype>
#include <sodium.h>
#include <stdexcept>

namespace overbias {

std::string new_uuid() {
    static const bool ready = sodium_init() >= 0; // once, by whichever thread comes first: libsodium asks for it
    if (!ready) {
        throw std::runtime_error(
            "uuid: libsodium could not be initialised: no random source; expected getrandom() or /dev/urandom");
    }
    std::array<unsigned char, 16> bytes{};
    randombytes_buf(bytes.data(), bytes.size());
    bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0F) | 0x40); // version 4, RFC 9562 section 5.4
    bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3F) | 0x80); // variant
    std::array<char, 33> hex{};
    sodium_bin2hex(hex.data(), hex.size(), bytes.data(), bytes.size());
    const std::string text(hex.data());
    return text.substr(0, 8) + "-" + text.substr(8, 4) + "-" + text.substr(12, 4) + "-" + text.substr(16, 4) + "-" +
           text.substr(20);
}

bool is_uuid(const std::string& text) noexcept {
    if (text.size() != 36) {
        return false;
    }
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text[i] != '-' : std::isxdigit(static_cast<unsigned char>(text[i])) == 0) {
            return false;
        }
    }
    return true;
}

} // namespace overbias
