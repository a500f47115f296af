// SPDX-License-Identifier: Apache-2.0
// A figure of a profile: a value that always says where it comes from.
//   record_to_reproduce_mm = { value = 35.0, source = "service manual, page 12" }
// `unsure = true` marks a figure without a good source: it is shown as such and no verdict hangs on it alone.
#pragma once

#include "base/toml/strict_toml.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace overbias::tape {

struct Figure {
    double value = 0.0;
    std::string source;
    bool unsure = false;
};

/// What the source field of a figure says that nobody has a source for; such a figure is always unsure.
inline constexpr std::string_view kNoDataSheet = "working figure, no data sheet at hand";

/// The value where a verdict may hang on it; empty when the figure is unsure.
[[nodiscard]] std::optional<double> as_limit(const Figure& figure) noexcept;
/// "3 dB", or "3 dB (unsure: SOURCE)": how a figure is shown to people, so that an unsure one is never taken for a sure
/// one. Up to four significant digits.
[[nodiscard]] std::string figure_text(const Figure& figure, std::string_view unit);

/// Reads { value, source, unsure? } at `key`; empty when the file does not give it.
[[nodiscard]] std::optional<Figure> read_figure(TomlSection& table, std::string_view key, TomlBounds bounds);

/// Notes an error when a source that begins with kNoDataSheet comes without unsure = true.
void refuse_sure_guess(TomlSection& table, std::string_view source, bool unsure);

} // namespace overbias::tape
