// SPDX-License-Identifier: Apache-2.0
// Figures in the sentences of a report.
#pragma once

#include <string>

namespace overbias::mastering {

/// Fixed decimals; with_sign writes + as well.
[[nodiscard]] std::string figure(double value, int decimals, bool with_sign = false);
[[nodiscard]] std::string channel_name(int channel); ///< "left", "right"
/// Minutes and seconds, 1:23.4.
[[nodiscard]] std::string clock_time(double seconds);

} // namespace overbias::mastering
