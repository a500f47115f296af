// SPDX-License-Identifier: Apache-2.0
// Figures in sentences: fixed decimals, no locale.
#pragma once

#include <string>

namespace overbias {

/// `with_sign` writes + as well.
[[nodiscard]] std::string figure(double value, int decimals, bool with_sign = false);

} // namespace overbias
