// SPDX-License-Identifier: Apache-2.0
// The plots on an alignment's sheet. Private to calibration/.
#pragma once

#include "calibration/results/alignment_rows.hpp"
#include "paper/plot.hpp"

#include <chrono>
#include <optional>
#include <string_view>
#include <vector>

namespace overbias::calibration {

/// Responses of a group of steps ("reproduce", "proof"), with limits, the sweep where there is one, and those of the
/// earlier record. Empty: less than two frequencies.
[[nodiscard]] std::optional<paper::Plot> response_plot(const AlignmentSheet& sheet,
                                                       const std::vector<AlignmentRow>& rows, std::string_view group);
/// At most three, one for each step that was read at two times at least.
[[nodiscard]] std::vector<paper::Plot> drift_plots(const AlignmentSheet& sheet);

/// Empty where the text is no UTC time.
[[nodiscard]] std::optional<std::chrono::sys_seconds> utc_from_text(std::string_view text) noexcept;

} // namespace overbias::calibration
