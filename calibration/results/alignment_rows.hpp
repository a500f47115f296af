// SPDX-License-Identifier: Apache-2.0
// An alignment record as rows for people: a row for each step, its tracks beside one another, in words and with the
// decimals that its unit deserves. Pure functions, any thread.
#pragma once

#include "calibration/results/alignment_sheet.hpp"
#include "tape/alignment_record.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace overbias::calibration {

/// One value and what it was in the earlier record.
struct AlignmentValue {
    tape::AlignmentStep step;
    std::optional<double> earlier; ///< only where it has the same unit
    [[nodiscard]] std::optional<double> change() const noexcept;
    /// There was a limit, and it was not kept.
    [[nodiscard]] bool out() const noexcept { return step.within() == false; }
};

struct AlignmentRow {
    std::string id;
    std::string group; ///< "Record", "Proof" ...
    std::string title; ///< "bias, drop past the peak"
    std::string unit;
    /// Either `whole` (channel 0), or one or two tracks.
    std::optional<AlignmentValue> whole{}, left{}, right{};
    int first_track = 1;                 ///< that `left` stands for
    std::optional<double> response_hz{}; ///< it is a point of a frequency response
    std::optional<std::string> unsure{}; ///< why its target is
    [[nodiscard]] std::vector<const AlignmentValue*> values() const;
    [[nodiscard]] bool out() const noexcept;
    [[nodiscard]] bool judged() const noexcept;
    /// What it is held against hangs on a figure that its source is not sure of: it is told so, or a remark says
    /// "(unsure".
    [[nodiscard]] bool unsure_limit() const noexcept;
};

/// What has a frequency response, in the order in which it is shown.
inline constexpr std::array<std::string_view, 2> kResponseGroups{"reproduce", "proof"};

/// In the order in which a deck is aligned: lines, reproduce, speed, record, proof, and within each of them as its
/// procedure goes; what nobody knows comes last, in the order of its first values.
[[nodiscard]] std::vector<AlignmentRow> alignment_rows(const AlignmentSheet& sheet);

/// "proof.crosstalk.1000" is { "Proof", "crosstalk, 1 kHz" }. A step nobody has words for is called by its id's parts.
[[nodiscard]] std::pair<std::string, std::string> step_words(std::string_view step_id);
/// "Record alignment" of "record"; a procedure nobody has words for is called by its name.
[[nodiscard]] std::string procedure_words(std::string_view procedure);
/// The frequency of "GROUP.response.HZ" and "GROUP.response.sweep.HZ"; empty for any other.
[[nodiscard]] std::optional<double> response_frequency(std::string_view step_id);
[[nodiscard]] bool is_sweep(std::string_view step_id) noexcept;

/// With as many decimals as the unit deserves.
[[nodiscard]] std::string value_text(double value, std::string_view unit, bool with_sign = false);
/// What it has changed by, with its sign and as many decimals as the reading; empty where there is nothing to compare.
[[nodiscard]] std::string change_text(const AlignmentValue& value);
/// "0.00 +- 0.10", "at least 60.0", "aim 3.00" (no verdict hangs on it), "aim at least 60.0"; empty without a target.
/// `plus_minus`: what stands for +-.
[[nodiscard]] std::string limit_text(const tape::AlignmentStep& step, std::string_view plus_minus = "+-");
/// Of a row: that of its values, both where they differ; "(unsure)" with it where that is so.
[[nodiscard]] std::string limit_text(const AlignmentRow& row, std::string_view plus_minus = "+-");
/// "1 kHz", "12.5 kHz", "31.5 Hz".
[[nodiscard]] std::string frequency_text(double hz);
/// "2024-05-03 10:15" of "2024-05-03T10:15:00.000Z"; what has another form as it is.
[[nodiscard]] std::string time_text(std::string_view utc);

} // namespace overbias::calibration
