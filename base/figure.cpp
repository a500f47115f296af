// SPDX-License-Identifier: Apache-2.0
#include "base/figure.hpp"

#include <array>
#include <cstdio>

namespace overbias {

std::string figure(double value, int decimals, bool with_sign) {
    std::array<char, 64> text{};
    (void)std::snprintf(text.data(), text.size(), with_sign ? "%+.*f" : "%.*f", decimals, value);
    return text.data();
}

} // namespace overbias
