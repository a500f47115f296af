// SPDX-License-Identifier: Apache-2.0
// Figures in the operator's sentences. Private to transport/position/.
#pragma once

#include "base/figure.hpp"

#include <string>

namespace overbias::transport {

/// "12.34 m", below 1 m "12.3 mm".
[[nodiscard]] std::string length_text(double value_m);
/// With the sign always shown: "+0.12 m".
[[nodiscard]] std::string signed_length_text(double value_m);
/// "0.381 m/s"
[[nodiscard]] std::string speed_text(double value_m_s);
/// A share as per cent with two digits after the point: "0.10 %".
[[nodiscard]] std::string percent_text(double share);

} // namespace overbias::transport
