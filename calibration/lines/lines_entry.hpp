// SPDX-License-Identifier: Apache-2.0
// What an operator types in from a voltmeter or VU meters, made sure of: the level of a line in dBu, or in words why it
// can't be and what may have been meant. An entry is doubted when the converter's full scale, which follows from it,
// lies outside kLeastFullScale_dbu to kMostFullScale_dbu: from a portable player's output to the most that balanced
// line drivers on +-18 V give. These bounds are a choice of this code and take no part in any reading. Pure functions,
// any thread.
#pragma once

#include "base/result.hpp"

#include <string>

namespace overbias::calibration {

enum class LineUnit { Dbu, Volts };

inline constexpr double kLeastFullScale_dbu = -3.0, kMostFullScale_dbu = 31.0;
/// Two channels of one card may differ by this much before the second entry is asked for again.
inline constexpr double kLinesApart_db = 1.0;
/// VU meters are read between these marks.
inline constexpr double kLeastVu = -20.0, kMostVu = 3.0;

/// "dBu", "V".
[[nodiscard]] std::string unit_text(LineUnit unit);
/// "+4.00 dBu (1.228 V)".
[[nodiscard]] std::string line_text(double dbu);

/// The line's level from an entry, where the converter stands at `dbfs` (sent or captured).
[[nodiscard]] Result<double> line_dbu(double entered, LineUnit unit, double dbfs);
/// Empty, or why the second channel's full scale, `dbu`, is not believed beside the first one's.
[[nodiscard]] std::string apart_complaint(double first_dbu, double second_dbu);
/// dBu at 0 VU from what meters on a line of `line_dbu` show.
[[nodiscard]] Result<double> dbu_at_0_vu(double entered_vu, double line_dbu);

} // namespace overbias::calibration
