// SPDX-License-Identifier: Apache-2.0
// UTF-8 in the one-byte encodings that PDF's standard fonts are used with. A text is cut into runs, each in the first
// encoding that has its characters. Private to paper/. Any thread.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace overbias::paper {

/// Western, Central European, Turkish and Baltic languages, as libharu calls them.
inline constexpr std::array kEncodings{"WinAnsiEncoding", "CP1250", "CP1254", "CP1257"};

struct EncodedRun {
    std::size_t encoding = 0; ///< of kEncodings
    std::string bytes;
};

/// What no encoding has is there as kUnknown (lettering.hpp).
[[nodiscard]] std::vector<EncodedRun> encoded(std::string_view utf8);
/// One of the encodings has it.
[[nodiscard]] bool has_shape(char32_t character);
/// The characters; U+FFFD for each byte that is not part of one.
[[nodiscard]] std::u32string code_points(std::string_view utf8);
/// Well-formed UTF-8 again.
[[nodiscard]] std::string utf8(std::u32string_view characters);

} // namespace overbias::paper
