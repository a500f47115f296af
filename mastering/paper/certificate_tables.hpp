// SPDX-License-Identifier: Apache-2.0
// The tables on a certificate. Private to mastering/paper/.
#pragma once

#include "mastering/paper/print_facts.hpp"
#include "paper/flow.hpp"

#include <boost/json/fwd.hpp>
#include <cstddef>
#include <optional>
#include <string>

namespace overbias::mastering {

/// "3 Title", with its side's name where there are several: "A 3 Title". Tracks are numbered over all sides.
[[nodiscard]] std::string track_label(const PrintFacts& facts, std::size_t track);

/// The values of the alignment that have a limit, left / right: "record level +0.03 / -0.14 dB (0 +-0.1)", and how many
/// more there are.
[[nodiscard]] std::string alignment_figures(const boost::json::value& used);

/// A row for each track: places and figures.
void draw_track_table(paper::Flow& flow, const PrintFacts& facts);
/// A row for each track: file and hash.
void draw_source_table(paper::Flow& flow, const PrintFacts& facts);

/// The largest third-octave difference of either channel, with its sign.
[[nodiscard]] std::optional<double> worst_third_octave(const PaperTrack& track);
/// "+0.12 / -0.03".
[[nodiscard]] std::string both(const Channels& channels, int decimals);

} // namespace overbias::mastering
