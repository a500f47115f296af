// SPDX-License-Identifier: Apache-2.0
// Words of a report: the reasons of a failure, and figures in its sentences.
#pragma once

#include "base/figure.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace overbias::mastering {

/// Every reason of a failure, most grave first: what ended a print, then what the comparison finds.
[[nodiscard]] std::span<const std::string_view> reasons();
/// Place among reasons(), 0 the gravest; a word that is none of them comes last.
[[nodiscard]] std::size_t gravity(std::string_view reason);

[[nodiscard]] std::string channel_name(int channel); ///< "left", "right"
/// Minutes and seconds, 1:23.4.
[[nodiscard]] std::string clock_time(double seconds);
/// With milliseconds, 1:23.456.
[[nodiscard]] std::string clock_time_ms(double seconds);
/// As sharp as the place is known: "1:23.456 (within 3 ms)"; where nothing says how sharp, 1:23.4.
[[nodiscard]] std::string place_text(double at_s, std::optional<double> within_s);

} // namespace overbias::mastering
