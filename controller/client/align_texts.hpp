// SPDX-License-Identifier: Apache-2.0
// What the command line shows of an alignment. Pure functions from the daemon's JSON (docs/api.md) to lines of text.
#pragma once

#include <boost/json/fwd.hpp>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace overbias::controller {

/// One line for each procedure with what it needs, then the calibration tapes.
[[nodiscard]] std::string procedures_text(const boost::json::value& answer);
/// "record alignment, automatic" and what it goes on with.
[[nodiscard]] std::string align_started_text(const boost::json::value& started);
/// The step's heading: title, where in the procedure, what is to be done, target.
[[nodiscard]] std::string step_text(const boost::json::value& view);
/// What else is to be told; empty: nothing.
[[nodiscard]] std::string note_text(const boost::json::value& view);
/// "34 s to go" and "32 s to go": not worth a line of its own each.
[[nodiscard]] bool same_but_for_numbers(std::string_view a, std::string_view b);
/// The reading of every track, short: "1: -0.42 dB UP   2: +0.03 dB OK". To be read from a distance.
[[nodiscard]] std::string reading_text(const boost::json::value& view);
/// What is said of each track, a line each: "1: 0.4 dB to go, up".
[[nodiscard]] std::vector<std::string> words_lines(const boost::json::value& view);
/// How far a track is, 0 to 1 of `width` characters: "[######----]".
[[nodiscard]] std::string bar_text(double share, std::size_t width);
/// "Enter accept, s skip, b back, q end"; where nothing is asked for only what ends it.
[[nodiscard]] std::string keys_text(const boost::json::value& view);
/// A value that was accepted: one line.
[[nodiscard]] std::string accepted_text(const boost::json::value& value);
/// Verdict and reason.
[[nodiscard]] std::string align_end_text(const boost::json::value& end);

} // namespace overbias::controller
