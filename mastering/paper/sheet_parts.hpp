// SPDX-License-Identifier: Apache-2.0
// What the sheets of a print share: type sizes, columns of facts, blanks to write on, the foot of each page. Private to
// mastering/paper/. Thread: one.
#pragma once

#include "paper/flow.hpp"
#include "paper/table.hpp"

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace overbias::mastering::sheet {

// the left margin is wide enough for the holes of a file
inline constexpr paper::Margins kMargins{.left_mm = 22.0, .right_mm = 13.0, .top_mm = 13.0, .bottom_mm = 18.0};
inline constexpr paper::Lettering kTitle{.size_pt = 17.0, .face = paper::Face::Bold};
inline constexpr paper::Lettering kVerdict{.size_pt = 20.0, .face = paper::Face::Bold};
inline constexpr paper::Lettering kHeading{.size_pt = 9.0, .face = paper::Face::Bold};
inline constexpr paper::Lettering kLabel{.size_pt = 8.0, .grey = 0.35};
inline constexpr paper::Lettering kValue{.size_pt = 8.5};
inline constexpr paper::Lettering kSmall{.size_pt = 7.0};

/// A name and what stands beside it; empty: a line to write on.
using Fact = std::pair<std::string, std::string>;

/// As large as fits into that width, and no larger than `lettering`; what does not fit even at `least_pt` ends in three
/// dots. The size and the text.
[[nodiscard]] std::pair<paper::Lettering, std::string> shrunk(const std::string& text, paper::Lettering lettering,
                                                              double least_pt, double width_mm);

/// A line of its own above what follows, which finds at least that much room below it on the same page.
void heading(paper::Flow& flow, const std::string& text, double room_mm = 8.0);

/// Facts below one another in columns of the same width, the first part of them in the first column. Texts are broken
/// into lines.
void facts(paper::Flow& flow, const std::vector<Fact>& all, std::size_t columns, double label_mm);

/// "page 1 of 3" at the right, two lines at the left.
void footers(paper::Document& document, const std::string& first, const std::string& second);

/// From the beginning of an ISO 8601 time; the epoch for what is none.
[[nodiscard]] std::chrono::sys_seconds utc_seconds(const std::string& text);
/// "2026-05-03 10:12 UTC"; the text itself for what is none.
[[nodiscard]] std::string utc_words(const std::string& text);

/// A sentence about characters that the type has not; empty: it has all of them.
[[nodiscard]] std::string unknown_words(const std::vector<std::string>& texts);

} // namespace overbias::mastering::sheet
