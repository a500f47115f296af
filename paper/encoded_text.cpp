// SPDX-License-Identifier: Apache-2.0
#include "paper/encoded_text.hpp"

#include "paper/haru.hpp"

#include <map>
#include <optional>

namespace overbias::paper {

namespace {

constexpr char32_t kReplacement = 0xfffd;

/// What an encoding has of the type: the library's own table, read backwards.
std::map<char32_t, char> read_encoding(HPDF_Doc document, std::size_t encoding) {
    std::map<char32_t, char> bytes;
    HPDF_Encoder encoder = HPDF_GetEncoder(document, kEncodings.at(encoding));
    HPDF_Font font = haru_font(document, Face::Regular, encoding);
    if (encoder == nullptr || font == nullptr) {
        return bytes;
    }
    for (unsigned code = 0x20; code < 0x100; ++code) {
        const HPDF_UNICODE character = HPDF_Encoder_GetUnicode(encoder, static_cast<HPDF_UINT16>(code));
        const auto byte = static_cast<HPDF_BYTE>(code);
        // a character without a width has no shape in this font
        if (character >= 0x20 && character != 0x7f && HPDF_Font_TextWidth(font, &byte, 1).width > 0) {
            bytes.emplace(character, static_cast<char>(byte));
        }
    }
    return bytes;
}

const std::array<std::map<char32_t, char>, kEncodings.size()>& encodings() {
    static const auto all = [] {
        std::array<std::map<char32_t, char>, kEncodings.size()> read;
        const HaruDocument document = new_haru_document();
        for (std::size_t i = 0; document != nullptr && i < read.size(); ++i) {
            read[i] = read_encoding(document.get(), i);
        }
        return read;
    }();
    return all;
}

std::optional<char> byte_of(char32_t character, std::size_t encoding) {
    const auto& bytes = encodings().at(encoding);
    const auto found = bytes.find(character);
    return found == bytes.end() ? std::nullopt : std::optional(found->second);
}

/// The character `text` begins with, and its bytes (RFC 3629 section 4); empty when it is none.
std::optional<std::pair<char32_t, std::size_t>> first_of(std::string_view text) {
    const auto first = static_cast<unsigned char>(text.front());
    if (first < 0x80) {
        return std::pair(static_cast<char32_t>(first), std::size_t{1});
    }
    const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || text.size() < length) {
        return std::nullopt;
    }
    char32_t character = first & (0x7fU >> length);
    for (std::size_t i = 1; i < length; ++i) {
        const auto next = static_cast<unsigned char>(text[i]);
        if ((next & 0xc0U) != 0x80U) {
            return std::nullopt;
        }
        character = (character << 6U) | (next & 0x3fU);
    }
    constexpr std::array<char32_t, 5> smallest{0, 0, 0x80, 0x800, 0x10000}; // of that length
    if (character < smallest.at(length) || character > 0x10ffff || (character >= 0xd800 && character <= 0xdfff)) {
        return std::nullopt;
    }
    return std::pair(character, length);
}

} // namespace

bool has_shape(char32_t character) {
    for (std::size_t encoding = 0; encoding < kEncodings.size(); ++encoding) {
        if (byte_of(character, encoding)) {
            return true;
        }
    }
    return false;
}

std::u32string code_points(std::string_view utf8) {
    std::u32string out;
    while (!utf8.empty()) {
        const auto next = first_of(utf8);
        out += next ? next->first : kReplacement;
        utf8.remove_prefix(next ? next->second : 1);
    }
    return out;
}

std::string utf8(std::u32string_view characters) {
    std::string out;
    const auto add = [&out](char32_t bits) { out += static_cast<char>(static_cast<unsigned char>(bits)); };
    for (const char32_t each : characters) {
        if (each < 0x80) {
            add(each);
        } else if (each < 0x800) {
            add(0xc0U | (each >> 6U));
            add(0x80U | (each & 0x3fU));
        } else if (each < 0x10000) {
            add(0xe0U | (each >> 12U));
            add(0x80U | ((each >> 6U) & 0x3fU));
            add(0x80U | (each & 0x3fU));
        } else {
            add(0xf0U | (each >> 18U));
            add(0x80U | ((each >> 12U) & 0x3fU));
            add(0x80U | ((each >> 6U) & 0x3fU));
            add(0x80U | (each & 0x3fU));
        }
    }
    return out;
}

std::vector<EncodedRun> encoded(std::string_view text) {
    constexpr char32_t kUnknownCharacter = 0xbf; // kUnknown, which every one of the encodings but CP1250 has
    std::vector<EncodedRun> runs;
    for (const char32_t each : code_points(text)) {
        char32_t character = each;
        std::size_t encoding = runs.empty() ? 0 : runs.back().encoding; // stays where it is, if that will do
        if (!byte_of(character, encoding)) {
            encoding = 0;
            while (encoding < kEncodings.size() && !byte_of(character, encoding)) {
                ++encoding;
            }
            if (encoding == kEncodings.size()) {
                encoding = 0;
                character = kUnknownCharacter;
            }
        }
        if (runs.empty() || runs.back().encoding != encoding) {
            runs.push_back({encoding, {}});
        }
        runs.back().bytes += byte_of(character, encoding).value_or('?');
    }
    return runs;
}

} // namespace overbias::paper
