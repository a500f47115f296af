// SPDX-License-Identifier: Apache-2.0
// Labels for the box of a reel: its front, and its spine, a page each of the label's own size, to be printed at 100 %
// and cut. A box without a size of its own is taken for as large as its reel (docs/box-labels.md says where each size
// comes from). Pure functions, any thread.
#pragma once

#include "base/result.hpp"
#include "mastering/paper/print_facts.hpp"
#include "paper/drawing.hpp"

#include <boost/json/fwd.hpp>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace overbias::mastering {

/// Millimetres. A front is from 120 by 120 to 420 by 420, a spine from 8 to 100 high.
struct LabelSize {
    double width_mm = 0.0, height_mm = 0.0; ///< of the front; its spine is as long as it is wide
    double spine_mm = 0.0;                  ///< height of the spine's label; 0: none is wanted
};
/// 10.5 and 7 inches, the reels' diameters.
inline constexpr LabelSize kLabel10{266.7, 266.7, 12.0};
inline constexpr LabelSize kLabel7{177.8, 177.8, 12.0};

/// The legend of a box, in its order; an empty text is a blank to write on.
struct LegendField {
    std::string key;  ///< in JSON
    std::string name; ///< on paper
    std::string text;
};
[[nodiscard]] std::vector<LegendField> box_legend(const PrintFacts& facts, std::size_t reel);

/// A front and a spine for each reel. An Error when the size is none.
[[nodiscard]] Result<paper::Document> label_document(const PrintFacts& facts, const LabelSize& size);
[[nodiscard]] std::string label_text(const PrintFacts& facts);
[[nodiscard]] boost::json::value label_json(const PrintFacts& facts);

/// "1 kHz", "10 kHz at -10.0 dB (azimuth)", "voice slate".
[[nodiscard]] std::string tone_words(const PaperTone& tone);
/// How the hold-down tape has to be coloured, in words.
[[nodiscard]] std::string hold_down_words(const std::optional<bool>& tails_out);

} // namespace overbias::mastering
