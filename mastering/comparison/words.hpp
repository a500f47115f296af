// SPDX-License-Identifier: Apache-2.0
// Figures in the sentences of a report.
#pragma once

#include "base/figure.hpp"

#include <string>

namespace overbias::mastering {

[[nodiscard]] std::string channel_name(int channel); ///< "left", "right"
/// Minutes and seconds, 1:23.4.
[[nodiscard]] std::string clock_time(double seconds);

} // namespace overbias::mastering
