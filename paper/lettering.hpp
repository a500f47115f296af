// SPDX-License-Identifier: Apache-2.0
// How wide text is, and how it is made to fit. The type is Helvetica, one of the fonts every PDF reader has, so nothing
// has to be installed and no font file is carried along. It covers the languages written in Latin letters; a
// character it has not, a control character and a byte that is not UTF-8 are shown as kUnknown, never left out.
// Any thread.
#pragma once

#include "paper/drawing.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace overbias::paper {

inline constexpr std::string_view kUnknown = "\xc2\xbf"; ///< an inverted question mark

/// The characters it has not, each once, as they are; empty: all of the text is shown.
[[nodiscard]] std::string without_shape(std::string_view text);

[[nodiscard]] double text_width_mm(std::string_view text, const Lettering& lettering);
/// The text itself when it is no wider, else its beginning with three dots.
[[nodiscard]] std::string fitted(std::string_view text, const Lettering& lettering, double width_mm);
/// In lines no wider than that, broken at blanks; a single word that is wider is broken where it has to be. Of more
/// than `most_lines` (0: any number) the last that there is room for ends in three dots.
[[nodiscard]] std::vector<std::string> wrapped(std::string_view text, const Lettering& lettering, double width_mm,
                                               std::size_t most_lines = 0);

/// Between baselines.
[[nodiscard]] constexpr double line_height_mm(const Lettering& lettering) noexcept {
    return 1.25 * lettering.size_pt * kMillimetresPerPoint;
}

} // namespace overbias::paper
