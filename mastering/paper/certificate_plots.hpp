// SPDX-License-Identifier: Apache-2.0
// The plots on a certificate. Private to mastering/paper/.
#pragma once

#include "mastering/paper/print_facts.hpp"
#include "paper/drawing.hpp"
#include "paper/plot.hpp"

#include <cstddef>
#include <vector>

namespace overbias::mastering {

/// What there is to draw of a track: third octaves, transfer function, compression, level and delay over time.
[[nodiscard]] std::vector<paper::Plot> track_plots(const PrintFacts& facts, const PaperTrack& track);

/// Drop-outs of a side over its length, a lane a channel, under its tracks; a strip below shows where they could be
/// judged.
void draw_dropout_map(paper::Page& page, const PrintFacts& facts, std::size_t side, const paper::Box& box);

} // namespace overbias::mastering
