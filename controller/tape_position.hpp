// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"

#include <string>
#include <string_view>

namespace overbias::controller {

/// A place on the tape as an operator writes it, in metres from the counter's zero: "34.5" or "34.5m" (metres),
/// "1:02:03", "2:03.5" (tape time at `play_speed_ips`: h:mm:ss or m:ss). A leading minus is before the zero. The error
/// says what is understood.
[[nodiscard]] Result<double> parse_tape_position(std::string_view text, double play_speed_ips);
/// Tape time at play speed as h:mm:ss.hh, cut, not rounded: a counter shows what has passed.
[[nodiscard]] std::string tape_time_text(double position_m, double play_speed_ips);
/// "the tape stood at 12.34 m (0:00:32.38)".
[[nodiscard]] std::string tape_place_text(double position_m, double play_speed_ips);

} // namespace overbias::controller
