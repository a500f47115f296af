// SPDX-License-Identifier: Apache-2.0
#include "base/figure.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace overbias {

std::string figure(double value, int decimals, bool with_sign) {
    std::array<char, 400> text{}; // the largest number there is, written out
    char* begin = text.data();
    if (with_sign && !std::signbit(value)) {
        *begin++ = '+';
    }
    const auto end = std::to_chars(begin, text.data() + text.size(), value, std::chars_format::fixed, decimals).ptr;
    return {text.data(), end};
}

} // namespace overbias
